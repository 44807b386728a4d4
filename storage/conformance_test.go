package storage

import (
	"context"
	"errors"
	"testing"
	"time"

	"meent/communities"
)

func TestActors(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		g := &communities.Actor{
			ID: communities.ActorID(w.id()), Kind: communities.Group, Name: "plein", URI: "https://here.example/g/plein", URL: "https://here.example/g/plein",
			DisplayName: "'t Plein", Summary: "<p>It's</p>", Source: "It's", Language: "nl",
			Fields: []communities.Field{{Name: "a", Value: "b", VerifiedAt: day}},
			Icon:   communities.Image{URL: "https://here.example/i.png", Alt: "een ?plein"}, Header: communities.Image{URL: "https://here.example/h.png"},
			Endpoints: communities.Endpoints{
				Inbox: "https://here.example/g/plein/inbox", SharedInbox: "https://here.example/inbox", Outbox: "o", Followers: "f",
				Following: "g", Featured: "t", Moderators: "m",
			},
			Locked: true, Discoverable: true, Indexable: true, AlsoKnownAs: []string{"https://old.example/g"}, MovedTo: "https://new.example/g",
			Group:     &communities.GroupSettings{Joining: communities.JoinApproval, Posting: communities.PostModerators, Style: communities.StyleNotices, Closed: true},
			CreatedAt: day, UpdatedAt: day.Add(time.Millisecond), FetchedAt: day, SuspendedAt: day, DeletedAt: day,
		}
		w.write(func(tx *Tx) error { return tx.CreateActor(ctx, g) })
		w.same("actor", w.readActor(g.ID), g)
		far := w.actor(communities.Person, "plein", "far.example")
		for name, read := range map[string]func() (*communities.Actor, error){
			"uri":  func() (*communities.Actor, error) { return db.ActorByURI(ctx, far.URI) },
			"name": func() (*communities.Actor, error) { return db.ActorByName(ctx, "plein", "far.example") },
		} {
			got, err := read()
			if err != nil {
				t.Fatal(name, err)
			}
			w.same("by "+name, got, far)
		}
		all, err := db.ActorsByURI(ctx, []string{far.URI, g.URI, "https://nobody.example/"})
		if err != nil {
			t.Fatal(err)
		}
		w.same("by uris", all, []*communities.Actor{g, far})

		w.refused(communities.KindConflict, func(tx *Tx) error {
			return tx.CreateActor(ctx, &communities.Actor{ID: communities.ActorID(w.id()), Name: "plein", URI: "https://here.example/u/plein"})
		})
		w.refused(communities.KindConflict, func(tx *Tx) error {
			return tx.CreateActor(ctx, &communities.Actor{ID: communities.ActorID(w.id()), Name: "other", URI: far.URI, Host: "far.example"})
		})
		w.refused(communities.KindNotFound, func(tx *Tx) error { return tx.UpdateActor(ctx, &communities.Actor{ID: 7}) })
		w.refused(communities.KindNotFound, func(tx *Tx) error { _, err := tx.ActorByURI(ctx, "https://no.example"); return err })

		g.DisplayName, g.Summary, g.SuspendedAt, g.DeletedAt = "Het plein", "a\x00b\xff", time.Time{}, time.Time{}
		changed := *g
		changed.URI, changed.FollowersCount = "https://else.example", 12
		w.write(func(tx *Tx) error { return tx.UpdateActor(ctx, &changed) })
		g.Summary = "ab\uFFFD"
		w.same("updated", w.readActor(g.ID), g)
	})
}

func TestAccounts(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		anna, bert := w.actor(communities.Person, "anna", ""), w.actor(communities.Person, "bert", "")
		a := &communities.Account{Actor: anna.ID, Email: "a@x.example", PasswordHash: "h", Role: communities.RoleAdmin, Locale: "nl", CreatedAt: day}
		b := &communities.Account{Actor: bert.ID, Email: "b@x.example", Role: communities.RoleResident, CreatedAt: day, DisabledAt: day}
		w.write(func(tx *Tx) error { return errors.Join(tx.PutAccount(ctx, a), tx.PutAccount(ctx, b)) })
		got, err := db.Account(ctx, bert.ID)
		if err != nil {
			t.Fatal(err)
		}
		w.same("account", got, b)
		clash := *b
		clash.Email = a.Email
		w.refused(communities.KindConflict, func(tx *Tx) error { return tx.PutAccount(ctx, &clash) })
		b.Role, b.DisabledAt = communities.RoleNodeModerator, time.Time{}
		w.write(func(tx *Tx) error { return tx.PutAccount(ctx, b) })
		if got, err = db.AccountByEmail(ctx, b.Email); err != nil {
			t.Fatal(err)
		}
		w.same("replaced", got, b)
		for role, want := range map[communities.NodeRole][]*communities.Actor{
			communities.RoleAdmin: {anna}, communities.RoleNodeModerator: {anna, bert},
		} {
			staff, err := db.Staff(ctx, role)
			if err != nil {
				t.Fatal(err)
			}
			w.same("staff", staff, want)
		}
	})
}

