//go:build unix

// Demo lets two municipalities meet on one machine: each runs its own node under its own name, with TLS from a throw-away authority, and a
// regional group of the one follows a group of the other. A conversation goes across both; whoever started the demo can look at it and
// join in, until it is ended with Ctrl-C. Nothing of it stays.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	once := flag.Bool("once", false, "end as soon as the conversation was seen on both nodes")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Stdout, *once); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// talkTime is how long the conversation may take to be seen everywhere.
const talkTime = 2 * time.Minute

// run shows the demo until ctx ends or, with once, until the conversation was seen.
func run(ctx context.Context, out io.Writer, once bool) (err error) {
	dir, err := os.MkdirTemp("", "meent-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	r, err := found(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	talking, cancel := context.WithTimeout(ctx, talkTime)
	defer cancel()
	if err := r.talk(talking, out); err != nil {
		return err
	}
	if once {
		return nil
	}
	if err := r.invite(ctx, out); err != nil {
		return err
	}
	<-ctx.Done()
	fmt.Fprintln(out, "\nThe towns go home.")
	return nil
}
