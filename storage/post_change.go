package storage

import (
	"context"
	"slices"
	"time"

	"meent/communities"
)

// UpdatePost stores what can change of a post; see [communities.Tx]. Only the parts that differ are written anew.
func (tx *Tx) UpdatePost(ctx context.Context, p *communities.Post) error {
	tx.seen.forget()
	old, err := tx.lockPost(ctx, p.ID)
	if err != nil {
		return err
	}
	if _, err := tx.idb.NewUpdate().Model(postOf(p)).ExcludeColumn(postFixed...).WherePK().Exec(ctx); err != nil {
		return found(err, "update post", p.ID)
	}
	if err := tx.noteChange(ctx, old, p); err != nil {
		return err
	}
	b := tx.batch()
	if !slices.Equal(old.Mentions, p.Mentions) {
		b.add("DELETE FROM mentions WHERE post_id = ?", p.ID)
		b.insertMentions(p)
	}
	if !slices.Equal(old.Hashtags, p.Hashtags) {
		b.add("DELETE FROM hashtags WHERE post_id = ?", p.ID)
		b.insertHashtags(p)
	}
	if !samePoll(old.Poll, p.Poll) {
		b.deletePoll(p.ID)
		b.insertPoll(p)
	}
	b.updatePollDates(p)
	if old.Event != nil || p.Event != nil {
		b.add("DELETE FROM events WHERE post_id = ?", p.ID)
		b.insertEvent(p)
	}
	if !slices.Equal(searchWords(old), searchWords(p)) {
		b.forgetText(p.ID)
		b.indexText(p)
	}
	return found(b.exec(ctx), "update post", p.ID)
}

// lockPost reads a post that nobody else changes until the end of the transaction.
func (tx *Tx) lockPost(ctx context.Context, id communities.PostID) (*communities.Post, error) {
	var row postRow
	query := tx.idb.NewSelect().Model(&row).Where("id = ?", id)
	if tx.db.engine.postgres {
		query = query.For("NO KEY UPDATE")
	}
	if err := query.Scan(ctx); err != nil {
		return nil, found(err, "lock post", id)
	}
	p := row.noun()
	return p, tx.loadParts(ctx, []*communities.Post{p})
}

// DeletePost leaves a tombstone, or of a boost nothing; see [communities.Tx]. What is deleted already is absent.
func (tx *Tx) DeletePost(ctx context.Context, id communities.PostID, at time.Time) error {
	tx.seen.forget()
	p, err := tx.lockPost(ctx, id)
	if err != nil {
		return err
	}
	if p.Deleted() {
		return communities.NotFound
	}
	tx.noteGone(p)
	if err := tx.noteBoosts(ctx, p); err != nil {
		return err
	}
	b := tx.batch()
	b.count(p, -1)
	if p.BoostOf != 0 {
		b.add("DELETE FROM home_entries WHERE post_id = ?", id)
		b.add("DELETE FROM posts WHERE id = ?", id)
	} else {
		b.deleteBoosts(id)
		b.unsay(p)
		b.empty(id, at)
	}
	return found(b.exec(ctx), "delete post", id)
}

// noteBoosts tells of the boosts that go with a post. The group's is what most of its readers have at home.
func (tx *Tx) noteBoosts(ctx context.Context, p *communities.Post) error {
	if p.BoostsCount == 0 && p.Group == 0 {
		return nil
	}
	var rows []postRow
	err := tx.idb.NewSelect().Model(&rows).Where("boost_of_id = ?", p.ID).OrderExpr("author_id = ? DESC", p.Group).Limit(maxGoneBoosts).Scan(ctx)
	for i := range rows {
		tx.noteGone(rows[i].noun())
	}
	return found(err, "find the boosts of", p.ID)
}

const maxGoneBoosts = 100 // that are told of

// deleteBoosts takes away every boost of a post. The posts_count of who shared it goes down before.
func (b *batch) deleteBoosts(id communities.PostID) {
	b.add("UPDATE actors SET posts_count = posts_count - (SELECT count(*) FROM posts WHERE boost_of_id = ? AND author_id = actors.id AND visibility <> ?)"+
		" WHERE id IN (SELECT author_id FROM posts WHERE boost_of_id = ?)", id, communities.Direct, id)
	b.add("DELETE FROM home_entries WHERE post_id = ? OR post_id IN (SELECT id FROM posts WHERE boost_of_id = ?)", id, id)
	b.add("DELETE FROM posts WHERE boost_of_id = ?", id)
}

// empty takes away everything of a post but its ids and dates.
func (b *batch) empty(id communities.PostID, at time.Time) {
	b.deletePoll(id)
	b.forgetText(id)
	for _, table := range []string{"mentions", "hashtags", "events", "post_revisions", "reactions", "notifications", "translations", "quotes"} {
		b.add("DELETE FROM "+table+" WHERE post_id = ?", id)
	}
	b.add(`UPDATE posts SET deleted_at = ?, title = '', source = '', content = '', warning = '', language = '', sensitive = FALSE,
		attachments = '[]', mentions = '[]', hashtags = '[]', favourites_count = 0, dislikes_count = 0, boosts_count = 0, quotes_count = 0,
		quoting = FALSE, quotable = 0, pinned_at = NULL, card_id = NULL, removal_reason = '' WHERE id = ?`, momentOf(at), id)
}
