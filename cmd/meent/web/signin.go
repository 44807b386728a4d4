package web

import (
	"net/http"
	"strings"
	"time"

	"meent/communities"
	"meent/communities/auth"
	"meent/storage"
)

const (
	// SignInPath is where one-time links lead; the secret follows.
	SignInPath = "/sign-in/link/"
	// ConfirmPath is where links lead by which an address is confirmed; the secret follows.
	ConfirmPath = "/confirm/"

	sessionLife = 30 * 24 * time.Hour
)

// CookieName is the name of the cookie that holds a session. The prefix makes browsers refuse it from anybody but this very host over
// TLS (RFC 6265bis 4.1.3.2).
func CookieName(secure bool) string {
	if secure {
		return "__Host-meent"
	}
	return "meent"
}

type signInView struct {
	Next    string
	Link    string // the secret of a one-time link
	Confirm string // the secret of a link by which an address is confirmed
	Error   string
	Done    string // what was done
	Mail    bool   // a link can be mailed
}

// SignIn shows the form.
func (p *Pages) SignIn(w http.ResponseWriter, r *http.Request, v Visitor) error {
	if v.Known() {
		return redirect(w, r, "/")
	}
	return p.signIn(w, r, http.StatusOK, signInView{Next: ownPath(r.URL.Query().Get("return_to"))})
}

func (p *Pages) signIn(w http.ResponseWriter, r *http.Request, status int, content signInView) error {
	w.Header().Set("Referrer-Policy", "no-referrer") // the address may hold a secret
	content.Mail = p.Mail
	return p.show(w, r, "signin", status, page{Title: p.speak(r).text("signin.title"), Hidden: true, Content: content})
}

// Link shows what a one-time link leads to: a button. What looks at links before people do, as mail programs do, does not use it up.
func (p *Pages) Link(w http.ResponseWriter, r *http.Request, _ Visitor) error {
	return p.signIn(w, r, http.StatusOK, signInView{Link: r.PathValue("secret")})
}

// UseLink signs in whoever has a one-time link, and ends it.
func (p *Pages) UseLink(w http.ResponseWriter, r *http.Request, _ Visitor) error {
	if err := form(w, r); err != nil {
		return err
	}
	var secret string
	err := p.town.Write(r.Context(), func(tx communities.Tx) error {
		person, err := storage.Of(tx).TakeSignInLink(r.Context(), auth.HashSecret(r.PostFormValue("secret")), p.Now())
		if err != nil {
			return err
		}
		account, err := tx.Account(r.Context(), person)
		if err != nil {
			return err
		}
		secret, err = p.begin(r, tx, account)
		return err
	})
	if communities.IsNotFound(err) {
		return p.signIn(w, r, http.StatusUnprocessableEntity, signInView{Error: p.speak(r).text("signin.badlink")})
	}
	if err != nil {
		return err
	}
	p.setCookie(w, secret, p.Now().Add(sessionLife))
	return redirect(w, r, "/")
}

// UsePassword signs in by e-mail address and password. It takes as long, and says the same, whether the address is known or not.
func (p *Pages) UsePassword(w http.ResponseWriter, r *http.Request, _ Visitor) error {
	if err := form(w, r); err != nil {
		return err
	}
	account, err := p.archive.AccountByEmail(r.Context(), strings.ToLower(field(r, "email")))
	if communities.IsNotFound(err) {
		account, err = &communities.Account{}, nil
	}
	if err != nil {
		return err
	}
	fits, err := p.passwords.Check(r.Context(), r.PostFormValue("password"), account.PasswordHash)
	if err != nil {
		return err
	}
	next := ownPath(r.PostFormValue("return_to"))
	if !fits || !account.DisabledAt.IsZero() || account.Pending() {
		return p.signIn(w, r, http.StatusUnprocessableEntity, signInView{Next: next, Error: p.speak(r).text("signin.bad")})
	}
	var secret string
	err = p.town.Write(r.Context(), func(tx communities.Tx) (err error) {
		secret, err = p.begin(r, tx, account)
		return err
	})
	if err != nil {
		return err
	}
	p.setCookie(w, secret, p.Now().Add(sessionLife))
	return redirect(w, r, next)
}

