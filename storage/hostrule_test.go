package storage

import (
	"testing"

	"meent/communities"
)

// What is decided about a host is said to everybody who lives there or below, by handle or by inbox, and to nobody else; where it is taken back,
// what holds above counts again.
func TestHostRuleReachesWhoLivesThere(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		w := world{t, db}
		ctx := t.Context()
		here := w.actor(communities.Person, "anna", "")
		at, below, port := w.actor(communities.Person, "a", "far.example"), w.actor(communities.Person, "b", "x.far.example"), w.actor(communities.Person, "c", "y.far.example:8443")
		other := w.actor(communities.Person, "d", "notfar.example")
		rule := func(host string, policy communities.HostPolicy) {
			t.Helper()
			w.write(func(tx *Tx) error {
				return tx.PutHostRule(ctx, &communities.HostRule{ID: w.id(), Host: host, Policy: policy, Reason: "r", Comment: "c", At: day})
			})
		}
		holds := func(want ...communities.HostPolicy) {
			t.Helper()
			for i, a := range []*communities.Actor{at, below, port, other, here} {
				if got := w.readActor(a.ID).HostPolicy; got != want[i] {
					t.Errorf("for %s@%s holds %q, want %q", a.Name, a.Host, got, want[i])
				}
			}
		}
		const open, limited, blocked = communities.HostOpen, communities.HostLimited, communities.HostBlocked
		rule("far.example", limited)
		holds(limited, limited, limited, open, open)
		rule("x.far.example", blocked)
		holds(limited, blocked, limited, open, open)
		rule("far.example", open)
		holds(open, blocked, open, open, open)
		w.write(func(tx *Tx) error { // to describe an actor anew does not change it
			a := w.readActorIn(tx, below.ID)
			a.HostPolicy = open
			return tx.UpdateActor(ctx, a)
		})
		holds(open, blocked, open, open, open)
		rules, err := db.HostRules(ctx, Page{})
		if err != nil || len(rules) != 1 || rules[0].Host != "x.far.example" {
			t.Errorf("%+v, %v", rules, err)
		}
	})
}

func (w world) readActorIn(tx *Tx, id communities.ActorID) *communities.Actor {
	w.Helper()
	a, err := tx.Actor(w.Context(), id)
	if err != nil {
		w.Fatal(err)
	}
	return a
}

// The follows between a blocked host and this node end, and those who stay are counted right.
func TestSeverHost(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		w := world{t, db}
		ctx := t.Context()
		anna, bert := w.actor(communities.Person, "anna", ""), w.actor(communities.Person, "bert", "")
		far, near := w.actor(communities.Person, "far", "far.example"), w.actor(communities.Person, "near", "near.example")
		for _, pair := range [][2]*communities.Actor{{anna, bert}, {anna, far}, {anna, near}, {far, anna}, {far, bert}, {near, anna}} {
			w.follow(pair[0], pair[1], true)
		}
		w.write(func(tx *Tx) error {
			if err := tx.PutHostRule(ctx, &communities.HostRule{ID: 1, Host: "far.example", Policy: communities.HostBlocked, At: day}); err != nil {
				return err
			}
			return tx.SeverHost(ctx, "far.example")
		})
		type counts struct{ Followers, Following int }
		for _, test := range []struct {
			who  *communities.Actor
			want counts
		}{{anna, counts{1, 2}}, {bert, counts{1, 0}}, {far, counts{0, 0}}, {near, counts{1, 1}}} {
			a := w.readActor(test.who.ID)
			w.same(a.Name, counts{a.FollowersCount, a.FollowingCount}, test.want)
		}
		if edges, err := db.As(communities.Viewer{}).Followers(ctx, anna.ID, Page{}); err != nil || len(edges) != 1 || edges[0].Actor.ID != near.ID {
			t.Errorf("%+v, %v", edges, err)
		}
	})
}

// An activity of somebody from whom nothing is taken is not stored, and is told from one that came before.
func TestRememberNothingOfTheUnwelcome(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		w := world{t, db}
		far := w.actor(communities.Person, "far", "far.example")
		remember := func(uri string, want Memory) {
			t.Helper()
			w.write(func(tx *Tx) error {
				got, err := tx.Remember(t.Context(), Received{
					ID: communities.ActivityID(w.id()), URI: uri, Host: far.Host, ActorURI: far.URI, Kind: "Like", Body: []byte("{\"x\":\"'\\\"}"), ReceivedAt: day,
				})
				if got != want {
					t.Errorf("%s: %d, want %d", uri, got, want)
				}
				return err
			})
		}
		remember("https://far.example/1", New)
		remember("https://far.example/1", KnownBefore)
		w.write(func(tx *Tx) error {
			a := w.readActorIn(tx, far.ID)
			a.SuspendedAt = day
			return tx.UpdateActor(t.Context(), a)
		})
		remember("https://far.example/2", Unwelcome)
		remember("https://far.example/1", Unwelcome)
	})
}
