package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"meent/communities"
)

// CardID names a [Card].
type CardID int64

// Card is what a page says of itself, kept once for each address (Mastodon API, entities/PreviewCard). All text in it is plain.
type Card struct {
	ID           CardID
	URL          string // as posts link to it
	Kind         string // link or photo; "": there is nothing to show
	Title        string
	Description  string
	Language     string
	AuthorName   string
	AuthorURL    string
	ProviderName string
	ProviderURL  string
	Image        string
	ImageAlt     string
	Width        int // pixels
	Height       int // pixels
	PublishedAt  time.Time
	FetchedAt    time.Time
}

type cardRow struct {
	bun.BaseModel `bun:"table:cards,alias:card"`

	ID           CardID `bun:"id,pk"`
	URL          string `bun:"url"`
	Kind         string `bun:"kind"`
	Title        string `bun:"title"`
	Description  string `bun:"description"`
	Language     string `bun:"language"`
	AuthorName   string `bun:"author_name"`
	AuthorURL    string `bun:"author_url"`
	ProviderName string `bun:"provider_name"`
	ProviderURL  string `bun:"provider_url"`
	Image        string `bun:"image"`
	ImageAlt     string `bun:"image_alt"`
	Width        int    `bun:"width"`
	Height       int    `bun:"height"`
	PublishedAt  moment `bun:"published_at,nullzero"`
	FetchedAt    moment `bun:"fetched_at"`
}

func (row *cardRow) noun() *Card {
	return &Card{
		ID: row.ID, URL: row.URL, Kind: row.Kind, Title: row.Title, Description: row.Description, Language: row.Language,
		AuthorName: row.AuthorName, AuthorURL: row.AuthorURL, ProviderName: row.ProviderName, ProviderURL: row.ProviderURL,
		Image: row.Image, ImageAlt: row.ImageAlt, Width: row.Width, Height: row.Height,
		PublishedAt: row.PublishedAt.time(), FetchedAt: row.FetchedAt.time(),
	}
}

// CardByURL finds what is known of a page.
func (r reads) CardByURL(ctx context.Context, url string) (*Card, error) {
	var row cardRow
	if err := r.idb.NewSelect().Model(&row).Where("url = ?", url).Scan(ctx); err != nil {
		return nil, found(err, "read card of", url)
	}
	return row.noun(), nil
}

// PutCard makes or replaces the card of an address, and sets c.ID to the id that the address has.
func (tx *Tx) PutCard(ctx context.Context, c *Card) error {
	row := cardRow{
		ID: CardID(tx.db.IDs().Next()), URL: c.URL, Kind: c.Kind, Title: c.Title, Description: c.Description, Language: c.Language,
		AuthorName: c.AuthorName, AuthorURL: c.AuthorURL, ProviderName: c.ProviderName, ProviderURL: c.ProviderURL,
		Image: c.Image, ImageAlt: c.ImageAlt, Width: c.Width, Height: c.Height,
		PublishedAt: momentOf(c.PublishedAt), FetchedAt: momentOf(c.FetchedAt),
	}
	insert := tx.idb.NewInsert().Model(&row).On("CONFLICT (url) DO UPDATE").Returning("id")
	for _, column := range []string{
		"kind", "title", "description", "language", "author_name", "author_url", "provider_name", "provider_url", "image", "image_alt",
		"width", "height", "published_at", "fetched_at",
	} {
		insert = insert.Set("? = EXCLUDED.?", bun.Ident(column), bun.Ident(column))
	}
	return found(insert.Scan(ctx, &c.ID), "put card of", c.URL)
}

// SetCard joins a card to a post; 0 takes the one away that it had.
func (tx *Tx) SetCard(ctx context.Context, post communities.PostID, card CardID) error {
	_, err := tx.idb.NewRaw("UPDATE posts SET card_id = ? WHERE id = ? AND deleted_at IS NULL", bun.NullZero(card), post).Exec(ctx)
	return found(err, "set card of post", post)
}

// loadCards asks nothing where no post has a card.
func (c *company) loadCards(ctx context.Context) error {
	if len(c.cards) == 0 {
		return nil
	}
	var rows []cardRow
	err := c.reader.db.idb.NewSelect().Model(&rows).Where("id ? AND kind <> ''", among(c.reader.db.idb, keysOf(c.cards))).Scan(ctx)
	for i := range rows {
		for _, v := range c.cards[rows[i].ID] {
			v.Card = rows[i].noun()
		}
	}
	return found(err, "read", "cards")
}

// Linking lists the public posts by those who want to be found that link to a page, newest first; absent where nothing is known of the page.
func (r *Reader) Linking(ctx context.Context, url string, page Page) ([]*View, error) {
	card, err := r.db.CardByURL(ctx, url)
	if err != nil {
		return nil, err
	}
	var rows []postRow
	query := r.posts(&rows).Where("p.card_id = ? AND p.visibility = 'public'", card.ID).Where("?", r.wanted()).Where("?", r.unlimited()).
		Where("(SELECT a.discoverable FROM actors AS a WHERE a.id = p.author_id)")
	return r.list(ctx, page, &rows, page.apply(query, "p.id"))
}