func TestFollows(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		anna, far := w.actor(communities.Person, "anna", ""), w.actor(communities.Person, "far", "far.example")
		f := &communities.Follow{ID: 5, Follower: far.ID, Followee: anna.ID, URI: "https://far.example/f/1", CreatedAt: day}
		counts := func(followers, following int) {
			t.Helper()
			if got := w.readActor(anna.ID).FollowersCount; got != followers {
				t.Errorf("followers %d, want %d", got, followers)
			}
			if got := w.readActor(far.ID).FollowingCount; got != following {
				t.Errorf("following %d, want %d", got, following)
			}
		}
		put := func() { t.Helper(); w.write(func(tx *Tx) error { return tx.PutFollow(ctx, f) }) }
		put()
		counts(0, 0)
		f.Accepted, f.URI = true, "https://far.example/f/2"
		put()
		put()
		counts(1, 1)
		got, err := db.Follow(ctx, far.ID, anna.ID)
		if err != nil {
			t.Fatal(err)
		}
		w.same("follow", got, f)
		if got, err = db.FollowByURI(ctx, f.URI); err != nil {
			t.Fatal(err)
		}
		w.same("by uri", got, f)
		f.Accepted = false
		put()
		counts(0, 0)
		f.Accepted = true
		put()
		w.write(func(tx *Tx) error { return tx.DeleteFollow(ctx, far.ID, anna.ID) })
		counts(0, 0)
		w.refused(communities.KindNotFound, func(tx *Tx) error { return tx.DeleteFollow(ctx, far.ID, anna.ID) })
		w.refused(communities.KindNotFound, func(tx *Tx) error { _, err := tx.Follow(ctx, far.ID, anna.ID); return err })
	})
}

func TestGroups(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		g := w.actor(communities.Group, "plein", "")
		a, b, c := w.actor(communities.Person, "a", ""), w.actor(communities.Person, "b", ""), w.actor(communities.Person, "c", "")
		mod := &communities.Membership{Group: g.ID, Person: a.ID, Role: communities.RoleModerator, CreatedAt: day}
		owner := &communities.Membership{Group: g.ID, Person: b.ID, Role: communities.RoleMember, Pending: true, CreatedAt: day}
		w.write(func(tx *Tx) error {
			return errors.Join(tx.PutMembership(ctx, mod), tx.PutMembership(ctx, owner),
				tx.PutMembership(ctx, &communities.Membership{Group: g.ID, Person: c.ID, Role: communities.RoleManager, Pending: true, CreatedAt: day}))
		})
		owner.Role, owner.Pending = communities.RoleOwner, false
		w.write(func(tx *Tx) error { return tx.PutMembership(ctx, owner) })
		got, err := db.Membership(ctx, g.ID, b.ID)
		if err != nil {
			t.Fatal(err)
		}
		w.same("membership", got, owner)
		mods, err := db.Moderators(ctx, g.ID)
		if err != nil {
			t.Fatal(err)
		}
		w.same("moderators", mods, []*communities.Membership{owner, mod})
		w.write(func(tx *Tx) error { return tx.DeleteMembership(ctx, g.ID, a.ID) })
		w.refused(communities.KindNotFound, func(tx *Tx) error { return tx.DeleteMembership(ctx, g.ID, a.ID) })

		ban := &communities.Ban{Group: 0, Person: c.ID, By: b.ID, Reason: "spam", CreatedAt: day}
		w.write(func(tx *Tx) error { return tx.PutBan(ctx, ban) })
		ban.Until = day.Add(time.Hour)
		w.write(func(tx *Tx) error { return tx.PutBan(ctx, ban) })
		gotBan, err := db.Ban(ctx, 0, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		w.same("ban", gotBan, ban)
		w.write(func(tx *Tx) error { return tx.DeleteBan(ctx, 0, c.ID) })
		w.refused(communities.KindNotFound, func(tx *Tx) error { return tx.DeleteBan(ctx, 0, c.ID) })

		block := &communities.Block{Blocker: a.ID, Blocked: b.ID, URI: "https://x.example/b", CreatedAt: day}
		w.write(func(tx *Tx) error { return errors.Join(tx.PutBlock(ctx, block), tx.PutBlock(ctx, block)) })
		gotBlock, err := db.Block(ctx, a.ID, b.ID)
		if err != nil {
			t.Fatal(err)
		}
		w.same("block", gotBlock, block)
		for pair, want := range map[[2]communities.ActorID]bool{{a.ID, b.ID}: true, {b.ID, a.ID}: true, {a.ID, c.ID}: false} {
			if got, err := db.BlockBetween(ctx, pair[0], pair[1]); err != nil || got != want {
				t.Errorf("block between %v: %v, %v", pair, got, err)
			}
		}
		w.write(func(tx *Tx) error { return tx.DeleteBlock(ctx, a.ID, b.ID) })
		w.refused(communities.KindNotFound, func(tx *Tx) error { return tx.DeleteBlock(ctx, a.ID, b.ID) })
	})
}

