//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"meent/e2e/node"
)

const (
	followerHosts = 1000
	posts         = 3 // measured after a first one, by which the node gets to know the hosts
)

// fanOut brings a post of a local group to many hosts: foreign ones, for which it signs with RSA, and Meent nodes, with Ed25519.
func (b *bench) fanOut(d database) error {
	for _, kind := range []struct {
		name, software string
		target         float64
	}{
		{"fan-out to foreign hosts", "lemmy", 1.25},
		{"fan-out to Meent nodes", "meent", 0.4},
	} {
		cost, err := b.deliveries(d, kind.software)
		if err != nil {
			return err
		}
		floor, err := floorsOf(b.ctx, d, []byte(`{"@context":"https://www.w3.org/ns/activitystreams","type":"Note"}`))
		if err != nil {
			return err
		}
		b.print(figure{
			Name: kind.name, Database: d.name, Value: microseconds(cost), Unit: "us CPU per delivery",
			Floor: microseconds(floor.sign), Target: kind.target,
			Note: fmt.Sprintf("%d posts to %d hosts, durable; floor: one RSA-2048 signature", posts, followerHosts),
		})
	}
	return nil
}

// deliveries is the cost of one delivery.
func (b *bench) deliveries(d database, software string) (cost time.Duration, err error) {
	t, err := b.found(d, followerHosts, software)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	if err := b.spread(t, followerHosts); err != nil {
		return 0, err
	}
	if _, err := b.publish(d, t, "Om te beginnen", followerHosts); err != nil {
		return 0, err
	}
	var total time.Duration
	for i := range posts {
		used, err := b.publish(d, t, fmt.Sprintf("Bericht %d", i), followerHosts)
		if err != nil {
			return 0, err
		}
		total += used
	}
	return total / (posts * followerHosts), nil
}

// publish starts a thread and waits until every host has it.
func (b *bench) publish(d database, t *town, title string, hosts int) (time.Duration, error) {
	want := t.village.Total() + int64(hosts)
	return d.meter(t.Node).during(func() error {
		if _, err := t.anna.Start(b.ctx, groupName, title, "Morgen om acht uur is er koffie op het plein."); err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(b.ctx, patience)
		defer cancel()
		err := node.Await(ctx, fmt.Sprintf("%d hosts have the post", hosts), func() bool { return t.village.Total() >= want })
		if err != nil {
			return fmt.Errorf("%w: %d lack it\n%s", err, want-t.village.Total(), t.Log())
		}
		return nil
	})
}