// begin makes a session. A closed account has none, and is told no more than a stranger.
func (p *Pages) begin(r *http.Request, tx communities.Tx, account *communities.Account) (secret string, err error) {
	if !account.DisabledAt.IsZero() || account.Pending() {
		return "", communities.NotFound
	}
	secret, hash := auth.NewSecret()
	now := p.Now()
	return secret, storage.Of(tx).PutSession(r.Context(), storage.Session{
		Hash: hash, Actor: account.Actor, CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(sessionLife),
	})
}

// MailLink has a link mailed to whoever has the address. It says the same, and does as much work, when nobody here has it.
func (p *Pages) MailLink(w http.ResponseWriter, r *http.Request, _ Visitor) error {
	if err := form(w, r); err != nil {
		return err
	}
	if !p.Mail {
		return communities.NotFound
	}
	account, err := p.archive.AccountByEmail(r.Context(), strings.ToLower(field(r, "email")))
	if communities.IsNotFound(err) {
		account, err = &communities.Account{}, nil
	}
	if err != nil {
		return err
	}
	err = p.town.Write(r.Context(), func(tx communities.Tx) error {
		return tx.Enqueue(r.Context(), communities.Mail{To: account.Actor, About: communities.MailSignIn})
	})
	if err != nil {
		return err
	}
	return p.signIn(w, r, http.StatusOK, signInView{Next: "/", Done: p.speak(r).text("signin.mailed")})
}

// ConfirmForm shows what a link to confirm an address leads to: a button, for the same reason as [Pages.Link].
func (p *Pages) ConfirmForm(w http.ResponseWriter, r *http.Request, _ Visitor) error {
	return p.signIn(w, r, http.StatusOK, signInView{Confirm: r.PathValue("secret")})
}

// Confirm takes the link: the address is theirs.
func (p *Pages) Confirm(w http.ResponseWriter, r *http.Request, _ Visitor) error {
	if err := form(w, r); err != nil {
		return err
	}
	var account *communities.Account
	err := p.town.Write(r.Context(), func(tx communities.Tx) error {
		person, err := p.town.Confirm(r.Context(), tx, auth.HashSecret(r.PostFormValue("secret")))
		if err != nil {
			return err
		}
		account, err = tx.Account(r.Context(), person.ID)
		return err
	})
	c := p.speak(r)
	if communities.IsNotFound(err) {
		return p.signIn(w, r, http.StatusUnprocessableEntity, signInView{Next: "/", Error: c.text("signin.badlink")})
	}
	if err != nil {
		return err
	}
	done := c.text("signin.confirmed")
	if account.Pending() {
		done = c.text("signin.waiting")
	}
	return p.signIn(w, r, http.StatusOK, signInView{Next: "/", Done: done})
}

// SignOut ends the session.
func (p *Pages) SignOut(w http.ResponseWriter, r *http.Request, v Visitor) error {
	err := p.town.Write(r.Context(), func(tx communities.Tx) error {
		return storage.Of(tx).DeleteSession(r.Context(), auth.HashSecret(v.Secret))
	})
	if err != nil && !communities.IsNotFound(err) {
		return err
	}
	p.setCookie(w, "", time.Unix(1, 0)) // in the past: gone
	return redirect(w, r, "/")
}

func (p *Pages) setCookie(w http.ResponseWriter, secret string, expires time.Time) {
	secure := strings.HasPrefix(p.town.Base, "https://")
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure wherever the node is; only development is without https
		Name: CookieName(secure), Value: secret, Path: "/", Expires: expires, HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode,
	})
}

// ownPath keeps a form from leading anywhere but to a page of this node.
func ownPath(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n") {
		return "/"
	}
	return next
}
