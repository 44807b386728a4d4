package storage

import (
	"context"

	"github.com/uptrace/bun"

	"meent/communities"
)

// ListID names a list of people.
type ListID int64

// Replies says which answers of its members to others a list shows (Mastodon API, replies_policy).
type Replies string

const (
	RepliesFollowed Replies = "followed" // to whom the owner follows
	RepliesList     Replies = "list"     // to other members
	RepliesNone     Replies = "none"
)

// List is a timeline of some of those whom its owner follows.
type List struct {
	ID        ListID
	Owner     communities.ActorID
	Title     string
	Replies   Replies
	Exclusive bool // its members' posts stay off the owner's home
}

type listRow struct {
	bun.BaseModel `bun:"table:lists,alias:l"`

	ID        ListID              `bun:"id,pk"`
	Owner     communities.ActorID `bun:"owner_id"`
	Title     string              `bun:"title"`
	Replies   Replies             `bun:"replies_policy"`
	Exclusive bool                `bun:"exclusive"`
}

// Lists lists the viewer's own lists, the first made first.
func (r *Reader) Lists(ctx context.Context) ([]List, error) {
	return r.listsWhere(ctx, "l.owner_id = ?", r.viewer.Actor)
}

// List finds one of the viewer's own lists.
func (r *Reader) List(ctx context.Context, id ListID) (List, error) {
	lists, err := r.listsWhere(ctx, "l.id = ? AND l.owner_id = ?", id, r.viewer.Actor)
	if err == nil && len(lists) == 0 {
		return List{}, communities.NotFound
	}
	if err != nil {
		return List{}, err
	}
	return lists[0], nil
}

// ListsWith lists those of the viewer's own lists that somebody is in.
func (r *Reader) ListsWith(ctx context.Context, member communities.ActorID) ([]List, error) {
	return r.listsWhere(ctx, "l.id IN (SELECT m.list_id FROM list_members AS m WHERE m.member_id = ? AND m.owner_id = ?)", member, r.viewer.Actor)
}

func (r *Reader) listsWhere(ctx context.Context, condition string, args ...any) ([]List, error) {
	var rows []listRow
	err := r.db.idb.NewSelect().Model(&rows).Where(condition, args...).OrderExpr("l.id").Limit(maxPage).Scan(ctx)
	lists := make([]List, len(rows))
	for i, row := range rows {
		lists[i] = List{ID: row.ID, Owner: row.Owner, Title: row.Title, Replies: row.Replies, Exclusive: row.Exclusive}
	}
	return lists, found(err, "read lists of", r.viewer.Actor)
}

// ListMembers lists who is in one of the viewer's own lists.
func (r *Reader) ListMembers(ctx context.Context, list ListID, page Page) ([]Edge, error) {
	query := r.edges("m.member_id").Join("JOIN list_members AS m ON m.member_id = a.id").
		Where("m.list_id = ? AND m.owner_id = ?", list, r.viewer.Actor)
	return r.edgeList(ctx, page.apply(query, "m.member_id"))
}

// ListTimeline lists what the members of one of the viewer's own lists said.
func (r *Reader) ListTimeline(ctx context.Context, list ListID, page Page) ([]*View, error) {
	if _, err := r.List(ctx, list); err != nil {
		return nil, err
	}
	return r.entries(ctx, int64(list), page)
}

// ExclusiveGroups tells which of the groups that the viewer follows stay off home.
func (r *Reader) ExclusiveGroups(ctx context.Context) (map[communities.ActorID]bool, error) {
	var ids []communities.ActorID
	err := r.db.idb.NewRaw("SELECT followee_id FROM follows WHERE follower_id = ? AND accepted AND exclusive", r.viewer.Actor).Scan(ctx, &ids)
	exclusive := make(map[communities.ActorID]bool, len(ids))
	for _, id := range ids {
		exclusive[id] = true
	}
	return exclusive, found(err, "read exclusive groups of", r.viewer.Actor)
}

const (
	homeReach = 1000 // newest entries of a home that are looked through when somebody goes off it
	listReach = 40   // newest posts of a member that a list begins with
)

// PutList makes or replaces a list of its owner's. Where it becomes exclusive, or is so no longer, its members leave the home, or come back.
func (tx *Tx) PutList(ctx context.Context, l List, was *List) error {
	row := listRow{ID: l.ID, Owner: l.Owner, Title: l.Title, Replies: l.Replies, Exclusive: l.Exclusive}
	b := tx.batch()
	if was == nil {
		b.query(tx.idb.NewInsert().Model(&row))
	} else {
		b.query(tx.idb.NewUpdate().Model(&row).WherePK().Where("l.owner_id = ?", l.Owner))
	}
	if was != nil && was.Exclusive != l.Exclusive {
		b.settleExclusive(l)
	}
	return found(b.exec(ctx), "put list", l.ID)
}

func (b *batch) settleExclusive(l List) {
	const members = "SELECT m.member_id FROM list_members AS m WHERE m.list_id = ?"
	b.add("UPDATE follows SET plain = "+isPlain+" WHERE follower_id = ? AND followee_id IN ("+members+")", l.Owner, l.ID)
	if l.Exclusive {
		b.leaveHome(l.Owner, members, l.ID)
		return
	}
	b.add(`INSERT INTO home_entries (owner_id, post_id) SELECT ?, e.post_id
		FROM (SELECT post_id FROM home_entries WHERE owner_id = ? ORDER BY post_id DESC LIMIT ?) AS e WHERE TRUE ON CONFLICT DO NOTHING`,
		l.Owner, l.ID, homeReach)
}

