package federation

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"meent/communities"
	"meent/communities/text"
	"meent/federation/fetch"
	"meent/federation/preview"
	"meent/storage"
)

// What the card of a link may cost, and how long what was found is believed.
const (
	cardBudget   = 6 // fetches: a page, its oEmbed document, and redirects
	cardTime     = 20 * time.Second
	cardFresh    = 14 * 24 * time.Hour
	cardDenied   = 24 * time.Hour // of a page that has nothing to show
	cardSpread   = time.Minute    // by which a thousand nodes that got the same post ask at different times
	cardPatience = 30 * time.Second
	cardTries    = 4 // to wait for another task that fetches the same page
	acceptPage   = "text/html, application/xhtml+xml;q=0.9"
)

// FetchCard is the task to read the first page that a post links to, for the card below it.
type FetchCard struct {
	Post  communities.PostID `json:"post"`
	URL   string             `json:"url"`
	At    time.Time          `json:"at,omitzero"`
	Tries int                `json:"tries,omitempty"`
}

// Kind implements [communities.Task].
func (FetchCard) Kind() string { return "fetch_card" }

// NotBefore implements [communities.Timed].
func (t FetchCard) NotBefore() time.Time { return t.At }

// previewOf has the first link of a public post read; what is said to a few is told to no other server. An edited post loses a card that it
// no longer links to.
func (o outgoing) previewOf(ctx context.Context, e communities.Happened) error {
	switch e := e.(type) {
	case communities.Posted:
		return o.preview(ctx, e.Post, e.Author)
	case communities.Edited:
		if o.linkOf(e.Post) == "" {
			return o.tx.SetCard(ctx, e.Post.ID, 0)
		}
		return o.preview(ctx, e.Post, e.Author)
	default:
		return nil
	}
}

func (o outgoing) preview(ctx context.Context, p *communities.Post, author *communities.Actor) error {
	link := o.linkOf(p)
	if link == "" {
		return nil
	}
	task := FetchCard{Post: p.ID, URL: link}
	if !author.Local() {
		task.At = o.Now().Add(rand.N(cardSpread)) //nolint:gosec // spreads requests, guards nothing
	}
	return o.tx.Enqueue(ctx, task)
}

// linkOf is the address that a post has a card of: of a link that it shares, else of the first one in its text. A post with pictures has
// none, and no request is made to this node itself, which would wait for itself.
func (r *Road) linkOf(p *communities.Post) string {
	if !p.Visibility.Open() || p.Kind == communities.Boost || p.Deleted() || p.Removed() {
		return ""
	}
	link := ""
	for _, a := range p.Attachments {
		if a.Kind != "link" {
			return ""
		}
		link = cmp.Or(link, a.URL)
	}
	address, err := r.client.Parse(cmp.Or(link, text.FirstLink(p.Content)))
	if err != nil || r.isOwnURI(address.String()) || r.isOwnHost(address.Host) || namesActor(p, address.String()) {
		return ""
	}
	return address.String()
}

// namesActor tells whether a link is a mention, whose software did not say so.
func namesActor(p *communities.Post, link string) bool {
	for _, m := range p.Mentions {
		if link == m.URL || link == m.URI {
			return true
		}
	}
	return false
}

// fetchCard gives a post its card: one that is known, or a new one. The same page is read by one task at a time; the others come again.
func (r *Road) fetchCard(ctx context.Context, task FetchCard) error {
	p, err := r.archive.Post(ctx, task.Post)
	if err != nil || r.linkOf(p) != task.URL {
		return quietly(err)
	}
	card, err := r.archive.CardByURL(ctx, task.URL)
	if err != nil && !communities.IsNotFound(err) {
		return err
	}
	read := err != nil || r.Now().Sub(card.FetchedAt) > freshness(card)
	if read && !r.previewing.first(task.URL, r.Now()) {
		return r.waitForCard(ctx, task)
	}
	if read {
		card = r.readCard(ctx, task.URL, card)
	}
	return r.archive.Write(ctx, func(tx communities.Tx) error {
		archive := storage.Of(tx)
		if read {
			if err := archive.PutCard(ctx, card); err != nil {
				return err
			}
		}
		if card.Kind == "" {
			return archive.SetCard(ctx, p.ID, 0)
		}
		return archive.SetCard(ctx, p.ID, card.ID)
	})
}

func freshness(card *storage.Card) time.Duration {
	if card.Kind == "" {
		return cardDenied
	}
	return cardFresh
}

func (r *Road) waitForCard(ctx context.Context, task FetchCard) error {
	if task.Tries++; task.Tries > cardTries {
		return nil
	}
	task.At = r.Now().Add(cardPatience)
	return r.enqueue(ctx, task)
}

// readCard reads a page. One that cannot be had, or says nothing, leaves what was known of it, or makes an empty card by which that is remembered.
func (r *Road) readCard(ctx context.Context, address string, known *storage.Card) *storage.Card {
	card := &storage.Card{URL: address}
	if known != nil {
		*card = *known
	}
	card.FetchedAt = r.Now()
	ctx, cancel := context.WithTimeout(fetch.WithBudget(ctx, cardBudget, 0), cardTime)
	defer cancel()
	page, err := r.readPage(ctx, address)
	if err != nil {
		r.Log.DebugContext(ctx, "no card", "url", address, "error", err)
		return card
	}
	card.Kind, card.Title, card.Description, card.Language = page.Kind, page.Title, page.Description, text.Language(page.Language)
	card.AuthorName, card.AuthorURL, card.ProviderName, card.ProviderURL = page.AuthorName, page.AuthorURL, page.ProviderName, page.ProviderURL
	card.Image, card.ImageAlt, card.Width, card.Height, card.PublishedAt = page.Image, page.ImageAlt, page.Width, page.Height, page.PublishedAt
	return card
}

func (r *Road) readPage(ctx context.Context, address string) (*preview.Page, error) {
	res, err := r.client.Get(ctx, address, acceptPage, nil)
	if err != nil {
		return nil, err
	}
	page, err := preview.Read(res.Body, res.Header.Get("Content-Type"), res.FinalURL)
	if err != nil {
		return nil, err
	}
	if more, err := r.client.Parse(page.OEmbed); err == nil && !r.isOwnHost(more.Host) {
		if res, err := r.client.Get(ctx, more.String(), "application/json", nil); err == nil {
			page.Embed(res.Body, res.FinalURL)
		}
	}
	if page.Title == "" {
		return nil, errors.Join(preview.ErrNoPage, err)
	}
	return page, nil
}
