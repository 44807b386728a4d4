package storage

import (
	"testing"

	"meent/communities"
)

// A quote hangs on its post, is counted while it is accepted, and goes with either of the two.
func TestQuotes(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		anna, bert, far := w.actor(communities.Person, "anna", ""), w.actor(communities.Person, "bert", ""), w.actor(communities.Person, "far", "far.example")
		said := w.post(anna, func(p *communities.Post) {
			p.Quotability = communities.Quotability{Automatic: communities.Fans | communities.SomeOthers, Manual: communities.Anybody | communities.Idols}
		})
		w.same("quotability", w.readPost(said.ID).Quotability, said.Quotability)
		quoting := w.post(bert, func(p *communities.Post) {
			p.Quote = &communities.Quote{Of: said.ID, URI: said.URI, State: communities.QuoteAccepted, Authorization: "https://here.example/q/1"}
		})
		asking := w.post(far, func(p *communities.Post) {
			p.Quote = &communities.Quote{Of: said.ID, URI: said.URI, State: communities.QuotePending, Legacy: true}
		})
		lost := w.post(bert, func(p *communities.Post) {
			p.Quote = &communities.Quote{URI: "https://far.example/unknown", State: communities.QuotePending}
		})
		w.same("quote", w.readPost(quoting.ID).Quote, quoting.Quote)
		w.same("what is asked", w.readPost(asking.ID).Quote, asking.Quote)
		w.same("what is unknown", w.readPost(lost.ID).Quote, lost.Quote)
		w.counts("after one", said.ID, 1)

		accepted := *asking.Quote
		accepted.State, accepted.Authorization = communities.QuoteAccepted, "https://here.example/q/2"
		w.write(func(tx *Tx) error { return tx.PutQuote(ctx, asking.ID, &accepted) })
		w.write(func(tx *Tx) error { return tx.PutQuote(ctx, asking.ID, &accepted) })
		w.counts("after two", said.ID, 2)
		by, err := db.QuotesBy(ctx, accepted.Authorization)
		if err != nil || len(by) != 1 || by[0].ID != asking.ID {
			t.Errorf("by its consent: %v %v", by, err)
		}
		if by, err := db.QuotesBy(ctx, ""); err != nil || len(by) != 0 {
			t.Errorf("by none: %v %v", by, err)
		}
		ours, err := db.LocalQuotes(ctx, said.ID)
		if err != nil || len(ours) < 1 || ours[0].ID != quoting.ID {
			t.Errorf("of our own: %v %v", ours, err)
		}
		views, err := db.As(communities.Viewer{Actor: anna.ID}).Quotes(ctx, said.ID, Page{})
		if err != nil || len(views) != 2 || views[0].Post.ID != asking.ID || views[0].Quoted.Post.ID != said.ID || views[0].Quoted.Author.ID != anna.ID {
			t.Errorf("as a list: %v %v", views, err)
		}

		w.write(func(tx *Tx) error { return tx.PutQuote(ctx, quoting.ID, nil) })
		w.same("without", w.readPost(quoting.ID).Quote, (*communities.Quote)(nil))
		w.counts("after it was taken out", said.ID, 1)
		w.write(func(tx *Tx) error { return tx.DeletePost(ctx, asking.ID, day) })
		w.counts("after the other was deleted", said.ID, 0)
		w.refused(communities.KindNotFound, func(tx *Tx) error { return tx.PutQuote(ctx, asking.ID, &accepted) })

		w.write(func(tx *Tx) error { return tx.PutQuote(ctx, quoting.ID, quoting.Quote) })
		w.write(func(tx *Tx) error { return tx.DeletePost(ctx, said.ID, day) })
		v, err := db.As(communities.Viewer{}).Post(ctx, quoting.ID)
		if err != nil || v.Quoted != nil || !v.QuotedGone || !v.Post.Quote.Accepted() {
			t.Errorf("what it quoted is gone: %+v %v", v, err)
		}
		w.write(func(tx *Tx) error { return tx.DeletePost(ctx, quoting.ID, day) })
	})
}

// What a viewer may not see no quote shows them, at any depth.
func TestQuotesHide(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		w := world{t, db}
		anna, bert := w.actor(communities.Person, "anna", ""), w.actor(communities.Person, "bert", "")
		quote := func(of *communities.Post) func(*communities.Post) {
			return func(p *communities.Post) {
				p.Quote = &communities.Quote{Of: of.ID, URI: of.URI, State: communities.QuoteAccepted}
			}
		}
		secret := w.post(anna, func(p *communities.Post) { p.Visibility = communities.Followers })
		middle := w.post(anna, quote(secret))
		outer := w.post(bert, quote(middle))
		for viewer, sees := range map[communities.Viewer]bool{{}: false, {Actor: bert.ID}: false, {Actor: anna.ID}: true} {
			v, err := db.As(viewer).Post(t.Context(), outer.ID)
			if err != nil {
				t.Fatal(err)
			}
			if v.Quoted == nil || (v.Quoted.Quoted != nil) != sees {
				t.Errorf("%+v: %+v", viewer, v.Quoted)
			}
		}
	})
}

func (w world) counts(when string, post communities.PostID, want int) {
	w.Helper()
	if got := w.readPost(post).QuotesCount; got != want {
		w.Errorf("%s: %d quotes, want %d", when, got, want)
	}
}
