//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"meent/e2e/node"
	"meent/e2e/stranger"
)

const (
	groupName = "wijkraad"
	patience  = 3 * time.Minute
)

// town is a node with a group, and a village of foreign hosts that it can reach.
type town struct {
	*node.Node
	village *stranger.Village
	anna    *node.Visitor
	group   string // id
	root    string // id of the thread that answers go to
}

// found starts a town on a new database, with a village of so many hosts that run a software.
func (b *bench) found(d database, hosts int, software string) (t *town, err error) {
	village, err := stranger.Found(software)
	if err != nil {
		return nil, err
	}
	t = &town{village: village}
	defer func() {
		if err != nil {
			err = errors.Join(err, t.close())
		}
	}()
	dir, err := b.stage.place()
	if err != nil {
		return t, err
	}
	names, err := village.HostsFile(dir, hosts)
	if err != nil {
		return t, err
	}
	dsn, err := d.create()
	if err != nil {
		return t, err
	}
	options := node.Options{Host: "middelstad.test", Dir: dir, Database: dsn, Hosts: names, Flags: []string{"--log-level", "warn"}}
	if t.Node, err = node.Start(b.ctx, options); err != nil {
		return t, err
	}
	return t, t.people(b.ctx)
}

// people makes a group, a resident and a first thread.
func (t *town) people(ctx context.Context) error {
	if _, err := t.Run(ctx, "group", "add", groupName, "--title", "Wijkraad"); err != nil {
		return err
	}
	t.group = t.Base + "/g/" + groupName
	anna, err := t.Resident(ctx, "anna")
	if err != nil {
		return err
	}
	t.anna = anna
	path, err := anna.Start(ctx, groupName, "Het plein", "Wat vinden we van het nieuwe plein?")
	t.root = t.Base + path
	return err
}

func (t *town) close() error {
	err := t.village.Close()
	if t.Node != nil {
		err = errors.Join(err, t.Kill())
	}
	return err
}

// answers are signed Creates that answer the first thread, written by hosts of the village in turn, to be sent later.
func (t *town) answers(ctx context.Context, hosts, first, count int) ([]*http.Request, error) {
	requests := make([]*http.Request, count)
	for i := range requests {
		number := first + i
		note := t.village.Note(number%hosts, fmt.Sprintf("%d", number), t.group, t.root, fmt.Sprintf("Antwoord %d: meer bomen, minder stenen.", number))
		var err error
		if requests[i], err = t.village.Request(ctx, number%hosts, t.group+"/inbox", note); err != nil {
			return nil, err
		}
	}
	return requests, nil
}

// await waits until the context of the first thread has so many posts.
func (t *town) await(ctx context.Context, total int) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	seen := 0
	err := node.Await(ctx, fmt.Sprintf("the thread has %d posts", total), func() bool {
		seen, _ = t.Total(ctx, t.root+"/context") // asked again on an error
		return seen >= total
	})
	if err != nil {
		return fmt.Errorf("%w: it has %d\n%s", err, seen, t.Log())
	}
	return nil
}
