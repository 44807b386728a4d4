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
	Next  string
	Link  string // the secret of a one-time link
	Error string
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
	if !fits || !account.DisabledAt.IsZero() {
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
	if !account.DisabledAt.IsZero() {
		return "", communities.NotFound
	}
	secret, hash := auth.NewSecret()
	now := p.Now()
	return secret, storage.Of(tx).PutSession(r.Context(), storage.Session{
		Hash: hash, Actor: account.Actor, CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(sessionLife),
	})
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
