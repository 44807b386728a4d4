package storage

import (
	"context"

	"github.com/uptrace/bun"

	"meent/communities"
)

// maxDirectory bounds how many actors of this node are looked at for one page of the directory.
const maxDirectory = 5_000

// Directory lists the people and groups of this node who want to be found: who was last heard of first, or the newest where fresh is set.
// Nobody of another node is in it: whether they want that, only their own node knows.
func (r *Reader) Directory(ctx context.Context, fresh bool, offset, limit int) ([]*communities.Actor, error) {
	listed := r.db.idb.NewSelect().Model((*actorRow)(nil)).Column("id").
		Where("host = '' AND kind IN (?)", bun.List([]communities.ActorKind{communities.Person, communities.Group})).
		Where("discoverable AND NOT closed AND suspended_at IS NULL AND deleted_at IS NULL AND limited_at IS NULL AND moved_to = ''").Limit(maxDirectory)
	if r.viewer.Actor != 0 {
		listed = listed.Where("NOT EXISTS (SELECT 1 FROM blocks AS b WHERE b.blocker_id = ? AND b.blocked_id = a.id OR b.blocker_id = a.id AND b.blocked_id = ?)",
			r.viewer.Actor, r.viewer.Actor)
	}
	var rows []actorRow
	query := r.db.idb.NewSelect().Model(&rows).Where("id IN (?)", listed).Offset(int64(offset)).Limit(int64(Page{Limit: limit}.limit()))
	if fresh {
		query = query.OrderExpr("id DESC")
	} else {
		query = query.OrderExpr("COALESCE(last_post_at, 0) DESC, id DESC")
	}
	return actorNouns(rows, query.Scan(ctx))
}

// Dismissed lists whom the viewer does not want to be suggested any more.
func (r *Reader) Dismissed(ctx context.Context) ([]communities.ActorID, error) {
	var ids []communities.ActorID
	err := r.db.idb.NewRaw("SELECT other_id FROM dismissed_suggestions WHERE actor_id = ? ORDER BY other_id", r.viewer.Actor).Scan(ctx, &ids)
	return ids, found(err, "list the dismissed suggestions of", r.viewer.Actor)
}

// DismissSuggestion notes that a person does not want somebody to be suggested any more.
func (tx *Tx) DismissSuggestion(ctx context.Context, person, other communities.ActorID) error {
	_, err := tx.idb.NewRaw("INSERT INTO dismissed_suggestions (actor_id, other_id) VALUES (?, ?) ON CONFLICT DO NOTHING", person, other).Exec(ctx)
	return found(err, "dismiss the suggestion of", other)
}

// PeersLike lists the names of hosts that this node deals with and that hold a text, by name.
func (r reads) PeersLike(ctx context.Context, part string, limit int) ([]string, error) {
	var names []string
	query := r.idb.NewSelect().Model((*hostRow)(nil)).Column("name").Where("policy NOT IN (?)", bun.List(hidden)).OrderExpr("name").Limit(int64(limit))
	if part != "" {
		query = query.Where("name LIKE ? ESCAPE '!'", "%"+likeEscape.Replace(part)+"%")
	}
	return names, found(query.Scan(ctx, &names), "list", "hosts")
}

// hidden are the policies under which a host is not named to others.
var hidden = []communities.HostPolicy{communities.HostBlocked, communities.HostLimited}
