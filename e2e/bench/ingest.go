//go:build unix

package main

import (
	"fmt"
	"io"
	"net/http"
	"sync"

	"meent/e2e/node"
)

const (
	authors    = 20   // remote, each on a host of its own
	activities = 2000 // taken in
	atOnce     = 8
)

// ingest takes in signed replies of several remote actors to a thread of a local group, until all are visible.
func (b *bench) ingest(d database) error {
	t, err := b.found(d, authors, "lemmy")
	if err != nil {
		return err
	}
	defer t.close() //nolint:errcheck // what was measured stands
	b.rss(d, "idle memory", t.Node, idleTarget, "one group, one person, after the first page")
	known, err := t.answers(b.ctx, authors, 0, authors) // from here on the authors and their keys are known
	if err != nil {
		return err
	}
	if err := t.take(known); err != nil {
		return err
	}
	if err := t.await(b.ctx, 1+authors); err != nil {
		return err
	}
	requests, err := t.answers(b.ctx, authors, authors, activities)
	if err != nil {
		return err
	}
	document, err := bodyOf(requests[0])
	if err != nil {
		return err
	}
	cost, err := d.meter(t.Node).during(func() error {
		if err := t.take(requests); err != nil {
			return err
		}
		return t.await(b.ctx, 1+authors+activities)
	})
	if err != nil {
		return err
	}
	floor, err := floorsOf(b.ctx, d, document)
	if err != nil {
		return err
	}
	b.print(figure{
		Name: "ingest of a reply", Database: d.name, Value: microseconds(cost / activities), Unit: "us CPU",
		Floor: microseconds(floor.ingest()), Target: 8,
		Note: fmt.Sprintf("%d signed Create{Note}, %d at a time, until visible; floor: verify %v, decode %v, commit %v",
			activities, atOnce, floor.verify, floor.decode, floor.commit),
	})
	b.peak(d, "memory after the ingest", t.Node, "")
	return nil
}

// take sends requests, some at a time; each must be acknowledged.
func (t *town) take(requests []*http.Request) error {
	todo := make(chan *http.Request, len(requests))
	for _, request := range requests {
		todo <- request
	}
	close(todo)
	var sending sync.WaitGroup
	problems := make(chan error, len(requests))
	for range atOnce {
		sending.Go(func() {
			for request := range todo {
				problems <- acknowledge(t.Node, request)
			}
		})
	}
	sending.Wait()
	close(problems)
	for err := range problems {
		if err != nil {
			return fmt.Errorf("%w\n%s", err, t.Log())
		}
	}
	return nil
}

func acknowledge(n *node.Node, request *http.Request) error {
	answer, err := n.Client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusAccepted {
		err = fmt.Errorf("the inbox answered %s: %s", answer.Status, said)
	}
	return err
}

func bodyOf(request *http.Request) ([]byte, error) {
	body, err := request.GetBody()
	if err != nil {
		return nil, err
	}
	return io.ReadAll(body)
}
