//go:build unix

package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// What a large archive is made of. The measured group and the measured person have the same share of it whatever its size, and enough in
// the smallest for full pages.
const (
	threadLength = 5    // posts
	persons      = 100  // local
	otherGroups  = 50   // local; the measured group has every other thread
	spacing      = 250  // milliseconds between posts
	chunk        = 1e5  // posts written in one transaction
	idBase       = 1e18 // of this program's ids, see communities.IDs
)

// seed is a connection that fills the tables in bulk, in the way that the archive would have filled them post by post.
type seed struct {
	ctx    context.Context
	db     *sql.DB
	blob   string // turns text into bytes
	sqlite bool
	words
}

// words are what stands in the statements below between braces.
type words struct {
	base  string // of the node
	group int64
	anna  int64
}

// spread lets one person on each of so many hosts of the village follow the group.
func (b *bench) spread(t *town, hosts int) (err error) {
	s, err := b.seeding(t)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.db.Close()) }()
	_, port, _ := strings.Cut(t.village.Addr, ":")
	now := time.Now().UnixMilli()
	domain := "'dorp' || i || '.test:" + port + "'"
	actor := "'http://' || " + domain + " || '/u/ida'"
	count := fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < %d) ", hosts)
	software, dialect := t.village.Software(), "forum"
	if software == "meent" {
		dialect = software
	}
	return s.all(
		fmt.Sprintf(`INSERT INTO actors (id, kind, name, host, inbox_host, uri, url, inbox, shared_inbox, created_at, updated_at, fetched_at)
			%s SELECT %d + 1 + i, 'Person', 'ida', %s, %s, %s, %s, 'http://' || %s || '/inbox', 'http://' || %s || '/inbox', %d, %d, %d FROM n`,
			count, int64(idBase), domain, domain, actor, actor, domain, domain, now, now, now),
		fmt.Sprintf(`INSERT INTO hosts (name, software, dialect, checked_at) %s SELECT %s, '%s', '%s', %d FROM n`,
			count, domain, software, dialect, now),
		fmt.Sprintf(`INSERT INTO follows (id, follower_id, followee_id, follower_local, uri, accepted, created_at)
			%s SELECT %d + 1 + i, %d + 1 + i, %d, FALSE, %s || '/follow', TRUE, %d FROM n`,
			count, int64(idBase), int64(idBase), s.group, actor, now),
		fmt.Sprintf(`UPDATE actors SET followers_count = followers_count + %d WHERE id = %d`, hosts, s.group),
	)
}

// fill writes so many posts, and what the group announced of them.
func (b *bench) fill(t *town, count int) (err error) {
	s, err := b.seeding(t)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.db.Close()) }()
	if err := s.actors(); err != nil {
		return err
	}
	began := time.Now().UnixMilli() - int64(count)*spacing
	for from := 0; from < count; from += chunk {
		if err := s.posts(began, from, min(from+chunk, count)); err != nil {
			return err
		}
	}
	return s.counted(
		fmt.Sprintf("UPDATE actors SET posts_count = (SELECT COUNT(*) FROM posts WHERE author_id = %d) WHERE id = %d", s.anna, s.anna),
		fmt.Sprintf("UPDATE actors SET posts_count = %d WHERE id = %d", count/threadLength/2, s.group),
	)
}

// seeding connects to the archive of a town.
func (b *bench) seeding(t *town) (*seed, error) {
	db, err := open(t.Database)
	if err != nil {
		return nil, err
	}
	s := &seed{ctx: b.ctx, db: db, blob: "convert_to(%s, 'UTF8')", words: words{base: t.Base}}
	if strings.HasPrefix(t.Database, "sqlite:") {
		s.blob, s.sqlite = "CAST(%s AS BLOB)", true
	}
	for name, id := range map[string]*int64{groupName: &s.group, "anna": &s.anna} {
		if err := db.QueryRowContext(b.ctx, "SELECT id FROM actors WHERE name = $1 AND host = ''", name).Scan(id); err != nil {
			return nil, errors.Join(fmt.Errorf("find %s: %w", name, err), db.Close())
		}
	}
	return s, nil
}

// actors are the other persons and groups.
func (s *seed) actors() error {
	now := time.Now().UnixMilli()
	insert := func(kind, name, path string, first int64, count int) string {
		return fmt.Sprintf(`INSERT INTO actors (id, kind, name, uri, url, display_name, joining, posting, created_at, updated_at)
			WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < %d)
			SELECT %d + i, '%s', '%s' || i, '%s/%s/%s' || i, '%s/%s/%s' || i, '%s ' || i, 'open', 'members', %d, %d FROM n`,
			count, first, kind, name, s.base, path, name, s.base, path, name, name, now, now)
	}
	return s.all(insert("Person", "bewoner", "u", int64(idBase)+1, persons), insert("Group", "buurt", "g", idBase+1+persons, otherGroups))
}

