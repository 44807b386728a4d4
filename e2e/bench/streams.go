//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/sync/errgroup"

	"meent/communities/auth"
	"meent/e2e/node"
)

const (
	openStreams   = 5000
	openingAtOnce = 16
	streamEvents  = 5
	streamMemory  = 150  // MiB, wanted
	streamDelay   = 1000 // milliseconds, wanted
	streamSecret  = "stream-%d"
)

// streams opens a stream for each of many followers of one person, and measures what they weigh, and what it costs to bring them all what
// that person writes.
func (b *bench) streams(d database) (err error) {
	t, err := b.found(d, 1, "lemmy")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	if err := b.followers(t, openStreams); err != nil {
		return err
	}
	b.rss(d, "memory before streams", t.Node, idleTarget, "")
	meter := d.meter(t.Node)
	var audience *audience
	used, err := meter.during(func() error {
		audience, err = b.listen(t, openStreams)
		return err
	})
	if err != nil {
		return err
	}
	defer audience.leave()
	b.print(figure{Name: "open a stream: CPU", Database: d.name, Value: microseconds(used) / openStreams, Unit: "us CPU"})
	var delays []time.Duration
	used, err = meter.during(func() error {
		for range streamEvents {
			delay, err := audience.hear(b.ctx, t.Node)
			if err != nil {
				return err
			}
			delays = append(delays, delay)
		}
		return nil
	})
	if err != nil {
		return err
	}
	note := fmt.Sprintf("%d user streams of as many persons, over WebSocket", openStreams)
	b.print(figure{
		Name: "an event at all streams", Database: d.name, Value: milliseconds(quantile(delays, 1)), Unit: "ms", Target: streamDelay,
		Note: note + "; from the request that posts to the last who has it, the slowest of a few",
	})
	b.print(figure{Name: "an event to a stream: CPU", Database: d.name, Value: microseconds(used) / streamEvents / openStreams, Unit: "us CPU", Note: note})
	b.rss(d, "memory with streams", t.Node, streamMemory, note)
	b.peak(d, "memory with streams, at most", t.Node, note)
	return nil
}

// followers makes so many residents who follow anna, each with an app.
func (b *bench) followers(t *town, count int) (err error) {
	s, err := b.seeding(t)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.db.Close()) }()
	now, first := time.Now().UnixMilli(), int64(idBase)+1
	numbers := fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < %d)", count)
	if err := s.all(
		fmt.Sprintf(`INSERT INTO actors (id, kind, name, uri, url, created_at, updated_at)
			%s SELECT %d + i, 'Person', 'lezer' || i, '%s/u/lezer' || i, '%s/u/lezer' || i, %d, %d FROM n`, numbers, first, t.Base, t.Base, now, now),
		fmt.Sprintf(`INSERT INTO accounts (actor_id, email, role, created_at) %s SELECT %d + i, 'lezer' || i || '@stad.test', '', %d FROM n`,
			numbers, first, now),
		fmt.Sprintf(`INSERT INTO follows (id, follower_id, followee_id, follower_local, uri, accepted, created_at)
			%s SELECT %d + i, %d + i, %d, TRUE, '', TRUE, %d FROM n`, numbers, first, first, s.anna, now),
	); err != nil {
		return err
	}
	tokens := []string{streamToken("anna", s.anna, now)}
	for i := range count {
		tokens = append(tokens, streamToken(fmt.Sprintf(streamSecret, i), first+int64(i), now))
	}
	return s.counted("INSERT INTO access_tokens (hash, actor_id, scopes, created_at, used_at) VALUES " + strings.Join(tokens, ", "))
}

func streamToken(secret string, actor, now int64) string {
	return fmt.Sprintf("('%s', %d, 'read write', %d, %d)", auth.HashSecret(secret), actor, now, now)
}

// audience are the open streams.
type audience struct {
	sockets []*websocket.Conn
	heard   sync.WaitGroup // an event, by all
}

func (b *bench) listen(t *town, count int) (*audience, error) {
	a := &audience{sockets: make([]*websocket.Conn, count)}
	group, ctx := errgroup.WithContext(b.ctx)
	group.SetLimit(openingAtOnce)
	for i := range count {
		group.Go(func() error {
			dialer := websocket.Dialer{ReadBufferSize: 1 << 10, WriteBufferSize: 256, NetDialContext: t.Dial}
			address := "ws" + strings.TrimPrefix(t.Base, "http") + "/api/v1/streaming?stream=user&access_token=" + fmt.Sprintf(streamSecret, i)
			socket, answer, err := dialer.DialContext(ctx, address, nil)
			if answer != nil {
				err = errors.Join(err, answer.Body.Close())
			}
			a.sockets[i] = socket
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("open streams: %w", err)
	}
	for _, socket := range a.sockets {
		go a.read(socket)
	}
	return a, nil
}

func (a *audience) read(socket *websocket.Conn) {
	for {
		if _, _, err := socket.ReadMessage(); err != nil {
			return
		}
		a.heard.Done()
	}
}

// hear has anna write something, and waits until everybody has it.
func (a *audience) hear(ctx context.Context, n *node.Node) (time.Duration, error) {
	a.heard.Add(len(a.sockets))
	body := strings.NewReader(url.Values{"status": {prose}, "visibility": {"public"}}.Encode())
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, n.Base+"/api/v1/statuses", body)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Authorization", "Bearer anna")
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	began := time.Now()
	answer, err := n.Client.Do(request)
	if err != nil {
		return 0, err
	}
	if err := answer.Body.Close(); err != nil || answer.StatusCode != http.StatusOK {
		return 0, errors.Join(err, fmt.Errorf("post: %s", answer.Status))
	}
	all := make(chan struct{})
	go func() { a.heard.Wait(); close(all) }()
	select {
	case <-all:
		return time.Since(began), nil
	case <-time.After(patience):
		return 0, fmt.Errorf("not all streams have it after %v\n%s", patience, n.Log())
	}
}

func (a *audience) leave() {
	for _, socket := range a.sockets {
		_ = socket.Close()
	}
}
