package storage

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"meent/communities"
)

// queryLog keeps the queries for posts that a reader makes.
type queryLog struct {
	mu      sync.Mutex
	queries []string
}

func (*queryLog) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

func (l *queryLog) AfterQuery(_ context.Context, event *bun.QueryEvent) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if strings.Contains(event.Query, `AS "p"`) || strings.Contains(event.Query, "posts AS p") {
		l.queries = append(l.queries, event.Query)
	}
}

func (l *queryLog) take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	queries := l.queries
	l.queries = nil
	return queries
}

// many fills the archive with 20,000 posts of 50 people in 10 groups; three of four are replies.
const many = `WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 20000)
	INSERT INTO posts (id, uri, kind, author_id, local, group_id, thread_id, in_reply_to_id, in_reply_to_uri, visibility, created_at, last_activity_at)
	SELECT n, 'u' || n, 'discussion', 1 + n % 50, (n / 4) % 2 = 0, 51 + n % 10, n - n % 4, CASE WHEN n % 4 = 0 THEN NULL ELSE n - n % 4 END,
		CASE WHEN n % 4 = 0 THEN '' ELSE 'u' || (n - n % 4) END, 'public', n, n FROM s`

func (w world) fill() {
	w.Helper()
	w.write(func(tx *Tx) error {
		b := tx.batch()
		for i := 1; i <= 60; i++ {
			kind := communities.Person
			if i > 50 {
				kind = communities.Group
			}
			b.query(tx.idb.NewInsert().Model(actorOf(&communities.Actor{
				ID: communities.ActorID(i), Kind: kind, Name: fmt.Sprint("a", i), URI: fmt.Sprint("a", i), CreatedAt: day,
			})))
		}
		b.add(many)
		b.add("INSERT INTO hashtags (name, post_id) SELECT 'fiets', id FROM posts WHERE id % 8 = 0")
		b.add("INSERT INTO home_entries (owner_id, post_id) SELECT 1 + id % 3, id FROM posts")
		b.add("UPDATE posts SET attachments = '[{}]' WHERE id % 12 = 0")
		b.add("UPDATE posts SET card_id = 1 WHERE id % 16 = 0")
		b.add("UPDATE posts SET pinned_at = id, group_id = NULL WHERE id % 4000 = 6")
		b.add("INSERT INTO hashtags (name, post_id) SELECT 'brug', id FROM posts WHERE id % 5 = 0")
		b.query(tx.idb.NewInsert().Model(&cardRow{ID: 1, URL: "https://krant.example/", Kind: "link"}))
		b.add("INSERT INTO reactions (post_id, actor_id, kind, created_at, number) SELECT id, 1 + id % 3, 'favourite', 1, id FROM posts")
		b.add("INSERT INTO bookmarks (post_id, actor_id, created_at, number) SELECT id, 1 + id % 3, 1, id FROM posts")
		b.add("INSERT INTO direct_entries (owner_id, post_id, thread_id) SELECT 1 + id % 3, id, thread_id FROM posts")
		b.add("INSERT INTO conversations (owner_id, thread_id, last_post_id, unread) SELECT 1 + id % 3, id, id, FALSE FROM posts WHERE id % 4 = 0")
		b.add("INSERT INTO thread_mutes (actor_id, thread_id, created_at) SELECT 1 + id % 3, id, 1 FROM posts WHERE id % 4 = 0")
		b.add("INSERT INTO quotes (post_id, quoted_id, quoted_uri, state) SELECT id, id - id % 5, '', 'accepted' FROM posts WHERE id % 5 > 2 AND id > 5")
		b.add("UPDATE posts SET quoting = TRUE WHERE id IN (SELECT post_id FROM quotes)")
		b.add("INSERT INTO mentions (actor_id, post_id) SELECT 1, id FROM posts WHERE id % 100 = 0")
		if err := b.exec(w.Context()); err != nil {
			return err
		}
		b = tx.batch()
		for n := 40; n <= 20000; n += 40 {
			b.indexText(&communities.Post{ID: communities.PostID(n), Content: fmt.Sprint("fiets ", n)})
		}
		if w.db.Postgres() {
			b.add("ANALYZE")
		}
		return b.exec(w.Context())
	})
}

// costly is what no plan of a timeline may have: a look at all posts, or sorting them.
var costly = regexp.MustCompile(`SCAN (p|posts|o|q|shared)($|\n)|TEMP B-TREE FOR ORDER BY|Seq Scan on (posts|home_entries|hashtags|reactions|bookmarks|direct_entries|conversations|quotes)|\bSort Key`)

func (w world) plan(query string) string {
	w.Helper()
	explain := "EXPLAIN QUERY PLAN "
	if w.db.Postgres() {
		explain = "EXPLAIN "
	}
	rows, err := w.db.writer.DB.QueryContext(w.Context(), explain+query)
	if err != nil {
		w.Fatal(err)
	}
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		var line string
		var none any
		dest := []any{&line}
		if !w.db.Postgres() {
			dest = []any{&none, &none, &none, &line}
		}
		if err := rows.Scan(dest...); err != nil {
			w.Fatal(err)
		}
		plan.WriteString(line + "\n")
	}
	if err := rows.Err(); err != nil {
		w.Fatal(err)
	}
	return plan.String()
}

