package storage

import (
	"context"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"meent/communities"
)

// The kinds of key.
const (
	KeyRSA     = "rsa"
	KeyEd25519 = "ed25519"
)

// Key is a key of an actor, under the id by which others look it up.
type Key struct {
	URI       string
	Actor     communities.ActorID
	Kind      string
	Public    []byte
	Private   []byte // of local actors only
	CreatedAt time.Time
	RetiredAt time.Time // zero: in use
}

type keyRow struct {
	bun.BaseModel `bun:"table:keys,alias:k"`

	URI       string              `bun:"uri,pk"`
	Actor     communities.ActorID `bun:"actor_id"`
	Kind      string              `bun:"kind"`
	Public    []byte              `bun:"public"`
	Private   []byte              `bun:"private"`
	CreatedAt moment              `bun:"created_at"`
	RetiredAt moment              `bun:"retired_at,nullzero"`
}

func (row *keyRow) key() Key {
	return Key{
		URI: row.URI, Actor: row.Actor, Kind: row.Kind, Public: row.Public, Private: row.Private,
		CreatedAt: row.CreatedAt.time(), RetiredAt: row.RetiredAt.time(),
	}
}

// KeyByURI finds a key that is in use.
func (r reads) KeyByURI(ctx context.Context, uri string) (*Key, error) {
	var row keyRow
	if err := r.idb.NewSelect().Model(&row).Where("uri = ? AND retired_at IS NULL", uri).Scan(ctx); err != nil {
		return nil, found(err, "read key", uri)
	}
	key := row.key()
	return &key, nil
}

// KeysOf lists the keys of an actor that are in use.
func (r reads) KeysOf(ctx context.Context, actor communities.ActorID) ([]Key, error) {
	var rows []keyRow
	err := r.idb.NewSelect().Model(&rows).Where("actor_id = ? AND retired_at IS NULL", actor).OrderExpr("uri").Scan(ctx)
	if err != nil {
		return nil, found(err, "list keys of", actor)
	}
	keys := make([]Key, len(rows))
	for i := range rows {
		keys[i] = rows[i].key()
	}
	return keys, nil
}

// PutKey makes or replaces a key.
func (tx *Tx) PutKey(ctx context.Context, k Key) error {
	row := keyRow{URI: k.URI, Actor: k.Actor, Kind: k.Kind, Public: k.Public, Private: k.Private, CreatedAt: momentOf(k.CreatedAt)}
	_, err := tx.idb.NewInsert().Model(&row).
		On("CONFLICT (uri) DO UPDATE").Set("actor_id = EXCLUDED.actor_id, kind = EXCLUDED.kind, public = EXCLUDED.public").
		Set("private = EXCLUDED.private, created_at = EXCLUDED.created_at, retired_at = NULL").Exec(ctx)
	return found(err, "keep key", k.URI)
}

// RetireKeys takes the keys of an actor out of use. The private half goes, and the id becomes free for the next key.
func (tx *Tx) RetireKeys(ctx context.Context, actor communities.ActorID, at time.Time) error {
	_, err := tx.idb.NewUpdate().Model((*keyRow)(nil)).
		Set("uri = uri || ?", "?retired="+strconv.FormatInt(at.UnixMilli(), 10)).Set("private = NULL").Set("retired_at = ?", momentOf(at)).
		Where("actor_id = ? AND retired_at IS NULL", actor).Exec(ctx)
	return found(err, "retire keys of", actor)
}

// DropKeys forgets all keys of a remote actor that are not among those named.
func (tx *Tx) DropKeys(ctx context.Context, actor communities.ActorID, but ...string) error {
	query := tx.idb.NewDelete().Model((*keyRow)(nil)).Where("actor_id = ? AND private IS NULL AND retired_at IS NULL", actor)
	if len(but) > 0 {
		query = query.Where("uri NOT IN (?)", bun.In(but))
	}
	_, err := query.Exec(ctx)
	return found(err, "forget keys of", actor)
}
