//go:build unix

// Command screens photographs every page of a furnished node, on the smallest telephone and on a desk, in light and in dark, so that people
// can look at what tests cannot judge.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"meent/e2e/node"
	"meent/e2e/pages"
)

func main() {
	out := flag.String("out", filepath.Join("build", "screens"), "folder for the pictures")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := photograph(ctx, *out)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "screens:", err)
		os.Exit(1)
	}
}

func photograph(ctx context.Context, out string) (err error) {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "meent-screens-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	town, err := node.Start(ctx, node.Options{Host: "localhost", Dir: dir, Flags: pages.Flags()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, town.Stop()) }()
	fair, err := pages.Hold(ctx, town)
	if err != nil {
		return err
	}
	browser, err := pages.Launch(ctx, town)
	if err != nil {
		return err
	}
	defer browser.Close()
	return shoot(ctx, browser, fair, out)
}

// looks are how each page is photographed.
var looks = []struct {
	name string
	pages.Look
}{
	{"320-light", pages.Look{Width: pages.Narrow}},
	{"320-dark", pages.Look{Width: pages.Narrow, Dark: true}},
	{"1280-light", pages.Look{Width: pages.Wide}},
	{"1280-dark", pages.Look{Width: pages.Wide, Dark: true}},
}

func shoot(ctx context.Context, browser *pages.Browser, fair *pages.Fair, out string) error {
	tabs, err := browser.Tabs(ctx, fair)
	if err != nil {
		return err
	}
	return fair.Visit(tabs, func(place pages.Place, tab *pages.Tab) error {
		for _, look := range looks {
			if err := tab.See(look.Look); err != nil {
				return err
			}
			picture, err := tab.Photograph()
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(out, place.Name+"-"+look.name+".png"), picture, 0o600); err != nil {
				return err
			}
		}
		fmt.Println(place.Name)
		return nil
	})
}
