package storage

import (
	"context"

	"github.com/uptrace/bun"

	"meent/communities"
)

// emojiRow is a picture for texts as the tables keep it. The picture itself is beside it: it is small, and every process has it then.
type emojiRow struct {
	bun.BaseModel `bun:"table:emojis,alias:em"`

	Name      string `bun:"name,pk"`
	Category  string `bun:"category"`
	Hidden    bool   `bun:"hidden"`
	MediaType string `bun:"media_type"`
	Picture   []byte `bun:"picture"`
	Version   string `bun:"version"`
	UpdatedAt moment `bun:"updated_at"`
}

// Emojis lists the pictures of this node by name.
func (r reads) Emojis(ctx context.Context) ([]*communities.OwnEmoji, error) {
	var rows []emojiRow
	if err := r.idb.NewSelect().Model(&rows).ExcludeColumn("picture").OrderExpr("name").Scan(ctx); err != nil {
		return nil, found(err, "list", "emojis")
	}
	list := make([]*communities.OwnEmoji, len(rows))
	for i := range rows {
		list[i] = rows[i].noun()
	}
	return list, nil
}

// Emoji is told in [communities.Tx]; it works outside a transaction as well.
func (r reads) Emoji(ctx context.Context, name string) (*communities.OwnEmoji, error) {
	var row emojiRow
	if err := r.idb.NewSelect().Model(&row).ExcludeColumn("picture").Where("name = ?", name).Scan(ctx); err != nil {
		return nil, found(err, "read emoji", name)
	}
	return row.noun(), nil
}

// EmojiPicture reads the bytes of a picture, with its type.
func (r reads) EmojiPicture(ctx context.Context, name string) (picture []byte, mediaType string, err error) {
	var row emojiRow
	err = r.idb.NewSelect().Model(&row).Column("picture", "media_type").Where("name = ?", name).Scan(ctx)
	return row.Picture, row.MediaType, found(err, "read the picture of emoji", name)
}

// PutEmoji is told in [communities.Tx].
func (tx *Tx) PutEmoji(ctx context.Context, e *communities.OwnEmoji, picture []byte) error {
	row := emojiRow{
		Name: e.Name, Category: e.Category, Hidden: e.Hidden, MediaType: e.MediaType, Picture: picture, Version: e.Version, UpdatedAt: momentOf(e.UpdatedAt),
	}
	_, err := tx.idb.NewInsert().Model(&row).On("CONFLICT (name) DO UPDATE").
		Set("category = EXCLUDED.category, hidden = EXCLUDED.hidden, media_type = EXCLUDED.media_type, picture = EXCLUDED.picture").
		Set("version = EXCLUDED.version, updated_at = EXCLUDED.updated_at").Exec(ctx)
	return found(err, "put emoji", e.Name)
}

// DeleteEmoji is told in [communities.Tx].
func (tx *Tx) DeleteEmoji(ctx context.Context, name string) error {
	result, err := tx.idb.NewDelete().Model((*emojiRow)(nil)).Where("name = ?", name).Exec(ctx)
	return changed(result, err, "delete emoji", name)
}

func (row *emojiRow) noun() *communities.OwnEmoji {
	return &communities.OwnEmoji{
		Name: row.Name, Category: row.Category, Hidden: row.Hidden, MediaType: row.MediaType, Version: row.Version, UpdatedAt: row.UpdatedAt.time(),
	}
}
