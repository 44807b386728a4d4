package storage

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"meent/communities"
)

// road is a world with a group and followers elsewhere.
type road struct {
	world
	group *communities.Actor
}

func newRoad(t *testing.T, db *DB) road {
	w := world{t, db}
	return road{w, w.actor(communities.Group, "plein", "")}
}

func (r road) deliver(to Audience, forms Forms, object string) {
	r.Helper()
	r.write(func(tx *Tx) error { return tx.Deliver(r.Context(), to, forms, object) })
}

func (r road) software(host, dialect string) {
	r.Helper()
	r.write(func(tx *Tx) error { return tx.PutHostSoftware(r.Context(), host, dialect, "1", dialect, day) })
}

// queued lists what waits, as "inbox activity", in order.
func (r road) queued() []string {
	r.Helper()
	var list []string
	if err := r.db.idb.NewRaw("SELECT inbox || ' ' || activity_id FROM deliveries ORDER BY id").Scan(r.Context(), &list); err != nil {
		r.Fatal(err)
	}
	return list
}

func (r road) claim(now time.Time) []string {
	r.Helper()
	hosts, err := r.db.ClaimHosts(r.Context(), "me", now, time.Minute, 100)
	if err != nil {
		r.Fatal(err)
	}
	names := make([]string, len(hosts))
	for i, h := range hosts {
		names[i] = h.Name
	}
	slices.Sort(names)
	return names
}

func (r road) due(now time.Time, hosts ...string) map[string][]Delivery {
	r.Helper()
	due, err := r.db.DueDeliveries(r.Context(), hosts, now, 10)
	if err != nil {
		r.Fatal(err)
	}
	return due
}

func (r road) settle(s Settlement) {
	r.Helper()
	if err := r.db.SettleDeliveries(r.Context(), "me", s); err != nil {
		r.Fatal(err)
	}
}

var toEverybody = Forms{"": {1}, "forum": {1}, "microblog": {1}}

func TestDeliver(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		r := newRoad(t, db)
		near := r.actor(communities.Person, "near", "")
		for _, far := range []struct{ name, host string }{{"a", "f.example"}, {"b", "f.example"}, {"c", "m.example"}, {"d", "new.example"}, {"e", "bad.example"}} {
			r.follow(r.actor(communities.Person, far.name, far.host), r.group, true)
		}
		r.follow(near, r.group, true)
		r.follow(r.actor(communities.Person, "asks", "asks.example"), r.group, false)
		r.software("f.example", "forum")
		r.software("m.example", "microblog")
		r.write(func(tx *Tx) error {
			return tx.PutHostRule(t.Context(), &communities.HostRule{ID: 1, Host: "bad.example", Policy: communities.HostBlocked, Reason: "spam", At: day})
		})

		followers := Audience{FollowersOf: []communities.ActorID{r.group.ID}}
		r.deliver(followers, Forms{"forum": {11, 12}, "": {12}}, "https://here.example/p/1")
		r.same("by dialect", r.queued(), []string{
			"https://f.example/inbox 11", "https://f.example/inbox 12", "https://new.example/inbox 12",
		})
		r.same("woken", r.claim(time.Now()), []string{"f.example", "new.example"})

		r.deliver(Audience{}, toEverybody, "x")
		r.deliver(followers, Forms{"meent": {5}}, "x")
		r.deliver(Audience{Actors: []communities.ActorID{near.ID}}, toEverybody, "x")
		if n := len(r.queued()); n != 3 {
			t.Errorf("%d deliveries, want 3: nobody was meant", n)
		}
		followers.ExceptHost = "f.example"
		r.deliver(followers, toEverybody, "x")
		r.same("but one", r.queued()[3:], []string{"https://m.example/inbox 1", "https://new.example/inbox 1"})
		followers.Echo = "forum"
		r.deliver(followers, toEverybody, "y")
		r.same("and back to forum software", r.queued()[5:], []string{"https://f.example/inbox 1", "https://m.example/inbox 1", "https://new.example/inbox 1"})
	})
}

func TestDeliverToParts(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		r := newRoad(t, db)
		far, other := r.actor(communities.Group, "far", "a.example"), r.actor(communities.Person, "other", "b.example")
		r.follow(r.group, far, true)
		r.settle(Settlement{Now: day, Done: []Delivery{{ID: 77, Host: "c.example", Inbox: "https://c.example/in", ObjectURI: "o"}}})
		r.deliver(Audience{
			FollowedBy: []communities.ActorID{r.group.ID}, Actors: []communities.ActorID{other.ID, far.ID}, Holders: "o",
		}, toEverybody, "o")
		r.same("parts", r.queued(), []string{"https://a.example/inbox 1", "https://b.example/inbox 1", "https://c.example/in 1"})
	})
}