// TestTimelinesReadIndexes looks at how the databases would read each timeline of a big archive.
func TestTimelinesReadIndexes(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		w.fill()
		log := &queryLog{}
		db.idb = db.idb.(*bun.DB).WithQueryHook(log)
		asked := 0
		for name, viewer := range map[string]communities.Viewer{"anybody": {}, "a person": {Actor: 1}, "a host": {Host: "far.example"}} {
			r, page := db.As(viewer), Page{MaxID: 15000, Limit: 20}
			for list, read := range map[string]func() ([]*View, error){
				"group, new":     func() ([]*View, error) { return r.GroupThreads(ctx, 52, SortNew, page) },
				"group, active":  func() ([]*View, error) { return r.GroupThreads(ctx, 52, SortActive, page) },
				"pinned":         func() ([]*View, error) { return r.Pinned(ctx, 52) },
				"posts of":       func() ([]*View, error) { return r.PostsOf(ctx, 7, page) },
				"home":           func() ([]*View, error) { return r.Home(ctx, page) },
				"public":         func() ([]*View, error) { return r.PublicThreads(ctx, page) },
				"local":          func() ([]*View, error) { return r.LocalThreads(ctx, page) },
				"hashtag":        func() ([]*View, error) { return r.Hashtag(ctx, "fiets", page) },
				"quotes":         func() ([]*View, error) { return r.Quotes(ctx, 400, Page{}) },
				"replies":        func() ([]*View, error) { return r.Replies(ctx, 400, Page{}) },
				"thread":         func() ([]*View, error) { return r.Thread(ctx, 400) },
				"post":           func() ([]*View, error) { _, err := r.Post(ctx, 400); return nil, err },
				"public, upward": func() ([]*View, error) { return r.PublicThreads(ctx, Page{MinID: 5000}) },
				"remote":         func() ([]*View, error) { return r.Narrowed(ctx, Narrow{Remote: true}, page) },
				"media":          func() ([]*View, error) { return r.Narrowed(ctx, Narrow{Media: true}, page) },
				"local media":    func() ([]*View, error) { return r.Narrowed(ctx, Narrow{Media: true, Local: true}, page) },
				"remote media":   func() ([]*View, error) { return r.Narrowed(ctx, Narrow{Media: true, Remote: true}, page) },
				"hashtags": func() ([]*View, error) {
					return r.Narrowed(ctx, Narrow{Tags: []string{"fiets", "brug"}, All: []string{"brug"}, None: []string{"x", "y"}, Local: true}, page)
				},
				"own of":     func() ([]*View, error) { return r.PostsOf(ctx, 7, page, WithoutBoosts) },
				"threads of": func() ([]*View, error) { return r.PostsOf(ctx, 7, page, WithoutAnswersToOthers, WithoutBoosts) },
				"media of":   func() ([]*View, error) { return r.PostsOf(ctx, 7, page, OnlyMedia, WithoutBoosts) },
				"tagged of":  func() ([]*View, error) { return r.Tagged(ctx, 7, "fiets", page) },
				"pinned by":  func() ([]*View, error) { return r.PinnedBy(ctx, 7) },
				"link":       func() ([]*View, error) { return r.Linking(ctx, "https://krant.example/", page) },
				"favourites": func() ([]*View, error) { v, _, err := r.Favourites(ctx, page); return v, err },
				"bookmarks":  func() ([]*View, error) { v, _, err := r.Bookmarks(ctx, page); return v, err },
				"directs":    func() ([]*View, error) { return r.Directs(ctx, page) },
				"conversations": func() ([]*View, error) {
					_, _, err := r.Conversations(ctx, page)
					return nil, err
				},
				"by author": func() ([]*View, error) {
					return r.Find(ctx, Query{Author: 7, Filters: []PostFilter{OnlyMedia, Not(OnlyPolls)}}, page)
				},
				"by words": func() ([]*View, error) {
					return r.Find(ctx, Query{Words: "fiets 4000", Without: []communities.ActorID{9}}, page)
				},
			} {
				start := time.Now()
				if _, err := read(); err != nil {
					t.Fatalf("%s for %s: %v", list, name, err)
				}
				took := time.Since(start)
				queries := log.take()
				asked += len(queries)
				for _, query := range queries {
					plan := w.plan(query)
					if found := costly.FindString(plan); found != "" && !(strings.Contains(found, "Sort") && fewRows(list)) {
						t.Errorf("%s for %s (%v) has %q in its plan:\n%s\n%s", list, name, took, found, query, plan)
					}
				}
			}
		}
		if asked == 0 {
			t.Error("no query for posts was seen")
		}
	})
}

// fewRows tells of lists that are short by nature, so that sorting them costs nothing.
func fewRows(list string) bool {
	return list == "pinned" || list == "pinned by" || list == "replies" || list == "thread" || list == "by words"
}
