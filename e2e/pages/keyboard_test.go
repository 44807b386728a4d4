//go:build unix

package pages_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"meent/e2e/pages"
)

// focus is where the keyboard is, as it is seen.
type focus struct {
	Index   int     `json:"index"` // among all that can have it, in the order of the page; -1: nowhere
	Name    string  `json:"name"`
	Outline float64 `json:"outline"` // CSS pixels
	Shown   bool    `json:"shown"`
	InMain  bool    `json:"inMain"`
}

// look tells where the keyboard is. A skip link that is off the screen and a control without an outline are not seen.
const look = `(() => {
	const all = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]")];
	const it = document.activeElement, style = getComputedStyle(it), box = it.getBoundingClientRect();
	return {
		index: all.indexOf(it), name: it.tagName + " " + (it.textContent || it.name || "").trim().slice(0, 40),
		outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
		shown: box.width > 0 && box.height > 0 && box.right > 0 && box.left < innerWidth && box.bottom > 0 && box.top < innerHeight,
		inMain: !!it.closest("main"),
	};
})()`

func (w walk) focus() focus {
	w.Helper()
	at, err := pages.Evaluate[focus](w.tab, look)
	w.must(err)
	return at
}

// mostSteps is more than any page has controls.
const mostSteps = 150

// TestKeyboard does without a mouse.
func TestKeyboard(t *testing.T) {
	t.Parallel()
	fair, browser := hold(t, "")
	keyboardReachesEverything(t, fair, browser)
	keyboardAloneIsEnough(t, fair, browser)
}

// Every control can be reached with the keyboard alone, in the order in which it stands, and one sees where one is.
func keyboardReachesEverything(t *testing.T, fair *pages.Fair, browser *pages.Browser) {
	t.Helper()
	tabs, err := browser.Tabs(t.Context(), fair)
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range []struct{ who, path string }{
		{"", "/"},
		{"", "/g/dorpsplein"},
		{"", "/sign-in"},
		{"bert", "/g/dorpsplein/new?form=event"},
		{"cor", fair.Poll},
		{"anna", fair.Thread},
		{"anna", "/g/moestuin/moderation"},
	} {
		w := walk{t, tabs[page.who]}
		w.must(w.tab.See(pages.Look{Width: pages.Narrow}))
		w.must(w.tab.Open(page.path))
		w.through(page.path)
		w.must(w.tab.Open(page.path))
		w.skips(page.path)
	}
}

// through presses Tab until the page ends.
func (w walk) through(path string) {
	w.Helper()
	before := -1
	for step := range mostSteps {
		w.must(w.tab.Press(kb.Tab))
		at := w.focus()
		if at.Index < 0 || at.Index < before { // out of the page, or round it
			if step < 3 {
				w.Errorf("%s: the keyboard leaves the page after %d steps", path, step)
			}
			return
		}
		if !at.Shown || at.Outline < 2 {
			w.Errorf("%s: nobody sees that the keyboard is at %q: %+v", path, at.Name, at)
		}
		if at.Index == before && !strings.HasPrefix(at.Name, "INPUT") { // a field for a date has several parts
			w.Errorf("%s: the keyboard is caught at %q", path, at.Name)
			return
		}
		before = at.Index
	}
	w.Errorf("%s: no end after %d steps", path, mostSteps)
}

// skips uses the first link of the page to go to what it is about.
func (w walk) skips(path string) {
	w.Helper()
	w.must(w.tab.Press(kb.Tab))
	if at := w.focus(); at.Index != 0 || !strings.Contains(at.Name, "Naar de inhoud") || !at.Shown {
		w.Errorf("%s: the first stop is %+v, not a link to the content", path, at)
	}
	w.must(w.tab.Press(kb.Enter))
	w.must(w.tab.Press(kb.Tab))
	if at := w.focus(); !at.InMain {
		w.Errorf("%s: after the skip link the keyboard is at %q", path, at.Name)
	}
}

// Somebody who uses no mouse takes part: signs in, writes a thread and answers it.
func keyboardAloneIsEnough(t *testing.T, fair *pages.Fair, browser *pages.Browser) {
	t.Helper()
	tab, err := browser.Tab(fair.Node, pages.Look{})
	if err != nil {
		t.Fatal(err)
	}
	w := walk{t, tab}
	w.must(tab.SignIn(t.Context(), "bert"))
	w.must(tab.Open("/g/dorpsplein"))
	w.presses("Begin een gesprek", true)
	w.goTo("INPUT title")
	w.must(tab.Press("Zonder muis"))
	w.must(tab.Press(kb.Tab))
	w.must(tab.Press("Dit schreef ik met het toetsenbord."))
	w.presses("Plaats bericht", true)
	w.reads("h1", "Zonder muis")
	w.presses("Reageren", false)
	w.goTo("TEXTAREA text")
	w.must(tab.Press("En dit ook."))
	w.presses("Plaats reactie", true)
	w.reads(".replies", "En dit ook.")
}

// goTo walks to a control by Tab, and presses goes on to use it, and waits where it leads to another page.
func (w walk) goTo(name string) {
	w.Helper()
	for range mostSteps {
		w.must(w.tab.Press(kb.Tab))
		if at := w.focus(); strings.Contains(at.Name, name) {
			return
		}
	}
	w.Fatalf("the keyboard does not reach %q", name)
}

func (w walk) presses(name string, leads bool) {
	w.Helper()
	w.goTo(name)
	if leads {
		w.must(w.tab.GoBy(kb.Enter))
		return
	}
	w.must(w.tab.Press(kb.Enter))
}
