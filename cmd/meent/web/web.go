// Package web is the face that people meet in a browser: pages of plain HTML that are complete without script, in Dutch and English. A page
// reads through [storage.DB.As], bound to who is looking, and writes through the verbs of the town; it decides nothing itself.
package web

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"path"
	"strings"
	"time"

	"golang.org/x/text/language"

	"meent/communities"
	"meent/communities/auth"
	"meent/storage"
)

// Options are what pages need to know of the node.
type Options struct {
	Name    string // of the node
	Version string
	Zone    *time.Location
	Mail    bool // links to sign in with can be mailed
	Log     *slog.Logger
	Now     func() time.Time

	// Shown returns where this node hands out a file, also one of another node, so that no page makes a visitor's browser ask somebody else
	// for something.
	Shown func(url string) string
}

// Pages answers browsers. Safe for concurrent use.
type Pages struct {
	Options
	archive   *storage.DB
	town      *communities.Town
	assets    *assets
	pictures  *storage.EmojiBook
	speech    map[string]*catalogue
	passwords *auth.Passwords
	matcher   language.Matcher
	templates map[string]map[string]*template.Template // by language and page
}

// Visitor is who looks at a page. The zero value is anybody.
type Visitor struct {
	Person  *communities.Actor   // nil: nobody is signed in
	Account *communities.Account // of Person
	Secret  string               // of the session
}

// Known tells whether somebody is signed in.
func (v Visitor) Known() bool { return v.Person != nil }

// ID returns the actor that reads and writes; 0 for anybody.
func (v Visitor) ID() communities.ActorID {
	if v.Person == nil {
		return 0
	}
	return v.Person.ID
}

// Handler answers a request with a page. An error that it returns is shown by [Pages.Fail].
type Handler func(w http.ResponseWriter, r *http.Request, v Visitor) error

//go:embed template/*.html
var templateFiles embed.FS

// New reads everything that pages are made of, so that a mistake in it shows at the start and not to a visitor.
func New(archive *storage.DB, town *communities.Town, options Options) (*Pages, error) {
	speech, err := readCatalogues(options.Zone, options.Now)
	if err != nil {
		return nil, err
	}
	files, err := readAssets()
	if err != nil {
		return nil, err
	}
	p := &Pages{Options: options, archive: archive, town: town, assets: files, speech: speech, matcher: language.NewMatcher(languages), passwords: auth.NewPasswords()}
	p.pictures = storage.NewEmojiBook(archive)
	p.templates, err = p.parseTemplates()
	return p, err
}

// parseTemplates makes each page once per language, its functions bound to the language's catalogue.
func (p *Pages) parseTemplates() (map[string]map[string]*template.Template, error) {
	byLanguage := map[string]map[string]*template.Template{}
	for lang, speech := range p.speech {
		frame, err := template.New("").Funcs(p.functions(speech)).ParseFS(templateFiles, "template/layout.html", "template/parts.html")
		if err != nil {
			return nil, fmt.Errorf("parse templates: %w", err)
		}
		byLanguage[lang], err = parsePages(frame)
		if err != nil {
			return nil, err
		}
	}
	return byLanguage, nil
}

func parsePages(frame *template.Template) (map[string]*template.Template, error) {
	files, err := fs.Glob(templateFiles, "template/*.html")
	if err != nil {
		return nil, fmt.Errorf("list templates: %w", err)
	}
	pages := map[string]*template.Template{}
	for _, file := range files {
		name := strings.TrimSuffix(path.Base(file), ".html")
		if name == "layout" || name == "parts" {
			continue
		}
		page, err := frame.Clone()
		if err == nil {
			page, err = page.ParseFS(templateFiles, file)
		}
		if err != nil {
			return nil, fmt.Errorf("parse template %s: %w", name, err)
		}
		pages[name] = page
	}
	return pages, nil
}

// functions are what templates may call: t, n and the dates speak the language of the page.
func (p *Pages) functions(c *catalogue) template.FuncMap {
	return template.FuncMap{
		"t": c.text, "n": c.count, "day": c.day, "moment": c.moment, "machine": c.machine,
		"lang":       func() string { return c.lang },
		"asset":      p.assets.url,
		"maxtext":    func() int { return communities.MaxText },
		"maxtitle":   func() int { return communities.MaxTitle },
		"maxwarning": func() int { return communities.MaxWarning },
		"polldays":   func() []int { return pollDays },
	}
}