// leaveHome takes what some actors said off a home, as far back as anybody reads.
func (b *batch) leaveHome(owner communities.ActorID, actors string, args ...any) {
	query := `DELETE FROM home_entries WHERE owner_id = ? AND post_id IN (SELECT p.id
		FROM (SELECT post_id FROM home_entries WHERE owner_id = ? ORDER BY post_id DESC LIMIT ?) AS e
		JOIN posts AS p ON p.id = e.post_id WHERE p.author_id IN (` + actors + `))`
	b.add(query, append([]any{owner, owner, homeReach}, args...)...)
}

// fill brings the newest of what somebody said to a timeline.
func (b *batch) fill(owner int64, author communities.ActorID) {
	b.add(`INSERT INTO home_entries (owner_id, post_id) SELECT ?, e.id
		FROM (SELECT id FROM posts WHERE author_id = ? AND in_reply_to_uri = '' AND deleted_at IS NULL AND visibility <> ? ORDER BY id DESC LIMIT ?) AS e
		WHERE TRUE ON CONFLICT DO NOTHING`, owner, author, communities.Direct, listReach)
}

// DeleteList takes a list away. Whom an exclusive one kept off home comes back with what they say next.
func (tx *Tx) DeleteList(ctx context.Context, l List) error {
	b := tx.batch()
	if l.Exclusive {
		l.Exclusive = false
		b.add("UPDATE lists SET exclusive = FALSE WHERE id = ?", l.ID)
		b.settleExclusive(l)
	}
	b.add("DELETE FROM home_entries WHERE owner_id = ?", l.ID)
	b.add("DELETE FROM list_members WHERE list_id = ?", l.ID)
	b.add("DELETE FROM lists WHERE id = ? AND owner_id = ?", l.ID, l.Owner)
	return found(b.exec(ctx), "delete list", l.ID)
}

// AddToList puts people into a list. Whom the owner does not follow is absent; who is in it already is a conflict; a list holds at most limit.
func (tx *Tx) AddToList(ctx context.Context, l List, limit int, members ...communities.ActorID) error {
	var followed, there, in int
	err := tx.idb.NewRaw(`SELECT (SELECT count(*) FROM follows WHERE follower_id = ? AND followee_id IN (?) AND accepted),
		(SELECT count(*) FROM list_members WHERE list_id = ? AND member_id IN (?)), (SELECT count(*) FROM list_members WHERE list_id = ?)`,
		l.Owner, bun.List(members), l.ID, bun.List(members), l.ID).Scan(ctx, &followed, &there, &in)
	switch {
	case err != nil:
		return found(err, "look into list", l.ID)
	case followed < len(members):
		return communities.NotFound
	case there > 0:
		return communities.Conflictf("Validation failed: Account has already been taken")
	case in+len(members) > limit:
		return communities.Invalidf("A list holds at most %d accounts", limit)
	}
	b := tx.batch()
	for _, member := range members {
		b.add("INSERT INTO list_members (list_id, member_id, owner_id) VALUES (?, ?, ?)", l.ID, member, l.Owner)
		b.fill(int64(l.ID), member)
	}
	if l.Exclusive {
		b.plain(l.Owner, members...)
		b.leaveHome(l.Owner, "?", bun.List(members))
	}
	return found(b.exec(ctx), "add to list", l.ID)
}

// RemoveFromList takes people out of a list. Who is not in it stays so.
func (tx *Tx) RemoveFromList(ctx context.Context, l List, members ...communities.ActorID) error {
	b := tx.batch()
	b.add("DELETE FROM list_members WHERE list_id = ? AND member_id IN (?)", l.ID, bun.List(members))
	b.leaveList(l.ID, members...)
	if l.Exclusive {
		b.plain(l.Owner, members...)
	}
	return found(b.exec(ctx), "remove from list", l.ID)
}

func (b *batch) leaveList(id ListID, members ...communities.ActorID) {
	b.add("DELETE FROM home_entries WHERE owner_id = ? AND post_id IN (SELECT p.id FROM home_entries AS e JOIN posts AS p ON p.id = e.post_id"+
		" WHERE e.owner_id = ? AND p.author_id IN (?))", id, id, bun.List(members))
}

// unlist takes somebody out of every list of a person who no longer follows them.
func (b *batch) unlist(owner, member communities.ActorID) {
	b.add(`DELETE FROM home_entries WHERE owner_id IN (SELECT m.list_id FROM list_members AS m WHERE m.member_id = ? AND m.owner_id = ?)
		AND post_id IN (SELECT id FROM posts WHERE author_id = ? ORDER BY id DESC LIMIT ?)`, member, owner, member, homeReach)
	b.add("DELETE FROM list_members WHERE member_id = ? AND owner_id = ?", member, owner)
}

// SetExclusive keeps a group that a person follows off their home, or lets it come back.
func (tx *Tx) SetExclusive(ctx context.Context, follower, group communities.ActorID, exclusive bool) error {
	b := tx.batch()
	b.add("UPDATE follows SET exclusive = ? WHERE follower_id = ? AND followee_id = ?", exclusive, follower, group)
	b.plain(follower, group)
	if exclusive {
		b.leaveHome(follower, "?", group)
	} else {
		b.fill(int64(follower), group)
	}
	return found(b.exec(ctx), "keep a group off the home of", follower)
}
