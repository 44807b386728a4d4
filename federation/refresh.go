package federation

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"meent/communities"
	"meent/federation/fetch"
	"meent/federation/wire"
	"meent/storage"
)

// What a look for answers elsewhere may cost, whoever asks for it and how often (SECURITY D3, D4).
const (
	refreshPause     = 15 * time.Minute // between two looks at one thread
	refreshBudget    = 40               // fetches
	refreshPerDomain = 20
	refreshMost      = 100 // posts that are asked for answers
	refreshTime      = time.Minute
	resolveBudget    = 10 // fetches, for one post that somebody looks up by its address
)

// RefreshThread is the task to look for answers in a thread that have not come here by themselves.
type RefreshThread struct {
	Thread communities.PostID `json:"thread"`
	Name   string             `json:"name"` // of the look, see [storage.Refresh]
}

// Kind implements [communities.Task].
func (RefreshThread) Kind() string { return "refresh_thread" }

// Freshen has a thread looked at, unless that was done a while ago, and returns the last look: by many readers, or the same one again
// and again, nothing more is fetched.
func (r *Road) Freshen(ctx context.Context, thread communities.PostID) (*storage.Refresh, error) {
	now := r.Now()
	last, err := r.archive.RefreshOf(ctx, thread)
	if err == nil && now.Sub(last.StartedAt) < refreshPause {
		return last, nil
	}
	if err != nil && !communities.IsNotFound(err) {
		return nil, err
	}
	look := storage.Refresh{Thread: thread, Name: rand.Text(), StartedAt: now}
	err = r.archive.Write(ctx, func(tx communities.Tx) error {
		begun, err := storage.Of(tx).BeginRefresh(ctx, look, now.Add(-refreshPause))
		if err != nil || !begun {
			return err
		}
		return tx.Enqueue(ctx, RefreshThread{Thread: thread, Name: look.Name})
	})
	if err != nil {
		return nil, fmt.Errorf("look at thread %d: %w", thread, err)
	}
	return r.archive.RefreshOf(ctx, thread)
}

// Running tells whether a look is still under way; one that never ended is over when the next may begin.
func (r *Road) Running(look *storage.Refresh) bool {
	return look.FinishedAt.IsZero() && r.Now().Sub(look.StartedAt) < refreshPause
}

// refreshThread asks every public post of a thread that came from elsewhere for its answers, the first one before all, then the newest, and
// those that come of it as well, as far as the budget goes.
func (r *Road) refreshThread(ctx context.Context, task RefreshThread) error {
	known, err := r.archive.As(communities.Viewer{}).Thread(ctx, task.Thread)
	if err != nil || len(known) == 0 {
		return err
	}
	look := &look{Road: r, RefreshThread: task, reader: &incoming{Road: r, actor: &communities.Actor{}}}
	if group := known[0].Group; group != nil && !group.Local() {
		look.reader = r.readerOf(group)
	}
	slices.Reverse(known[1:])
	for _, v := range known {
		if v.Author != nil && !v.Author.Local() {
			look.waiting = append(look.waiting, v.Post.URI)
		}
	}
	limited, cancel := context.WithTimeout(fetch.WithBudget(ctx, refreshBudget, refreshPerDomain), refreshTime)
	defer cancel()
	look.around(limited)
	return look.note(ctx, r.Now())
}

// look is one look at a thread, while it lasts.
type look struct {
	*Road
	RefreshThread
	reader  *incoming
	waiting []string // posts to ask for answers
	found   int
}

// around goes on whatever a post or its home says, until budget or time are up.
func (l *look) around(ctx context.Context) {
	for i := 0; i < len(l.waiting) && i < refreshMost; i++ {
		before := l.found
		err := l.ask(ctx, l.waiting[i], i == 0)
		if l.found > before {
			err = errors.Join(err, l.note(ctx, time.Time{}))
		}
		if err != nil {
			l.Log.DebugContext(ctx, "look for answers", "post", l.waiting[i], "error", err)
		}
		if ended(ctx, err) {
			return
		}
	}
}

func ended(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, fetch.ErrBudget)
}

// ask reads what answers a post: of the first one its whole context, where its home lists that (FEP-f228).
func (l *look) ask(ctx context.Context, uri string, first bool) error {
	o, err := l.fetchObject(ctx, uri)
	if err != nil {
		return err
	}
	collection := o.Replies.ID
	if first && o.Context != "" && wire.SameOrigin(o.Context, o.ID) {
		collection = o.Context
	}
	if collection == "" || !wire.SameOrigin(collection, o.ID) {
		return nil
	}
	return l.eachItem(ctx, collection, backfillReplies, func(item wire.Reference) error {
		if err := l.take(ctx, item.ID); ended(ctx, err) {
			return err
		}
		return nil
	})
}

// take brings in what is not here yet.
func (l *look) take(ctx context.Context, uri string) error {
	if _, err := l.archive.PostByURI(ctx, uri); uri == "" || !communities.IsNotFound(err) {
		return err
	}
	if err := l.reader.bringOne(ctx, uri); err != nil {
		return err
	}
	if p, err := l.archive.PostByURI(ctx, uri); err == nil && p.Thread == l.Thread {
		l.found++
		l.waiting = append(l.waiting, uri)
	}
	return nil
}

func (l *look) note(ctx context.Context, finished time.Time) error {
	return l.archive.Write(ctx, func(tx communities.Tx) error {
		return storage.Of(tx).NoteRefresh(ctx, l.Thread, l.Name, l.found, finished)
	})
}

// PostByURI returns a post by its id, or by the address of its page, read from its own origin when it is not known; only what is public is
// taken in. It must not be called inside a transaction.
func (r *Road) PostByURI(ctx context.Context, uri string) (*communities.Post, error) {
	p, err := r.archive.PostByURI(ctx, uri)
	if err == nil || !communities.IsNotFound(err) || r.isOwnURI(uri) {
		return p, err
	}
	ctx = fetch.WithBudget(ctx, resolveBudget, 0)
	o, err := r.fetchObject(ctx, uri)
	if err != nil {
		return nil, foundNothing(err)
	}
	if p, err = r.archive.PostByURI(ctx, o.ID); err == nil || !communities.IsNotFound(err) {
		return p, err
	}
	reader := &incoming{Road: r, actor: &communities.Actor{}, Activity: wire.Activity{ID: "#search-" + o.ID}}
	if err := reader.takeIn(ctx, o); err != nil {
		return nil, foundNothing(err)
	}
	return r.archive.PostByURI(ctx, o.ID)
}