// page is what every template gets.
type page struct {
	Title     string // without the node's name; "" on the front page
	Node      string
	Path      string
	Canonical string // where the page's content is at home, if not here
	Document  string // its ActivityPub form
	Feed      string // its Atom feed
	Hidden    bool   // from search engines
	Visitor   Visitor
	Unread    int // of what the visitor was told
	Content   any
}

// show draws a page.
func (p *Pages) show(w http.ResponseWriter, r *http.Request, name string, status int, content page) error {
	c := p.speak(r)
	content.Node, content.Path = p.Name, r.URL.Path
	if content.Visitor.Known() {
		var err error
		if content.Unread, err = p.read(content.Visitor).CountUnread(r.Context()); err != nil {
			return err
		}
	}
	var body bytes.Buffer
	if err := p.templates[c.lang][name].ExecuteTemplate(&body, "layout", content); err != nil {
		return fmt.Errorf("draw page %s: %w", name, err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", c.lang)
	h.Add("Vary", "Accept-Language, Cookie")
	if content.Visitor.Known() {
		h.Set("Cache-Control", "private, no-store")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	return p.write(w, r, status, body.Bytes())
}

// write sends an answer. That the visitor has gone is no error of ours.
func (p *Pages) write(w http.ResponseWriter, r *http.Request, status int, body []byte) error {
	w.WriteHeader(status)
	if _, err := w.Write(body); err != nil {
		p.Log.DebugContext(r.Context(), "visitor has gone", "path", WithoutSecret(r.URL.Path), "err", err)
	}
	return nil
}

// speak chooses the language of a page (RFC 9110 12.5.4).
func (p *Pages) speak(r *http.Request) *catalogue {
	wanted, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil || len(wanted) == 0 {
		return p.speech[languages[0].String()]
	}
	_, index, _ := p.matcher.Match(wanted...)
	return p.speech[languages[index].String()]
}

// failure is how an error is told to people.
type failure struct {
	status int
	key    string // of the catalogue
}

var failures = map[communities.Kind]failure{
	communities.KindInternal:  {http.StatusInternalServerError, "fail.internal"},
	communities.KindNotFound:  {http.StatusNotFound, "fail.notfound"},
	communities.KindInvalid:   {http.StatusUnprocessableEntity, "fail.invalid"},
	communities.KindForbidden: {http.StatusForbidden, "fail.forbidden"},
	communities.KindConflict:  {http.StatusConflict, "fail.conflict"},
	communities.KindGone:      {http.StatusGone, "fail.gone"},
	communities.KindLimited:   {http.StatusTooManyRequests, "fail.limited"},
}

// ErrSignIn is the answer to anybody who asks for what only people who are signed in may have.
var ErrSignIn = errors.New("sign in first")

// Fail shows an error. What nobody should see of it is logged instead.
func (p *Pages) Fail(w http.ResponseWriter, r *http.Request, v Visitor, err error) {
	told := failures[communities.KindOf(err)]
	var detail string
	switch known := (*communities.Error)(nil); {
	case errors.Is(err, ErrSignIn):
		told = failure{http.StatusUnauthorized, "fail.signin"}
	case !errors.As(err, &known):
		p.Log.ErrorContext(r.Context(), "answer a page", "method", r.Method, "path", WithoutSecret(r.URL.Path), "err", err)
	case known.Kind == communities.KindInvalid || known.Kind == communities.KindForbidden || known.Kind == communities.KindConflict:
		detail = p.speak(r).refusal(known)
	}
	if told.status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", retryAfter)
	}
	c := p.speak(r)
	content := failureView{
		Heading: c.text(told.key), Text: c.text(told.key + ".text"), Detail: detail,
		SignIn: told.status == http.StatusUnauthorized,
	}
	if err := p.show(w, r, "fail", told.status, page{Title: content.Heading, Hidden: true, Visitor: v, Content: content}); err != nil {
		p.Log.ErrorContext(r.Context(), "show an error", "err", err)
	}
}

const retryAfter = "60" // seconds

type failureView struct {
	Heading, Text, Detail string
	SignIn                bool
}

// Nowhere answers for every path where there is nothing.
func (p *Pages) Nowhere(http.ResponseWriter, *http.Request, Visitor) error {
	return communities.NotFound
}
