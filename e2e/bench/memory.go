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

// growthTarget is how much more many hosts may take than few.
const growthTarget = 1.15

// memory is the largest that a node holds while it brings posts to few hosts and to many: first one post, then, to the few, as many posts
// as make as many deliveries, since work leaves garbage whomever it is for.
func (b *bench) memory(d database) error {
	few, many := 100, 10_000
	if b.short {
		many = 1000
	}
	once, small, err := b.fanOutMemory(d, many, few, many/few)
	if err != nil {
		return err
	}
	large, _, err := b.fanOutMemory(d, many, many, 1)
	if err != nil {
		return err
	}
	b.print(figure{
		Name: "memory of one post", Database: d.name, Value: mebibytes(large), Unit: "MiB", Floor: mebibytes(once),
		Note: fmt.Sprintf("largest resident set for a post to %d hosts, compared with a post to %d; wanted: %d MiB and no growth", many, few, stormTarget),
	})
	b.print(figure{
		Name: "memory of a fan-out", Database: d.name, Value: mebibytes(large), Unit: "MiB", Floor: mebibytes(small), Target: growthTarget,
		Note: fmt.Sprintf("largest resident set for a post to %d hosts, compared with %d posts to %d", many, many/few, few),
	})
	return nil
}

// fanOutMemory brings posts to some hosts of a village, one after the other, and tells what the node held at most after the first and after the last.
func (b *bench) fanOutMemory(d database, village, hosts, posts int) (first, last int64, err error) {
	t, err := b.found(d, village, "lemmy")
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	if err := b.spread(t, hosts); err != nil {
		return 0, 0, err
	}
	for i := range posts {
		if _, err := b.publish(d, t, fmt.Sprintf("Bericht %d", i), hosts); err != nil {
			return 0, 0, err
		}
		if last, err = node.PeakRSS(t.PID()); err != nil {
			return 0, 0, err
		}
		if i == 0 {
			first = last
		}
	}
	return first, last, nil
}

// rss prints what a node holds now.
func (b *bench) rss(d database, name string, n *node.Node, target float64, note string) {
	b.hold(d, name, node.RSS, n, target, note)
}

// peak prints the largest that a node ever held.
func (b *bench) peak(d database, name string, n *node.Node, note string) {
	b.hold(d, name, node.PeakRSS, n, stormTarget, note)
}

func (b *bench) hold(d database, name string, read func(int) (int64, error), n *node.Node, target float64, note string) {
	held, err := read(n.PID())
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return
	}
	b.print(figure{Name: name, Database: d.name, Value: mebibytes(held), Unit: "MiB", Target: target, Note: note})
}
