// Package preview reads what a page on the web says of itself, for the card below a post that links to it: Open Graph, the plain old tags of
// HTML, and oEmbed as far as that is words and pictures. It has a room of its own because it reads what strangers wrote and knows nothing
// else: bytes in, a few short plain texts and addresses out. HTML of others never leaves it.
package preview

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"
)

// The kinds of page (entities/PreviewCard, type). Players and frames of others are shown as links.
const (
	Link  = "link"
	Photo = "photo"
)

// How much is kept of what a page says, in characters.
const (
	MaxTitle       = 300
	MaxDescription = 1000
	MaxName        = 200
	maxAddress     = 2048
	maxTokens      = 20_000 // of HTML that are looked at
	maxSide        = 20_000 // of a picture, in pixels
)

// Page is what a page says of itself. All texts are plain and on one line; addresses are https or http, or empty.
type Page struct {
	Kind         string
	Title        string
	Description  string
	Language     string
	AuthorName   string
	AuthorURL    string
	ProviderName string
	ProviderURL  string
	Image        string
	ImageAlt     string
	Width        int
	Height       int
	PublishedAt  time.Time

	OEmbed string // address of a document that says more
}

// ErrNoPage is for what is no HTML, or says nothing that could be shown.
var ErrNoPage = errors.New("no page with a title")

// IsHTML tells whether a Content-Type is that of a page.
func IsHTML(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && (media == "text/html" || media == "application/xhtml+xml")
}

// Read reads a page that was found at an address.
func Read(body []byte, contentType, address string) (*Page, error) {
	base, err := url.Parse(address)
	if err != nil || !IsHTML(contentType) {
		return nil, ErrNoPage
	}
	decoded, err := charset.NewReader(bytes.NewReader(body), contentType)
	if err != nil {
		return nil, ErrNoPage
	}
	h := head{base: base, said: map[string]string{}}
	h.read(decoded)
	page := h.page()
	if page.Title == "" && page.OEmbed == "" {
		return nil, ErrNoPage
	}
	return page, nil
}

// head collects what stands in the head of a page: the first of each name counts.
type head struct {
	base    *url.URL
	said    map[string]string
	inTitle bool
}

func (h *head) read(from io.Reader) {
	tokens := html.NewTokenizer(from)
	for range maxTokens {
		switch tokens.Next() {
		case html.ErrorToken:
			return
		case html.StartTagToken, html.SelfClosingTagToken:
			if tag := tokens.Token(); !h.start(tag) {
				return
			}
		case html.TextToken:
			if h.inTitle {
				h.say("title", string(tokens.Text()))
			}
		case html.EndTagToken:
			h.inTitle = false
		case html.CommentToken, html.DoctypeToken: // say nothing
		}
	}
}

// start is false at the body, where all has been said.
func (h *head) start(tag html.Token) bool {
	switch tag.Data {
	case "html":
		h.say("lang", attribute(tag, "lang"))
	case "title":
		h.inTitle = true
	case "meta":
		h.say(strings.ToLower(cmp.Or(attribute(tag, "property"), attribute(tag, "name"))), attribute(tag, "content"))
	case "link":
		if strings.EqualFold(attribute(tag, "rel"), "alternate") && strings.EqualFold(attribute(tag, "type"), "application/json+oembed") {
			h.say("oembed", attribute(tag, "href"))
		}
	case "body":
		return false
	}
	return true
}

func (h *head) say(name, value string) {
	if value = strings.TrimSpace(value); h.said[name] == "" && value != "" {
		h.said[name] = value
	}
}

// first returns the first of several names that the page has a word for.
func (h *head) first(names ...string) string {
	for _, name := range names {
		if said := h.said[name]; said != "" {
			return said
		}
	}
	return ""
}

