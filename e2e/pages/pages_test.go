//go:build unix

package pages_test

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/runtime"

	"meent/e2e/node"
	"meent/e2e/npm"
	"meent/e2e/pages"
	"meent/e2e/workshop"
)

// hold starts a node, furnishes it, and opens a browser on it. No database is SQLite.
func hold(t *testing.T, dsn string) (*pages.Fair, *pages.Browser) {
	t.Helper()
	town := start(t, dsn)
	fair, err := pages.Hold(t.Context(), town)
	if errors.Is(err, exec.ErrNotFound) {
		workshop.Lacking(t, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return fair, launch(t, town)
}

func start(t *testing.T, dsn string) *node.Node {
	t.Helper()
	o := node.Options{Host: "localhost", Dir: t.TempDir(), Database: dsn, Flags: pages.Flags()}
	return node.ForTest(t, o, (*node.Node).Stop)
}

func launch(t *testing.T, town *node.Node) *pages.Browser {
	t.Helper()
	browser, err := pages.Launch(t.Context(), town)
	if errors.Is(err, pages.ErrNoBrowser) {
		workshop.Lacking(t, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(browser.Close)
	return browser
}

// axe is the checker for barriers, as a script.
var axe = sync.OnceValues(func() (string, error) {
	dir, err := npm.Install("pages")
	if err != nil {
		return "", err
	}
	script, err := os.ReadFile(filepath.Join(dir, "node_modules", "axe-core", "axe.min.js"))
	return string(script), err
})

// maxPage is what a page may weigh without pictures, with its style sheet: it must also open on a poor connection.
const maxPage = 100 << 10

// Every page, in every state that it has: no barrier that a program can find (axe-core, WCAG 2.2 AA and best practices) in light and dark,
// nothing that sticks out of the smallest screen, nothing heavy, no request to anybody else, no complaint of the browser.
func TestEveryPageIsFitToShow(t *testing.T) {
	script, err := axe()
	if err != nil {
		workshop.Lacking(t, err)
	}
	t.Parallel()
	fair, browser := hold(t, "")
	tabs, err := browser.Tabs(t.Context(), fair)
	if err != nil {
		t.Fatal(err)
	}
	for _, tab := range tabs {
		tab.Requests()
		tab.Complaints()
		tab.Sent()
	}
	err = fair.Visit(tabs, func(place pages.Place, tab *pages.Tab) error {
		looked := inspect{t, fair, place, tab}
		looked.traffic()
		if complaints := tab.Complaints(); len(complaints) > 0 {
			t.Errorf("%s: the browser complains: %s", place.Name, complaints)
		}
		if _, err := pages.Evaluate[bool](tab, script+"; true"); err != nil {
			return err
		}
		for _, look := range []pages.Look{{Width: pages.Narrow}, {Width: pages.Wide, Dark: true}} {
			if err := tab.See(look); err != nil {
				return err
			}
			if err := looked.check(); err != nil {
				return err
			}
		}
		tab.Complaints() // axe makes some itself
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// inspect looks at one page.
type inspect struct {
	t     *testing.T
	fair  *pages.Fair
	place pages.Place
	tab   *pages.Tab
}

func (i inspect) traffic() {
	i.t.Helper()
	home, err := url.Parse(i.fair.Node.Base)
	if err != nil {
		i.t.Fatal(err)
	}
	requests := i.tab.Requests()
	if len(requests) == 0 {
		i.t.Errorf("%s: the network log is empty", i.place.Name)
	}
	for _, request := range requests {
		if strings.HasPrefix(request, "data:image/svg") { // the browser's own controls
			continue
		}
		if u, err := url.Parse(request); err != nil || u.Host != home.Host {
			i.t.Errorf("%s asks somebody else for %s", i.place.Name, request)
		}
	}
	if sent := i.tab.Sent(); sent > maxPage {
		i.t.Errorf("%s weighs %d bytes, more than %d", i.place.Name, sent, maxPage)
	}
}

// violation is what axe-core found.
type violation struct {
	ID    string `json:"id"`
	Help  string `json:"help"`
	Nodes []struct {
		HTML string `json:"html"`
	} `json:"nodes"`
}

func (i inspect) check() error {
	i.t.Helper()
	violations, err := pages.Evaluate[[]violation](i.tab, `axe.run({resultTypes: ["violations"]}).then(r => r.violations)`, await)
	if err != nil {
		return fmt.Errorf("axe-core: %w", err)
	}
	for _, found := range violations {
		i.t.Errorf("%s: %s (%s): %s", i.place.Name, found.Help, found.ID, found.Nodes[0].HTML)
	}
	beyond, err := pages.Evaluate[int](i.tab, `document.documentElement.scrollWidth - innerWidth`)
	if err == nil && beyond > 0 {
		i.t.Errorf("%s sticks out of the screen by %d pixels", i.place.Name, beyond)
	}
	return err
}

func await(p *runtime.EvaluateParams) { p.AwaitPromise = ptr(true) }

func ptr[T any](v T) *T { return &v }
