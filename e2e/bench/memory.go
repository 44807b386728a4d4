//go:build unix

package main

import (
	"fmt"
	"os"

	"meent/e2e/node"
)

// The memory that we want, in MiB.
const (
	idleTarget  = 60
	stormTarget = 150
)

// memory is the largest that a node holds while it brings a post to few hosts and to many.
func (b *bench) memory(d database) error {
	few, many := 100, 10_000
	if b.short {
		many = 1000
	}
	for _, hosts := range []int{few, many} {
		t, err := b.found(d, hosts, "lemmy")
		if err != nil {
			return err
		}
		err = b.spread(t, hosts)
		if err == nil {
			_, err = b.publish(d, t, "Een bericht", hosts)
		}
		if err == nil {
			b.peak(d, fmt.Sprintf("memory of a fan-out to %d hosts", hosts), t.Node, stormTarget, "largest resident set, one post")
		}
		if err := t.close(); err != nil {
			return err
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// rss prints what a node holds now.
func (b *bench) rss(d database, name string, n *node.Node, target float64, note string) {
	b.hold(d, name, node.RSS, n, target, note)
}

// peak prints the largest that a node ever held.
func (b *bench) peak(d database, name string, n *node.Node, target float64, note string) {
	b.hold(d, name, node.PeakRSS, n, target, note)
}

func (b *bench) hold(d database, name string, read func(int) (int64, error), n *node.Node, target float64, note string) {
	held, err := read(n.PID())
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return
	}
	b.print(figure{Name: name, Database: d.name, Value: mebibytes(held), Unit: "MiB", Target: target, Note: note})
}
