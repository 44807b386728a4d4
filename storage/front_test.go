package storage

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"meent/communities"
)

func TestTownThreads(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		w := world{t, db}
		group := w.actor(communities.Group, "plein", "")
		local, far := w.actor(communities.Person, "anna", ""), w.actor(communities.Person, "joris", "far.example")
		in := func(visibility communities.Visibility) func(*communities.Post) {
			return func(p *communities.Post) { p.Group, p.Visibility = group.ID, visibility }
		}
		written := w.post(local, in(communities.Public))
		w.boost(group, written)
		guest := w.post(far, in(communities.Public))
		w.boost(group, guest)
		quiet := w.post(far, in(communities.Unlisted))
		w.boost(group, quiet)
		elsewhere := w.post(far, nil)
		w.boost(local, elsewhere) // shared by a person, not by a group
		w.post(local, in(communities.GroupOnly))

		threads, err := db.As(communities.Viewer{}).TownThreads(t.Context(), 10)
		if err != nil {
			t.Fatal(err)
		}
		var got []communities.PostID
		for _, v := range threads {
			got = append(got, v.Post.ID)
		}
		if diff := cmp.Diff([]communities.PostID{guest.ID, written.ID}, got); diff != "" {
			t.Errorf("threads differ:\n%s", diff)
		}
	})
}

func TestAnswers(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		w := world{t, db}
		anna := w.actor(communities.Person, "anna", "")
		first, silent := w.post(anna, nil), w.post(anna, nil)
		answer := w.reply(anna, first)
		w.reply(anna, answer)
		w.post(anna, func(p *communities.Post) { answering(answer)(p); p.Visibility = communities.Direct })
		got, err := db.As(communities.Viewer{}).Answers(t.Context(), []communities.PostID{first.ID, silent.ID})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[communities.PostID]int{first.ID: 2}, got); diff != "" {
			t.Errorf("counts differ:\n%s", diff)
		}
	})
}

// What the desk and the bell show stays in the order it came, and is gone once dealt with.
func TestDesk(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		w, ctx := world{t, db}, t.Context()
		group, anna, bert := w.actor(communities.Group, "plein", ""), w.actor(communities.Person, "anna", ""), w.actor(communities.Person, "bert", "")
		post := w.post(bert, func(p *communities.Post) { p.Group = group.ID })
		report := &communities.Report{
			ID: communities.ReportID(w.id()), URI: "https://here.example/r/1", Reporter: anna.ID, Target: bert.ID, Group: group.ID,
			Posts: []communities.PostID{post.ID}, Category: "spam", CreatedAt: day,
		}
		notice := &communities.Notification{ID: communities.NotificationID(w.id()), Recipient: anna.ID, Kind: communities.NotifyFollow, From: bert.ID, CreatedAt: day}
		w.write(func(tx *Tx) error {
			for _, err := range []error{
				tx.CreateReport(ctx, report),
				tx.PutMembership(ctx, &communities.Membership{Group: group.ID, Person: bert.ID, Role: communities.RoleMember, Pending: true, CreatedAt: day}),
				tx.PutBan(ctx, &communities.Ban{Group: group.ID, Person: bert.ID, By: anna.ID, CreatedAt: day}),
			} {
				if err != nil {
					return err
				}
			}
			_, err := tx.PutNotification(ctx, notice)
			return err
		})
		r := db.As(communities.Viewer{Actor: anna.ID})
		w.desk(r, group.ID, desk{reports: 1, requests: 1, bans: 1, unread: 1})
		w.desk(r, 0, desk{unread: 1})
		w.write(func(tx *Tx) error {
			if err := tx.ReadNotifications(ctx, anna.ID, notice.ID, day); err != nil {
				return err
			}
			report.ResolvedAt, report.ResolvedBy = day, anna.ID
			return tx.UpdateReport(ctx, report)
		})
		w.desk(r, group.ID, desk{requests: 1, bans: 1})
	})
}

type desk struct{ reports, requests, bans, unread int }