func (h *head) page() *Page {
	p := &Page{
		Kind: Link, Title: line(h.first("og:title", "twitter:title", "title"), MaxTitle),
		Description: line(h.first("og:description", "twitter:description", "description"), MaxDescription),
		Language:    h.first("og:locale", "lang"), ProviderName: line(h.first("og:site_name"), MaxName),
		AuthorName: line(h.first("author", "article:author:name"), MaxName), AuthorURL: h.address(h.first("article:author")),
		Image: h.address(h.first("og:image:secure_url", "og:image", "og:image:url", "twitter:image")), ImageAlt: line(h.first("og:image:alt", "twitter:image:alt"), MaxDescription),
		OEmbed: h.address(h.first("oembed")), PublishedAt: moment(h.first("article:published_time", "og:article:published_time")),
	}
	p.ProviderURL = h.base.Scheme + "://" + h.base.Host
	p.ProviderName = cmp.Or(p.ProviderName, h.base.Hostname())
	if p.Image != "" {
		p.Width, p.Height = side(h.first("og:image:width")), side(h.first("og:image:height"))
	}
	return p
}

func (h *head) address(of string) string { return address(h.base, of) }

// Embed adds what an oEmbed document says (https://oembed.com, 2.3.4): words wherever the page had none, and the picture of a photo. Its HTML
// is left where it is.
func (p *Page) Embed(document []byte, base string) {
	var said struct {
		Type         string `json:"type"`
		Title        string `json:"title"`
		AuthorName   string `json:"author_name"`
		AuthorURL    string `json:"author_url"`
		ProviderName string `json:"provider_name"`
		ProviderURL  string `json:"provider_url"`
		URL          string `json:"url"`
		Thumbnail    string `json:"thumbnail_url"`
		Width        any    `json:"width"` // numbers, or strings with numbers in them
		Height       any    `json:"height"`
	}
	at, err := url.Parse(base)
	if err != nil || json.Unmarshal(document, &said) != nil {
		return
	}
	p.Title = cmp.Or(p.Title, line(said.Title, MaxTitle))
	p.AuthorName = cmp.Or(line(said.AuthorName, MaxName), p.AuthorName)
	p.AuthorURL = cmp.Or(address(at, said.AuthorURL), p.AuthorURL)
	p.ProviderName = cmp.Or(line(said.ProviderName, MaxName), p.ProviderName)
	p.ProviderURL = cmp.Or(address(at, said.ProviderURL), p.ProviderURL)
	if picture := address(at, said.URL); said.Type == Photo && picture != "" {
		p.Kind, p.Image, p.Width, p.Height = Photo, picture, side(number(said.Width)), side(number(said.Height))
		return
	}
	p.Image = cmp.Or(p.Image, address(at, said.Thumbnail))
}

func number(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', 0, 64)
	default:
		return ""
	}
}

// side reads a length in pixels; what cannot be one is 0.
func side(text string) int {
	n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(text), "px"))
	if err != nil || n < 0 || n > maxSide {
		return 0
	}
	return n
}

// address resolves a link; empty for one that leads to no website.
func address(base *url.URL, link string) string {
	if link == "" || len(link) > maxAddress || strings.ContainsFunc(link, unicode.IsControl) {
		return ""
	}
	u, err := base.Parse(link)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return u.String()
}

// moments are the forms in which pages write when they were published.
var moments = []string{time.RFC3339Nano, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05", "2006-01-02 15:04:05", time.DateOnly}

func moment(text string) time.Time {
	for _, layout := range moments {
		if at, err := time.Parse(layout, text); err == nil && at.Year() > 1900 {
			return at
		}
	}
	return time.Time{}
}

// line makes one line of plain text, without what could turn the text around it (bidirectional marks), and cuts it to size.
func line(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError || unicode.Is(unicode.Bidi_Control, r):
			return -1
		case unicode.IsControl(r):
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}

func attribute(tag html.Token, key string) string {
	for _, a := range tag.Attr {
		if a.Key == key && a.Namespace == "" {
			return a.Val
		}
	}
	return ""
}
