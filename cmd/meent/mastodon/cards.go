package mastodon

import (
	"context"
	"net/url"
	"strings"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/storage"
)

// linkRoutes are who speaks of a page.
var linkRoutes = []row{
	{"GET", "/api/v1/timelines/link", Anyone, "read:statuses", (*API).linkTimeline, 0},
}

// linkTimeline lists public statuses that link to a page, by people who want to be found. A page that nobody has linked to is not there.
func (a *API) linkTimeline(c *call) (any, error) {
	address, err := url.Parse(strings.TrimSpace(c.form.text("url")))
	if err != nil || address.Host == "" {
		return nil, communities.NotFound
	}
	address.Fragment, address.RawFragment, address.Host = "", "", strings.ToLower(address.Host)
	return a.timeline(c, onPublic, func(ctx context.Context, at storage.Page) ([]*storage.View, error) {
		return a.reader(c).Linking(ctx, address.String(), at)
	})
}

// card draws what a page says of itself; its picture comes from this node. That of a photo is shown where others would put HTML of their own.
func (a *API) card(of *storage.Card) *entity.Card {
	if of == nil {
		return nil
	}
	image := a.Shown(of.Image)
	drawn := &entity.Card{
		URL: of.URL, Title: of.Title, Description: of.Description, Language: entity.Optional(of.Language), Type: of.Kind, Authors: []entity.CardAuthor{},
		AuthorName: of.AuthorName, AuthorURL: of.AuthorURL, ProviderName: of.ProviderName, ProviderURL: of.ProviderURL,
		Width: of.Width, Height: of.Height, Image: entity.Optional(image), ImageDescription: of.ImageAlt, PublishedAt: entity.OptionalTime(of.PublishedAt),
	}
	if of.AuthorName != "" {
		drawn.Authors = append(drawn.Authors, entity.CardAuthor{Name: of.AuthorName, URL: of.AuthorURL})
	}
	if of.Kind == photo {
		drawn.EmbedURL = image
	}
	return drawn
}

const photo = "photo" // the kind of a card that is a picture
