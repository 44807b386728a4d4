package storage

import (
	"context"

	"github.com/uptrace/bun"

	"meent/communities"
)

// Actor reads an actor as it is shown: gone when deleted, absent while suspended.
func (r *Reader) Actor(ctx context.Context, id communities.ActorID) (*communities.Actor, error) {
	a, err := r.db.Actor(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case !a.DeletedAt.IsZero():
		return nil, communities.Gone
	case !a.Active():
		return nil, communities.NotFound
	}
	return a, nil
}

// Groups lists the groups of this node that want to be found, the one with the most followers first.
func (r *Reader) Groups(ctx context.Context) ([]*communities.Actor, error) {
	var rows []actorRow
	err := r.db.idb.NewSelect().Model(&rows).
		Where("kind = ? AND host = '' AND discoverable AND NOT closed AND suspended_at IS NULL AND deleted_at IS NULL", communities.Group).
		OrderExpr("followers_count DESC, id").Limit(maxPage).Scan(ctx)
	return actorNouns(rows, err)
}

// Edge is one end of a follow or reaction: the actor, and the id by which the list is paged.
type Edge struct {
	Actor *communities.Actor
	ID    int64
}

// Followers lists who follows an actor, the last one first.
func (r *Reader) Followers(ctx context.Context, actor communities.ActorID, page Page) ([]Edge, error) {
	query := r.edges("f.id").Join("JOIN follows AS f ON f.follower_id = a.id").Where("f.followee_id = ? AND f.accepted", actor)
	return r.edgeList(ctx, page.apply(query, "f.id"))
}

// Following lists whom an actor follows, the last one first.
func (r *Reader) Following(ctx context.Context, actor communities.ActorID, page Page) ([]Edge, error) {
	query := r.edges("f.id").Join("JOIN follows AS f ON f.followee_id = a.id").Where("f.follower_id = ? AND f.accepted", actor)
	return r.edgeList(ctx, page.apply(query, "f.id"))
}

// FollowRequests lists who waits for the viewer's answer.
func (r *Reader) FollowRequests(ctx context.Context, page Page) ([]Edge, error) {
	query := r.edges("f.id").Join("JOIN follows AS f ON f.follower_id = a.id").Where("f.followee_id = ? AND NOT f.accepted", r.viewer.Actor)
	return r.edgeList(ctx, page.apply(query, "f.id"))
}

// Reactions lists who reacted to a post in a way. The post itself must be seen by the viewer, else it is absent.
func (r *Reader) Reactions(ctx context.Context, post communities.PostID, kind communities.ReactionKind, page Page) ([]Edge, error) {
	if _, err := r.Post(ctx, post); err != nil {
		return nil, err
	}
	query := r.edges("x.actor_id").Join("JOIN reactions AS x ON x.actor_id = a.id").Where("x.post_id = ? AND x.kind = ?", post, kind)
	return r.edgeList(ctx, page.apply(query, "x.actor_id"))
}

// Boosters lists who shared a post. The post itself must be seen by the viewer, else it is absent.
func (r *Reader) Boosters(ctx context.Context, post communities.PostID, page Page) ([]Edge, error) {
	if _, err := r.Post(ctx, post); err != nil {
		return nil, err
	}
	query := r.edges("b.id").Join("JOIN posts AS b ON b.author_id = a.id").Where("b.boost_of_id = ?", post)
	return r.edgeList(ctx, page.apply(query, "b.id"))
}

// edgeRow is an actor with the id by which the list is paged.
type edgeRow struct {
	bun.BaseModel `bun:"table:actors,alias:a"`
	actorRow

	Edge int64 `bun:"edge,scanonly"`
}

func (r *Reader) edges(id string) *bun.SelectQuery {
	return r.db.idb.NewSelect().Model((*edgeRow)(nil)).ColumnExpr("?TableColumns").ColumnExpr(id + " AS edge").
		Where("a.suspended_at IS NULL AND a.deleted_at IS NULL AND a.host_policy <> 'blocked'")
}

func (r *Reader) edgeList(ctx context.Context, query *bun.SelectQuery) ([]Edge, error) {
	var rows []edgeRow
	if err := query.Scan(ctx, &rows); err != nil {
		return nil, found(err, "list", "actors")
	}
	edges := make([]Edge, len(rows))
	for i := range rows {
		edges[i] = Edge{Actor: rows[i].noun(), ID: rows[i].Edge}
	}
	return edges, nil
}

// LocalActors lists every actor of this node that was not deleted, for those who look after it.
func (r reads) LocalActors(ctx context.Context) ([]*communities.Actor, error) {
	return r.actorsWhere(ctx, "host = '' AND deleted_at IS NULL")
}

// LocalGroups lists the groups of this node that were not deleted.
func (r reads) LocalGroups(ctx context.Context) ([]*communities.Actor, error) {
	return r.actorsWhere(ctx, "host = '' AND kind = ? AND deleted_at IS NULL", communities.Group)
}

func actorNouns(rows []actorRow, err error) ([]*communities.Actor, error) {
	if err != nil {
		return nil, found(err, "list", "actors")
	}
	actors := make([]*communities.Actor, len(rows))
	for i := range rows {
		actors[i] = rows[i].noun()
	}
	return actors, nil
}
