package federation

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"meent/communities"
	"meent/storage"
	"meent/storage/storagetest"
)

// region is a town with a group and neighbours of every dialect, without a network: what is looked at is who would be sent what.
type region struct {
	*testing.T
	db     *storage.DB
	town   *communities.Town
	road   *Road
	node   *communities.Actor
	anna   *communities.Actor // lives here
	group  *communities.Actor
	people map[string]*communities.Actor // one for each host
}

// neighbours are the hosts and what they run. Each has one person, who follows the group; those of "fan" follow anna instead.
var neighbours = map[string]dialect{
	"mastodon.example": dialectMicroblog, "lemmy.example": dialectForum, "discourse.example": dialectLibrary, "meent.example": dialectMeent,
	"new.example": dialectUnknown, "fan.example": dialectMicroblog,
}

func inRegion(t *testing.T, test func(*region)) {
	t.Helper()
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, dsn string) {
		r := &region{T: t, people: map[string]*communities.Actor{}}
		db, err := storage.Open(t.Context(), dsn, storage.Options{Queue: r})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.db = db
		r.road = New(db, nil, Options{Address: here, Name: "Stad", Version: "1.0", Log: slog.New(slog.DiscardHandler), Now: time.Now})
		r.town = communities.NewTown(db, r.road, db.IDs(), here, time.Now)
		r.road.Connect(r.town)
		r.settle()
		test(r)
	})
}

// Insert and Nudge implement [storage.Queue]: tasks do not matter here.
func (r *region) Insert(context.Context, *sql.Tx, []communities.Task) error { return nil }
func (r *region) Nudge()                                                    {}

func (r *region) settle() {
	r.write(func(tx communities.Tx) (err error) {
		if r.node, err = r.town.Found(r.Context(), tx, "Stad"); err != nil {
			return err
		}
		if r.anna, err = r.town.CreatePerson(r.Context(), tx, communities.NewPerson{Name: "anna", Email: "anna@stad.example", By: r.node.ID}); err != nil {
			return err
		}
		r.group, err = r.town.CreateGroup(r.Context(), tx, communities.NewGroup{Name: "wijkraad", DisplayName: "Wijkraad", By: r.node.ID})
		return err
	})
	for host, d := range neighbours {
		r.move(host, d)
	}
	r.forget()
}

// move has a person of a host follow the group, or anna.
func (r *region) move(host string, d dialect) {
	uri := "https://" + host + "/u/bo"
	bo := &communities.Actor{
		Kind: communities.Person, Name: "bo", Host: host, URI: uri,
		Endpoints: communities.Endpoints{Inbox: uri + "/inbox", SharedInbox: "https://" + host + "/inbox"},
	}
	followee := r.group.ID
	if strings.HasPrefix(host, "fan.") {
		followee = r.anna.ID
	}
	r.write(func(tx communities.Tx) (err error) {
		if bo, err = r.town.StoreRemoteActor(r.Context(), tx, bo); err != nil {
			return err
		}
		if err := storage.Of(tx).PutHostSoftware(r.Context(), host, string(d), "1", string(d), time.Now()); err != nil {
			return err
		}
		_, err = r.town.Follow(r.Context(), tx, communities.Following{Follower: bo.ID, Followee: followee, URI: uri + "/follow"})
		return err
	})
	r.people[host] = bo
}

func (r *region) write(fn func(communities.Tx) error) {
	r.Helper()
	if err := r.db.Write(r.Context(), fn); err != nil {
		r.Fatal(err)
	}
}

func (r *region) publish(d communities.Draft) *communities.Post {
	r.Helper()
	var p *communities.Post
	r.write(func(tx communities.Tx) (err error) {
		p, err = r.town.Publish(r.Context(), tx, d)
		return err
	})
	return p
}

// thread is a public thread by anna in the group.
func (r *region) thread() *communities.Post {
	r.Helper()
	return r.publish(communities.Draft{Author: r.anna.ID, Group: r.group.ID, Title: "Bomen", Source: "Meer bomen?"})
}

// plan lists what waits for each host, in order, as "Create/Article".
func (r *region) plan() map[string][]string {
	r.Helper()
	hosts := make([]string, 0, len(neighbours))
	for host := range neighbours {
		hosts = append(hosts, host)
	}
	due, err := r.db.DueDeliveries(r.Context(), hosts, time.Now().Add(time.Hour), 100)
	if err != nil {
		r.Fatal(err)
	}
	plan := map[string][]string{}
	for host, rows := range due {
		for _, row := range rows {
			activity, _, err := r.db.OutgoingActivity(r.Context(), row.ActivityID)
			if err != nil {
				r.Fatal(err)
			}
			if row.Inbox != "https://"+host+"/inbox" {
				r.Errorf("%s: to %s, not to the shared inbox", host, row.Inbox)
			}
			plan[host] = append(plan[host], shape(r, activity.Body))
		}
		sort.Strings(plan[host]) // different objects have no order among them
	}
	return plan
}

