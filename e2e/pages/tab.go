//go:build unix

package pages

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"meent/e2e/node"
)

// Look is how a tab shows pages.
type Look struct {
	Width    int64 // CSS pixels; 0: 1280
	Dark     bool
	NoScript bool
	Language string // "": Dutch
}

// The widths that everything is looked at in: the smallest screen that WCAG 2.2 (1.4.10) knows, and a desk's.
const (
	Narrow = 320
	Wide   = 1280
	height = 900
)

// Tab is somebody's browser with cookies of its own, on a node. It keeps what pages asked for and complained of.
type Tab struct {
	Node *node.Node
	ctx  context.Context

	mu         sync.Mutex
	requests   []string // URLs
	redirects  []string // where answers led
	complaints []string
	sent       map[network.RequestID]float64 // bytes of each answer
}

// patience is how long one step in a browser may take on a machine that is busy with other tests.
const patience = 30 * time.Second

// Tab opens a tab of somebody new.
func (b *Browser) Tab(n *node.Node, look Look) (*Tab, error) {
	ctx, _ := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext()) // the tab closes with the browser
	t := &Tab{Node: n, ctx: ctx, sent: map[network.RequestID]float64{}}
	if err := chromedp.Listen(ctx, t.note); err != nil {
		return nil, fmt.Errorf("open a tab: %w", err)
	}
	return t, t.See(look)
}

// Close ends the tab.
func (t *Tab) Close() error { return chromedp.Cancel(t.ctx) }

// See changes how pages are shown from now on.
func (t *Tab) See(look Look) error {
	if look.Width == 0 {
		look.Width = Wide
	}
	if look.Language == "" {
		look.Language = "nl"
	}
	scheme := "light"
	if look.Dark {
		scheme = "dark"
	}
	return t.do(
		chromedp.EmulateViewport(look.Width, height),
		call(network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": look.Language}}),
		call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: look.NoScript}),
		call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}}),
	)
}

func call[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, command, params)
		return err
	})
}

// note keeps what happens in the tab. It runs in the tab's own loop and must not wait.
func (t *Tab) note(event any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		t.requests = append(t.requests, e.Request.URL)
	case *network.EventResponseReceivedExtraInfo:
		if to, ok := e.Headers["Location"].(string); ok {
			t.redirects = append(t.redirects, to)
		}
	case *network.EventLoadingFinished:
		t.sent[e.RequestID] = e.EncodedDataLength
	case *log.EventEntryAdded:
		if !strings.Contains(e.Entry.Text, "the server responded with a status of") { // a page about a mistake is a page
			t.complaints = append(t.complaints, e.Entry.Text)
		}
	case *runtime.EventExceptionThrown:
		t.complaints = append(t.complaints, e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		t.complaints = append(t.complaints, "a script wrote to the console")
	case *page.EventJavascriptDialogOpening:
		t.complaints = append(t.complaints, "a script opened a dialog: "+e.Message)
	}
}

// Requests lists the URLs that were asked for since the last call, Complaints what the browser complained of, and Sent counts the bytes that
// came over the line.
func (t *Tab) Requests() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	requests := t.requests
	t.requests = nil
	return requests
}

// Redirects lists where answers led since the last call, also out of the browser, to an app with an address of its own.
func (t *Tab) Redirects() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	redirects := t.redirects
	t.redirects = nil
	return redirects
}

// Complaints is told with Requests.
func (t *Tab) Complaints() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	complaints := t.complaints
	t.complaints = nil
	return complaints
}

// Sent is told with Requests.
func (t *Tab) Sent() (bytes int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, n := range t.sent {
		bytes += int(n)
	}
	clear(t.sent)
	return bytes
}

func (t *Tab) do(steps ...chromedp.Action[chromedp.Void]) error {
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	return chromedp.Do(ctx, steps...)
}

// Open shows a page by its path.
func (t *Tab) Open(path string) error {
	if err := t.do(chromedp.Navigate(t.Node.Base + path)); err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	return nil
}

// Fill writes into the field that a CSS selector names.
func (t *Tab) Fill(selector, text string) error {
	err := t.do(chromedp.SendKeys(chromedp.CSS(selector), text))
	return wrap(err, "fill", selector)
}

// Click presses what a CSS selector names, without leaving the page.
func (t *Tab) Click(selector string) error {
	return wrap(t.do(chromedp.Click(chromedp.CSS(selector))), "click", selector)
}

// Go presses what a CSS selector names, and waits for the page that it leads to.
func (t *Tab) Go(selector string) error {
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	_, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(selector)))
	return wrap(err, "follow", selector)
}

func wrap(err error, what, selector string) error {
	if err != nil {
		return fmt.Errorf("%s %s: %w", what, selector, err)
	}
	return nil
}

// Text is what a person reads of the element that a CSS selector names.
func (t *Tab) Text(selector string) (string, error) {
	return ask(t, chromedp.Text(chromedp.CSS(selector)))
}

// Path is where the tab is.
func (t *Tab) Path() (string, error) {
	at, err := ask(t, chromedp.Location())
	return strings.TrimPrefix(at, t.Node.Base), err
}

// Press types a key, such as [kb.Tab], with the modifiers held.
func (t *Tab) Press(key string, options ...chromedp.KeyOption) error {
	return t.do(chromedp.KeyEvent(key, options...))
}

// GoBy types a key that leads to another page, and waits for it.
func (t *Tab) GoBy(key string) error {
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	_, err := chromedp.RunResponse(ctx, chromedp.KeyEvent(key))
	return wrap(err, "press", key)
}

// Photograph is a picture (PNG) of the whole page.
func (t *Tab) Photograph() ([]byte, error) { return ask(t, chromedp.FullScreenshot(100)) }

// Evaluate runs an expression in the page, as a person with developer tools does: no policy of the page forbids it.
func Evaluate[T any](t *Tab, expression string, options ...chromedp.EvaluateOption) (T, error) {
	return ask(t, chromedp.Evaluate[T](expression, options...))
}

func ask[T any](t *Tab, action chromedp.Action[T]) (T, error) {
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, action)
}

// SignIn uses a one-time link.
func (t *Tab) SignIn(ctx context.Context, name string) error {
	said, err := t.Node.Run(ctx, "person", "link", name)
	if err != nil {
		return err
	}
	_, path, found := strings.Cut(said, t.Node.Base)
	if !found {
		return errors.New("person link printed no link: " + said)
	}
	if err := t.Open(strings.Fields(path)[0]); err != nil {
		return err
	}
	return t.Go("main form button")
}
