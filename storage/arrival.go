package storage

import (
	"context"
	"strings"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"meent/communities"
)

// awaited is what the statement that stored a post learned of its author on the way: whether anybody has them in a list, or wants to be told.
type awaited struct{ listed, told bool }

// AddToHomes puts a post on the timelines that it belongs on, in one statement; see [communities.Tx]. Most answers to others take none, and
// who wants to be told is asked only when somebody does.
func (tx *Tx) AddToHomes(ctx context.Context, a communities.Arrival) ([]communities.ActorID, error) {
	wait, known := tx.awaited[a.By]
	if !known {
		wait = awaited{listed: true, told: true}
	}
	s := landing{Arrival: a, gen: tx.db.writer.QueryGen()}
	if !a.Answers() {
		s.toHomes()
	}
	if wait.listed {
		s.toLists()
	}
	s.toTags()
	if len(s.queries) == 0 {
		return nil, nil
	}
	_, err := tx.idb.NewRaw("INSERT INTO home_entries (owner_id, post_id) " + strings.Join(s.queries, " UNION ") + " ON CONFLICT DO NOTHING").Exec(ctx)
	tx.notePost(NoteHome, a.Post.ID)
	if err != nil || !wait.told || a.Answers() || a.Post.BoostOf != 0 && !a.Group {
		return nil, found(err, "add to homes post", a.Post.ID)
	}
	var tell []communities.ActorID
	err = tx.idb.NewRaw("SELECT follower_id FROM follows WHERE followee_id = ? AND notify AND accepted AND follower_local ORDER BY follower_id", a.By).
		Scan(ctx, &tell)
	return tell, found(err, "list who is told of", a.By)
}

// landing is the queries for the timelines of one post.
type landing struct {
	communities.Arrival
	gen     schema.QueryGen
	queries []string
}

func (s *landing) add(query string, args ...any) {
	s.queries = append(s.queries, s.gen.FormatQuery(query, args...))
}

// toHomes: of a plain follow the index says all there is to know.
func (s *landing) toHomes() {
	s.add("SELECT follower_id, ? FROM follows WHERE followee_id = ? AND accepted AND follower_local AND plain", s.Post.ID, s.By)
	s.add("SELECT f.follower_id, ? FROM follows AS f WHERE f.followee_id = ? AND f.accepted AND f.follower_local AND NOT f.plain AND NOT f.exclusive AND "+
		s.wishes()+` AND NOT EXISTS (SELECT 1 FROM list_members AS m JOIN lists AS l ON l.id = m.list_id
			WHERE m.member_id = f.followee_id AND m.owner_id = f.follower_id AND l.exclusive)`, s.Post.ID, s.By)
	s.add("SELECT id, ? FROM actors WHERE id = ? AND host = ''", s.Post.ID, s.By)
}

// toLists: those that the author is in. An answer to somebody else comes where the list's owner wants such (Mastodon API, replies_policy).
func (s *landing) toLists() {
	query := s.gen.FormatQuery(`SELECT m.list_id, ? FROM list_members AS m
		JOIN lists AS l ON l.id = m.list_id
		JOIN follows AS f ON f.follower_id = m.owner_id AND f.followee_id = m.member_id AND f.accepted
		WHERE m.member_id = ? AND `, s.Post.ID, s.By) + s.wishes()
	if s.Answers() {
		query += s.gen.FormatQuery(` AND (l.owner_id = ?
			OR l.replies_policy = 'followed' AND EXISTS (SELECT 1 FROM follows AS x WHERE x.follower_id = l.owner_id AND x.followee_id = ? AND x.accepted)
			OR l.replies_policy = 'list' AND EXISTS (SELECT 1 FROM list_members AS x WHERE x.list_id = l.id AND x.member_id = ?))`,
			s.ReplyTo, s.ReplyTo, s.ReplyTo)
	}
	s.queries = append(s.queries, query)
}

// toTags: those who follow a hashtag read what was written for everybody, whoever wrote it.
func (s *landing) toTags() {
	if s.Post.Visibility == communities.Public && s.Post.BoostOf == 0 && len(s.Post.Hashtags) > 0 {
		s.add("SELECT t.actor_id, ? FROM followed_tags AS t WHERE t.name IN (?)", s.Post.ID, bun.List(s.Post.Hashtags))
	}
}

// wishes is the condition that the follower f wants to read the post.
func (s *landing) wishes() string {
	condition := "TRUE"
	if s.Post.BoostOf != 0 && !s.Group {
		condition = "f.reblogs"
	}
	if s.Language != "" {
		base, _, _ := strings.Cut(s.Language, "-") // who reads nl reads nl-BE
		condition += s.gen.FormatQuery(" AND (f.languages = '[]' OR f.languages LIKE ? OR f.languages LIKE ?)", inList(s.Language), inList(base))
	}
	return condition
}

// inList is the pattern of a list that holds a word.
func inList(word string) string {
	return `%"` + strings.NewReplacer("%", "", "_", "").Replace(word) + `"%`
}
