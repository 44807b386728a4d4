package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river"

	"meent/cmd/meent/mail"
	"meent/cmd/meent/mastodon"
	"meent/communities"
	"meent/federation"
	"meent/federation/fetch"
	"meent/storage"
)

// publicURLSetting is where the archive remembers the base of its ids.
const publicURLSetting = "public_url"

// node is an open archive with the town and the road that work on it.
type node struct {
	*Config
	communities.Address
	log     *slog.Logger
	archive *storage.DB
	client  *fetch.Client
	road    *federation.Road
	town    *communities.Town
	jobs    *storage.Jobs
	files   *shelf             // nil for commands that have nothing to do with files
	mailer  *mail.Mailer       // nil: no mail is sent
	api     *mastodon.API      // of a node that serves, from before its tasks are begun
	self    *communities.Actor // the node's own actor, in whose name commands act
}

// openNode opens a node that exists, for a command.
func (c *Config) openNode(ctx context.Context, t terminal) (*node, error) {
	log := c.quietLogger(t.err)
	archive, err := c.openArchive(ctx, log)
	if err != nil {
		return nil, err
	}
	n, err := c.bind(ctx, archive, log, nil)
	if err != nil {
		return nil, errors.Join(err, archive.Close())
	}
	if err := errors.Join(n.queue(nil), n.found(ctx)); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return n, nil
}

// openArchive opens an archive that exists.
func (c *Config) openArchive(ctx context.Context, log *slog.Logger) (*storage.DB, error) {
	const advice = "Is --data or --database right? `meent setup` makes a new node."
	if path, found := strings.CutPrefix(c.database(), "sqlite:"); found {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, advise(fmt.Errorf("there is no archive at %s", path), advice)
		}
	}
	archive, err := storage.Open(ctx, c.database(), storage.Options{Logger: log})
	return archive, advise(err, advice)
}

// makeArchive opens an archive, and makes the folder and the file of a new one.
func (c *Config) makeArchive(ctx context.Context, log *slog.Logger) (*storage.DB, error) {
	if err := c.ensureData(); err != nil {
		return nil, err
	}
	archive, err := storage.Open(ctx, c.database(), storage.Options{Logger: log})
	return archive, advise(err, "Look at --database: sqlite:PATH, or postgres://USER@HOST/NAME of a database that exists.")
}

// bind ties road and town to an archive whose tables are there.
func (c *Config) bind(ctx context.Context, archive *storage.DB, log *slog.Logger, counted prometheus.Registerer) (*node, error) {
	if err := migrated(ctx, archive); err != nil {
		return nil, err
	}
	base, err := c.base(ctx, archive)
	if err != nil {
		return nil, err
	}
	n := &node{Config: c, Address: communities.Address{Base: base}, log: log, archive: archive}
	if n.client, err = n.fetchClient(n.permit); err != nil {
		return nil, err
	}
	n.road = federation.New(archive, n.client, federation.Options{
		Address: n.Address, Name: n.title(), Version: version(), AuthorizedFetch: c.AuthorizedFetch,
		AllowedOnly: c.AllowedOnly, Development: c.DevLoopback,
		Log: log, Metrics: counted, Now: time.Now,
	})
	n.town = communities.NewTown(archive, n.road, archive.IDs(), n.Address, time.Now)
	n.road.Connect(n.town)
	n.mailer, err = c.openMail(n)
	return n, err
}

// queue gives the archive its task queue: with workers, which the caller starts, or to enqueue only, as a command beside a running node does.
func (n *node) queue(workers *river.Workers) error {
	var err error
	n.jobs, err = storage.NewJobs(n.archive, workers, storage.JobsOptions{Relay: workers == nil})
	return err
}

// migrated refuses an archive whose tables are not those of this program.
func migrated(ctx context.Context, archive *storage.DB) error {
	steps, err := archive.MigrationStatus(ctx)
	if err != nil {
		return fmt.Errorf("read the state of the tables: %w", err)
	}
	if left := waiting(steps); left > 0 {
		return advise(fmt.Errorf("the archive lacks %d steps", left), "Run `meent migrate up`.")
	}
	return nil
}

