package main

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path"
	"strings"
	"testing"

	"meent/communities"
	"meent/storage/storagetest"
)

// house is a furnished node that answers on a loopback address.
type house struct {
	*node
	t      *testing.T
	server *httptest.Server
	said   string // what setup printed
}

// eachHouse runs test on a fresh node on either database.
func eachHouse(t *testing.T, test func(h *house)) {
	t.Helper()
	storagetest.Each(t, func(t *testing.T, dsn string) { test(newHouse(t, dsn)) })
}

func newHouse(t *testing.T, dsn string) *house {
	t.Helper()
	h := &house{t: t, server: httptest.NewUnstartedServer(nil)}
	var said bytes.Buffer
	log := slog.New(slog.DiscardHandler)
	config := &Config{Data: t.TempDir(), Database: dsn, Timezone: "Europe/Amsterdam", PublicURL: "http://" + h.server.Listener.Addr().String()}
	figures := newMetrics()
	var err error
	if h.node, err = config.setUp(t.Context(), log, figures.registry, terminal{out: &said, err: io.Discard}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		h.server.Close()
		if err := h.node.Close(); err != nil {
			t.Error(err)
		}
	})
	h.said = said.String()
	if h.server.Config.Handler, err = h.handler(t.Context(), figures); err != nil {
		t.Fatal(err)
	}
	h.server.Start()
	return h
}

// browser is somebody's, with their cookies; it does not follow redirects by itself.
type browser struct {
	house  *house
	client *http.Client
}

func (h *house) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	return &browser{h, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// page is an answer as a test looks at it.
type page struct {
	status int
	header http.Header
	body   string
}

func (b *browser) get(at string) page {
	b.house.t.Helper()
	request, err := http.NewRequestWithContext(b.house.t.Context(), http.MethodGet, b.house.Base+at, nil)
	if err != nil {
		b.house.t.Fatal(err)
	}
	request.Header.Set("Accept", "text/html")
	return b.send(request)
}

func (b *browser) post(at string, form url.Values) page {
	b.house.t.Helper()
	return b.postFrom(at, form, "")
}

// postFrom sends a form from a page of another origin.
func (b *browser) postFrom(at string, form url.Values, origin string) page {
	b.house.t.Helper()
	request, err := http.NewRequestWithContext(b.house.t.Context(), http.MethodPost, b.house.Base+at, strings.NewReader(form.Encode()))
	if err != nil {
		b.house.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if origin != "" {
		request.Header.Set("Origin", origin)
	}
	return b.send(request)
}

func (b *browser) send(request *http.Request) page {
	b.house.t.Helper()
	response, err := b.client.Do(request)
	if err != nil {
		b.house.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.house.t.Fatal(err)
	}
	return page{response.StatusCode, response.Header, string(body)}
}

// resident makes a person and returns their browser, signed in by the one-time link.
func (h *house) resident(name string) (*communities.Actor, *browser) {
	h.t.Helper()
	link, err := h.addPerson(h.t.Context(), communities.NewPerson{Name: name, DisplayName: strings.ToUpper(name[:1]) + name[1:], Email: name + "@example.org"})
	if err != nil {
		h.t.Fatal(err)
	}
	person, err := h.person(h.t.Context(), name)
	if err != nil {
		h.t.Fatal(err)
	}
	b := h.browser()
	if got := b.post("/sign-in/link", url.Values{"secret": {path.Base(link.url)}}); got.status != http.StatusSeeOther {
		h.t.Fatalf("sign in %s: %d", name, got.status)
	}
	return person, b
}

// publish lets somebody write, by the verb.
func (h *house) publish(draft communities.Draft) *communities.Post {
	h.t.Helper()
	var post *communities.Post
	err := h.town.Write(h.t.Context(), func(tx communities.Tx) (err error) {
		post, err = h.town.Publish(h.t.Context(), tx, draft)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return post
}

func (h *house) welcome() *communities.Actor {
	h.t.Helper()
	group, err := h.group(h.t.Context(), firstGroup)
	if err != nil {
		h.t.Fatal(err)
	}
	return group
}

// want compares a status and looks for texts that must be there, or must not where they begin with "!".
func (p page) want(t *testing.T, status int, texts ...string) {
	t.Helper()
	if p.status != status {
		t.Errorf("status %d, want %d", p.status, status)
	}
	for _, text := range texts {
		absent, hidden := strings.CutPrefix(text, "!")
		if hidden && strings.Contains(p.body, absent) {
			t.Errorf("the page says %q", absent)
		}
		if !hidden && !strings.Contains(p.body, text) {
			t.Errorf("the page does not say %q", text)
		}
	}
}
