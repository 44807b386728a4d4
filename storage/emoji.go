package storage

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

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

// EmojiBook finds the pictures of this node that texts name. What was added or dropped elsewhere shows within bookFresh. Safe for concurrent use.
type EmojiBook struct {
	db *DB

	known   atomic.Pointer[map[string]*communities.OwnEmoji]
	reading sync.Mutex // held by who reads it anew; the others use what is known
	readAt  time.Time
}

const (
	bookFresh = 10 * time.Second
	bookWait  = time.Second // for a connection: whoever asks may hold one already, in a transaction, as may all others
)

// NewEmojiBook returns a book for an archive.
func NewEmojiBook(db *DB) *EmojiBook { return &EmojiBook{db: db} }

var namedEmoji = regexp.MustCompile(`:([a-zA-Z0-9_]{2,40}):`)

// EmojiNames lists what stands between colons in texts, each once.
func EmojiNames(texts ...string) []string {
	var names []string
	for _, text := range texts {
		if !strings.Contains(text, ":") {
			continue
		}
		for _, match := range namedEmoji.FindAllStringSubmatch(text, -1) {
			if !slices.Contains(names, match[1]) {
				names = append(names, match[1])
			}
		}
	}
	return names
}

// Named returns the pictures that texts name, in that order.
func (b *EmojiBook) Named(ctx context.Context, texts ...string) ([]*communities.OwnEmoji, error) {
	names := EmojiNames(texts...)
	if len(names) == 0 {
		return nil, nil
	}
	book, err := b.read(ctx)
	var found []*communities.OwnEmoji
	for _, name := range names {
		if e := book[name]; e != nil {
			found = append(found, e)
		}
	}
	return found, err
}

func (b *EmojiBook) read(ctx context.Context) (map[string]*communities.OwnEmoji, error) {
	known := b.known.Load()
	if known != nil && !b.reading.TryLock() {
		return *known, nil
	}
	if known == nil {
		b.reading.Lock()
	}
	defer b.reading.Unlock()
	now := b.db.now()
	if known = b.known.Load(); known != nil && now.Sub(b.readAt) < bookFresh {
		return *known, nil
	}
	ctx, cancel := context.WithTimeout(ctx, bookWait)
	defer cancel()
	list, err := b.db.Emojis(ctx)
	if err != nil {
		if known == nil {
			return nil, err
		}
		return *known, err
	}
	byName := make(map[string]*communities.OwnEmoji, len(list))
	for _, e := range list {
		byName[e.Name] = e
	}
	b.known.Store(&byName)
	b.readAt = now
	return byName, nil
}
