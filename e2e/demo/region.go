//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"

	"meent/e2e/node"
	"meent/e2e/townca"
)

// region is two towns: Waterstad with a group about its square, and Heuvelrug with the group of the whole region.
type region struct {
	town        *townca.Authority
	water, hill *node.Node
	anna        *node.Visitor // of Waterstad
	joris       *node.Visitor // of Heuvelrug
}

const (
	waterstad = "waterstad.example"
	heuvelrug = "heuvelrug.example"

	square  = "plein"
	council = "regio"
)

// found starts both towns with their people and groups.
func found(ctx context.Context, dir string) (r *region, err error) {
	r = &region{}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close())
		}
	}()
	if r.town, err = townca.Open(filepath.Join(dir, "town")); err != nil {
		return r, err
	}
	for _, host := range []string{waterstad, heuvelrug} { // both names are known before either node starts and reads them
		if _, err = r.town.Settle(host); errors.Is(err, townca.ErrCannotListen) {
			err = fmt.Errorf("%w: run the demo as root, or allow it with `sysctl net.ipv4.ip_unprivileged_port_start=443`", err)
		}
		if err != nil {
			return r, err
		}
	}
	if r.water, err = r.start(ctx, dir, waterstad, "Waterstad"); err != nil {
		return r, err
	}
	if r.hill, err = r.start(ctx, dir, heuvelrug, "Heuvelrug"); err != nil {
		return r, err
	}
	if r.anna, err = r.water.Resident(ctx, "anna"); err != nil {
		return r, err
	}
	if r.joris, err = r.hill.Resident(ctx, "joris"); err != nil {
		return r, err
	}
	return r, r.groups(ctx)
}

func (r *region) start(ctx context.Context, dir, host, name string) (*node.Node, error) {
	return node.Start(ctx, node.Options{Host: host, Dir: filepath.Join(dir, host), Town: r.town, Flags: []string{"--node-name", name}})
}

// groups makes the groups, and lets the regional one and the people of the other town follow the local one.
func (r *region) groups(ctx context.Context) error {
	if _, err := r.water.Run(ctx, "group", "add", square, "--title", "Het plein van Waterstad"); err != nil {
		return err
	}
	if _, err := r.hill.Run(ctx, "group", "add", council, "--title", "Regio Water en Heuvel"); err != nil {
		return err
	}
	for _, follow := range []struct {
		from *node.Node
		who  string
		whom string
	}{
		{r.hill, council, "@" + square + "@" + r.water.Host},
		{r.hill, "joris", "@" + square + "@" + r.water.Host},
		{r.water, "anna", "@" + council + "@" + r.hill.Host},
	} {
		if _, err := follow.from.Run(ctx, "follow", follow.who, follow.whom); err != nil {
			return err
		}
	}
	return r.awaitFollowers(ctx)
}

// awaitFollowers waits until the follows were accepted: what is said before would not reach the other town.
func (r *region) awaitFollowers(ctx context.Context) error {
	for group, want := range map[string]int{r.water.Base + "/g/" + square: 2, r.hill.Base + "/g/" + council: 1} {
		err := node.Await(ctx, group+" is followed", func() bool {
			n, err := r.water.Total(ctx, group+"/followers")
			return err == nil && n >= want
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *region) close() error {
	var err error
	for _, n := range []*node.Node{r.water, r.hill} {
		if n != nil {
			err = errors.Join(err, n.Stop())
		}
	}
	return err
}

// address is where a node listens, without its port.
func address(n *node.Node) string {
	host, _, err := net.SplitHostPort(n.Listen)
	if err != nil {
		return n.Listen
	}
	return host
}
