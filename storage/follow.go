package storage

import (
	"context"

	"github.com/uptrace/bun"

	"meent/communities"
)

// followRow is a follow as the tables keep it.
type followRow struct {
	bun.BaseModel `bun:"table:follows,alias:f"`

	ID            communities.FollowID `bun:"id,pk"`
	Follower      communities.ActorID  `bun:"follower_id"`
	Followee      communities.ActorID  `bun:"followee_id"`
	FollowerLocal bool                 `bun:"follower_local"`
	URI           string               `bun:"uri"`
	Accepted      bool                 `bun:"accepted"`
	Reblogs       bool                 `bun:"reblogs"`
	Notify        bool                 `bun:"notify"`
	Languages     list[string]         `bun:"languages"`
	Plain         bool                 `bun:"plain"`
	CreatedAt     moment               `bun:"created_at"`
}

// isPlain is the condition under which nothing keeps what the followee says off the follower's home.
const isPlain = `reblogs AND languages = '[]' AND NOT exclusive AND NOT EXISTS (SELECT 1 FROM list_members AS m JOIN lists AS l ON l.id = m.list_id
	WHERE m.member_id = follows.followee_id AND m.owner_id = follows.follower_id AND l.exclusive)`

// plain notes anew which follows of a person are plain: whose posts go home without a further question.
func (b *batch) plain(follower communities.ActorID, followees ...communities.ActorID) {
	b.add("UPDATE follows SET plain = "+isPlain+" WHERE follower_id = ? AND followee_id IN (?)", follower, bun.List(followees))
}

// Follow and FollowByURI are told in [communities.Tx]; they work outside a transaction as well.
func (r reads) Follow(ctx context.Context, follower, followee communities.ActorID) (*communities.Follow, error) {
	return r.followWhere(ctx, followee, "follower_id = ? AND followee_id = ?", follower, followee)
}

func (r reads) FollowByURI(ctx context.Context, uri string) (*communities.Follow, error) {
	if uri == "" { // what a follow of this node's own has
		return nil, communities.NotFound
	}
	return r.followWhere(ctx, uri, "uri = ?", uri)
}

// LocalFollowers is told in [communities.Tx]; it works outside a transaction as well.
func (r reads) LocalFollowers(ctx context.Context, followee communities.ActorID) ([]communities.ActorID, error) {
	var ids []communities.ActorID
	err := r.idb.NewSelect().Model((*followRow)(nil)).Column("follower_id").
		Where("followee_id = ? AND accepted AND follower_local", followee).OrderExpr("follower_id").Scan(ctx, &ids)
	return ids, found(err, "list local followers of", followee)
}

// FollowsBetween is told in [communities.Tx]; it works outside a transaction as well.
func (r reads) FollowsBetween(ctx context.Context, person communities.ActorID, host string, limit int) ([]*communities.Follow, error) {
	var rows []followRow
	err := r.idb.NewSelect().Model(&rows).
		Where("follower_id = ? AND (SELECT a.host FROM actors AS a WHERE a.id = f.followee_id) = ?", person, host).
		WhereOr("followee_id = ? AND (SELECT a.host FROM actors AS a WHERE a.id = f.follower_id) = ?", person, host).
		OrderExpr("f.id").Limit(int64(limit)).Scan(ctx)
	follows := make([]*communities.Follow, len(rows))
	for i := range rows {
		follows[i] = rows[i].noun()
	}
	return follows, found(err, "list follows with", host)
}

func (r reads) followWhere(ctx context.Context, what any, condition string, args ...any) (*communities.Follow, error) {
	var row followRow
	if err := r.idb.NewSelect().Model(&row).Where(condition, args...).OrderExpr("id DESC").Limit(1).Scan(ctx); err != nil {
		return nil, found(err, "read follow", what)
	}
	return row.noun(), nil
}

