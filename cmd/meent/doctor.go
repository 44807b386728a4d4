package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"time"

	"meent/communities"
)

type doctorCommand struct{}

// check is one thing that can be wrong.
type check struct {
	name string
	look func(ctx context.Context, n *node) (finding string, err error)
	mend string
}

// checks are in the order in which one thing rests on another.
func checks() []check {
	return []check{
		{"archive", archiveAnswers, "Is the database running, and is --database right?"},
		{"tables", tablesFit, "Run `meent migrate up`."},
		{"data folder", dataIsPrivate, "Run `chmod 700` on it: it holds private keys."},
		{"public URL", urlIsPublic, "Move to a public https address before anybody follows you: it is part of every id."},
		{"name", nameLeadsSomewhere, "Make a DNS record (A, AAAA) for the host of the public URL."},
		{"administrator", hasAdmin, "Run `meent person add NAME --email ADDRESS --role admin`."},
		{"queues", queuesMove, "Is `meent serve` running? Its log says what fails."},
		{"answer", nodeAnswers, "Is `meent serve` running, and does the proxy or firewall let the world reach it?"},
		{"files", filesAreKept, "Look at --data, or at --s3-endpoint and what belongs to it. For video and sound install ffmpeg."},
		{"development", noDevelopment, "Leave these settings out on a node that real people use."},
	}
}

// Run looks at everything and counts what is wrong.
func (doctorCommand) Run(ctx context.Context, c *Config, t terminal) error {
	archive, err := c.openArchive(ctx, c.quietLogger(t.err))
	if err != nil {
		return err
	}
	n := &node{Config: c, log: c.quietLogger(t.err), archive: archive}
	if n.Base, err = c.base(ctx, archive); err != nil {
		return errors.Join(err, archive.Close())
	}
	ill := 0
	for _, check := range checks() {
		finding, err := check.look(ctx, n)
		if err != nil {
			ill++
			t.say("ill   %-14s %v", check.name, err)
			t.say("      %-14s %s", "", check.mend)
			continue
		}
		t.say("well  %-14s %s", check.name, finding)
	}
	if err := archive.Close(); err != nil {
		return err
	}
	if ill > 0 {
		return fmt.Errorf("%d of %d things are not well", ill, len(checks()))
	}
	return nil
}

func archiveAnswers(ctx context.Context, n *node) (string, error) {
	began := time.Now()
	if err := n.archive.Ping(ctx); err != nil {
		return "", err
	}
	kind := "SQLite"
	if n.archive.Postgres() {
		kind = "PostgreSQL"
	}
	return fmt.Sprintf("%s answers in %s", kind, time.Since(began).Round(time.Microsecond)), nil
}

func tablesFit(ctx context.Context, n *node) (string, error) {
	return "up to date", migrated(ctx, n.archive)
}

func dataIsPrivate(_ context.Context, n *node) (string, error) {
	info, err := os.Stat(n.Data)
	if errors.Is(err, os.ErrNotExist) && n.archive.Postgres() {
		return "none is needed", nil
	}
	if err != nil {
		return "", err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("others on this machine can open %s (%v)", n.Data, info.Mode().Perm())
	}
	return n.Data, nil
}

func urlIsPublic(_ context.Context, n *node) (string, error) {
	if !n.secure() {
		return "", fmt.Errorf("%s is not https: other nodes will not speak to it", n.Base)
	}
	return n.Base, nil
}

func nameLeadsSomewhere(ctx context.Context, n *node) (string, error) {
	u, err := url.Parse(n.Base)
	if err != nil {
		return "", err
	}
	addresses, err := net.DefaultResolver.LookupHost(ctx, u.Hostname())
	if err != nil {
		return "", err
	}
	return fmt.Sprint(addresses), nil
}

func hasAdmin(ctx context.Context, n *node) (string, error) {
	admins, err := n.archive.Staff(ctx, communities.RoleAdmin)
	if err == nil && len(admins) == 0 {
		err = errors.New("nobody can manage this node")
	}
	return fmt.Sprintf("%d", len(admins)), err
}

func queuesMove(ctx context.Context, n *node) (string, error) {
	depths, err := n.archive.QueueDepths(ctx)
	return fmt.Sprint(depths), err
}

// nodeAnswers asks the node what any other server would ask it first, by the same road.
func nodeAnswers(ctx context.Context, n *node) (string, error) {
	if !n.secure() {
		return "not tried: nobody asks without https", nil
	}
	client, err := n.fetchClient(nil)
	if err != nil {
		return "", err
	}
	defer client.Close()
	if _, err := client.Get(ctx, n.Base+"/.well-known/nodeinfo", "application/json", nil); err != nil {
		return "", err
	}
	return n.Base + "/.well-known/nodeinfo", nil
}

func noDevelopment(_ context.Context, n *node) (string, error) {
	if settings := n.development(); len(settings) > 0 {
		return "", fmt.Errorf("%v are on", settings)
	}
	return "no such settings", nil
}
