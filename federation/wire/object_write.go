package wire

import (
	"fmt"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// Encode writes the object as a whole document.
func (o Object) Encode() ([]byte, error) {
	out, err := o.fields().document()
	if err != nil {
		return nil, fmt.Errorf("encode object %s: %w", o.ID, err)
	}
	return out, nil
}

// Embed writes the object for use inside an activity or a collection, whose
// @context then covers it.
func (o Object) Embed() (Reference, error) {
	kind := ""
	if len(o.Types) > 0 {
		kind = o.Types[0]
	}
	return embed(o.ID, kind, o.fields())
}

func (o Object) fields() fields {
	var f fields
	f.text("id", o.ID)
	f.single("type", o.Types)
	f.text("url", o.URL)
	f.single("attributedTo", o.AttributedTo)
	f.text("actor", o.Actor)
	f.addresses(o.To, o.Cc)
	f.single("audience", o.Audience)
	o.textFields(&f)
	f.text("inReplyTo", o.InReplyTo)
	f.text("context", o.Context)
	f.text("conversation", o.Conversation)
	f.list("attachment", attachments(o.Attachments))
	f.nested("image", o.Image.fields())
	f.nested("icon", o.Icon.fields())
	f.list("tag", append(o.Tags.values(), quoteLink(o.QuoteURL)...))
	o.quoteFields(&f)
	f.flag("sensitive", o.Sensitive)
	f.maybe("commentsEnabled", o.CommentsEnabled)
	f.flag("stickied", o.Stickied)
	f.flag("distinguished", o.Distinguished)
	f.counted("replies", o.Replies)
	f.counted("likes", o.Likes)
	f.counted("shares", o.Shares)
	o.Poll.addTo(&f)
	o.Event.addTo(&f)
	f.text("formerType", o.FormerType)
	f.moment("deleted", o.Deleted)
	f.moment("published", o.Published)
	f.moment("updated", o.Updated)
	return f
}

// quoteFields writes what is quoted in every way that somebody reads: Mastodon the first, Fedibird and Misskey the others.
func (o Object) quoteFields(f *fields) {
	f.text("quote", o.QuoteURL)
	f.text("quoteUri", o.QuoteURL)
	f.text("_misskey_quote", o.QuoteURL)
	f.text("quoteAuthorization", o.QuoteAuthorization)
	if o.CanQuote != nil {
		var approval fields
		approval.single("automaticApproval", o.CanQuote.Automatic)
		approval.single("manualApproval", o.CanQuote.Manual)
		f.add("interactionPolicy", fields{{"canQuote", approval}})
	}
	f.text("interactingObject", o.InteractingObject)
	f.text("interactionTarget", o.InteractionTarget)
}

// quoteLink is an object link (FEP-e232).
func quoteLink(uri string) []any {
	if uri == "" {
		return nil
	}
	return []any{fields{
		{"type", "Link"},
		{"mediaType", `application/ld+json; profile="https://www.w3.org/ns/activitystreams"`},
		{"rel", "https://misskey-hub.net/ns#_misskey_quote"},
		{"href", uri},
		{"name", "RE: " + uri},
	}}
}

// textFields writes what people read.
func (o Object) textFields(f *fields) {
	f.text("name", o.Name)
	f.languages("nameMap", o.NameMap)
	f.text("summary", o.Summary)
	f.languages("summaryMap", o.SummaryMap)
	f.text("content", o.Content)
	f.languages("contentMap", o.ContentMap)
	f.text("mediaType", o.MediaType)
	f.nested("source", o.Source.fields())
	if o.Preview != "" {
		f.add("preview", fields{{"type", "Note"}, {"content", o.Preview}})
	}
	if o.Language != "" { // Lemmy's form; others read contentMap
		f.add("language", languageFields(o.Language))
	}
}

// languageFields names a language in itself, as Lemmy does; it refuses an object
// whose language has no name.
func languageFields(tag string) fields {
	name := tag
	if parsed, err := language.Parse(tag); err == nil {
		if self := display.Self.Name(parsed); self != "" {
			name = self
		}
	}
	return fields{{"identifier", tag}, {"name", name}}
}

func (s Source) fields() fields {
	var f fields
	f.text("content", s.Content)
	f.text("mediaType", s.MediaType)
	return f
}

func (i Image) fields() fields {
	if i.URL == "" {
		return nil
	}
	f := fields{{"type", "Image"}, {"url", i.URL}}
	f.text("mediaType", i.MediaType)
	f.text("name", i.Name)
	return f
}

// counted writes a collection's id alone, or with its size.
func (f *fields) counted(key string, c Counted) {
	if !c.HasTotal {
		f.text(key, c.ID)
		return
	}
	collection := fields{{"type", "Collection"}}
	collection.text("id", c.ID)
	collection.add("totalItems", c.Total)
	if c.FirstPage != "" {
		// Mastodon walks on from the first page, GoToSocial only from one that is embedded; an empty one costs nobody a look-up.
		collection.add("first", fields{
			{"type", "CollectionPage"}, {"partOf", c.ID}, {"next", c.FirstPage}, {"items", []any{}},
		})
	}
	f.add(key, collection)
}

func attachments(list []Attachment) []any {
	var out []any
	for _, a := range list {
		out = append(out, a.fields())
	}
	return out
}

func (a Attachment) fields() fields {
	var f fields
	f.text("type", a.Type)
	if a.Type == "Link" { // AS2 vocabulary 3.4: a Link has href, not url
		f.text("href", a.URL)
	} else {
		f.text("url", a.URL)
	}
	f.text("mediaType", a.MediaType)
	f.text("name", a.Name)
	f.text("blurhash", a.Blurhash)
	f.number("width", a.Width)
	f.number("height", a.Height)
	if a.FocalPoint != nil {
		f.add("focalPoint", []any{a.FocalPoint[0], a.FocalPoint[1]})
	}
	return f
}

// Embed writes the hashtag as an item of a collection.
func (h Hashtag) Embed() (Reference, error) {
	return embed("", "Hashtag", named("Hashtag", h.Href, h.Name))
}

func named(kind, href, name string) fields {
	f := fields{{"type", kind}}
	f.text("href", href)
	f.text("name", name)
	return f
}

// values writes the tags, mentions first: Mastodon and Lemmy look there.
func (t Tags) values() []any {
	var out []any
	for _, m := range t.Mentions {
		out = append(out, named("Mention", m.Href, m.Name))
	}
	for _, h := range t.Hashtags {
		out = append(out, named("Hashtag", h.Href, h.Name))
	}
	for _, e := range t.Emojis {
		f := fields{{"type", "Emoji"}}
		f.text("id", e.ID)
		f.text("name", e.Name)
		f.moment("updated", e.Updated)
		f.nested("icon", Image{URL: e.IconURL, MediaType: e.MediaType}.fields())
		out = append(out, f)
	}
	return out
}

// addTo writes a Question's own part (FEP-9967).
func (p *Poll) addTo(f *fields) {
	if p == nil {
		return
	}
	options := make([]any, 0, len(p.Options))
	for _, o := range p.Options {
		votes := fields{{"type", "Collection"}, {"totalItems", o.Votes}}
		options = append(options, fields{{"type", "Note"}, {"name", o.Name}, {"replies", votes}})
	}
	key := "oneOf"
	if p.Multiple {
		key = "anyOf"
	}
	f.add(key, options)
	f.moment("endTime", p.EndTime)
	f.moment("closed", p.Closed)
	f.add("votersCount", p.VotersCount) // said of none, too: what is left out counts as not known (GoToSocial)
}

// eventStatuses are FEP-8a8e's names for iCalendar's.
var eventStatuses = map[string]string{"CONFIRMED": "EventScheduled", "TENTATIVE": "EventTentative", "CANCELLED": "EventCancelled"}

// addTo writes an Event's own part (FEP-8a8e; ical:status for Mobilizon).
func (e *Event) addTo(f *fields) {
	if e == nil {
		return
	}
	f.moment("startTime", e.Start)
	f.moment("endTime", e.End)
	f.text("timezone", e.Timezone)
	f.text("ical:status", e.Status)
	f.text("eventStatus", eventStatuses[e.Status])
	f.text("joinMode", e.JoinMode)
	var places []any
	if e.Location != nil {
		places = append(places, e.Location.fields())
	}
	if e.OnlineURL != "" {
		places = append(places, fields{{"type", "VirtualLocation"}, {"url", e.OnlineURL}})
	}
	if len(places) == 1 { // Mobilizon reads one Place only
		f.add("location", places[0])
	} else {
		f.list("location", places)
	}
}

func (p *Place) fields() fields {
	f := fields{{"type", "Place"}}
	f.text("id", p.ID)
	f.text("name", p.Name)
	var address fields
	address.text("streetAddress", p.Street)
	address.text("postalCode", p.PostalCode)
	address.text("addressLocality", p.Locality)
	address.text("addressRegion", p.Region)
	address.text("addressCountry", p.Country)
	if len(address) > 0 {
		f.add("address", append(fields{{"type", "PostalAddress"}}, address...))
	}
	if p.HasPoint {
		f.add("latitude", p.Latitude)
		f.add("longitude", p.Longitude)
	}
	return f
}
