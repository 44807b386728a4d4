//go:build unix

package storm_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"meent/e2e/node"
	"meent/e2e/stranger"
)

const (
	groupName = "wijkraad"
	patience  = 60 * time.Second // for what needs no luck
)

// region is a node with a group, a second node that follows it, and a village of foreign hosts that all follow it.
type region struct {
	village *stranger.Village
	hosts   int // of the village, that follow

	a, b  *node.Node
	anna  *node.Visitor // on a
	bram  *node.Visitor // on b
	group string        // id, on a
}

// found starts the region. The village has a host more than follow, for somebody who writes from outside.
func found(t *testing.T, database string, hosts int) *region {
	t.Helper()
	r := foundAlone(t, database, hosts)
	r.b = node.ForTest(t, node.Options{Host: "buurstad.test", Dir: t.TempDir(), Hosts: r.a.Hosts}, (*node.Node).Kill)
	r.bram = r.b.MustResident(t, "bram")
	r.b.MustRun(t, "follow", "bram", r.group)
	r.awaitFollowers(t, hosts+1)
	return r
}

// foundAlone is the region without the second node.
func foundAlone(t *testing.T, database string, hosts int) *region {
	t.Helper()
	village, err := stranger.Found("lemmy") // reads announced activities, one for each post
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = village.Close() })
	names, err := village.HostsFile(t.TempDir(), hosts+1, "127.0.0.1 middelstad.test", "127.0.0.1 buurstad.test")
	if err != nil {
		t.Fatal(err)
	}
	r := &region{village: village, hosts: hosts}
	r.a = node.ForTest(t, node.Options{Host: "middelstad.test", Dir: t.TempDir(), Database: database, Hosts: names}, (*node.Node).Kill)
	r.a.MustRun(t, "group", "add", groupName, "--title", "Wijkraad")
	r.anna = r.a.MustResident(t, "anna")
	r.group = r.a.Base + "/g/" + groupName
	for i := range hosts {
		r.follow(t, i)
	}
	r.awaitFollowers(t, hosts)
	return r
}

func (r *region) follow(t *testing.T, i int) {
	t.Helper()
	status, err := r.village.Send(t.Context(), i, r.group+"/inbox", r.a.Listen, r.village.Follow(i, r.group))
	if err != nil || status != http.StatusAccepted {
		t.Fatalf("host %d cannot follow: %d, %v", i, status, err)
	}
}

func (r *region) awaitFollowers(t *testing.T, want int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	got := 0
	if err := node.Await(ctx, "all follow", func() bool {
		got, _ = r.a.Total(ctx, r.group+"/followers") // asked again on an error
		return got >= want
	}); err != nil {
		t.Fatalf("%d of %d: %v", got, want, err)
	}
}
