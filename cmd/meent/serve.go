package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
	_ "time/tzdata" // so that dates are right on machines without the system's zone files

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"meent/cmd/meent/web"
	"meent/communities"
	"meent/storage"
)

type serveCommand struct{}

// Run opens the node, makes what it lacks, and works until it is told to stop.
func (serveCommand) Run(ctx context.Context, c *Config, t terminal) error {
	log := c.logger(t.err)
	c.warn(log)
	collectLater()
	figures := newMetrics()
	n, err := c.setUp(ctx, log, figures.registry, t)
	if err != nil {
		return err
	}
	figures.registry.MustRegister(newGauges(n))
	handler, err := n.handler(ctx, figures)
	if err != nil {
		return errors.Join(err, n.Close())
	}
	listeners, err := c.listen(ctx, n.Base, handler, figures.handler(), log)
	if err != nil {
		return errors.Join(err, n.Close())
	}
	n.greet(t, listeners)
	return errors.Join(n.work(ctx, listeners), n.Close())
}

// warn says aloud what no real node may have.
func (c *Config) warn(log *slog.Logger) {
	if settings := c.development(); len(settings) > 0 {
		log.Warn("DEVELOPMENT SETTINGS ARE ON: this node trusts what a real one must not", "settings", strings.Join(settings, " "))
	}
}

// setUp opens the archive, brings its tables up to date and makes what the node lacks.
func (c *Config) setUp(ctx context.Context, log *slog.Logger, counted prometheus.Registerer, t terminal) (*node, error) {
	archive, err := c.makeArchive(ctx, log)
	if err != nil {
		return nil, err
	}
	if err := archive.Migrate(ctx); err != nil {
		return nil, errors.Join(advise(fmt.Errorf("bring the tables up to date: %w", err), "`meent migrate status` shows how far it came."), archive.Close())
	}
	n, err := c.bind(ctx, archive, log, counted)
	if err != nil {
		return nil, errors.Join(err, archive.Close())
	}
	if err := n.openFiles(ctx); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	if err := errors.Join(n.queue(workers(n.tasks())), n.furnish(ctx, t)); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return n, nil
}

// handler lays everything that answers behind everything that guards it.
func (n *node) handler(ctx context.Context, figures *metrics) (http.Handler, error) {
	zone, err := n.zone()
	if err != nil {
		return nil, err
	}
	pages, err := web.New(n.archive, n.town, web.Options{
		Name: n.title(), Version: version(), Zone: zone, Log: n.log, Mail: n.mailer != nil, Now: time.Now, Shown: n.files.seal.Shown,
	})
	if err != nil {
		return nil, err
	}
	routes, err := n.routes(pages, n.health(), hereOnly(figures.handler()))
	if err != nil {
		return nil, err
	}
	if routes, err = n.withApps(ctx, routes, pages); err != nil {
		return nil, err
	}
	return behindProxies(n.TrustedProxies, figures.watch(n.log, secureHeaders(n.secure(), n.files.origin, routes))), nil
}

// greet says where to look.
func (n *node) greet(t terminal, listeners []listener) {
	t.say("Meent %s answers at %s", version(), n.Base)
	if own := listeners[0].socket.Addr().String(); !strings.HasSuffix(n.Base, portOf(own)) {
		t.explain("It listens on %s.", own)
	}
}

func portOf(address string) string {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	return ":" + port
}

// work runs the node until ctx ends: the answers, the tasks, what came in, and what goes out.
func (n *node) work(ctx context.Context, listeners []listener) error {
	if err := n.jobs.Start(ctx); err != nil {
		return err
	}
	group, working := errgroup.WithContext(ctx)
	group.Go(func() error { return answer(working, listeners) })
	group.Go(func() error { return n.road.Deliver(working, n.archive.Holder()) })
	group.Go(func() error { return n.road.Receive(working) })
	group.Go(func() error { return n.api.Stream(working) })
	group.Go(func() error { return n.tidy(working) })
	err := group.Wait()
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		err = nil // told to stop in the middle of something that is done again at the next start
	}
	return errors.Join(err, n.jobs.Stop(context.WithoutCancel(ctx)))
}

const (
	tidyEvery  = time.Hour
	keepBodies = 30 * 24 * time.Hour // of activities that were done with, for whoever has to look into one
	keepLooks  = 24 * time.Hour      // at threads elsewhere
	tidyAtOnce = 10_000
)

// tidy forgets sign-in links and sessions that have run out, when threads elsewhere were looked at, and the bytes of activities that were done with.
func (n *node) tidy(ctx context.Context) error {
	ticker := time.NewTicker(tidyEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-ticker.C:
			err := n.archive.Write(ctx, func(tx communities.Tx) error { return storage.Of(tx).PurgeSecrets(ctx, now) })
			forgetErr := n.archive.ForgetRefreshes(ctx, now.Add(-keepLooks))
			_, purgeErr := n.archive.PurgeReceived(ctx, now.Add(-keepBodies), tidyAtOnce)
			if err := errors.Join(err, forgetErr, purgeErr); err != nil {
				n.log.ErrorContext(ctx, "tidy up", "err", err)
			}
		}
	}
}

// hostname is the node's host without a port.
func (n *node) hostname() string {
	u, err := url.Parse(n.Base)
	if err != nil {
		return n.Host()
	}
	return u.Hostname()
}