func TestSettle(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		r := newRoad(t, db)
		for _, host := range []string{"a.example", "b.example"} {
			r.follow(r.actor(communities.Person, "x", host), r.group, true)
		}
		all := Audience{FollowersOf: []communities.ActorID{r.group.ID}}
		r.deliver(all, Forms{"": {1}}, "o")
		r.deliver(all, Forms{"": {2}}, "o")
		r.deliver(all, Forms{"": {3}}, "other")
		now := time.Now().Add(time.Second).Truncate(time.Millisecond)
		r.same("claimed", r.claim(now), []string{"a.example", "b.example"})
		if again := r.claim(now); len(again) != 0 {
			t.Errorf("claimed twice: %v", again)
		}
		due := r.due(now, "a.example", "b.example")
		if len(due["a.example"]) != 3 || len(due["b.example"]) != 3 {
			t.Fatalf("due: %v", due)
		}
		a, b := due["a.example"], due["b.example"]
		r.settle(Settlement{
			Now: now, Done: a[:1], Retry: []Retry{{ID: a[1].ID, DueAt: now.Add(time.Hour), Reason: "no"}, {ID: b[0].ID, DueAt: now.Add(time.Minute), Reason: "down"}},
			Hosts: map[string]HostOutcome{
				"a.example": {Succeeded: true, Signature: "rfc9421", Released: true},
				"b.example": {Failed: true, Reason: "down", RetryAfter: 30 * time.Second, Released: true},
			},
		})
		host, err := db.Host(t.Context(), "b.example")
		if err != nil {
			t.Fatal(err)
		}
		if host.Failures != 1 || host.LastError != "down" || !host.FailingSince.Equal(now) || !host.DueAt.Equal(now.Add(30*time.Second)) {
			t.Errorf("failing host: %+v", host)
		}
		if host, err = db.Host(t.Context(), "a.example"); err != nil || host.Signature != "rfc9421" || host.Failures != 0 {
			t.Errorf("host: %+v, %v", host, err)
		}

		r.same("still due", r.claim(now), []string{"a.example"})
		left := r.due(now, "a.example", "b.example")
		if len(left["a.example"]) != 1 || left["a.example"][0].ActivityID != 3 {
			t.Errorf("due at a: %v", left["a.example"])
		}
		if len(left["b.example"]) != 1 || left["b.example"][0].ActivityID != 3 {
			t.Errorf("what was written later overtakes: %v", left["b.example"])
		}
		r.settle(Settlement{Now: now, Dropped: left["a.example"], Hosts: map[string]HostOutcome{"a.example": {Released: true}}})
		if host, err = db.Host(t.Context(), "a.example"); err != nil || !host.DueAt.Equal(now.Add(time.Hour)) {
			t.Errorf("due when what is held back is: %v, %v", host.DueAt, err)
		}

		// a failing host is not woken by something new, but by what it says
		r.deliver(all, Forms{"": {4}}, "third")
		if got := r.claim(now.Add(10 * time.Second)); slices.Contains(got, "b.example") {
			t.Errorf("claimed %v", got)
		}
		r.write(func(tx *Tx) error { return tx.HostSpoke(t.Context(), "b.example", now.Add(11*time.Second)) })
		if got := r.claim(now.Add(12 * time.Second)); !slices.Contains(got, "b.example") {
			t.Errorf("claimed %v", got)
		}
		if rows := r.due(now.Add(12*time.Second), "b.example")["b.example"]; len(rows) != 4 {
			t.Errorf("%d due, want all 4", len(rows))
		}

		var holders []string
		if err := db.idb.NewRaw("SELECT object_uri || ' ' || host FROM holders").Scan(t.Context(), &holders); err != nil {
			t.Fatal(err)
		}
		r.same("holders", holders, []string{"o a.example"})
		state, err := db.QueueState(t.Context())
		if err != nil || len(state) != 2 || state[0].Host != "b.example" || state[0].Waiting != 4 {
			t.Errorf("state %+v, %v", state, err)
		}
	})
}

// TestQueueRunsDry sees that a host rests when nothing waits, and that an expired claim passes on.
func TestQueueRunsDry(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		r := newRoad(t, db)
		r.follow(r.actor(communities.Person, "x", "a.example"), r.group, true)
		r.deliver(Audience{FollowersOf: []communities.ActorID{r.group.ID}}, toEverybody, "o")
		now := time.Now().Add(time.Second)
		r.claim(now)
		later := now.Add(2 * time.Minute)
		r.same("claim ran out", r.claim(later), []string{"a.example"})
		r.settle(Settlement{Now: later, Done: r.due(later, "a.example")["a.example"], Hosts: map[string]HostOutcome{"a.example": {Succeeded: true, Released: true}}})
		if host, err := db.Host(t.Context(), "a.example"); err != nil || !host.DueAt.IsZero() {
			t.Errorf("due at %v, %v", host.DueAt, err)
		}
		if _, err := db.writer.Exec("INSERT INTO deliveries (host, inbox, activity_id, object_uri, due_at, created_at) VALUES ('lost.example', 'i', 1, 'o', 0, 0)"); err != nil {
			t.Fatal(err)
		}
		if err := db.WakeHosts(t.Context(), later); err != nil {
			t.Fatal(err)
		}
		r.same("found again", r.claim(later), []string{"lost.example"})
	})
}

