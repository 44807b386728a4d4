package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"meent/communities"
)

// Activity is something that this node said, in one dialect or in all.
type Activity struct {
	ID        communities.ActivityID
	URI       string
	Actor     communities.ActorID
	Kind      string
	ObjectURI string
	Dialect   string // "" for all who have no form of their own
	Public    bool   // anybody may fetch it
	Body      []byte
	CreatedAt time.Time
}

type activityRow struct {
	bun.BaseModel `bun:"table:activities,alias:act"`

	ID        communities.ActivityID `bun:"id,pk"`
	URI       string                 `bun:"uri"`
	Actor     communities.ActorID    `bun:"actor_id"`
	Kind      string                 `bun:"kind"`
	ObjectURI string                 `bun:"object_uri"`
	Dialect   string                 `bun:"dialect"`
	Public    bool                   `bun:"public"`
	Body      []byte                 `bun:"body"`
	CreatedAt moment                 `bun:"created_at"`
}

func (row *activityRow) activity() *Activity {
	return &Activity{
		ID: row.ID, URI: row.URI, Actor: row.Actor, Kind: row.Kind, ObjectURI: row.ObjectURI, Dialect: row.Dialect, Public: row.Public,
		Body: row.Body, CreatedAt: row.CreatedAt.time(),
	}
}

// PutActivity keeps an activity. One that is said again under its id, as a restored boost is, replaces the first.
func (tx *Tx) PutActivity(ctx context.Context, a Activity) error {
	row := activityRow{
		ID: a.ID, URI: a.URI, Actor: a.Actor, Kind: a.Kind, ObjectURI: a.ObjectURI, Dialect: a.Dialect, Public: a.Public, Body: a.Body,
		CreatedAt: momentOf(a.CreatedAt),
	}
	b := tx.batch()
	b.query(tx.idb.NewInsert().Model(&row).On("CONFLICT (uri, dialect) DO UPDATE").
		Set("id = EXCLUDED.id, kind = EXCLUDED.kind, public = EXCLUDED.public, body = EXCLUDED.body, created_at = EXCLUDED.created_at"))
	return found(b.exec(ctx), "keep activity", a.URI)
}

// ActivityByURI finds an activity in a dialect, or in the form for all.
func (r reads) ActivityByURI(ctx context.Context, uri, dialect string) (*Activity, error) {
	var row activityRow
	err := r.idb.NewSelect().Model(&row).Where("uri = ? AND dialect IN (?, '')", uri, dialect).OrderExpr("dialect DESC").Limit(1).Scan(ctx)
	if err != nil {
		return nil, found(err, "read activity", uri)
	}
	return row.activity(), nil
}

// OutgoingActivity finds an activity that is to be delivered, and who says it.
func (db *DB) OutgoingActivity(ctx context.Context, id communities.ActivityID) (*Activity, *communities.Actor, error) {
	var row activityRow
	if err := db.idb.NewSelect().Model(&row).Where("id = ?", id).Scan(ctx); err != nil {
		return nil, nil, found(err, "read activity", id)
	}
	actor, err := db.Actor(ctx, row.Actor)
	return row.activity(), actor, err
}

// Announced finds what a group announced first about each object, as it was sent, by the object's id.
func (r reads) Announced(ctx context.Context, group communities.ActorID, objects []string) (map[string][]byte, error) {
	bodies := make(map[string][]byte, len(objects))
	if len(objects) == 0 {
		return bodies, nil
	}
	var rows []activityRow
	err := r.idb.NewSelect().Model(&rows).Column("object_uri", "body").
		Where("object_uri IN (?) AND actor_id = ? AND kind = 'Announce' AND public", bun.In(objects), group).OrderExpr("id").Scan(ctx)
	if err != nil {
		return nil, found(err, "list what was announced by", group)
	}
	for _, row := range rows {
		if _, there := bodies[row.ObjectURI]; !there {
			bodies[row.ObjectURI] = row.Body
		}
	}
	return bodies, nil
}
