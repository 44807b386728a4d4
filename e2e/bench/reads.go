//go:build unix

package main

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"meent/e2e/node"
)

const (
	fewPosts   = 1000
	manyPosts  = 1_000_000
	warmUp     = 30  // requests before the measured ones
	askings    = 300 // of each read
	readTarget = 1.3
)

// read is something that people or servers ask for often.
type read struct{ name, path, accept string }

const page = "text/html"

// cost is what a read costs.
type cost struct {
	median, slow time.Duration // p50, p99
	cpu          time.Duration
}

// reads compares what is asked for most in a small archive and in a large one.
func (b *bench) reads(d database) error {
	many := manyPosts
	if b.short {
		many /= 10
	}
	few, _, err := b.readsAt(d, fewPosts)
	if err != nil {
		return err
	}
	large, order, err := b.readsAt(d, many)
	if err != nil {
		return err
	}
	for _, name := range order {
		f, l := few[name], large[name]
		note := fmt.Sprintf("%d posts compared with %d", many, fewPosts)
		b.print(figure{Name: name + ": p50", Database: d.name, Value: milliseconds(l.median), Unit: "ms", Floor: milliseconds(f.median), Target: readTarget, Note: note})
		b.print(figure{Name: name + ": p99", Database: d.name, Value: milliseconds(l.slow), Unit: "ms", Floor: milliseconds(f.slow), Note: note})
		b.print(figure{Name: name + ": CPU", Database: d.name, Value: microseconds(l.cpu), Unit: "us CPU", Floor: microseconds(f.cpu), Note: note})
	}
	return nil
}

// readsAt measures all reads in an archive of so many posts.
func (b *bench) readsAt(d database, posts int) (costs map[string]cost, order []string, err error) {
	t, err := b.found(d, 1, "lemmy")
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	if err := b.refill(d, t, posts); err != nil {
		return nil, nil, err
	}
	list, err := readsOf(b, t)
	if err != nil {
		return nil, nil, err
	}
	costs = map[string]cost{}
	for _, read := range list {
		if costs[read.name], err = b.ask(d, t.Node, read); err != nil {
			return nil, nil, err
		}
		order = append(order, read.name)
	}
	b.peak(d, fmt.Sprintf("memory after reading %d posts", posts), t.Node, "")
	return costs, order, nil
}

// refill fills the archive while the node is down, and starts it again.
func (b *bench) refill(d database, t *town, posts int) error {
	if err := t.Stop(); err != nil {
		return err
	}
	began := time.Now()
	if err := b.fill(t, posts); err != nil {
		return err
	}
	filled := time.Since(began)
	began = time.Now()
	if err := t.Start(b.ctx); err != nil {
		return err
	}
	b.print(figure{
		Name: fmt.Sprintf("start with %d posts", posts), Database: d.name, Value: milliseconds(time.Since(began)), Unit: "ms", Target: startTarget,
		Note: fmt.Sprintf("to the first answer; filling took %v", filled.Round(time.Millisecond)),
	})
	return nil
}

// readsOf lists what is measured. The threads are the newest of the group: whatever the archive's size, they look alike.
func readsOf(b *bench, t *town) ([]read, error) {
	text, err := t.anna.Open(b.ctx, "/g/"+groupName)
	if err != nil {
		return nil, err
	}
	threads, err := node.List(text)
	if err != nil {
		return nil, err
	}
	if len(threads) < 2 {
		return nil, fmt.Errorf("the group shows %d threads", len(threads))
	}
	thread := threads[0].Path
	if t.Base+thread == t.root {
		thread = threads[1].Path
	}
	return []read{
		{"front page", "/", page},
		{"group page", "/g/" + groupName, page},
		{"group page by activity", "/g/" + groupName + "?order=active", page},
		{"thread page", thread, page},
		{"person page", "/u/anna", page},
		{"group actor", "/g/" + groupName, node.Activity},
		{"person actor", "/u/anna", node.Activity},
		{"thread document", thread, node.Activity},
		{"thread context", thread + "/context", node.Activity},
		{"group outbox", "/g/" + groupName + "/outbox", node.Activity},
		{"person outbox", "/u/anna/outbox", node.Activity},
	}, nil
}

// ask reads the same again and again, one at a time.
func (b *bench) ask(d database, n *node.Node, r read) (cost, error) {
	once := func() error {
		status, body, err := n.Read(b.ctx, n.Base+r.path, r.accept)
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("%s: %d %s", r.path, status, body)
		}
		return err
	}
	for range warmUp {
		if err := once(); err != nil {
			return cost{}, err
		}
	}
	var sample []time.Duration
	used, err := d.meter(n).during(func() error {
		for range askings {
			began := time.Now()
			if err := once(); err != nil {
				return err
			}
			sample = append(sample, time.Since(began))
		}
		return nil
	})
	return cost{median: quantile(sample, 0.5), slow: quantile(sample, 0.99), cpu: used / askings}, err
}
