package web

import (
	"net/http"
	"net/url"
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
	nextLife    = time.Hour // for which a browser remembers what it wanted before it signed in

	home = "/"
)

// CookieName is the name of the cookie that holds a session. The prefix makes browsers refuse it from anybody but this very host over
// TLS (RFC 6265bis 4.1.3.2).
func CookieName(secure bool) string {
	if secure {
		return "__Host-meent"
	}
	return "meent"
}

// WithoutSecret is a path as a log may hold it: nobody who reads the log signs in by it.
func WithoutSecret(path string) string {
	for _, prefix := range []string{SignInPath, ConfirmPath} {
		if strings.HasPrefix(path, prefix) {
			return prefix + "..."
		}
	}
	return path
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
	next := ownPath(r.URL.Query().Get("return_to"))
	if v.Known() {
		return redirect(w, r, next)
	}
	if next != home {
		p.setCookie(w, p.cookie("next"), next, p.Now().Add(nextLife))
	}
	return p.signIn(w, r, http.StatusOK, signInView{Next: next})
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
	return p.letIn(w, r, secret, p.remembered(r))
}

// remembered is where the browser wanted to go when it was sent to sign in: who signs in by a link left that page meanwhile.
func (p *Pages) remembered(r *http.Request) string {
	cookie, err := r.Cookie(p.cookie("next"))
	if err != nil {
		return home
	}
	next, err := url.PathUnescape(cookie.Value)
	if err != nil {
		return home
	}
	return ownPath(next)
}

// letIn gives the browser its session, and sends it on.
func (p *Pages) letIn(w http.ResponseWriter, r *http.Request, secret, next string) error {
	p.setCookie(w, p.cookie(""), secret, p.Now().Add(sessionLife))
	p.setCookie(w, p.cookie("next"), "", past)
	return redirect(w, r, next)
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
	return p.letIn(w, r, secret, next)
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
	p.setCookie(w, p.cookie(""), "", past)
	return redirect(w, r, home)
}

// past ends a cookie.
var past = time.Unix(1, 0) //nolint:gochecknoglobals // never assigned again

// cookie names one of this node's cookies: that of the session, or another one beside it.
func (p *Pages) cookie(beside string) string {
	name := CookieName(strings.HasPrefix(p.town.Base, "https://"))
	if beside != "" {
		name += "-" + beside
	}
	return name
}

func (p *Pages) setCookie(w http.ResponseWriter, name, value string, expires time.Time) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure wherever the node is; only development is without https
		Name: name, Value: url.PathEscape(value), Path: "/", Expires: expires, HttpOnly: true, Secure: strings.HasPrefix(p.town.Base, "https://"),
		SameSite: http.SameSiteLaxMode,
	})
}

// ownPath keeps a form from leading anywhere but to a page of this node. Browsers take a backslash for a slash and pass over tabs and ends of
// lines, so that what holds one could begin with two slashes and a host.
func ownPath(next string) string {
	u, err := url.Parse(next)
	odd := strings.ContainsFunc(next, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\\' })
	if err != nil || odd || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") {
		return home
	}
	return next
}
