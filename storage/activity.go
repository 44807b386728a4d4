package storage

import (
	"context"
	"encoding/json"
	"time"

	"github.com/uptrace/bun"

	"meent/communities"
)

// Activity is something that this node says to others, in the form for one dialect, or for all.
type Activity struct {
	ID        communities.ActivityID
	URI       string
	Actor     communities.ActorID
	Kind      string // AS2 type
	ObjectURI string // what it is about
	Dialect   string // "" for everybody who has no form of their own
	Public    bool   // anybody may fetch it under its URI
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

// PutActivity stores an activity. A URI that exists in the same dialect is a conflict: what was said is not said otherwise later.
func (tx *Tx) PutActivity(ctx context.Context, a Activity) error {
	row := activityRow{
		ID: a.ID, URI: a.URI, Actor: a.Actor, Kind: a.Kind, ObjectURI: a.ObjectURI, Dialect: a.Dialect, Public: a.Public,
		Body: a.Body, CreatedAt: momentOf(a.CreatedAt),
	}
	result, err := tx.idb.NewInsert().Model(&row).On("CONFLICT DO NOTHING").Exec(ctx)
	n, err := affected(result, err)
	if err == nil && n == 0 {
		return communities.Conflictf("the activity %s exists already", a.URI)
	}
	return found(err, "put activity", a.URI)
}

// AddActivity stores an activity under a URI that was made for it, so that nobody can have used it before.
func (tx *Tx) AddActivity(a Activity) {
	tx.later().row("activities (id, uri, actor_id, kind, object_uri, dialect, public, body, created_at)", "", "(?, ?, ?, ?, ?, ?, ?, ?, ?)",
		a.ID, a.URI, a.Actor, a.Kind, a.ObjectURI, a.Dialect, a.Public, a.Body, momentOf(a.CreatedAt))
}

// ActivityByURI finds what was said under a URI in a dialect or, where it has no form of its own, to all.
func (r reads) ActivityByURI(ctx context.Context, uri, dialect string) (Activity, error) {
	var row activityRow
	err := r.idb.NewSelect().Model(&row).Where("uri = ? AND dialect IN (?, '')", uri, dialect).OrderExpr("dialect DESC").Limit(1).Scan(ctx)
	if err != nil {
		return Activity{}, found(err, "read activity", uri)
	}
	return row.activity(), nil
}

// OutgoingActivity reads an activity to be delivered, with the actor who signs for it.
func (r reads) OutgoingActivity(ctx context.Context, id communities.ActivityID) (Activity, *communities.Actor, error) {
	var row activityRow
	if err := r.idb.NewSelect().Model(&row).Where("id = ?", id).Scan(ctx); err != nil {
		return Activity{}, nil, found(err, "read activity", id)
	}
	actor, err := r.Actor(ctx, row.Actor)
	return row.activity(), actor, err
}

// firstAnnounces bounds how many of a group's announces of one object are looked at for that of its creation, which comes first.
const firstAnnounces = 4

// Announced finds, by object, the bytes with which a group announced the creation of each of the objects.
func (r reads) Announced(ctx context.Context, group communities.ActorID, uris []string) (map[string][]byte, error) {
	if len(uris) == 0 {
		return nil, nil
	}
	var rows []activityRow
	err := r.idb.NewRaw(`SELECT object_uri, body FROM activities WHERE id IN (
			SELECT id FROM (
				SELECT id, ROW_NUMBER() OVER (PARTITION BY object_uri ORDER BY id) AS place FROM activities
				WHERE object_uri IN (?) AND actor_id = ? AND kind = 'Announce'
			) AS announces WHERE place <= ?
		) ORDER BY id`, bun.List(uris), group, firstAnnounces).Scan(ctx, &rows)
	if err != nil {
		return nil, found(err, "read what was announced by", group)
	}
	bodies := map[string][]byte{}
	for _, row := range rows {
		if bodies[row.ObjectURI] == nil && announcesCreate(row.Body) {
			bodies[row.ObjectURI] = row.Body
		}
	}
	return bodies, nil
}

// announcesCreate tells an announced creation (FEP-1b12) from a boost, whose object is an id, and from other announced activities.
func announcesCreate(body []byte) bool {
	var announce struct {
		Object json.RawMessage `json:"object"`
	}
	var object struct {
		Type string `json:"type"`
	}
	return json.Unmarshal(body, &announce) == nil && json.Unmarshal(announce.Object, &object) == nil && object.Type == "Create"
}

func (row *activityRow) activity() Activity {
	return Activity{
		ID: row.ID, URI: row.URI, Actor: row.Actor, Kind: row.Kind, ObjectURI: row.ObjectURI, Dialect: row.Dialect, Public: row.Public,
		Body: row.Body, CreatedAt: row.CreatedAt.time(),
	}
}
