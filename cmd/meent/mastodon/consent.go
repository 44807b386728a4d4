package mastodon

import (
	"bytes"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"

	"meent/communities"
	"meent/communities/auth"
	"meent/storage"
)

//go:embed consent.html
var consentFile embed.FS

func parseConsent() (*template.Template, error) {
	page, err := template.ParseFS(consentFile, "consent.html")
	if err != nil {
		return nil, fmt.Errorf("parse the consent page: %w", err)
	}
	return page, nil
}

// request is what an app asks of a person (RFC 6749 4.1.1, RFC 7636 4.3).
type request struct {
	app       storage.App
	redirect  string
	scopes    auth.Scopes
	state     string
	challenge string
}

// authorize shows what an app asks for, to who is signed in.
func (a *API) authorize(c *call) (any, error) {
	asked, answer, err := a.readRequest(c)
	if asked == nil || err != nil {
		return a.tell(c, answer, err)
	}
	person, ok := a.Session(c.Request)
	if !ok {
		return redirect(a.SignIn + "?" + url.Values{"return_to": {c.URL.RequestURI()}}.Encode()), nil
	}
	speech := a.speech(c)
	return a.consentPage(asked.formTarget(), consentView{
		Speech: speech, Title: speech.Title, App: asked.app.Name, Website: asked.app.Website, Person: person.Title(), Apps: a.AppsPage,
		Permissions: speech.permissions(asked.scopes), Fields: fieldsOf(c.form),
	}), nil
}

// decide takes the answer of the person, which a page of this node alone may send (SECURITY O17).
func (a *API) decide(c *call) (any, error) {
	protection := http.NewCrossOriginProtection()
	if err := protection.AddTrustedOrigin(a.town.Base); err != nil {
		return nil, err
	}
	if err := protection.Check(c.Request); err != nil {
		return nil, communities.Forbiddenf("This request came from a page of another site")
	}
	asked, answer, err := a.readRequest(c)
	if asked == nil || err != nil {
		return a.tell(c, answer, err)
	}
	person, ok := a.Session(c.Request)
	switch {
	case !ok:
		return nil, errToken
	case !c.form.flag("allow"):
		return a.tell(c, asked.refuse("access_denied", "The resource owner or authorization server denied the request."), nil)
	}
	secret, hash := auth.NewSecret()
	code := storage.AuthorizationCode{
		Hash: hash, App: asked.app.ID, Actor: person.ID, RedirectURI: asked.redirect, Scopes: asked.scopes.String(),
		Challenge: asked.challenge, ExpiresAt: a.Now().Add(codeLife),
	}
	err = a.town.Write(c.Context(), func(tx communities.Tx) error {
		return storage.Of(tx).PutAuthorizationCode(c.Context(), code, a.Now())
	})
	if err != nil {
		return nil, err
	}
	if asked.redirect == outOfBand {
		speech := a.speech(c)
		return a.consentPage("", consentView{Speech: speech, Title: speech.CodeTitle, App: asked.app.Name, Code: secret}), nil
	}
	return asked.back(url.Values{"code": {secret}}), nil
}

// tell shows a person what is wrong with the app that sent them, where the app itself cannot be told.
func (a *API) tell(c *call, answer any, err error) (any, error) {
	told := (*failure)(nil)
	if !errors.As(err, &told) {
		if told, _ = answer.(*failure); told == nil {
			return answer, err
		}
	}
	speech := a.speech(c)
	return a.consentPage("", consentView{Speech: speech, Title: speech.Fails, Wrong: told.Description}), nil
}

// codeLife is how long a code is good (SECURITY O16).
const codeLife = time.Minute

// readRequest reads what the app asks. As long as the app or the address is not known nobody is redirected; from then on the app hears
// what is wrong (RFC 6749 4.1.2.1): then there is an answer instead of a request.
func (a *API) readRequest(c *call) (*request, any, error) {
	app, err := a.archive.AppByClientID(c.Context(), c.form.text("client_id"))
	if communities.IsNotFound(err) {
		return nil, nil, errClient
	}
	if err != nil {
		return nil, nil, err
	}
	r := &request{app: app, redirect: c.form.text("redirect_uri"), state: c.form.text("state"), challenge: c.form.text("code_challenge")}
	if !slices.Contains(app.RedirectURIs, r.redirect) {
		return nil, nil, oauthError(http.StatusBadRequest, "invalid_request", "The redirect uri included is not valid.")
	}
	if r.scopes, err = a.asked(c, app); errors.Is(err, errScopes) {
		return nil, r.refuse(errScopes.Message, errScopes.Description), nil
	}
	if err != nil {
		return nil, nil, err
	}
	switch method := c.form.text("code_challenge_method"); {
	case c.form.text("response_type") != "code":
		return nil, r.refuse("unsupported_response_type", "The authorization server does not support this response type."), nil
	case r.challenge == "" && method == "":
	case method != "S256" || !isChallenge(r.challenge): // plain proves nothing
		return nil, r.refuse("invalid_request", "The code_challenge_method must be S256."), nil
	}
	return r, nil, nil
}

// isChallenge tells whether the text is a SHA-256 in the form of RFC 7636 4.2.
func isChallenge(text string) bool {
	sum, err := base64.RawURLEncoding.DecodeString(text)
	return err == nil && len(sum) == 32
}

