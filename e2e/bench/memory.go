//go:build unix

package main

import (
	"errors"
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
	small, err := b.fanOutMemory(d, few)
	if err != nil {
		return err
	}
	large, err := b.fanOutMemory(d, many)
	if err != nil {
		return err
	}
	b.print(figure{
		Name: "memory of a fan-out", Database: d.name, Value: mebibytes(large), Unit: "MiB", Floor: mebibytes(small),
		Note: fmt.Sprintf("largest resident set for a post to %d hosts, compared with %d; wanted: %d MiB and no growth", many, few, stormTarget),
	})
	return nil
}

func (b *bench) fanOutMemory(d database, hosts int) (peak int64, err error) {
	t, err := b.found(d, hosts, "lemmy")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	if err := b.spread(t, hosts); err != nil {
		return 0, err
	}
	if _, err := b.publish(d, t, "Een bericht", hosts); err != nil {
		return 0, err
	}
	return node.PeakRSS(t.PID())
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