func TestNotificationsAndReports(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		anna, bert := w.actor(communities.Person, "anna", ""), w.actor(communities.Person, "bert", "")
		n := &communities.Notification{ID: 9, Recipient: anna.ID, Kind: communities.NotifyFollow, From: bert.ID, CreatedAt: day}
		for _, want := range []bool{true, false} {
			w.write(func(tx *Tx) error {
				stored, err := tx.PutNotification(ctx, n)
				if stored != (communities.Stored{New: want}) {
					t.Errorf("stored %+v, want new %v", stored, want)
				}
				n.ID++
				return err
			})
		}
		r := &communities.Report{
			ID: 4, URI: "https://x.example/r", Reporter: anna.ID, Target: bert.ID, Posts: []communities.PostID{1, 2}, Category: "spam",
			Comment: "c", Forward: true, CreatedAt: day,
		}
		w.write(func(tx *Tx) error { return tx.CreateReport(ctx, r) })
		w.refused(communities.KindConflict, func(tx *Tx) error { return tx.CreateReport(ctx, r) })
		if open, err := db.OpenReports(ctx); err != nil || len(open) != 1 {
			t.Errorf("open reports: %v, %v", open, err)
		}
		r.ResolvedAt, r.ResolvedBy, r.AssignedTo, r.Category, r.Rules = day, bert.ID, anna.ID, "violation", []communities.RuleID{2}
		w.write(func(tx *Tx) error { return tx.UpdateReport(ctx, r) })
		got, err := db.Report(ctx, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		w.same("report", got, r)
		w.refused(communities.KindNotFound, func(tx *Tx) error { return tx.UpdateReport(ctx, &communities.Report{ID: 77}) })
	})
}

func TestHomes(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		anna, bert, carl := w.actor(communities.Person, "anna", ""), w.actor(communities.Person, "bert", ""), w.actor(communities.Person, "carl", "")
		far := w.actor(communities.Person, "far", "far.example")
		w.follow(bert, anna, true)
		w.follow(carl, anna, false)
		w.follow(far, anna, true)
		w.follow(bert, far, true)
		p, q := w.post(anna, nil), w.post(far, nil)
		for range 2 {
			w.write(func(tx *Tx) error {
				return errors.Join(atHomes(ctx, tx, p, anna), atHomes(ctx, tx, q, far))
			})
		}
		var got []string
		if err := db.idb.NewRaw("SELECT a.name || ' ' || CASE WHEN post_id = ? THEN 'p' ELSE 'q' END FROM home_entries JOIN actors AS a ON a.id = owner_id ORDER BY 1", p.ID).Scan(ctx, &got); err != nil {
			t.Fatal(err)
		}
		w.same("homes", got, []string{"anna p", "bert p", "bert q"})
	})
}

func TestWrite(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		broken := errors.New("broken")
		nudged := 0
		err := db.Write(ctx, func(tx communities.Tx) error {
			tx.AfterCommit(func() { nudged++ })
			if err := tx.CreateActor(ctx, &communities.Actor{ID: 1, Name: "a", URI: "a", CreatedAt: day}); err != nil {
				return err
			}
			return broken
		})
		if !errors.Is(err, broken) || nudged != 0 {
			t.Errorf("%v, nudged %d", err, nudged)
		}
		w.refused(communities.KindNotFound, func(tx *Tx) error { _, err := tx.Actor(ctx, 1); return err })
		func() {
			defer func() { _ = recover() }()
			_ = db.Write(ctx, func(communities.Tx) error { panic("oops") })
		}()
		w.write(func(tx *Tx) error { tx.AfterCommit(func() { nudged++ }); return nil })
		if nudged != 1 {
			t.Errorf("nudged %d times", nudged)
		}
		cancelled, cancel := context.WithCancel(ctx)
		err = db.Write(cancelled, func(tx communities.Tx) error { cancel(); _, err := tx.Actor(cancelled, 1); return err })
		if err == nil {
			t.Error("a cancelled transaction was committed")
		}
	})
}
