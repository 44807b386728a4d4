package storage

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"meent/communities"
)

// maxQueryWords bounds what one search asks of the database.
const maxQueryWords = 16

// Query says which posts are looked for. Words or an Author must be given: what has neither finds nothing, as no index would lead to it.
type Query struct {
	Words    string // all of them, the last one as the beginning of a word
	Author   communities.ActorID
	Without  []communities.ActorID // not by these authors
	Language string                // base tag, such as nl
	Filters  []PostFilter
	Offset   int // leaves out the first of those found
}

// What a [Query] can ask for beside words, with [OnlyMedia] and [WithoutReplies].
const (
	OnlyReplies   PostFilter = "p.in_reply_to_uri <> ''"
	OnlyPolls     PostFilter = "p.kind = 'question'"
	OnlyCards     PostFilter = "p.card_id IS NOT NULL"
	OnlySensitive PostFilter = "p.sensitive"
)

// Not turns a filter round.
func Not(f PostFilter) PostFilter { return "NOT (" + f + ")" }

// Search lists the posts that have every word of a text; see [Reader.Find].
func (r *Reader) Search(ctx context.Context, words string, page Page) ([]*View, error) {
	return r.Find(ctx, Query{Words: words}, page)
}

// Find lists the posts that a query asks for, newest first. Posts of authors who do not want to be found (FEP-5feb) are found by themselves
// only. Any text is valid.
func (r *Reader) Find(ctx context.Context, q Query, page Page) ([]*View, error) {
	var rows []postRow
	posts := r.posts(&rows).Where("?", r.wanted()).Where("p.boost_of_id IS NULL").
		Where("(p.author_id = ? OR (SELECT a.indexable FROM actors AS a WHERE a.id = p.author_id))", r.viewer.Actor)
	if q.Author != 0 {
		posts = posts.Where("p.author_id = ?", q.Author)
	}
	if len(q.Without) > 0 {
		posts = posts.Where("p.author_id NOT IN (?)", bun.List(q.Without))
	}
	if q.Language != "" {
		posts = posts.Where("(p.language = ? OR p.language LIKE ?)", q.Language, q.Language+"-%")
	}
	if q.Author == 0 { // who asks for one author has found them
		posts = posts.Where("?", r.unlimited())
	}
	for _, filter := range q.Filters {
		posts = posts.Where(string(filter))
	}
	posts, column := r.saying(posts, q)
	if posts == nil {
		return nil, nil
	}
	return r.list(ctx, page, &rows, page.apply(posts, column).Offset(int64(q.Offset)))
}

// saying narrows a query to posts with certain words, by the index of words, and names the column to go by; nil where nothing can be found.
func (r *Reader) saying(posts *bun.SelectQuery, q Query) (*bun.SelectQuery, string) {
	words := foldWords(q.Words)
	words = words[:min(len(words), maxQueryWords)]
	switch {
	case len(words) == 0 && q.Author != 0:
		return r.by("posts_author_own", posts), "p.id"
	case len(words) == 0:
		return nil, ""
	case r.db.engine.postgres:
		return posts.Join("JOIN post_texts AS t ON t.post_id = p.id").Where("t.words @@ ?::tsquery", strings.Join(words, " & ")+":*"), "p.id"
	}
	match := `"` + strings.Join(words, `" "`) + `"*`
	return posts.Join("JOIN post_texts AS t ON t.rowid = p.id").Where("t.post_texts MATCH ?", match), "t.rowid"
}

// FindActors lists the active actors whose name begins with a text, those of this node first; a leading @ is ignored. Who does not want to be
// found is found by their whole name, and by whoever follows them.
func (r *Reader) FindActors(ctx context.Context, beginning string, limit int) ([]*communities.Actor, error) {
	beginning = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(beginning), "@"))
	name, host, _ := strings.Cut(beginning, "@")
	if name == "" {
		return nil, nil
	}
	var rows []actorRow
	query := r.db.idb.NewSelect().Model(&rows).Where("name >= ? AND name < ?", name, name+"\U0010FFFF").
		Where("suspended_at IS NULL AND deleted_at IS NULL AND host_policy <> 'blocked'").
		Where("discoverable OR name = ? OR id = ? OR EXISTS (SELECT 1 FROM follows AS f WHERE f.follower_id = ? AND f.followee_id = a.id)",
			name, r.viewer.Actor, r.viewer.Actor).
		OrderExpr("host <> '', name, host").Limit(int64(Page{Limit: limit}.limit()))
	if host != "" {
		query = query.Where("name = ? AND host = ?", name, host)
	} else {
		query = query.Where("limited_at IS NULL AND host_policy <> 'limited'")
	}
	return actorNouns(rows, query.Scan(ctx))
}
