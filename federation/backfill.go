package federation

import (
	"context"
	"errors"
	"fmt"

	"meent/communities"
	"meent/federation/fetch"
	"meent/federation/wire"
)

// What a first look at a group may cost.
const (
	backfillThreads = 50 // of the outbox (PROTOCOL 1.2: what others serve)
	backfillPinned  = 20
	backfillReplies = 200 // of one thread
	backfillBudget  = 150 // fetches
	threadBudget    = 40
	maxHops         = 10 // tasks that go on reading upwards from one reply
)

// BackfillGroup is the task to read what a group has, when the first of us follows it.
type BackfillGroup struct {
	Group communities.ActorID `json:"group,string"`
}

// Kind implements [communities.Task].
func (BackfillGroup) Kind() string { return "backfill_group" }

// FetchThread is the task to read a post, what it answers and what answers it.
type FetchThread struct {
	URI   string              `json:"uri"`
	Group communities.ActorID `json:"group,string,omitempty"` // that shows the thread
	Hops  int                 `json:"hops,omitempty"`         // tasks before this one, upwards
}

// Kind implements [communities.Task].
func (FetchThread) Kind() string { return "fetch_thread" }

// RefreshActor is the task to read an actor again, with the host of its handle and a group's moderators.
type RefreshActor struct {
	URI string `json:"uri"`
}

// Kind implements [communities.Task].
func (RefreshActor) Kind() string { return "refresh_actor" }

// beginReading starts the first look at a group, once somebody here follows it.
func (r *Road) beginReading(ctx context.Context, tx communities.Tx, group *communities.Actor) error {
	if !r.backfilling.first(group.URI, r.Now()) {
		return nil
	}
	return tx.Enqueue(ctx, BackfillGroup{Group: group.ID})
}

// backfillGroup reads a group's moderators, its newest threads, what it has pinned, and the answers to each, as far as the budget goes.
func (r *Road) backfillGroup(ctx context.Context, task BackfillGroup) error {
	group, err := r.archive.Actor(ctx, task.Group)
	if err != nil || group.Local() || !group.Active() {
		return quietly(err)
	}
	ctx = fetch.WithBudget(ctx, backfillBudget, 0)
	if err := r.refreshModerators(ctx, group); err != nil {
		r.Log.InfoContext(ctx, "backfill without moderators", "group", group.URI, "error", err)
	}
	reader := r.readerOf(group)
	var threads []string
	for _, list := range []struct {
		uri   string
		limit int
	}{{group.Endpoints.Outbox, backfillThreads}, {group.Endpoints.Featured, backfillPinned}} {
		if list.uri == "" {
			continue
		}
		err := r.eachItem(ctx, list.uri, list.limit, func(item wire.Reference) error {
			uri, err := reader.bringThread(ctx, item)
			if err == nil && uri != "" {
				threads = append(threads, uri)
			}
			return mustStop(err)
		})
		if mustStop(err) != nil {
			return quietly(err)
		}
	}
	return r.archive.Write(ctx, func(tx communities.Tx) error {
		for _, uri := range threads {
			if err := tx.Enqueue(ctx, FetchThread{URI: uri, Group: group.ID}); err != nil {
				return err
			}
		}
		return nil
	})
}

// readerOf reads in the name of a group: as if it announced what is found.
func (r *Road) readerOf(group *communities.Actor) *incoming {
	return &incoming{Road: r, Activity: wire.Activity{Type: "Announce", Actor: group.URI}, actor: group}
}

// bringThread brings in an item of an outbox or of the pinned threads: an Announce{Create}, an Announce of an id, a Create, or an object or
// its id. It returns the thread's id.
func (in *incoming) bringThread(ctx context.Context, item wire.Reference) (string, error) {
	uri, share := item.ID, ""
	for depth := 0; item.Raw != nil && depth < 3; depth++ {
		doc, err := item.Decode()
		if err != nil {
			return "", err
		}
		if doc.Kind != wire.KindActivity {
			break
		}
		a, err := doc.Activity()
		if err != nil {
			return "", err
		}
		if a.Type == "Announce" && wire.SameOrigin(a.ID, in.Actor) {
			share = a.ID
		}
		item = a.Objects[0]
		uri = item.ID
	}
	if _, err := in.archive.PostByURI(ctx, uri); !communities.IsNotFound(err) {
		return uri, err
	}
	if in.isOwnURI(uri) {
		return "", nil
	}
	reader := *in
	if reader.ID = share; share == "" {
		reader.ID = in.Actor + "#backfill-" + uri
	}
	return uri, reader.bring(ctx, uri)
}

// bring reads a post from its origin and takes it in; of a group, its threads with a boost.
func (in *incoming) bring(ctx context.Context, uri string) error {
	o, err := in.fetchObject(ctx, uri)
	if err != nil {
		return err
	}
	return in.takeIn(ctx, o)
}

// takeIn takes in a post that was read from its origin.
func (in *incoming) takeIn(ctx context.Context, o wire.Object) error {
	p, err := in.bringing(ctx, o)
	if err != nil {
		return err
	}
	return in.archive.Write(ctx, func(tx communities.Tx) error {
		post, err := p.publish(ctx, tx)
		if err != nil {
			return err
		}
		return p.show(ctx, tx, post)
	})
}

// fetchThread reads a post and all above it, then the collection of the thread (FEP-f228), or else its answers.
func (r *Road) fetchThread(ctx context.Context, task FetchThread) error {
	ctx = fetch.WithBudget(ctx, threadBudget, 0)
	o, err := r.fetchObject(ctx, task.URI)
	if err != nil {
		return quietly(err)
	}
	reader := &incoming{Road: r, actor: &communities.Actor{}}
	if task.Group != 0 {
		group, err := r.archive.Actor(ctx, task.Group)
		if err != nil {
			return quietly(err)
		}
		reader = r.readerOf(group)
	}
	reader.hops = task.Hops
	if err := reader.bringOne(ctx, o.ID); err != nil {
		return quietly(err)
	}
	if task.Hops > 0 {
		return nil // it was the way up that was wanted
	}
	for _, collection := range []string{o.Context, o.Replies.ID} {
		if collection == "" || !wire.SameOrigin(collection, o.ID) {
			continue
		}
		return quietly(r.eachItem(ctx, collection, backfillReplies, func(item wire.Reference) error {
			return mustStop(reader.bringOne(ctx, item.ID))
		}))
	}
	return nil
}

// bringOne brings in a post that is not here yet.
func (in *incoming) bringOne(ctx context.Context, uri string) error {
	_, err := in.archive.PostByURI(ctx, uri)
	if uri == "" || !communities.IsNotFound(err) || in.isOwnURI(uri) {
		return quietly(err)
	}
	reader := *in
	reader.ID = in.Actor + "#backfill-" + uri
	return reader.bring(ctx, uri)
}

// mustStop keeps what ends a walk: an empty budget, and failures of our own. That one document cannot be had is no reason.
func mustStop(err error) error {
	if errors.Is(err, fetch.ErrBudget) || isTransient(err) && !isRemoteFailure(err) {
		return err
	}
	return nil
}

// isRemoteFailure tells whether the other side, or the way there, failed.
func isRemoteFailure(err error) bool {
	var status *fetch.StatusError
	return errors.As(err, &status) || errors.Is(err, fetch.ErrDeadline) || errors.Is(err, fetch.ErrBusy)
}

// quietly ends a task: only failures that may mend themselves are for another try.
func quietly(err error) error {
	if isTransient(err) {
		return fmt.Errorf("to be tried again: %w", err)
	}
	return nil
}
