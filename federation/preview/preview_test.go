package preview

import (
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

const html8 = "text/html; charset=utf-8"

func TestRead(t *testing.T) {
	t.Parallel()
	here := Page{Kind: Link, ProviderName: "krant.example", ProviderURL: "https://krant.example"}
	with := func(change func(*Page)) *Page {
		p := here
		change(&p)
		return &p
	}
	for _, test := range []struct {
		name, in, media string
		want            *Page
	}{
		{"title", "<title>Een &amp; twee\n drie</title>", html8, with(func(p *Page) { p.Title = "Een & twee drie" })},
		{
			"graph first", `<title>a</title><meta property="og:title" content="b"><meta property="og:title" content="c"><meta property="og:site_name" content="De Krant">`, html8,
			with(func(p *Page) { p.Title, p.ProviderName = "b", "De Krant" }),
		},
		{
			"all", `<html lang=nl><meta name=description content="d"><meta property="og:title" content="t"><meta property="og:image" content="../i.png">
			<meta property="og:image:width" content="640"><meta property="og:image:height" content="480px"><meta property="og:image:alt" content="een brug">
			<meta name="author" content="Bo"><meta property="article:author" content="https://krant.example/bo">
			<meta property="article:published_time" content="2026-03-01T12:00:00+01:00"><link rel=alternate type="application/json+oembed" href="/o?u=1">`, html8,
			with(func(p *Page) {
				p.Title, p.Description, p.Language, p.Image, p.Width, p.Height, p.ImageAlt = "t", "d", "nl", "https://krant.example/i.png", 640, 480, "een brug"
				p.AuthorName, p.AuthorURL, p.OEmbed = "Bo", "https://krant.example/bo", "https://krant.example/o?u=1"
				p.PublishedAt = time.Date(2026, 3, 1, 11, 0, 0, 0, time.UTC)
			}),
		},
		{"other letters", "<title>caf\xe9</title>", "text/html; charset=iso-8859-1", with(func(p *Page) { p.Title = "café" })},
		{"letters named inside", `<meta charset="windows-1252"><title>caf` + "\xe9</title>", "text/html", with(func(p *Page) { p.Title = "café" })},
		{"dangerous addresses", `<title>t</title><meta property="og:image" content="javascript:alert(1)"><meta property="article:author" content="data:text/html,x">
			<link rel=alternate type="application/json+oembed" href="https://a:b@krant.example/">`, html8, with(func(p *Page) { p.Title = "t" })},
		{"turned text", "<title>a\u202egnp.exe\u2066\u200b</title>", html8, with(func(p *Page) { p.Title = "agnp.exe\u200b" })},
		{"not in the body", "<title>t</title><body><meta property='og:title' content='vals'>", html8, with(func(p *Page) { p.Title = "t" })},
		{"markup in an attribute", `<meta property="og:title" content="&lt;script&gt;x&lt;/script&gt;">`, html8, with(func(p *Page) { p.Title = "<script>x</script>" })},
		{
			"odd sizes", `<title>t</title><meta property="og:image" content="/i"><meta property="og:image:width" content="99999999999"><meta property="og:image:height" content="-4">`, html8,
			with(func(p *Page) { p.Title, p.Image = "t", "https://krant.example/i" }),
		},
		{"nothing", "<p>x</p>", html8, nil},
		{"no page", "<title>x</title>", "image/svg+xml", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := Read([]byte(test.in), test.media, "https://krant.example/nieuws/1")
			if (err != nil) != (test.want == nil) {
				t.Fatal(err)
			}
			if got != nil {
				got.PublishedAt = got.PublishedAt.UTC()
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEmbed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, in, kind, title, image string }{
		{"photo", `{"type":"photo","url":"https://foto.example/1.jpg","width":"640","height":480}`, Photo, "t", "https://foto.example/1.jpg"},
		{"photo without a picture", `{"type":"photo","url":"javascript:x"}`, Link, "t", ""},
		{"player", `{"type":"video","html":"<iframe src=x>","thumbnail_url":"/d.jpg","title":"film"}`, Link, "t", "https://foto.example/d.jpg"},
		{"nonsense", `{"type":`, Link, "t", ""},
		{"list", `[]`, Link, "t", ""},
	} {
		p := Page{Kind: Link, Title: "t"}
		p.Embed([]byte(test.in), "https://foto.example/o")
		if p.Kind != test.kind || p.Title != test.title || p.Image != test.image {
			t.Errorf("%s: %+v", test.name, p)
		}
	}
}

// Whatever strangers write, what comes out is short, plain and leads to the web or nowhere.
func FuzzRead(f *testing.F) {
	f.Add("<title>x</title><meta property=og:image content=//x>", "text/html")
	f.Add("<meta charset=utf-16><title>\x00x", "application/xhtml+xml")
	f.Fuzz(func(t *testing.T, in, media string) {
		p, err := Read([]byte(in), media, "https://krant.example/")
		if err != nil {
			return
		}
		p.Embed([]byte(in), "https://krant.example/")
		for _, s := range []string{p.Title, p.Description, p.AuthorName, p.ProviderName, p.ImageAlt} {
			if !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\n\u202e") || utf8.RuneCountInString(s) > MaxDescription {
				t.Errorf("%q", s)
			}
		}
		for _, s := range []string{p.Image, p.AuthorURL, p.ProviderURL, p.OEmbed} {
			if u, err := url.Parse(s); s != "" && (err != nil || u.Host == "" || !strings.HasPrefix(u.Scheme, "http")) {
				t.Errorf("%q leads to %v", s, err)
			}
		}
	})
}
