//go:build unix

// Bench measures the real program from outside: what an activity taken in, a delivery and a page cost it and its database in processor
// time, how much memory it holds, and how all that grows. It prints one JSON line for each figure, with the floor that no program can go
// below (one signature, one decoding, one commit), measured in the same run on the same machine, and the ratio of the two.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"syscall"
)

// bench is one run.
type bench struct {
	ctx   context.Context
	stage *stage
	short bool
	print func(figure)
}

// A chapter measures some figures on one database.
type chapter struct {
	name    string
	measure func(b *bench, d database) error
}

var chapters = []chapter{
	{"start", (*bench).start},
	{"ingest", (*bench).ingest},
	{"fan-out", (*bench).fanOut},
	{"memory", (*bench).memory},
	{"reads", (*bench).reads},
	{"timelines", (*bench).timelines},
	{"streams", (*bench).streams},
}

func main() {
	short := flag.Bool("short", false, "at most 10^5 posts and 10^3 follower hosts")
	only := flag.String("only", "", "run only the chapters that match this expression")
	engine := flag.String("database", "sqlite|postgres", "run only on the databases that match this expression")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *short, *only, *engine); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, short bool, only, engine string) (err error) {
	chosen, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	engines, err := regexp.Compile(engine)
	if err != nil {
		return err
	}
	stage := newStage(ctx)
	defer stage.close(&err)
	b := &bench{ctx: ctx, stage: stage, short: short, print: printFigure}
	for _, d := range databases(stage) { //nolint:contextcheck // the stage holds the context of the run
		for _, chapter := range chapters {
			if !engines.MatchString(d.name) || !chosen.MatchString(chapter.name) {
				continue
			}
			if err := chapter.measure(b, d); err != nil {
				return fmt.Errorf("measure %s on %s: %w", chapter.name, d.name, err)
			}
		}
	}
	return nil
}
