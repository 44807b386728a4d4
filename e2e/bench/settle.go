//go:build unix

package main

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"time"

	"meent/communities/auth"
)

// What the resident has, whose timelines are measured: the persons and groups of the archive are among those whom they follow.
const (
	follows     = 1000
	neighbours  = follows - persons - otherGroups // whom they follow besides
	longThread  = 50                              // answers
	freshPosts  = 5000                            // posts, of which the newest have whatever posts can have; timelines show no older ones
	privateTalk = 3                               // one in so many threads is shared by no group: a person wrote it for who follows them
	twice       = 20                              // one in so many threads comes home for its author's sake as well
)

// Ids of what the settlement adds, apart from those of the archive.
const (
	settlerID   = int64(idBase) + 10_000
	neighbourID = settlerID + 1
	longID      = int64(idBase) + 100_000
)

// settle makes a resident who follows many, with a home, notifications, favourites, filters and mutes, as the archive would have kept them.
func (b *bench) settle(t *town, posts int) (r *resident, err error) {
	s, err := b.seeding(t)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.db.Close()) }()
	now := time.Now().UnixMilli()
	first, err := s.first()
	if err != nil {
		return nil, err
	}
	h := home{seed: s, first: first, fresh: posts - freshPosts}
	r = &resident{town: t, secret: "lezer", group: s.group, thread: longID}
	steps := [][]string{
		s.settler(r.secret, now), s.ties(now), h.shares(), h.parts(), h.entries(), s.own(now), h.told(), s.long(now),
	}
	for _, statements := range steps {
		if err := s.all(statements...); err != nil {
			return nil, err
		}
	}
	defer syscall.Sync() // else the disk is busy with all this while writing is measured
	return r, s.counted()
}

// first is the oldest post of the archive, by which the others are counted.
func (s *seed) first() (id int64, err error) {
	err = s.db.QueryRowContext(s.ctx, "SELECT MIN(id) FROM posts").Scan(&id)
	return id, err
}

// settler is the resident, and those whom they follow besides the archive's.
func (s *seed) settler(secret string, now int64) []string {
	const summary = "<p>Woont graag in de wijk, en fietst er veel.</p>"
	icon := fmt.Sprintf(`{"url":"%s/files/gezicht.webp","alt":"een gezicht"}`, s.base)
	return []string{
		fmt.Sprintf(`INSERT INTO actors (id, kind, name, uri, url, display_name, created_at, updated_at)
			VALUES (%d, 'Person', 'lezer', '%s/u/lezer', '%s/u/lezer', 'Lezer', %d, %d)`, settlerID, s.base, s.base, now, now),
		fmt.Sprintf("INSERT INTO accounts (actor_id, email, role, created_at) VALUES (%d, 'lezer@stad.test', '', %d)", settlerID, now),
		fmt.Sprintf("INSERT INTO access_tokens (hash, actor_id, scopes, created_at, used_at) VALUES ('%s', %d, 'read write follow push', %d, %d)",
			auth.HashSecret(secret), settlerID, now, now),
		fmt.Sprintf(`INSERT INTO actors (id, kind, name, host, uri, url, display_name, inbox, created_at, updated_at)
			WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < %d)
			SELECT %d + i, 'Person', 'buur' || i, 'dorp.test', 'https://dorp.test/u/buur' || i, 'https://dorp.test/@buur' || i, 'Buur ' || i,
				'https://dorp.test/inbox', %d, %d FROM n`, neighbours, neighbourID, now, now),
		fmt.Sprintf(`UPDATE actors SET summary = '%s', icon = '%s', fields = '[{"name":"Wijk","value":"<p>Oost</p>"}]', posts_count = 100,
			followers_count = 50, last_post_at = %d WHERE id BETWEEN %d AND %d`, summary, icon, now, int64(idBase)+1, neighbourID+neighbours),
	}
}