// base returns the public URL: the one that the archive remembers, which nothing can change, else the one that the settings give.
func (c *Config) base(ctx context.Context, archive *storage.DB) (string, error) {
	remembered, err := archive.Setting(ctx, publicURLSetting)
	if err != nil && !communities.IsNotFound(err) {
		return "", fmt.Errorf("read the public URL: %w", err)
	}
	if c.PublicURL == "" {
		return cmp.Or(remembered, c.localURL()), nil
	}
	given, err := parsePublicURL(c.PublicURL)
	if err != nil {
		return "", err
	}
	if remembered != "" && given != remembered {
		return "", advise(fmt.Errorf("this archive belongs to %s, not to %s", remembered, given),
			"The public URL is part of every id that others keep, so it cannot change. Leave --public-url out, or take another archive.")
	}
	return given, nil
}

// title is the node's name for people.
func (n *node) title() string {
	if n.NodeName != "" {
		return n.NodeName
	}
	return n.Host()
}

func (n *node) secure() bool { return strings.HasPrefix(n.Base, "https://") }

// fetchClient makes the client that speaks to the outside. It asks permit before each request.
func (n *node) fetchClient(permit func(host string) error) (*fetch.Client, error) {
	return n.fetchClientOf(fetch.Config{Permit: permit})
}

func (n *node) fetchClientOf(config fetch.Config) (*fetch.Client, error) {
	config.UserAgent = "Meent/" + version() + " (+" + n.Base + "/)"
	config.Loopback = n.DevLoopback
	var err error
	if config.Hosts, err = n.devHosts(); err != nil {
		return nil, err
	}
	if n.DevCA != "" {
		if config.RootCAs, err = os.ReadFile(n.DevCA); err != nil {
			return nil, fmt.Errorf("read --dev-ca: %w", err)
		}
	}
	client, err := fetch.New(config)
	return client, advise(err, "Look at --dev-ca: it names a file of PEM certificates.")
}

// permit asks the road, which does not exist yet when the client is made.
func (n *node) permit(host string) error { return n.road.Permit(host) }

func (c *Config) devHosts() (hosts map[string]netip.Addr, err error) {
	if c.DevHosts == "" {
		return nil, nil
	}
	file, err := os.Open(c.DevHosts)
	if err != nil {
		return nil, fmt.Errorf("read --dev-hosts: %w", err)
	}
	defer file.Close() //nolint:errcheck // only read
	hosts, err = fetch.ParseHosts(file)
	return hosts, advise(err, "--dev-hosts names a file of lines such as: 127.0.0.2 utrecht.example")
}

// found meets the node's own actor, which setup makes.
func (n *node) found(ctx context.Context) error {
	err := n.meetSelf(ctx)
	if communities.IsNotFound(err) {
		return advise(errors.New("this node is not set up yet"), "Run `meent setup --public-url URL`, or start it with `meent serve`.")
	}
	return err
}

// Close gives back what the node holds.
func (n *node) Close() error {
	n.client.Close()
	return errors.Join(n.files.close(), n.archive.Close())
}

// person finds a person of this node.
func (n *node) person(ctx context.Context, name string) (*communities.Actor, error) {
	return n.local(ctx, name, false, "`meent person list` shows who lives here.")
}

// group finds a group of this node.
func (n *node) group(ctx context.Context, name string) (*communities.Actor, error) {
	return n.local(ctx, name, true, "`meent group list` shows the groups.")
}

func (n *node) local(ctx context.Context, name string, group bool, advice string) (*communities.Actor, error) {
	actor, err := n.archive.ActorByName(ctx, strings.ToLower(strings.TrimPrefix(name, "@")), "")
	if communities.IsNotFound(err) || err == nil && (actor.IsGroup() != group || !actor.DeletedAt.IsZero()) {
		what := "person"
		if group {
			what = "group"
		}
		return nil, advise(fmt.Errorf("there is no %s %q here", what, name), "%s", advice)
	}
	return actor, err
}
