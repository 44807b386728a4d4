package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"meent/communities"
)

// mediaRow is a file of somebody of this node as the tables keep it. Its bytes are elsewhere, see the room media.
type mediaRow struct {
	bun.BaseModel `bun:"table:media,alias:md"`

	ID        communities.MediaID            `bun:"id,pk"`
	Owner     communities.ActorID            `bun:"owner_id"`
	Purpose   communities.Purpose            `bun:"purpose"`
	State     communities.MediaState         `bun:"state"`
	Post      communities.PostID             `bun:"post_id,nullzero"`
	Name      string                         `bun:"name"`
	Original  string                         `bun:"original"`
	Preview   string                         `bun:"preview"`
	File      record[communities.Attachment] `bun:"file"`
	Reason    string                         `bun:"reason"`
	CreatedAt moment                         `bun:"created_at"`
	ExpiresAt moment                         `bun:"expires_at,nullzero"`
}

// mediaFixed are the columns that [Tx.UpdateMedia] leaves alone.
var mediaFixed = []string{"id", "owner_id", "purpose", "name", "created_at"}

// CreateMedia stores a new file; see [communities.Tx].
func (tx *Tx) CreateMedia(ctx context.Context, m *communities.Media) error {
	_, err := tx.idb.NewInsert().Model(mediaOf(m)).Exec(ctx)
	return found(err, "create file", m.ID)
}

// Media reads a file and locks it; see [communities.Tx].
func (tx *Tx) Media(ctx context.Context, id communities.MediaID) (*communities.Media, error) {
	var row mediaRow
	query := tx.idb.NewSelect().Model(&row).Where("id = ?", id)
	if tx.db.engine.postgres {
		query = query.For("UPDATE")
	}
	if err := query.Scan(ctx); err != nil {
		return nil, found(err, "read file", id)
	}
	return row.noun(), nil
}

// UpdateMedia stores what can change of a file; see [communities.Tx].
func (tx *Tx) UpdateMedia(ctx context.Context, m *communities.Media) error {
	result, err := tx.idb.NewUpdate().Model(mediaOf(m)).ExcludeColumn(mediaFixed...).WherePK().Exec(ctx)
	return changed(result, err, "update file", m.ID)
}

// CountLooseMedia counts what will expire; see [communities.Tx].
func (tx *Tx) CountLooseMedia(ctx context.Context, owner communities.ActorID) (n int, err error) {
	err = tx.idb.NewSelect().Model((*mediaRow)(nil)).ColumnExpr("count(*)").Where("owner_id = ? AND expires_at IS NOT NULL", owner).Scan(ctx, &n)
	return n, found(err, "count files of", owner)
}

// ExpireMedia lets expire what hangs on no post; see [communities.Tx].
func (tx *Tx) ExpireMedia(ctx context.Context, owner communities.ActorID, at time.Time) error {
	_, err := tx.idb.NewUpdate().Model((*mediaRow)(nil)).Set("expires_at = ?", momentOf(at)).
		Where("owner_id = ? AND post_id IS NULL", owner).Exec(ctx)
	return found(err, "let files expire of", owner)
}

// Media reads a file, for the program itself.
func (db *DB) Media(ctx context.Context, id communities.MediaID) (*communities.Media, error) {
	var row mediaRow
	if err := db.idb.NewSelect().Model(&row).Where("id = ?", id).Scan(ctx); err != nil {
		return nil, found(err, "read file", id)
	}
	return row.noun(), nil
}

// MediaOf reads files that a person gave and that are there still; which of them are not is seen by what is missing.
func (db *DB) MediaOf(ctx context.Context, owner communities.ActorID, ids []communities.MediaID) (map[communities.MediaID]*communities.Media, error) {
	if len(ids) == 0 {
		return nil, nil //nolint:nilnil // no file is asked for
	}
	var rows []mediaRow
	err := db.idb.NewSelect().Model(&rows).Where("id IN (?) AND owner_id = ? AND state <> ?", bun.List(ids), owner, communities.MediaGoing).Scan(ctx)
	files := make(map[communities.MediaID]*communities.Media, len(rows))
	for i := range rows {
		files[rows[i].ID] = rows[i].noun()
	}
	return files, found(err, "read files of", owner)
}

// ServedMedia is a file that somebody asks for by its name.
type ServedMedia struct {
	*communities.Media
	Open     bool // whoever wants to may see the post that it goes with, or it is the picture of an actor
	Withheld bool // a moderator took the post away
}

// MediaByName finds a file by the name of its bytes.
func (r reads) MediaByName(ctx context.Context, name string) (ServedMedia, error) {
	var row struct {
		mediaRow
		Visibility communities.Visibility `bun:"visibility"`
		Removed    bool                   `bun:"removed"`
	}
	err := r.idb.NewSelect().Model((*mediaRow)(nil)).ColumnExpr("md.*").
		ColumnExpr("coalesce(p.visibility, '') AS visibility, p.removed_at IS NOT NULL AS removed").
		Join("LEFT JOIN posts AS p ON p.id = md.post_id").Where("md.name = ?", name).Scan(ctx, &row)
	if err != nil {
		return ServedMedia{}, found(err, "read file", name)
	}
	m := row.noun()
	return ServedMedia{Media: m, Open: row.Visibility.Open() || m.Purpose != communities.ForPost, Withheld: row.Removed}, nil
}

// ExpiredMedia marks files that have expired as going, so that nothing can hang on to them any more, and returns them, with those that were
// marked before and are still there.
func (tx *Tx) ExpiredMedia(ctx context.Context, now time.Time, limit int) ([]*communities.Media, error) {
	var rows []mediaRow
	due := tx.idb.NewSelect().Model((*mediaRow)(nil)).Column("id").Where("expires_at <= ?", momentOf(now)).OrderExpr("expires_at").Limit(int64(limit))
	err := tx.idb.NewUpdate().Model((*mediaRow)(nil)).Set("state = ?", communities.MediaGoing).Where("id IN (?) AND expires_at <= ?", due, momentOf(now)).
		Returning("*").Scan(ctx, &rows)
	if err != nil {
		return nil, found(err, "mark", "expired files")
	}
	expired := make([]*communities.Media, len(rows))
	for i := range rows {
		expired[i] = rows[i].noun()
	}
	return expired, nil
}

// DeleteMedia forgets a file that is going, once its bytes are gone.
func (tx *Tx) DeleteMedia(ctx context.Context, id communities.MediaID) error {
	_, err := tx.idb.NewDelete().Model((*mediaRow)(nil)).Where("id = ? AND state = ?", id, communities.MediaGoing).Exec(ctx)
	return found(err, "delete file", id)
}

func mediaOf(m *communities.Media) *mediaRow {
	return &mediaRow{
		ID: m.ID, Owner: m.Owner, Purpose: m.Purpose, State: m.State, Post: m.Post, Name: m.Name, Original: m.Original, Preview: m.Preview,
		File: record[communities.Attachment]{m.File}, Reason: m.Reason, CreatedAt: momentOf(m.CreatedAt), ExpiresAt: momentOf(m.ExpiresAt),
	}
}

func (row *mediaRow) noun() *communities.Media {
	return &communities.Media{
		ID: row.ID, Owner: row.Owner, Purpose: row.Purpose, State: row.State, Post: row.Post, Name: row.Name, Original: row.Original,
		Preview: row.Preview, File: row.File.of, Reason: row.Reason, CreatedAt: row.CreatedAt.time(), ExpiresAt: row.ExpiresAt.time(),
	}
}