// ties are whom the resident follows, has muted and has blocked, and the groups that they are in.
func (s *seed) ties(now int64) []string {
	followed := fmt.Sprintf("id BETWEEN %d AND %d AND id <> %d OR id = %d OR id = %d", int64(idBase)+1, neighbourID+neighbours-1, settlerID, s.group, s.anna)
	one := func(table, columns string, n int) string {
		return fmt.Sprintf("INSERT INTO %s SELECT %d, %d + column1, %s FROM (VALUES (1), (2), (3), (4), (5)) AS v WHERE column1 <= %d",
			table, settlerID, neighbourID, columns, n)
	}
	return []string{
		fmt.Sprintf(`INSERT INTO follows (id, follower_id, followee_id, follower_local, uri, accepted, created_at)
			SELECT id, %d, id, TRUE, '', TRUE, %d FROM actors WHERE %s`, settlerID, now, followed),
		fmt.Sprintf(`INSERT INTO memberships (group_id, person_id, role, pending, created_at)
			SELECT id, %d, 'member', FALSE, %d FROM actors WHERE kind = 'Group' AND (%s)`, settlerID, now, followed),
		one("mutes (muter_id, muted_id, notifications, created_at)", fmt.Sprintf("TRUE, %d", now), 5),
		one("blocks (blocker_id, blocked_id, created_at)", fmt.Sprint(now), 2),
	}
}

// home is what stands on the resident's home, and what they are told.
type home struct {
	*seed
	first int64 // post
	fresh int   // number of the first post that has whatever posts can have
}

// number is the expression for which of the archive's posts one is.
func (h home) number() string { return fmt.Sprintf("((id - %d) / %d)", h.first, int64(spacing)<<16) }

// bulk is the condition for posts of the archive: whatever the node itself wrote has another end to its id.
const bulk = "id % 65536 = 0"

// roots is the condition for one in so many threads.
func (h home) roots(of int) string {
	return fmt.Sprintf("%s AND in_reply_to_id IS NULL AND %s %% %d = 0", bulk, h.number(), threadLength*of)
}

// shares are the boosts by which groups bring threads home; the rest of the threads become what persons wrote for who follows them.
func (h home) shares() []string {
	return []string{
		fmt.Sprintf("UPDATE posts SET group_id = NULL, title = '' WHERE group_id <> %d AND %s", h.group, h.roots(privateTalk)),
		`INSERT INTO posts (id, uri, kind, author_id, local, thread_id, boost_of_id, visibility, created_at, last_activity_at)
			SELECT id + 1, uri || '/share', 'boost', group_id, TRUE, id + 1, id, 'public', created_at, created_at
			FROM posts WHERE group_id IS NOT NULL AND ` + h.roots(1),
	}
}

// parts give posts whatever posts can have: hashtags, pictures, names of others, polls, and what the resident did with them.
func (h home) parts() []string {
	some := func(of int) string { return fmt.Sprintf("%s AND %s >= %d", h.roots(of), h.number(), h.fresh) }
	picture := fmt.Sprintf(`[{"kind":"image","url":"%s/files/plein.webp","media_type":"image/webp","alt":"het plein met bomen",`+
		`"blurhash":"LKO2?U%%2Tw=w]~RBVZRi};RPxuwH","width":1600,"height":1200}]`, h.base)
	name := fmt.Sprintf(`[{"actor":%d,"uri":"%s/u/bewoner1","url":"%s/u/bewoner1","name":"bewoner1"}]`, int64(idBase)+2, h.base, h.base)
	return []string{
		`UPDATE posts SET hashtags = '["plein","bomen"]' WHERE ` + some(2),
		fmt.Sprintf("UPDATE posts SET attachments = '%s' WHERE %s", picture, some(3)),
		fmt.Sprintf("UPDATE posts SET mentions = '%s' WHERE %s", name, some(1)),
		`UPDATE posts SET kind = 'question' WHERE ` + some(7),
		`INSERT INTO hashtags (name, post_id) SELECT 'plein', id FROM posts WHERE ` + some(2),
		fmt.Sprintf("INSERT INTO mentions (actor_id, post_id) SELECT %d, id FROM posts WHERE %s", int64(idBase)+2, some(1)),
		`INSERT INTO polls (post_id, multiple, voters_count, closes_at) SELECT id, FALSE, 12, created_at + 864000000 FROM posts WHERE ` + some(7),
		`INSERT INTO poll_options (post_id, position, title, votes) SELECT id, column1, 'Keuze ' || column1, 3 * column1
			FROM posts, (VALUES (0), (1), (2)) AS v WHERE ` + some(7),
		fmt.Sprintf("INSERT INTO reactions (post_id, actor_id, kind, created_at) SELECT id, %d, 'favourite', created_at FROM posts WHERE %s", settlerID, some(4)),
		fmt.Sprintf("INSERT INTO bookmarks (actor_id, post_id, created_at) SELECT %d, id, created_at FROM posts WHERE %s", settlerID, some(9)),
	}
}