// shape names the types of a document from the outside in; a bare id is "id".
func shape(t *region, body []byte) string {
	var doc any
	if err := json.Unmarshal(body, &doc); err != nil {
		t.Fatal(err)
	}
	var names []string
	for doc != nil {
		object, ok := doc.(map[string]any)
		if !ok {
			names = append(names, "id")
			break
		}
		names = append(names, fmt.Sprint(object["type"]))
		doc = object["object"]
	}
	return strings.Join(names, "/")
}

// forget marks everything that waits as delivered, so that the hosts hold it.
func (r *region) forget() {
	r.Helper()
	s := storage.Settlement{Now: time.Now(), Hosts: map[string]storage.HostOutcome{}}
	for host := range neighbours {
		due, err := r.db.DueDeliveries(r.Context(), []string{host}, time.Now().Add(time.Hour), 100)
		if err != nil {
			r.Fatal(err)
		}
		s.Done = append(s.Done, due[host]...)
	}
	if err := r.db.SettleDeliveries(r.Context(), "test", s); err != nil {
		r.Fatal(err)
	}
}

func (r *region) expects(want map[string][]string) {
	r.Helper()
	if diff := cmp.Diff(want, r.plan()); diff != "" {
		r.Errorf("who is sent what (-want +got):\n%s", diff)
	}
}

// TestPlanOfThreads: each server gets the form that it reads, and nobody else gets anything (SECURITY V13; DESIGN 3.5).
func TestPlanOfThreads(t *testing.T) {
	inRegion(t, func(r *region) {
		p := r.thread()
		r.expects(map[string][]string{
			"mastodon.example": {"Announce/id"}, "lemmy.example": {"Announce/Create/Article"}, "discourse.example": {"Announce/id"},
			"meent.example": {"Announce/Create/Article"}, "new.example": {"Announce/Create/Article", "Announce/id"}, "fan.example": {"Create/Note"},
		})
		r.forget()

		r.publish(communities.Draft{Author: r.anna.ID, InReplyTo: p.ID, Source: "En bankjes."})
		r.expects(map[string][]string{
			"lemmy.example": {"Announce/Create/Note"}, "meent.example": {"Announce/Create/Note"}, "new.example": {"Announce/Create/Note"},
			"fan.example": {"Create/Note"},
		})
	})
}

// TestPlanOfVisibilities: who is not meant hears nothing.
func TestPlanOfVisibilities(t *testing.T) {
	inRegion(t, func(r *region) {
		bo := r.people["mastodon.example"]
		for _, tt := range []struct {
			visibility communities.Visibility
			want       map[string][]string
		}{
			{communities.Public, map[string][]string{"fan.example": {"Create/Note"}, "mastodon.example": {"Create/Note"}}},
			{communities.Unlisted, map[string][]string{"fan.example": {"Create/Note"}, "mastodon.example": {"Create/Note"}}},
			{communities.Followers, map[string][]string{"fan.example": {"Create/Note"}, "mastodon.example": {"Create/Note"}}},
			{communities.Direct, map[string][]string{"mastodon.example": {"Create/Note"}}},
		} {
			r.publish(communities.Draft{Author: r.anna.ID, Source: "Dag.", Visibility: tt.visibility, Mentions: []communities.ActorID{bo.ID}})
			r.expects(tt.want)
			r.forget()
		}
		r.publish(communities.Draft{Author: r.anna.ID, Group: r.group.ID, Title: "Onder ons", Source: "Besloten.", Visibility: communities.GroupOnly})
		r.expects(map[string][]string{})
	})
}

// TestPlanOfChanges: an edit and a deletion reach everybody who got the post; microblogs believe them from the author only.
func TestPlanOfChanges(t *testing.T) {
	inRegion(t, func(r *region) {
		p := r.thread()
		r.forget()
		r.write(func(tx communities.Tx) error {
			_, err := r.town.Edit(r.Context(), tx, p.ID, communities.Draft{Author: r.anna.ID, Title: "Bomen", Source: "Nog meer bomen?"})
			return err
		})
		r.expects(map[string][]string{
			"mastodon.example": {"Update/Note"}, "lemmy.example": {"Announce/Update/Article", "Update/Article"}, "discourse.example": {"Update/Article"},
			"meent.example": {"Announce/Update/Article", "Update/Article"}, "new.example": {"Announce/Update/Article", "Update/Article"},
			"fan.example": {"Update/Note"},
		})
		r.forget()
		r.write(func(tx communities.Tx) error {
			return r.town.Delete(r.Context(), tx, communities.Deletion{Post: p.ID, By: r.anna.ID})
		})
		r.expects(map[string][]string{
			"mastodon.example":  {"Delete/Tombstone", "Undo/Announce/id"},
			"discourse.example": {"Delete/Tombstone", "Undo/Announce/id"},
			"lemmy.example":     {"Announce/Delete/Tombstone", "Delete/Tombstone"},
			"meent.example":     {"Announce/Delete/Tombstone", "Delete/Tombstone"},
			"new.example":       {"Announce/Delete/Tombstone", "Delete/Tombstone", "Undo/Announce/id"},
			"fan.example":       {"Delete/Tombstone"},
		})
	})
}