func (w world) desk(r *Reader, group communities.ActorID, want desk) {
	w.Helper()
	reports, err1 := r.OpenReports(w.Context(), group, 10)
	requests, err2 := r.JoinRequests(w.Context(), group, 10)
	bans, err3 := r.Banned(w.Context(), group)
	unread, err4 := r.CountUnread(w.Context())
	counted, err5 := r.db.CountReports(w.Context(), group)
	for _, err := range []error{err1, err2, err3, err4, err5} {
		if err != nil {
			w.Fatal(err)
		}
	}
	if got := (desk{len(reports), len(requests), len(bans), unread}); got != want || counted != want.reports {
		w.Errorf("the desk holds %+v (%d counted), want %+v", got, counted, want)
	}
	for _, report := range reports {
		if report.Reporter == nil || report.Target == nil || len(report.Posts) != 1 {
			w.Errorf("a report lacks its company: %+v", report)
		}
	}
}

func TestStanding(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		w, ctx := world{t, db}, t.Context()
		group := w.actor(communities.Group, "plein", "")
		owner, mod, member := w.actor(communities.Person, "anna", ""), w.actor(communities.Person, "mod", ""), w.actor(communities.Person, "bert", "")
		w.write(func(tx *Tx) error {
			for _, m := range []communities.Membership{
				{Person: mod.ID, Role: communities.RoleModerator}, {Person: owner.ID, Role: communities.RoleOwner}, {Person: member.ID, Role: communities.RoleMember},
			} {
				m.Group, m.CreatedAt = group.ID, day
				if err := tx.PutMembership(ctx, &m); err != nil {
					return err
				}
			}
			return tx.PutAccount(ctx, &communities.Account{Actor: member.ID, Email: "bert@example.org", Role: communities.RoleAdmin, CreatedAt: day})
		})
		staff, err := db.GroupStaff(ctx, group.ID, 5)
		if err != nil || len(staff) != 2 || staff[0].ID != owner.ID || staff[1].ID != mod.ID {
			t.Errorf("the group is run by %v, %v", staff, err)
		}
		got, err := db.Standing(ctx, group.ID, []communities.ActorID{owner.ID, mod.ID, member.ID})
		if err != nil {
			t.Fatal(err)
		}
		want := Standing{
			Roles:     map[communities.ActorID]communities.Role{owner.ID: communities.RoleOwner, mod.ID: communities.RoleModerator},
			NodeRoles: map[communities.ActorID]communities.NodeRole{member.ID: communities.RoleAdmin},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("standing differs:\n%s", diff)
		}
	})
}

// The front page costs the same whatever the archive holds.
func TestFrontPageReadsIndexes(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		w := world{t, db}
		w.fill()
		w.write(func(tx *Tx) error {
			b := tx.batch()
			b.add("INSERT INTO posts (id, uri, kind, author_id, local, thread_id, boost_of_id, visibility, created_at, last_activity_at)" +
				" SELECT 100000 + id, 's' || id, 'boost', group_id, TRUE, 100000 + id, id, 'public', id, id FROM posts WHERE id = thread_id")
			if db.Postgres() {
				b.add("ANALYZE posts")
			}
			return b.exec(t.Context())
		})
		log := &queryLog{}
		db.idb = db.idb.(*bun.DB).WithQueryHook(log)
		for _, viewer := range []communities.Viewer{{}, {Actor: 1}} {
			r := db.As(viewer)
			if _, err := r.TownThreads(t.Context(), 12); err != nil {
				t.Fatal(err)
			}
			if _, err := r.Answers(t.Context(), []communities.PostID{400, 404, 408}); err != nil {
				t.Fatal(err)
			}
			queries := log.take()
			if len(queries) == 0 {
				t.Error("no query for posts was seen")
			}
			for _, query := range queries {
				plan := w.plan(query)
				if found := costly.FindString(plan); found != "" && !strings.Contains(found, "Sort") {
					t.Errorf("%q in the plan:\n%s\n%s", found, query, plan)
				}
			}
		}
	})
}
