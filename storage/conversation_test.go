package storage

import (
	"testing"
	"time"

	"meent/communities"
)

// direct makes a post for some people only.
func direct(change func(*communities.Post), to ...*communities.Actor) func(*communities.Post) {
	return func(p *communities.Post) {
		if change != nil {
			change(p)
		}
		p.Visibility = communities.Direct
		for _, a := range to {
			p.Mentions = append(p.Mentions, communities.Mention{Actor: a.ID, URI: a.URI, Name: a.Name})
		}
	}
}

func (w world) conversationsOf(a *communities.Actor) []*Conversation {
	w.Helper()
	list, cursors, err := w.db.As(communities.Viewer{Actor: a.ID}).Conversations(w.Context(), Page{})
	if err != nil || len(cursors) < len(list) {
		w.Fatal(len(cursors), err)
	}
	return list
}

// TestConversationsGrowTogether: an answer that comes before what it answers has a conversation of its own until then.
func TestConversationsGrowTogether(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		w := world{t, db}
		anna, bert, eve := w.actor(communities.Person, "anna", ""), w.actor(communities.Person, "bert", ""), w.actor(communities.Person, "eve", "far.example")
		const uri = "https://far.example/1"
		early := w.post(eve, direct(func(p *communities.Post) { p.InReplyToURI = uri }, anna))
		if list := w.conversationsOf(anna); len(list) != 1 || list[0].Thread != early.ID || !list[0].Unread {
			t.Fatalf("early: %+v", list)
		}
		w.write(func(tx *Tx) error { return tx.ReadConversation(t.Context(), anna.ID, early.ID, true) })
		first := w.post(eve, direct(func(p *communities.Post) { p.URI, p.CreatedAt = uri, day.Add(-time.Hour) }, anna, bert))
		list := w.conversationsOf(anna)
		if len(list) != 1 || list[0].Thread != first.ID || list[0].Last.Post.ID != max(first.ID, early.ID) {
			t.Errorf("together: %+v", list)
		}
		if list := w.conversationsOf(bert); len(list) != 1 || list[0].Last.Post.ID != first.ID {
			t.Errorf("bert has %+v", list)
		}
		if directs, err := w.db.As(communities.Viewer{Actor: anna.ID}).Directs(t.Context(), Page{}); err != nil || len(directs) != 2 {
			t.Errorf("directs %v, %v", directs, err)
		}
		if list := w.conversationsOf(eve); len(list) != 0 {
			t.Errorf("somebody from elsewhere has %+v", list)
		}
		w.write(func(tx *Tx) error { return tx.DeletePost(t.Context(), max(first.ID, early.ID), day) })
		if list := w.conversationsOf(anna); len(list) != 1 || list[0].Last.Post.ID != min(first.ID, early.ID) {
			t.Errorf("after a deletion: %+v", list)
		}
		w.write(func(tx *Tx) error { return tx.Sever(t.Context(), anna.ID) })
		if list := w.conversationsOf(anna); len(list) != 0 {
			t.Errorf("after anna left: %+v", list)
		}
	})
}

// TestRefreshes: of two looks at one thread that begin at once one does, and what is old is forgotten.
func TestRefreshes(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		w := world{t, db}
		begin := func(name string, at time.Time) (begun bool) {
			w.write(func(tx *Tx) (err error) {
				begun, err = tx.BeginRefresh(t.Context(), Refresh{Thread: 7, Name: name, StartedAt: at}, at.Add(-time.Minute))
				return err
			})
			return begun
		}
		if !begin("a", day) || begin("b", day.Add(time.Second)) {
			t.Error("the first look does not keep others away")
		}
		w.write(func(tx *Tx) error { return tx.NoteRefresh(t.Context(), 7, "a", 4, day) })
		if look, err := db.RefreshNamed(t.Context(), "a"); err != nil || look.Found != 4 || look.FinishedAt.IsZero() {
			t.Errorf("noted %+v, %v", look, err)
		}
		if !begin("c", day.Add(time.Hour)) {
			t.Error("it is never looked at again")
		}
		if look, err := db.RefreshOf(t.Context(), 7); err != nil || look.Name != "c" || look.Found != 0 || !look.FinishedAt.IsZero() {
			t.Errorf("the new look is %+v, %v", look, err)
		}
		if err := db.ForgetRefreshes(t.Context(), day.Add(2*time.Hour)); err != nil {
			t.Error(err)
		}
		if _, err := db.RefreshOf(t.Context(), 7); !communities.IsNotFound(err) {
			t.Errorf("it is remembered for ever: %v", err)
		}
	})
}

// TestTranslationsAreKeptForAWhile: of one version of a post, until it is old or the post is gone.
func TestTranslationsAreKeptForAWhile(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		w := world{t, db}
		anna := w.actor(communities.Person, "anna", "")
		p, other := w.post(anna, nil), w.post(anna, nil)
		keep := func(of *communities.Post, now time.Time) {
			w.write(func(tx *Tx) error { return tx.PutTranslation(t.Context(), of.ID, "en", day, "said", now) })
		}
		kept := func() bool {
			said, err := db.Translation(t.Context(), p.ID, "en", day)
			if err != nil && !communities.IsNotFound(err) {
				t.Fatal(err)
			}
			return said == "said"
		}
		if keep(p, day); !kept() {
			t.Error("not kept")
		}
		if _, err := db.Translation(t.Context(), p.ID, "en", day.Add(time.Second)); !communities.IsNotFound(err) {
			t.Errorf("an old version stands for a new one: %v", err)
		}
		if keep(other, day.Add(translationsKept+time.Second)); kept() {
			t.Error("kept for ever")
		}
		keep(p, day)
		w.write(func(tx *Tx) error { return tx.DeletePost(t.Context(), p.ID, day) })
		if kept() {
			t.Error("it outlives the post")
		}
	})
}
