package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"meent/communities"
)

// The kinds of key.
const (
	KeyRSA     = "rsa"
	KeyEd25519 = "ed25519"
)

// Key is what an actor signs with, or what its signatures are checked with. How the halves are written is the road's affair.
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

// KeyByURI finds a key by its id.
func (r reads) KeyByURI(ctx context.Context, uri string) (Key, error) {
	var row keyRow
	if err := r.idb.NewSelect().Model(&row).Where("uri = ?", uri).Scan(ctx); err != nil {
		return Key{}, found(err, "read key", uri)
	}
	return row.key(), nil
}

// KeysOf lists the keys that an actor uses, oldest first.
func (r reads) KeysOf(ctx context.Context, actor communities.ActorID) ([]Key, error) {
	var rows []keyRow
	if err := r.idb.NewSelect().Model(&rows).Where("actor_id = ? AND retired_at IS NULL", actor).OrderExpr("created_at, uri").Scan(ctx); err != nil {
		return nil, found(err, "list keys of", actor)
	}
	keys := make([]Key, len(rows))
	for i, row := range rows {
		keys[i] = row.key()
	}
	return keys, nil
}

// PutKey makes or replaces a key. A key id that belongs to another actor is a conflict: no actor may take over another's.
func (tx *Tx) PutKey(ctx context.Context, k Key) error {
	row := keyRow{
		URI: k.URI, Actor: k.Actor, Kind: k.Kind, Public: k.Public, Private: k.Private,
		CreatedAt: momentOf(k.CreatedAt), RetiredAt: momentOf(k.RetiredAt),
	}
	result, err := tx.idb.NewInsert().Model(&row).On("CONFLICT (uri) DO UPDATE").
		Set("kind = EXCLUDED.kind, public = EXCLUDED.public, private = EXCLUDED.private").
		Set("created_at = EXCLUDED.created_at, retired_at = EXCLUDED.retired_at").
		Where("k.actor_id = EXCLUDED.actor_id").Exec(ctx)
	n, err := affected(result, err)
	if err == nil && n == 0 {
		return communities.Conflictf("the key belongs to somebody else")
	}
	return found(err, "put key", k.URI)
}

// DeleteKey forgets a key of another node that its owner no longer shows.
func (tx *Tx) DeleteKey(ctx context.Context, uri string) error {
	result, err := tx.idb.NewDelete().Model((*keyRow)(nil)).Where("uri = ?", uri).Exec(ctx)
	return changed(result, err, "delete key", uri)
}

// RetireKeys ends the use of an actor's keys. Their private halves go, and their ids become free for the next ones.
func (tx *Tx) RetireKeys(ctx context.Context, actor communities.ActorID, at time.Time) error {
	suffix := fmt.Sprintf("~%d", at.UnixMilli())
	_, err := tx.idb.NewUpdate().Model((*keyRow)(nil)).
		Set("uri = uri || ?, private = NULL, retired_at = ?", suffix, momentOf(at)).
		Where("actor_id = ? AND retired_at IS NULL", actor).Exec(ctx)
	return found(err, "retire keys of", actor)
}

func (row *keyRow) key() Key {
	return Key{
		URI: row.URI, Actor: row.Actor, Kind: row.Kind, Public: row.Public, Private: row.Private,
		CreatedAt: row.CreatedAt.time(), RetiredAt: row.RetiredAt.time(),
	}
}