// TestPlanOfRemoval: Undo{Announce} for microblogs, a Delete with its reason for forum software (PROTOCOL 0.7).
func TestPlanOfRemoval(t *testing.T) {
	inRegion(t, func(r *region) {
		p := r.thread()
		r.forget()
		r.write(func(tx communities.Tx) error {
			return r.town.Remove(r.Context(), tx, communities.Moderation{Post: p.ID, By: r.node.ID, Reason: "reclame"})
		})
		r.expects(map[string][]string{
			"mastodon.example": {"Undo/Announce/id"}, "discourse.example": {"Undo/Announce/id"}, "lemmy.example": {"Announce/Delete/id"},
			"meent.example": {"Announce/Delete/id"}, "new.example": {"Announce/Delete/id", "Undo/Announce/id"},
		})
	})
}

// TestPlanOfDecisions: the server of whom a decision concerns hears it once: from the group where somebody there follows it, else directly.
func TestPlanOfDecisions(t *testing.T) {
	inRegion(t, func(r *region) {
		for _, host := range []string{"lemmy.example", "meent.example"} {
			bo := r.people[host]
			p := r.publish(communities.Draft{Author: bo.ID, Group: r.group.ID, Title: "Van ver", Content: "<p>x</p>", URI: bo.URI + "/1", Visibility: communities.Public})
			ruling := communities.Moderation{Post: p.ID, By: r.node.ID, Reason: "reclame"}
			remove := func(tx communities.Tx) error { return r.town.Remove(r.Context(), tx, ruling) }
			restore := func(tx communities.Tx) error { return r.town.Restore(r.Context(), tx, ruling) }
			unfollow := func(tx communities.Tx) error {
				return r.town.Unfollow(r.Context(), tx, communities.Following{Follower: bo.ID, Followee: r.group.ID})
			}
			ban := func(tx communities.Tx) error {
				return r.town.Ban(r.Context(), tx, communities.Banning{Group: r.group.ID, Person: bo.ID, By: r.node.ID, Reason: "reclame"})
			}
			for _, step := range []struct {
				do   func(communities.Tx) error
				want []string
			}{
				{remove, []string{"Announce/Delete/id"}},
				{restore, []string{"Announce/Undo/Delete/id"}},
				{unfollow, nil},
				{remove, []string{"Delete/id"}},
				{ban, []string{"Block/id"}},
			} {
				r.forget()
				r.write(step.do)
				if diff := cmp.Diff(step.want, r.plan()[host]); diff != "" {
					r.Errorf("%s (-want +got):\n%s", host, diff)
				}
			}
		}
	})
}

// TestPlanOfRemovalAgain: each time that a thread comes back it is boosted under an id of its own, and that boost is the one taken back.
func TestPlanOfRemovalAgain(t *testing.T) {
	inRegion(t, func(r *region) {
		p := r.thread()
		ruling := communities.Moderation{Post: p.ID, By: r.node.ID, Reason: "reclame"}
		boosts := []string{r.boostOf("Announce")}
		for range 3 {
			r.write(func(tx communities.Tx) error { return r.town.Remove(r.Context(), tx, ruling) })
			if got := r.boostOf("Undo"); got != boosts[len(boosts)-1] {
				t.Fatalf("undone %s, of %v", got, boosts)
			}
			r.write(func(tx communities.Tx) error { return r.town.Restore(r.Context(), tx, ruling) })
			boosts = append(boosts, r.boostOf("Announce"))
		}
		if unique := slices.Compact(slices.Sorted(slices.Values(boosts))); len(unique) != len(boosts) {
			t.Errorf("ids were used twice: %v", boosts)
		}
	})
}

// boostOf reads the id of the boost that waits for the microblog, or that an Undo waiting for it names.
func (r *region) boostOf(kind string) string {
	r.Helper()
	due, err := r.db.DueDeliveries(r.Context(), []string{"mastodon.example"}, time.Now().Add(time.Hour), 100)
	if err != nil {
		r.Fatal(err)
	}
	rows := due["mastodon.example"]
	if len(rows) != 1 {
		r.Fatalf("%d activities wait, want one %s", len(rows), kind)
	}
	activity, _, err := r.db.OutgoingActivity(r.Context(), rows[0].ActivityID)
	if err != nil || activity.Kind != kind {
		r.Fatalf("%s waits, want %s: %v", activity.Kind, kind, err)
	}
	r.forget()
	var doc struct {
		ID     string
		Object json.RawMessage
	}
	if err := json.Unmarshal(activity.Body, &doc); err != nil {
		r.Fatal(err)
	}
	if kind == "Undo" {
		return idOf(string(doc.Object))
	}
	return doc.ID
}

// TestPlanOfAskingAgain: to follow once more says the same Follow again, for a server that never answered.
func TestPlanOfAskingAgain(t *testing.T) {
	inRegion(t, func(r *region) {
		for range 2 {
			r.write(func(tx communities.Tx) error {
				_, err := r.town.Follow(r.Context(), tx, communities.Following{Follower: r.anna.ID, Followee: r.people["lemmy.example"].ID})
				return err
			})
			r.expects(map[string][]string{"lemmy.example": {"Follow/id"}})
			r.forget()
		}
	})
}