func TestReceived(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		got := Received{ID: 2, URI: "https://a.example/1", Host: "a.example", ActorURI: "https://a.example/u", Kind: "Create", Body: []byte("{\"\x00'é\"}"), ReceivedAt: day}
		for _, want := range []bool{true, false} {
			w.write(func(tx *Tx) error {
				memory, err := tx.Remember(ctx, got)
				if isNew := memory == New; isNew != want {
					t.Errorf("new %v, want %v", isNew, want)
				}
				return err
			})
		}
		stored, err := db.Received(ctx, 2)
		if err != nil {
			t.Fatal(err)
		}
		w.same("received", stored, got)
		claim := func(at time.Time, want int) {
			t.Helper()
			if rows, err := db.ClaimReceived(ctx, at, time.Minute, 5); err != nil || len(rows) != want {
				t.Errorf("claimed %v, %v, want %d", rows, err, want)
			}
		}
		claim(day, 1)
		claim(day, 0)
		if err := db.FreeReceived(ctx); err != nil {
			t.Fatal(err)
		}
		claim(day, 1)
		if err := db.PostponeReceived(ctx, 2, day.Add(time.Hour), "later"); err != nil {
			t.Fatal(err)
		}
		claim(day.Add(time.Minute), 0)
		claim(day.Add(time.Hour), 1)
		for _, want := range []error{nil, ErrSettled} {
			err := db.write(ctx, func(tx *Tx) error { tx.SettleReceived(2, Refused, "no", day); return nil })
			if !errors.Is(err, want) {
				t.Errorf("%v, want %v", err, want)
			}
		}
		claim(day.Add(24*time.Hour), 0)
		if n, err := db.PurgeReceived(ctx, day.Add(time.Hour), 10); n != 1 || err != nil {
			t.Errorf("purged %d, %v", n, err)
		}
		w.write(func(tx *Tx) error {
			if memory, err := tx.Remember(ctx, got); memory == New || err != nil {
				t.Errorf("forgotten: %v, %v", memory, err)
			}
			return nil
		})
	})
}

func TestKeys(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		a, b := w.actor(communities.Person, "a", ""), w.actor(communities.Person, "b", "")
		k := Key{URI: a.URI + "#main-key", Actor: a.ID, Kind: KeyRSA, Public: []byte{0, 1}, Private: []byte{2}, CreatedAt: day}
		w.write(func(tx *Tx) error { return tx.PutKey(ctx, k) })
		w.refused(communities.KindConflict, func(tx *Tx) error { other := k; other.Actor = b.ID; return tx.PutKey(ctx, other) })
		got, err := db.KeyByURI(ctx, k.URI)
		if err != nil {
			t.Fatal(err)
		}
		w.same("key", got, k)
		w.write(func(tx *Tx) error { return tx.RetireKeys(ctx, a.ID, day) })
		if keys, err := db.KeysOf(ctx, a.ID); err != nil || len(keys) != 0 {
			t.Errorf("keys %v, %v", keys, err)
		}
		k.Public = []byte{9}
		w.write(func(tx *Tx) error { return tx.PutKey(ctx, k) })
		keys, err := db.KeysOf(ctx, a.ID)
		if err != nil {
			t.Fatal(err)
		}
		w.same("keys", keys, []Key{k})
	})
}

