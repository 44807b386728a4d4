//go:build unix

// Package pages meets the node as a person does: in a real browser. It opens Chromium, furnishes a town that is worth looking at, and knows
// which pages there are to look at; its tests walk, measure and attack them, and the program in e2e/screens photographs them.
package pages

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strings"

	"github.com/chromedp/chromedp"

	"meent/e2e/node"
)

// Browser is a Chromium of its own, with an empty profile, that finds nodes on this machine by their names and nothing else.
type Browser struct {
	ctx   context.Context
	close []context.CancelFunc
}

// ErrNoBrowser says that this machine has no Chromium.
var ErrNoBrowser = errors.New("there is no chromium on the path")

// Launch starts a browser that can reach the nodes.
func Launch(ctx context.Context, nodes ...*node.Node) (*Browser, error) {
	program, err := findChromium()
	if err != nil {
		return nil, err
	}
	flags := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program),
		chromedp.NoSandbox, // tests run as root in containers
		chromedp.DisableGPU,
		chromedp.IgnoreCertErrors, // nobody but our own towns can be reached
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-domain-reliability", true),
		chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("host-resolver-rules", resolver(nodes)),
	)
	ctx, closeAllocator := chromedp.NewExecAllocator(ctx, flags...)
	ctx, closeBrowser := chromedp.NewContext(ctx)
	b := &Browser{ctx: ctx, close: []context.CancelFunc{closeBrowser, closeAllocator}}
	if err := chromedp.Do(ctx); err != nil { // the first use starts it
		b.Close()
		return nil, fmt.Errorf("start the browser: %w", err)
	}
	return b, nil
}

// Close ends the browser.
func (b *Browser) Close() {
	for _, end := range b.close {
		end()
	}
}

func findChromium() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if program, err := exec.LookPath(name); err == nil {
			return program, nil
		}
	}
	return "", ErrNoBrowser
}

// resolver sends the names of the nodes to where they listen, and every other name nowhere.
func resolver(nodes []*node.Node) string {
	rules := make([]string, 0, len(nodes)+1)
	for _, n := range nodes {
		host, _, err := net.SplitHostPort(n.Listen)
		if err == nil {
			rules = append(rules, "MAP "+n.Host+" "+host)
		}
	}
	return strings.Join(append(rules, "MAP * ~NOTFOUND"), ", ")
}