const prose = "Het plein ligt er sinds de lente anders bij: de stenen zijn weg, er staan bomen en er is een bank waar de zon komt. " +
	"Wie heeft een idee voor de hoek bij de school? We verzamelen alles tot het einde van de maand, en dan kiezen we samen."

// posts writes the posts from one number up to another, in threads of a first post and its answers.
func (s *seed) posts(began int64, from, to int) error {
	moment := func(i string) string { return fmt.Sprintf("(%d + CAST(%s AS BIGINT) * %d)", began, i, spacing) }
	id := func(i string) string { return fmt.Sprintf("(%d + %s * 65536)", int64(idBase), moment(i)) }
	numbered := fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT %d UNION ALL SELECT i + 1 FROM n WHERE i + 1 < %d),
		p AS (SELECT i, i %% %d AS place, i / %d AS thread, %s AS id, %s AS root, %s AS moment, %s AS last FROM n)`,
		from, to, threadLength, threadLength, id("i"), id(fmt.Sprintf("(i - i %% %d)", threadLength)), moment("i"),
		moment(fmt.Sprintf("(i - i %% %d + %d)", threadLength, threadLength-1)))
	uri := func(id string) string { return "'" + s.base + "/p/' || " + id }
	return s.all(
		fmt.Sprintf(`INSERT INTO posts (id, uri, url, kind, author_id, local, group_id, thread_id, in_reply_to_id, in_reply_to_uri, title,
				source, content, language, visibility, replies_count, created_at, last_activity_at)
			%s SELECT id, %s, %s, 'discussion', CASE WHEN i %% 10 = 0 THEN %d ELSE %d + i %% %d END, TRUE,
				CASE WHEN thread %% 2 = 0 THEN %d ELSE %d + thread %% %d END, root,
				CASE WHEN place = 0 THEN NULL ELSE root END, CASE WHEN place = 0 THEN '' ELSE %s END,
				CASE WHEN place = 0 THEN 'Plein ' || thread ELSE '' END, '%s', '<p>%s</p>', 'nl', 'public',
				CASE WHEN place = 0 THEN %d ELSE 0 END, moment, CASE WHEN place = 0 THEN last ELSE moment END FROM p`,
			numbered, uri("id"), uri("id"), s.anna, int64(idBase+1), persons, s.group, int64(idBase+1+persons), otherGroups,
			uri("root"), prose, prose, threadLength-1),
		fmt.Sprintf(`INSERT INTO activities (id, uri, actor_id, kind, object_uri, dialect, public, body, created_at)
			%s SELECT id, '%s/act/' || id, %d, 'Announce', %s, '', TRUE, %s, moment FROM p WHERE place = 0 AND thread %% 2 = 0`,
			numbered, s.base, s.group, uri("id"), fmt.Sprintf(s.blob, s.announce())),
	)
}

// announce is the text of what the group announced of a thread, as an expression.
func (s *seed) announce() string {
	group, post := s.base+"/g/"+groupName, "' || '"+s.base+"/p/' || id || '"
	return `'{"@context":"https://www.w3.org/ns/activitystreams","id":"` + s.base + `/act/' || id || '","type":"Announce","actor":"` + group +
		`","to":["https://www.w3.org/ns/activitystreams#Public"],"object":{"id":"` + post + `/create","type":"Create","actor":"` + s.base +
		`/u/anna","object":{"id":"` + post + `","type":"Article","attributedTo":"` + s.base + `/u/anna","name":"Plein","content":"<p>` + prose +
		`</p>","audience":"` + group + `"}}}'`
}

// counted runs statements, and then has PostgreSQL count what is in its tables, which it would do by itself in time; SQLite never does.
func (s *seed) counted(statements ...string) error {
	if !s.sqlite {
		statements = append(statements, "ANALYZE")
	}
	return s.all(statements...)
}

// all runs statements in one transaction.
func (s *seed) all(statements ...string) error {
	tx, err := s.db.BeginTx(s.ctx, nil)
	if err != nil {
		return err
	}
	for _, statement := range statements {
		if _, err := tx.ExecContext(s.ctx, statement); err != nil {
			return errors.Join(fmt.Errorf("%w: %s", err, statement), tx.Rollback())
		}
	}
	return tx.Commit()
}
