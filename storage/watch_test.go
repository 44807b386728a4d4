package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"meent/communities"
	"meent/storage/storagetest"
)

// watcher hears what transactions did.
type watcher struct {
	t     *testing.T
	heard chan Note
}

func watching(t *testing.T, db *DB) watcher {
	t.Helper()
	w := watcher{t, make(chan Note, 1000)}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() {
		done <- db.Watch(ctx, func(_ context.Context, notes []Note) {
			for _, n := range notes {
				w.heard <- n
			}
		})
	}()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return w
}

const hearing = 15 * time.Second

// until waits for a note of a kind.
func (w watcher) until(kind NoteKind, post communities.PostID) {
	w.t.Helper()
	timer := time.NewTimer(hearing)
	defer timer.Stop()
	for {
		select {
		case n := <-w.heard:
			if n.Kind == kind && n.Post == post {
				return
			}
		case <-timer.C:
			w.t.Fatalf("nobody says that %d was %s", post, kind)
		}
	}
}

// What a transaction did is told after its commit, and only then; while nobody is there to be told, it is not told at all.
func TestNotes(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		w, heard := world{t, db}, watching(t, db)
		anna := w.actor(communities.Person, "anna", "")
		unheard := w.post(anna, nil)
		db.Attend(true)
		w.refused(communities.KindConflict, func(tx *Tx) error {
			return tx.CreatePost(t.Context(), &communities.Post{ID: unheard.ID, URI: unheard.URI, Author: anna.ID, CreatedAt: day})
		})
		post := w.post(anna, nil)
		w.write(func(tx *Tx) error { return atHomes(t.Context(), tx, post, anna) })
		w.write(func(tx *Tx) error {
			changed := *post
			changed.EditedAt = day
			return tx.UpdatePost(t.Context(), &changed)
		})
		w.write(func(tx *Tx) error { return tx.DeletePost(t.Context(), post.ID, day) })
		for _, kind := range []NoteKind{NotePosted, NoteHome, NoteEdited, NoteGone} {
			n := <-heard.heard
			if n.Kind != kind || n.Post != post.ID {
				t.Errorf("heard %+v, want that %d was %s", n, post.ID, kind)
			}
			if kind == NoteGone && (n.Gone.Author != anna.ID || n.Gone.Visibility != communities.Public || !n.Gone.Thread) {
				t.Errorf("gone is %+v", n.Gone)
			}
		}
	})
}

// Posts from the past are stored without a word.
func TestOldPostsAreNotNews(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		w, heard := world{t, db}, watching(t, db)
		db.Attend(true)
		anna := w.actor(communities.Person, "anna", "")
		w.post(anna, func(p *communities.Post) { p.ID = communities.PostID(db.IDs().At(time.Now().Add(-2 * liveFor))) })
		post := w.post(anna, nil)
		if n := <-heard.heard; n.Post != post.ID {
			t.Errorf("heard %+v first, want %d", n, post.ID)
		}
	})
}

// A command beside the node keeps what it did as a task, which the node tells.
func TestRelay(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		w, heard := world{t, db}, watching(t, db)
		db.Attend(true)
		queue := &keeping{}
		db.SetQueue(queue)
		db.relays.Store(true)
		post := w.post(w.actor(communities.Person, "anna", ""), nil)
		if len(queue.tasks) != 1 || queue.tasks[0].Kind() != RelayTask {
			t.Fatalf("kept %v", queue.tasks)
		}
		text, err := json.Marshal(queue.tasks[0])
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Relay(t.Context(), text); err != nil {
			t.Fatal(err)
		}
		heard.until(NotePosted, post.ID)
	})
}

// Two processes on one PostgreSQL: what one does, the other tells to those who have their stream there. Where the connection breaks, it
// comes back by itself.
func TestNotesOfOtherProcesses(t *testing.T) {
	t.Parallel()
	dsn := storagetest.Postgres(t)
	here := openAgain(t, dsn)
	if err := here.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	there := openAgain(t, dsn)
	w := world{t, here}
	anna := w.actor(communities.Person, "anna", "")
	watching(t, here)
	heard := watching(t, there)
	there.Attend(true)
	w.tellsOthers(true)
	heard.until(NotePosted, w.post(anna, nil).ID)

	many := w.post(anna, nil) // more than one notification holds
	w.write(func(tx *Tx) error {
		for i := range 500 {
			tx.Signal(Signal{Event: "test", Actor: anna.ID, ID: int64(i), Text: strings.Repeat("x", 20)})
		}
		tx.note(Note{Kind: NoteEdited, Post: many.ID})
		return nil
	})
	heard.until(NoteEdited, many.ID)

	var cut int
	if err := here.idb.NewRaw(`SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE datname = current_database() AND query LIKE 'LISTEN%'`).Scan(t.Context(), &cut); err != nil || cut < 2 {
		t.Fatalf("cut %d connections: %v", cut, err)
	}
	time.Sleep(2 * listenPause)
	heard.until(NotePosted, w.post(anna, nil).ID)

	there.Attend(false)
	w.tellsOthers(false)
}

// tellsOthers waits until a process knows whether others have streams.
func (w world) tellsOthers(want bool) {
	w.Helper()
	for deadline := time.Now().Add(hearing); w.db.watch.there.Load() != want; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			w.Fatalf("it does not hear that others listen: %v", want)
		}
	}
}

// keeping is a queue whose tasks a test looks at.
type keeping struct{ tasks []communities.Task }

func (k *keeping) Insert(_ context.Context, _ *sql.Tx, tasks []communities.Task) error {
	k.tasks = append(k.tasks, tasks...)
	return nil
}

func (k *keeping) Nudge() {}
