package communities_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	. "meent/communities"
	"meent/storage"
	"meent/storage/storagetest"
)

// village is a town on a real archive, with a clock that the test moves and ears for what the town tells.
type village struct {
	*testing.T
	db   *storage.DB
	town *Town
	node *Actor // the node's own actor

	mu    sync.Mutex
	clock time.Time
	told  []Happened
	tasks []Task
}

const base = "https://meent.example"

// inVillage runs a test on each database.
func inVillage(t *testing.T, test func(*village)) {
	t.Helper()
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, dsn string) {
		v := &village{T: t, clock: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
		db, err := storage.Open(t.Context(), dsn, storage.Options{Now: v.now, Queue: v})
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
		ids, err := NewIDs(1, v.now)
		if err != nil {
			t.Fatal(err)
		}
		v.db, v.town = db, NewTown(db, v, ids, Address{Base: base}, v.now)
		v.node = do(v, func(tx Tx) (*Actor, error) { return v.town.Found(t.Context(), tx, "Meent") })
		test(v)
	})
}

func (v *village) now() time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.clock
}

func (v *village) later(d time.Duration) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.clock = v.clock.Add(d)
}

// Tell implements [Herald].
func (v *village) Tell(_ context.Context, _ Tx, e Happened) error {
	v.told = append(v.told, e)
	return nil
}

// Insert and Nudge implement [storage.Queue].
func (v *village) Insert(_ context.Context, _ *sql.Tx, tasks []Task) error {
	v.tasks = append(v.tasks, tasks...)
	return nil
}

func (v *village) Nudge() {}

// news returns the kinds of what was told since the last call.
func (v *village) news() string {
	var kinds []string
	for _, e := range v.told {
		kinds = append(kinds, strings.TrimPrefix(fmt.Sprintf("%T", e), "communities."))
	}
	v.told = nil
	return strings.Join(kinds, " ")
}

// tells checks what was told since the last call.
func (v *village) tells(want string) {
	v.Helper()
	if got := v.news(); got != want {
		v.Errorf("told %q, want %q", got, want)
	}
}

// heard returns the last event of a kind.
func heard[E Happened](v *village) E {
	v.Helper()
	for i := len(v.told) - 1; i >= 0; i-- {
		if e, ok := v.told[i].(E); ok {
			return e
		}
	}
	var none E
	v.Fatalf("nobody was told %T", none)
	return none
}

// try works in one transaction and returns the verb's answer.
func try[R any](v *village, fn func(Tx) (R, error)) (R, error) {
	v.Helper()
	var result R
	err := v.town.Write(v.Context(), func(tx Tx) (err error) {
		result, err = fn(tx)
		return err
	})
	return result, err
}

func do[R any](v *village, fn func(Tx) (R, error)) R {
	v.Helper()
	result, err := try(v, fn)
	if err != nil {
		v.Fatal(err)
	}
	return result
}

func (v *village) run(fn func(Tx) error) {
	v.Helper()
	do(v, func(tx Tx) (struct{}, error) { return struct{}{}, fn(tx) })
}

// refuses checks that a verb says no, of a kind, with these words, and that nobody is told.
func (v *village) refuses(kind Kind, says string, fn func(Tx) error) {
	v.Helper()
	told := len(v.told)
	_, err := try(v, func(tx Tx) (struct{}, error) { return struct{}{}, fn(tx) })
	if err == nil || KindOf(err) != kind || !strings.Contains(err.Error(), says) {
		v.Errorf("got %v, want kind %d saying %q", err, kind, says)
	}
	if len(v.told) != told {
		v.Errorf("a refusal was told: %T", v.told[len(v.told)-1])
	}
}

// person comes to live here.
func (v *village) person(name string) *Actor { return v.personAs(name, RoleResident) }

func (v *village) personAs(name string, role NodeRole) *Actor {
	v.Helper()
	return do(v, func(tx Tx) (*Actor, error) {
		return v.town.CreatePerson(v.Context(), tx, NewPerson{By: v.node.ID, Name: name, Email: name + "@mail.example", Role: role})
	})
}