// entries put on the resident's home what groups shared and what persons wrote, and a few threads for both reasons.
func (h home) entries() []string {
	return []string{fmt.Sprintf(`INSERT INTO home_entries (owner_id, post_id) SELECT %d, id FROM posts
		WHERE boost_of_id IS NOT NULL OR group_id IS NULL AND in_reply_to_id IS NULL OR %s`, settlerID, h.roots(twice))}
}

// told are the resident's notifications, two for every tenth post: what others wrote, and favourites of one thread, which stand together.
func (h home) told() []string {
	favoured := fmt.Sprintf("%s / %d %% 2 = 0", h.number(), threadLength*2)
	return []string{fmt.Sprintf(`INSERT INTO notifications (id, recipient_id, kind, from_id, post_id, group_id, created_at)
		SELECT id, %d, CASE WHEN %s THEN 'favourite' ELSE 'mention' END, author_id, CASE WHEN %s THEN thread_id ELSE id END, 0, created_at
		FROM posts WHERE %s AND %s %% %d IN (1, 2)`, settlerID, favoured, favoured, bulk, h.number(), threadLength*2)}
}

// own are the resident's filters, and how far they have read.
func (s *seed) own(now int64) []string {
	filter := func(id int, word, where string) string {
		return fmt.Sprintf(`(%d, %d, '%s', '["%s"]', 'warn', '[{"id":"1","word":"%s","whole_word":true}]', '[]')`, id, settlerID, word, where, word)
	}
	return []string{
		"INSERT INTO filters (id, actor_id, title, contexts, action, keywords, statuses) VALUES " +
			strings.ReplaceAll(filter(1, "voetbal", `home","public`)+", "+filter(2, "loterij", `home","notifications`), `"id":"1"`, `"id":1`),
		fmt.Sprintf("INSERT INTO markers (actor_id, timeline, last_read, version, updated_at) VALUES (%d, 'home', 1, 1, %d)", settlerID, now),
	}
}

// long is a thread with many answers, some of them to one another.
func (s *seed) long(now int64) []string {
	return []string{fmt.Sprintf(`INSERT INTO posts (id, uri, url, kind, author_id, local, group_id, thread_id, in_reply_to_id, in_reply_to_uri, title,
			source, content, language, visibility, replies_count, created_at, last_activity_at)
		WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
		SELECT %d + i, '%s/p/lang' || i, '%s/p/lang' || i, 'discussion', %d + i %% %d, TRUE, %d, %d, CASE WHEN i = 0 THEN NULL ELSE %d + i / 2 END,
			CASE WHEN i = 0 THEN '' ELSE '%s/p/lang' || (i / 2) END, CASE WHEN i = 0 THEN 'Lang' ELSE '' END, '%s', '<p>%s</p>', 'nl', 'public', 2, %d, %d
		FROM n`, longThread, longID, s.base, s.base, int64(idBase)+1, persons, s.group, longID, longID, s.base, prose, prose, now, now)}
}
