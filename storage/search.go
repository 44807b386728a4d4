package storage

import (
	"context"
	"strings"

	"meent/communities"
)

// maxQueryWords bounds what one search asks of the database.
const maxQueryWords = 16

// Search lists the posts that have every word of a query, the last one as the beginning of a word, newest first. Posts of authors who do not
// want to be found (FEP-5feb) are found by themselves only. Any text is a valid query; one without words finds nothing.
func (r *Reader) Search(ctx context.Context, query string, page Page) ([]*View, error) {
	words := foldWords(query)
	if len(words) == 0 {
		return nil, nil
	}
	words = words[:min(len(words), maxQueryWords)]
	var rows []postRow
	posts := r.posts(&rows).Where("?", r.wanted()).Where("?", r.unlimited()).
		Where("(p.author_id = ? OR (SELECT a.indexable FROM actors AS a WHERE a.id = p.author_id))", r.viewer.Actor)
	if r.db.engine.postgres {
		posts = posts.Join("JOIN post_texts AS t ON t.post_id = p.id").Where("t.words @@ ?::tsquery", strings.Join(words, " & ")+":*")
		return r.list(ctx, page, &rows, page.apply(posts, "p.id"))
	}
	match := `"` + strings.Join(words, `" "`) + `"*`
	posts = posts.Join("JOIN post_texts AS t ON t.rowid = p.id").Where("t.post_texts MATCH ?", match)
	return r.list(ctx, page, &rows, page.apply(posts, "t.rowid"))
}

// FindActors lists the active actors whose name begins with a text, those of this node first; a leading @ is ignored.
func (r *Reader) FindActors(ctx context.Context, beginning string, limit int) ([]*communities.Actor, error) {
	beginning = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(beginning), "@"))
	name, host, _ := strings.Cut(beginning, "@")
	if name == "" {
		return nil, nil
	}
	var rows []actorRow
	query := r.db.idb.NewSelect().Model(&rows).Where("name >= ? AND name < ?", name, name+"\U0010FFFF").
		Where("suspended_at IS NULL AND deleted_at IS NULL AND host_policy <> 'blocked'").OrderExpr("host <> '', name, host").Limit(int64(Page{Limit: limit}.limit()))
	if host != "" { // who knows the whole handle finds also those whom the node shows to their followers only
		query = query.Where("name = ? AND host = ?", name, host)
	} else {
		query = query.Where("limited_at IS NULL AND host_policy <> 'limited'")
	}
	return actorNouns(rows, query.Scan(ctx))
}