func TestActivities(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		g := w.actor(communities.Group, "plein", "")
		put := func(id communities.ActivityID, uri, dialect, object, body string) Activity {
			a := Activity{ID: id, URI: uri, Actor: g.ID, Kind: "Announce", ObjectURI: object, Dialect: dialect, Public: true, Body: []byte(body), CreatedAt: day}
			w.write(func(tx *Tx) error { return tx.PutActivity(ctx, a) })
			return a
		}
		whole := put(1, "u1", "", "o1", `{"object":{"type":"Create"}}`)
		note := put(2, "u1", "microblog", "o1", `{"object":"o1"}`)
		put(3, "u3", "", "o2", `{"object":"o2"}`)
		second := put(4, "u4", "", "o2", `{"object":{"type":"Create","n":2}}`)
		put(5, "u5", "", "o2", `{"object":{"type":"Create","n":3}}`)
		w.refused(communities.KindConflict, func(tx *Tx) error { a := whole; a.ID = 9; return tx.PutActivity(ctx, a) })
		for dialect, want := range map[string]Activity{"": whole, "forum": whole, "microblog": note} {
			got, err := db.ActivityByURI(ctx, "u1", dialect)
			if err != nil {
				t.Fatal(err)
			}
			w.same("activity for "+dialect, got, want)
		}
		got, actor, err := db.OutgoingActivity(ctx, 2)
		if err != nil {
			t.Fatal(err)
		}
		w.same("outgoing", got, note)
		w.same("by", actor, g)
		bodies, err := db.Announced(ctx, g.ID, []string{"o1", "o2", "o3"})
		if err != nil {
			t.Fatal(err)
		}
		w.same("announced", bodies, map[string][]byte{"o1": whole.Body, "o2": second.Body})
	})
}

func TestLogIsUnbroken(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		g := w.actor(communities.Group, "plein", "")
		const writers, each = 8, 10
		broken := errors.New("undone")
		errs := make(chan error, writers)
		for i := range writers {
			go func() {
				for j := range each {
					err := db.write(ctx, func(tx *Tx) error {
						tx.AppendLog(g.ID, fmt.Sprintf("a%d-%d", i, j), "o", [32]byte{byte(i), byte(j)})
						if j%3 != 2 {
							return nil
						}
						return errors.Join(tx.flushLog(ctx), broken) // an undone transaction leaves no gap
					})
					if err != nil && !errors.Is(err, broken) {
						errs <- err
						return
					}
				}
				errs <- nil
			}()
		}
		for range writers {
			if err := <-errs; err != nil {
				t.Fatal(err)
			}
		}
		entries, err := db.Log(ctx, g.ID, 1, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if want := writers * (each - each/3); len(entries) != want {
			t.Errorf("%d entries, want %d", len(entries), want)
		}
		var before [32]byte
		for i, e := range entries {
			if e.Number != int64(i+1) || e.Hash != ChainHash(before, e.Number, e.Content) {
				t.Fatalf("the chain breaks at %d", i+1)
			}
			before = e.Hash
		}
		number, hash, err := db.LogHead(ctx, g.ID)
		if err != nil || number != int64(len(entries)) || hash != before {
			t.Errorf("head %d, %v", number, err)
		}
	})
}

func TestSecrets(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		a := w.actor(communities.Person, "a", "")
		w.write(func(tx *Tx) error {
			return errors.Join(
				tx.PutSignInLink(ctx, SignInLink{Hash: "l", Actor: a.ID, CreatedAt: day, ExpiresAt: day.Add(time.Hour)}),
				tx.PutSession(ctx, Session{Hash: "s", Actor: a.ID, CreatedAt: day, SeenAt: day, ExpiresAt: day.Add(time.Hour)}),
				tx.PutAccessToken(ctx, AccessToken{Hash: "t", Actor: a.ID, Scopes: "read", CreatedAt: day}),
				tx.PutSetting(ctx, "name", "x"), tx.PutSetting(ctx, "name", "Meent"))
		})
		w.refused(communities.KindNotFound, func(tx *Tx) error { _, err := tx.TakeSignInLink(ctx, "l", day.Add(time.Hour)); return err })
		w.write(func(tx *Tx) error {
			id, err := tx.TakeSignInLink(ctx, "l", day)
			if id != a.ID {
				t.Errorf("link of %d", id)
			}
			return err
		})
		w.refused(communities.KindNotFound, func(tx *Tx) error { _, err := tx.TakeSignInLink(ctx, "l", day); return err })
		if s, err := db.Session(ctx, "s", day); err != nil || s.Actor != a.ID {
			t.Errorf("session %+v, %v", s, err)
		}
		if _, err := db.Session(ctx, "s", day.Add(time.Hour)); !communities.IsNotFound(err) {
			t.Errorf("a session that ran out: %v", err)
		}
		if v, err := db.AccessToken(ctx, "t"); err != nil || v.Scopes != "read" {
			t.Errorf("token %+v, %v", v, err)
		}
		w.write(func(tx *Tx) error { return tx.RevokeAccessToken(ctx, "t", day) })
		if _, err := db.AccessToken(ctx, "t"); !communities.IsNotFound(err) {
			t.Errorf("a revoked token: %v", err)
		}
		if v, err := db.Setting(ctx, "name"); err != nil || v != "Meent" {
			t.Errorf("setting %q, %v", v, err)
		}
		w.write(func(tx *Tx) error { return errors.Join(tx.PurgeSecrets(ctx, day.Add(time.Hour)), tx.Sever(ctx, a.ID)) })
	})
}
