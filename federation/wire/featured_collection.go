package wire

import (
	"fmt"
	"time"
)

// FeaturedCollection is a set of actors that somebody recommends to follow (FEP-7aa9).
type FeaturedCollection struct {
	ID           string
	AttributedTo string
	Name         string
	// Summary is plain text, in Language when that is known.
	Summary, Language  string
	URL                string
	Topic              Hashtag
	Sensitive          bool
	Discoverable       bool
	Published, Updated time.Time
	Items              []FeaturedItem
}

// FeaturedItem is one actor in it. Authorization is where that actor says that they are fine with it.
type FeaturedItem struct {
	ID, Object, Authorization string
	Published                 time.Time
}

// FeatureAuthorization is an actor's word that a collection may name them (FEP-7aa9).
type FeatureAuthorization struct{ ID, Collection, Actor string }

// Encode writes the collection as a whole document.
func (c FeaturedCollection) Encode() ([]byte, error) {
	out, err := c.fields().document()
	if err != nil {
		return nil, fmt.Errorf("encode collection %s: %w", c.ID, err)
	}
	return out, nil
}

// Embed writes the collection for use inside an activity or a collection.
func (c FeaturedCollection) Embed() (Reference, error) {
	return embed(c.ID, "FeaturedCollection", c.fields())
}

// Embed writes the item for use inside an activity.
func (i FeaturedItem) Embed() (Reference, error) { return embed(i.ID, "FeaturedItem", i.fields()) }

// Encode writes the authorization as a whole document.
func (a FeatureAuthorization) Encode() ([]byte, error) {
	out, err := fields{
		{"id", a.ID}, {"type", "FeatureAuthorization"}, {"interactingObject", a.Collection}, {"interactionTarget", a.Actor},
	}.document()
	if err != nil {
		return nil, fmt.Errorf("encode authorization %s: %w", a.ID, err)
	}
	return out, nil
}

func (c FeaturedCollection) fields() fields {
	f := fields{{"id", c.ID}, {"type", "FeaturedCollection"}, {"attributedTo", c.AttributedTo}, {"name", c.Name}}
	if c.Language == "" {
		f.text("summary", c.Summary)
	} else {
		f.languages("summaryMap", map[string]string{c.Language: c.Summary})
	}
	f.text("url", c.URL)
	if c.Topic.Name != "" {
		f.add("topic", named("Hashtag", c.Topic.Href, c.Topic.Name))
	}
	f.add("sensitive", c.Sensitive)
	f.add("discoverable", c.Discoverable)
	f.moment("published", c.Published)
	f.moment("updated", c.Updated)
	f.add("totalItems", len(c.Items))
	items := make([]any, 0, len(c.Items))
	for _, item := range c.Items {
		items = append(items, item.fields())
	}
	f.add("orderedItems", items)
	return f
}

func (i FeaturedItem) fields() fields {
	f := fields{{"id", i.ID}, {"type", "FeaturedItem"}, {"featuredObject", i.Object}, {"featureAuthorization", i.Authorization}}
	f.moment("published", i.Published)
	return f
}
