//go:build unix

package pages_test

import (
	"fmt"
	"strings"
	"testing"

	"meent/e2e/pages"
	"meent/storage/storagetest"
)

// walk is somebody's way through the pages. The first thing that goes wrong ends it.
type walk struct {
	*testing.T
	tab *pages.Tab
}

func (w walk) must(err error) {
	w.Helper()
	if err != nil {
		at, _ := w.tab.Path()
		w.Fatalf("at %s: %v", at, err)
	}
}

func (w walk) reads(selector, want string) {
	w.Helper()
	got, err := w.tab.Text(selector)
	w.must(err)
	if !strings.Contains(got, want) {
		w.Errorf("%s says %q, not %q", selector, got, want)
	}
}

// A newcomer signs in by link, follows, writes, answers, favours, votes, and leaves: on a telephone without script and at a desk with it.
func TestNewcomerTakesPart(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, dsn string) {
		fair, browser := hold(t, dsn)
		for i, look := range []pages.Look{{Width: pages.Narrow, NoScript: true}, {Width: pages.Wide}} {
			name := fmt.Sprint("dirk", i)
			if _, err := fair.Node.Run(t.Context(), "person", "add", name, "--email", name+"@localhost"); err != nil {
				t.Fatal(err)
			}
			tab, err := browser.Tab(fair.Node, look)
			if err != nil {
				t.Fatal(err)
			}
			w := walk{t, tab}
			w.must(tab.SignIn(t.Context(), name))
			w.follow()
			w.write(name)
			w.answer(fair.Thread)
			w.vote(fair.Poll)
			w.leave()
		}
	})
}

func (w walk) follow() {
	w.Helper()
	w.must(w.tab.Open("/g/dorpsplein"))
	w.must(w.tab.Go(`form[action$="/follow"] button`))
	w.reads(`form[action$="/follow"] button`, "Niet meer volgen")
}

func (w walk) write(name string) {
	w.Helper()
	w.must(w.tab.Go(`main a.button[href$="/new"]`))
	w.must(w.tab.Fill("#title", "Een vraag van "+name))
	w.must(w.tab.Fill("#text", "Mag de **fiets** mee naar binnen?"))
	w.must(w.tab.Go("main form button"))
	w.reads("h1", "Een vraag van "+name)
	w.reads("main .text strong", "fiets")
	w.must(w.tab.Open("/g/dorpsplein"))
	w.reads("main", "Een vraag van "+name)
}

func (w walk) answer(thread string) {
	w.Helper()
	w.must(w.tab.Open(thread))
	w.must(w.tab.Click("article.card .acts details > summary"))
	w.must(w.tab.Fill("article.card textarea", "Zo denk ik er ook over."))
	w.must(w.tab.Go("article.card .acts details form button"))
	w.reads(".replies", "Zo denk ik er ook over.")
	w.must(w.tab.Go(`article.card form[action$="/favourite"] button`))
	w.reads(`article.card button[aria-pressed="true"]`, "Vind ik goed")
}

func (w walk) vote(poll string) {
	w.Helper()
	w.must(w.tab.Open(poll))
	w.must(w.tab.Click(`input[name=option][value="2"]`))
	w.must(w.tab.Go("form.poll button"))
	w.reads(".results .chosen", "Ruimte voor de markt")
}

func (w walk) leave() {
	w.Helper()
	w.must(w.tab.Go(`form[action="/sign-out"] button`))
	w.reads("header", "Inloggen")
}
