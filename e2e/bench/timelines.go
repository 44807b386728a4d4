//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	timelineAskings = 1000 // of each read
	writings        = 200
	homeTargetLocal = 350 // microseconds of processor time, of the node with SQLite in it
	homeTargetApart = 900 // of the node and the server of PostgreSQL
)

// timelines compares what apps ask for most in archives of growing size, for a resident who follows many.
func (b *bench) timelines(d database) error {
	sizes := []int{fewPosts, 100_000, manyPosts}
	if b.short {
		sizes = sizes[:2]
	}
	var smallest map[string]cost
	for _, posts := range sizes {
		costs, order, err := b.timelinesAt(d, posts)
		if err != nil {
			return err
		}
		if smallest == nil {
			smallest = costs
		}
		for _, name := range order {
			b.printTimeline(d, name, posts, costs[name], smallest[name])
		}
	}
	return nil
}

func (b *bench) printTimeline(d database, name string, posts int, c, few cost) {
	note := fmt.Sprintf("%d posts, %d follows", posts, follows)
	p50 := figure{Name: name + ": p50", Database: d.name, Value: milliseconds(c.median), Unit: "ms", Note: note}
	if posts > fewPosts {
		p50.Floor, p50.Target = milliseconds(few.median), readTarget
		p50.Note += fmt.Sprintf(", compared with %d posts", fewPosts)
	}
	b.print(p50)
	b.print(figure{Name: name + ": p99", Database: d.name, Value: milliseconds(c.slow), Unit: "ms", Note: note})
	cpu := figure{Name: name + ": CPU", Database: d.name, Value: microseconds(c.cpu), Unit: "us CPU", Note: note}
	if name == homeTimeline {
		cpu.Target = homeTargetLocal
		if d.server != 0 {
			cpu.Target = homeTargetApart
		}
	}
	b.print(cpu)
}

const homeTimeline = "home timeline"

// timelinesAt measures all of them in an archive of so many posts.
func (b *bench) timelinesAt(d database, posts int) (costs map[string]cost, order []string, err error) {
	t, err := b.found(d, 1, "lemmy")
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	if err := t.Stop(); err != nil {
		return nil, nil, err
	}
	if err := b.fill(t, posts); err != nil {
		return nil, nil, err
	}
	reader, err := b.settle(t, posts)
	if err != nil {
		return nil, nil, err
	}
	if err := t.Start(b.ctx); err != nil {
		return nil, nil, err
	}
	costs = map[string]cost{}
	for _, r := range timelineReads(reader) {
		if costs[r.name], err = b.repeat(d, t, timelineAskings, func(int) error { return reader.get(b.ctx, r.path) }); err != nil {
			return nil, nil, err
		}
		order = append(order, r.name)
	}
	costs[statusCreate], err = b.repeat(d, t, writings, func(i int) error { return reader.post(b.ctx, i) })
	b.peak(d, fmt.Sprintf("memory after timelines of %d posts", posts), t.Node, "")
	return costs, append(order, statusCreate), err
}

const statusCreate = "status create"

// timelineReads are what is asked. "A request" is the least that any with a token costs, beside which the others stand. One of the posts at
// home is there twice, and shown once.
func timelineReads(r *resident) []read {
	return []read{
		{name: "a request", path: "/api/v1/markers?timeline[]=home"},
		{name: homeTimeline, path: "/api/v1/timelines/home?limit=21"},
		{name: "group timeline", path: fmt.Sprintf("/api/v1/accounts/%d/statuses?limit=20", r.group)},
		{name: "public timeline", path: "/api/v1/timelines/public?limit=20"},
		{name: "context", path: fmt.Sprintf("/api/v1/statuses/%d/context", r.thread)},
		{name: "notifications, grouped", path: "/api/v2/notifications?limit=40"},
		{name: "notifications", path: "/api/v1/notifications?limit=40"},
	}
}

// repeat does the same again and again, one at a time.
func (b *bench) repeat(d database, t *town, times int, once func(i int) error) (cost, error) {
	for i := range warmUp {
		if err := once(i); err != nil {
			return cost{}, err
		}
	}
	sample := make([]time.Duration, 0, times)
	used, err := d.meter(t.Node).during(func() error {
		for i := range times {
			began := time.Now()
			if err := once(warmUp + i); err != nil {
				return err
			}
			sample = append(sample, time.Since(began))
		}
		return nil
	})
	if err != nil {
		return cost{}, err
	}
	return cost{median: quantile(sample, 0.5), slow: quantile(sample, 0.99), cpu: used / time.Duration(times)}, nil
}

// resident asks as an app does, over one connection that stays open.
type resident struct {
	*town
	secret string
	group  int64
	thread int64 // the long one
}

func (r *resident) get(ctx context.Context, path string) error {
	return r.ask(ctx, http.MethodGet, path, nil)
}

func (r *resident) post(ctx context.Context, number int) error {
	said := url.Values{"status": {fmt.Sprintf("Bericht %d. %s #plein @%s", number, prose, groupName)}, "visibility": {"public"}}
	return r.ask(ctx, http.MethodPost, "/api/v1/statuses", said)
}

func (r *resident) ask(ctx context.Context, method, path string, said url.Values) (err error) {
	request, err := http.NewRequestWithContext(ctx, method, r.Base+path, strings.NewReader(said.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+r.secret)
	if said != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := r.Client.Do(request)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, answer.Body.Close()) }()
	body, err := io.ReadAll(answer.Body)
	if err == nil && (answer.StatusCode != http.StatusOK || len(body) < len("[{}]")) {
		err = fmt.Errorf("%s %s: %s %.500s", method, path, answer.Status, body)
	}
	return err
}