// PutFollow makes or replaces the follow of a pair; see [communities.Tx]. The pair keeps its first id; only accepted follows count.
func (tx *Tx) PutFollow(ctx context.Context, f *communities.Follow) error {
	row := followRow{
		ID: f.ID, Follower: f.Follower, Followee: f.Followee, URI: f.URI, Accepted: f.Accepted, CreatedAt: momentOf(f.CreatedAt),
		Reblogs: !f.Wishes.NoBoosts, Notify: f.Wishes.Notify, Languages: f.Wishes.Languages,
		Plain: !f.Wishes.NoBoosts && len(f.Wishes.Languages) == 0,
	}
	result, err := tx.idb.NewInsert().Model(&row).
		Value("follower_local", "(SELECT host = '' FROM actors WHERE id = ?)", f.Follower).
		On("CONFLICT (follower_id, followee_id) DO NOTHING").Exec(ctx)
	made, err := affected(result, err)
	if err != nil {
		return found(err, "put follow", f.URI)
	}
	was := false
	if made == 0 {
		if was, err = tx.replaceFollow(ctx, &row); err != nil {
			return err
		}
	}
	return tx.countFollow(ctx, f.Follower, f.Followee, countOf(f.Accepted)-countOf(was))
}

// replaceFollow tells whether the follow that was there had been accepted.
func (tx *Tx) replaceFollow(ctx context.Context, row *followRow) (was bool, err error) {
	old := tx.idb.NewSelect().Model((*followRow)(nil)).Column("accepted").
		Where("follower_id = ? AND followee_id = ?", row.Follower, row.Followee)
	if tx.db.engine.postgres {
		old = old.For("UPDATE")
	}
	if err := old.Scan(ctx, &was); err != nil {
		return false, found(err, "lock follow", row.URI)
	}
	b := tx.batch()
	b.query(tx.idb.NewUpdate().Model(row).Column("uri", "accepted", "created_at", "reblogs", "notify", "languages").
		Where("follower_id = ? AND followee_id = ?", row.Follower, row.Followee))
	b.plain(row.Follower, row.Followee)
	return was, found(b.exec(ctx), "replace follow", row.URI)
}

// DeleteFollow ends a follow, with what hangs on it, and keeps both counters; see [communities.Tx].
func (tx *Tx) DeleteFollow(ctx context.Context, follower, followee communities.ActorID) error {
	var was bool
	err := tx.idb.NewRaw("DELETE FROM follows WHERE follower_id = ? AND followee_id = ? RETURNING accepted", follower, followee).Scan(ctx, &was)
	if err != nil {
		return found(err, "delete follow of", followee)
	}
	b := tx.batch()
	b.unlist(follower, followee)
	b.add("DELETE FROM endorsements WHERE actor_id = ? AND endorsed_id = ?", follower, followee)
	if err := b.exec(ctx); err != nil {
		return found(err, "delete what hangs on the follow of", followee)
	}
	return tx.countFollow(ctx, follower, followee, -countOf(was))
}

// countFollow adds n to the counters of both, in order of their ids, as every transaction locks actors in that order.
func (tx *Tx) countFollow(ctx context.Context, follower, followee communities.ActorID, n int) error {
	if n == 0 {
		return nil
	}
	tx.seen.forget()
	b := tx.batch()
	following := func() { b.add("UPDATE actors SET following_count = following_count + ? WHERE id = ?", n, follower) }
	followers := func() { b.add("UPDATE actors SET followers_count = followers_count + ? WHERE id = ?", n, followee) }
	if follower < followee {
		following()
		followers()
	} else {
		followers()
		following()
	}
	return found(b.exec(ctx), "count follow of", followee)
}

// countOf is what a thing adds to a counter: 1 when it counts, else 0.
func countOf(counts bool) int {
	if counts {
		return 1
	}
	return 0
}

func (row *followRow) noun() *communities.Follow {
	return &communities.Follow{
		ID: row.ID, Follower: row.Follower, Followee: row.Followee, URI: row.URI, Accepted: row.Accepted, CreatedAt: row.CreatedAt.time(),
		Wishes: communities.Wishes{NoBoosts: !row.Reblogs, Notify: row.Notify, Languages: row.Languages},
	}
}