// group begins here, owned by owner.
func (v *village) group(name string, owner *Actor, settings GroupSettings) *Actor {
	v.Helper()
	g := do(v, func(tx Tx) (*Actor, error) {
		return v.town.CreateGroup(v.Context(), tx, NewGroup{By: v.node.ID, Name: name, DisplayName: name, Settings: settings})
	})
	v.role(g, owner, RoleOwner)
	v.news()
	return g
}

func (v *village) role(group, person *Actor, role Role) {
	v.Helper()
	v.run(func(tx Tx) error {
		return v.town.SetRole(v.Context(), tx, RoleChange{Group: group.ID, Person: person.ID, By: v.node.ID, Role: role})
	})
}

// stranger is an actor of another node, name@host.
func (v *village) stranger(kind ActorKind, name, host string) *Actor {
	v.Helper()
	a := foreign(kind, name, host)
	return do(v, func(tx Tx) (*Actor, error) { return v.town.StoreRemoteActor(v.Context(), tx, a) })
}

func foreign(kind ActorKind, name, host string) *Actor {
	uri := "https://" + host + "/users/" + name
	return &Actor{Kind: kind, Name: name, Host: host, URI: uri, Endpoints: Endpoints{Inbox: uri + "/inbox"}}
}

func (v *village) publish(d Draft) *Post {
	v.Helper()
	return do(v, func(tx Tx) (*Post, error) { return v.town.Publish(v.Context(), tx, d) })
}

func (v *village) publishing(d Draft) func(Tx) error {
	return func(tx Tx) error {
		_, err := v.town.Publish(v.Context(), tx, d)
		return err
	}
}

// from is a draft as another node sends it.
func from(author *Actor, path, content string) Draft {
	return Draft{Author: author.ID, URI: "https://" + author.Host + path, Content: content, Visibility: Public}
}

func (v *village) post(id PostID) *Post {
	v.Helper()
	return do(v, func(tx Tx) (*Post, error) { return tx.Post(v.Context(), id) })
}

func (v *village) actor(id ActorID) *Actor {
	v.Helper()
	return do(v, func(tx Tx) (*Actor, error) { return tx.Actor(v.Context(), id) })
}

func (v *village) membership(group, person *Actor) *Membership {
	v.Helper()
	return do(v, func(tx Tx) (*Membership, error) {
		m, err := tx.Membership(v.Context(), group.ID, person.ID)
		if IsNotFound(err) {
			return nil, nil
		}
		return m, err
	})
}

func (v *village) follow(follower, followee *Actor) *Follow {
	v.Helper()
	return do(v, func(tx Tx) (*Follow, error) {
		return v.town.Follow(v.Context(), tx, Following{Follower: follower.ID, Followee: followee.ID, URI: follower.URI + "#f"})
	})
}

// notified lists what somebody was told, as "kind from" in order.
func (v *village) notified(person *Actor) string {
	v.Helper()
	return v.list(`SELECT n.kind || ' ' || a.name FROM notifications AS n JOIN actors AS a ON a.id = n.from_id
		WHERE n.recipient_id = $1 ORDER BY n.id`, int64(person.ID))
}

// home lists what is on somebody's home timeline: for a boost "by: text".
func (v *village) home(person *Actor) string {
	v.Helper()
	return v.list(`SELECT CASE WHEN o.id IS NULL THEN p.source ELSE a.name || ': ' || o.source END
		FROM home_entries AS h JOIN posts AS p ON p.id = h.post_id JOIN actors AS a ON a.id = p.author_id LEFT JOIN posts AS o ON o.id = p.boost_of_id
		WHERE h.owner_id = $1 ORDER BY p.id`, int64(person.ID))
}

func (v *village) list(query string, args ...any) string {
	v.Helper()
	rows, err := v.db.SQL().QueryContext(v.Context(), query, args...)
	if err != nil {
		v.Fatal(err)
	}
	defer rows.Close()
	var lines []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			v.Fatal(err)
		}
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil {
		v.Fatal(err)
	}
	return strings.Join(lines, ", ")
}