func (r *request) refuse(code, description string) any {
	if r.redirect == outOfBand {
		return oauthError(http.StatusBadRequest, code, description)
	}
	return r.back(url.Values{"error": {code}, "error_description": {description}})
}

// back sends the browser to the app, whose address may have parameters of its own.
func (r *request) back(values url.Values) any {
	if r.state != "" {
		values.Set("state", r.state)
	}
	sign := "?"
	if strings.Contains(r.redirect, "?") {
		sign = "&"
	}
	return redirect(r.redirect + sign + values.Encode())
}

// formTarget is where the form leads in the end, as a source of a content security policy: browsers apply form-action to the redirect too.
// An app's own scheme counts without what follows it.
func (r *request) formTarget() string {
	u, err := url.Parse(r.redirect)
	switch {
	case err != nil || r.redirect == outOfBand:
		return ""
	case u.Scheme == "https" || u.Scheme == "http":
		return u.Scheme + "://" + u.Host
	}
	return u.Scheme + ":"
}

// redirect is an answer.
type redirect string

func (to redirect) write(w http.ResponseWriter, _ *http.Request) error { //nolint:unparam // an answer may fail
	w.Header().Set("Location", string(to))
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.WriteHeader(http.StatusFound) // as every app expects, though RFC 9700 4.12 would rather have 303
	return nil
}

// consentView is what the page shows: a question, or the code for an app that cannot be redirected to.
type consentView struct {
	Speech      speech
	Node        string
	Style       string
	Title       string
	App         string
	Website     string
	Person      string
	Permissions []string
	Fields      map[string]string
	Apps        string // where the permission can be taken back
	Code        string
	Wrong       string // what is wrong with the app, instead of all this
}

// fieldsOf are the parameters of the request, to send along with the answer.
func fieldsOf(f form) map[string]string {
	fields := map[string]string{}
	for _, name := range []string{"client_id", "redirect_uri", "response_type", "scope", "state", "code_challenge", "code_challenge_method"} {
		if f.has(name) {
			fields[name] = f.text(name)
		}
	}
	return fields
}

func (a *API) consentPage(target string, view consentView) answer {
	view.Node, view.Style = a.Name, a.Stylesheet
	return consentAnswer{page: a.consent, target: target, view: view}
}

type consentAnswer struct {
	page   *template.Template
	target string
	view   consentView
}

func (p consentAnswer) write(w http.ResponseWriter, _ *http.Request) error {
	var body bytes.Buffer
	if err := p.page.Execute(&body, p.view); err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return fmt.Errorf("draw the consent page: %w", err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Language", p.view.Speech.Lang)
	h.Set("Content-Security-Policy", strings.TrimSpace(
		"default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'; form-action 'self' "+p.target))
	if p.view.Wrong != "" {
		w.WriteHeader(http.StatusBadRequest)
	}
	_, err := w.Write(body.Bytes())
	return err
}

// speech is the page in a language.
type speech struct {
	Lang, Skip                               string
	Title, Asks, As, Not, Where, Allow, Deny string
	CodeTitle, Do, Fails                     string
	scopes                                   map[string]string
}

// speech chooses the language: the app's wish, else the browser's.
func (a *API) speech(c *call) speech {
	tongues := language.NewMatcher([]language.Tag{language.Dutch, language.English}) // in the order of spoken
	_, index := language.MatchStrings(tongues, c.form.text("lang"), c.Header.Get("Accept-Language"))
	return spoken[index]
}

// permissions says in words what the scopes allow.
func (s speech) permissions(scopes auth.Scopes) []string {
	var words []string
	for _, scope := range scopes {
		kind, part, granular := strings.Cut(string(scope), ":")
		text, known := s.scopes[kind]
		if !known {
			text = kind
		}
		if granular {
			text += " (" + part + ")"
		}
		words = append(words, text)
	}
	return words
}

var spoken = []speech{{
	Lang: "nl", Skip: "Direct naar de inhoud", Title: "Toestemming geven", Asks: "wil namens u:", As: "U bent ingelogd als", Allow: "Toestaan", Deny: "Weigeren",
	Not: "De app ziet uw wachtwoord niet. U kunt de toestemming later intrekken.", Where: "Bekijk uw apps.", CodeTitle: "Uw code",
	Do: "Kopieer deze code en plak hem in de app. Hij werkt één keer, en één minuut lang.", Fails: "Deze app kan u niet inloggen",
	scopes: map[string]string{
		"read": "lezen wat u kunt lezen", "write": "berichten plaatsen en dingen wijzigen", "follow": "volgen, blokkeren en dempen",
		"push": "u meldingen sturen", "profile": "zien wie u bent", "admin": "beheren wat u mag beheren",
	},
}, {
	Lang: "en", Skip: "Skip to the content", Title: "Give permission", Asks: "wants to do this for you:", As: "You are signed in as", Allow: "Allow", Deny: "Deny",
	Not: "The app does not see your password. You can take the permission back later.", Where: "See your apps.", CodeTitle: "Your code",
	Do: "Copy this code and paste it into the app. It works once, for one minute.", Fails: "This app cannot sign you in",
	scopes: map[string]string{
		"read": "read what you can read", "write": "post, and change things", "follow": "follow, block and mute",
		"push": "send you notifications", "profile": "see who you are", "admin": "manage what you may manage",
	},
}}
