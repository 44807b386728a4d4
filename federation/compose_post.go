package federation

import (
	"html"
	"strings"
	"time"

	"meent/communities"
	"meent/communities/text"
	"meent/federation/wire"
)

const (
	excerptLength = 500 // characters of an Article's summary (FEP-b2b8)
	markdownType  = "text/markdown"
	htmlType      = "text/html"
)

// surroundings is what a post's document says beside the post: whom it is by and to, and where it stands.
type surroundings struct {
	author    *communities.Actor
	group     *communities.Actor // nil: in no group
	inReplyTo string             // URI
	context   string             // URI of the thread's collection
	quoted    string             // page of what it quotes
}

// objectDocument composes a local post in a dialect. A thread has one id and two forms: microblogs read a Note whose content starts
// with the title, all others an Article with a name, since Mastodon drops an Article's body and Lemmy 1.0 refuses a Note as a thread.
func (r *Road) objectDocument(p *communities.Post, s surroundings, d dialect) wire.Object {
	doc := wire.Object{
		ID: p.URI, URL: p.URL, Types: []string{objectType(p, d)}, AttributedTo: []string{s.author.URI},
		InReplyTo: s.inReplyTo, Context: s.context, Conversation: s.context,
		MediaType: htmlType, Sensitive: p.Sensitive, Language: p.Language,
		Published: p.CreatedAt, Updated: p.EditedAt,
		Replies: wire.Counted{ID: p.URI + "/replies", Total: p.RepliesCount, HasTotal: true, FirstPage: p.URI + "/replies" + firstPage},
		Likes:   wire.Counted{ID: p.URI + "/likes", Total: p.FavouritesCount, HasTotal: true},
		Shares:  wire.Counted{ID: p.URI + "/shares", Total: p.BoostsCount, HasTotal: true},
	}
	open := !p.Locked()
	doc.CommentsEnabled = &open
	doc.Stickied = !p.PinnedAt.IsZero() && p.Group != 0
	r.address(&doc, p, s)
	addText(&doc, p, d)
	addTags(&doc, p, s, r.Address)
	doc.Tags.Emojis = r.emojiTags(p.Title, p.Content, p.Warning)
	addParts(&doc, p, r.Now)
	r.addQuote(&doc, p, s)
	if doc.Types[0] == "Article" || doc.Types[0] == "Event" {
		doc.Actor = s.author.URI // Mobilizon reads neither without (lib/federation/activity_stream/converter/post.ex)
	}
	return doc
}

// objectType is the AS2 type. Replies are Notes for all, and so are posts without a title.
func objectType(p *communities.Post, d dialect) string {
	switch {
	case p.Kind == communities.Question:
		return "Question"
	case p.Kind == communities.Happening:
		return "Event"
	case p.IsRoot() && p.Title != "" && !d.readsNotes():
		return "Article"
	default:
		return "Note"
	}
}

// hasTwoForms tells whether microblogs read another form than all others: where a title has to go into the text.
func hasTwoForms(p *communities.Post) bool {
	return p.IsRoot() && p.Title != "" && p.Kind != communities.Happening
}

// address fills to and cc. The Mastodon forms: public has Public in to, unlisted in cc, followers-only none (Mastodon, "Payloads").
// In a group the group stands in to and audience, since Lemmy 0.19 reads the one and 1.0 the other.
func (r *Road) address(doc *wire.Object, p *communities.Post, s surroundings) {
	followers := newBoxes(r.Base, s.author).Followers
	switch p.Visibility {
	case communities.Public:
		doc.To, doc.Cc = []string{wire.Public}, []string{followers}
	case communities.Unlisted:
		doc.To, doc.Cc = []string{followers}, []string{wire.Public}
	case communities.Followers:
		doc.To = []string{followers}
	case communities.Direct, communities.GroupOnly: // for nobody but those below
	}
	if s.group != nil {
		doc.To = append(doc.To, s.group.URI)
		if s.group.Endpoints.Followers != "" && p.Visibility.Open() {
			doc.Cc = append(doc.Cc, s.group.Endpoints.Followers)
		}
		doc.Audience = []string{s.group.URI}
	}
	for _, m := range p.Names() {
		if s.group != nil && m.URI == s.group.URI {
			continue
		}
		if p.Visibility == communities.Direct {
			doc.To = append(doc.To, m.URI)
		} else {
			doc.Cc = append(doc.Cc, m.URI)
		}
	}
}

// addText fills name, summary, content and source in the form that the dialect shows best.
func addText(doc *wire.Object, p *communities.Post, d dialect) {
	doc.Content = p.Content
	if p.Source != "" {
		doc.Source = wire.Source{Content: p.Source, MediaType: markdownType}
	}
	if p.Warning != "" {
		doc.Summary = html.EscapeString(p.Warning) // a content warning wins over an excerpt
	}
	switch {
	case p.Title == "" || !p.IsRoot():
	case doc.Types[0] == "Question" && !d.readsNotes():
		doc.Name = p.Title // PieFed and NodeBB show it; a summary would be taken for a content warning
	case doc.Types[0] == "Note" || doc.Types[0] == "Question":
		doc.Content = "<p><strong>" + html.EscapeString(p.Title) + "</strong></p>" + p.Content
	default:
		doc.Name = p.Title
		if doc.Summary == "" {
			doc.Summary = excerpt(p.Content)
		}
		doc.Preview = "<p><strong>" + html.EscapeString(p.Title) + "</strong></p>" + excerpt(p.Content)
	}
	if p.Language != "" {
		doc.ContentMap = map[string]string{p.Language: doc.Content} // Mastodon takes the language from here only
	}
}

// excerpt is the whole of a short text, the start of a long one, as HTML (FEP-b2b8).
func excerpt(content string) string {
	short := strings.TrimSpace(text.Excerpt(content, excerptLength))
	if short == "" {
		return ""
	}
	return "<p>" + html.EscapeString(short) + "</p>"
}

// addTags names everybody mentioned, the group among them: Mastodon addresses a reply to the mentions of what it answers, so without
// this no reply from there would reach the group.
func addTags(doc *wire.Object, p *communities.Post, s surroundings, here communities.Address) {
	if s.group != nil {
		doc.Tags.Mentions = append(doc.Tags.Mentions, wire.Mention{Href: s.group.URI, Name: "@" + s.group.Handle(here.Host())})
	}
	for _, m := range p.Names() {
		if s.group != nil && m.URI == s.group.URI {
			continue
		}
		name := "@" + m.Name
		if !strings.Contains(m.Name, "@") {
			name += "@" + here.Host()
		}
		doc.Tags.Mentions = append(doc.Tags.Mentions, wire.Mention{Href: m.URI, Name: name})
	}
	for _, tag := range p.Hashtags {
		doc.Tags.Hashtags = append(doc.Tags.Hashtags, wire.Hashtag{Href: here.Base + "/tags/" + tag, Name: "#" + tag})
	}
}

// addParts fills attachments, poll and event.
func addParts(doc *wire.Object, p *communities.Post, now func() time.Time) {
	for _, a := range p.Attachments {
		doc.Attachments = append(doc.Attachments, attachmentDocument(a))
		if a.Kind == "image" && doc.Image.URL == "" {
			doc.Image = wire.Image{URL: a.URL, MediaType: a.MediaType, Name: a.Alt}
		}
	}
	if p.Poll != nil {
		doc.Poll = pollDocument(p.Poll, now)
	}
	if p.Event != nil {
		doc.Name = p.Title
		doc.Event = eventDocument(p.Event)
	}
}

// attachmentTypes are those that everybody reads; of what is no image or link the media type tells the kind. An attachment of any other
// type makes Lemmy drop the whole post (crates/apub/objects/src/protocol/page.rs).
var attachmentTypes = map[string]string{"image": "Image", "link": "Link"}

func attachmentDocument(a communities.Attachment) wire.Attachment {
	kind, ok := attachmentTypes[a.Kind]
	if !ok {
		kind = "Document"
	}
	doc := wire.Attachment{
		Type: kind, URL: a.URL, MediaType: a.MediaType, Name: a.Alt, Blurhash: a.Blurhash, Width: a.Width, Height: a.Height,
	}
	if a.FocusX != 0 || a.FocusY != 0 {
		doc.FocalPoint = &[2]float64{a.FocusX, a.FocusY}
	}
	return doc
}

// pollDocument counts nothing for others while the counts are hidden here (Mastodon, hide_totals).
func pollDocument(p *communities.Poll, now func() time.Time) *wire.Poll {
	doc := &wire.Poll{Multiple: p.Multiple, EndTime: p.ClosesAt, VotersCount: p.VotersCount}
	for _, o := range p.Options {
		if p.HideTotals && p.Hides(now()) {
			o.Votes = 0
		}
		doc.Options = append(doc.Options, wire.PollOption{Name: o.Title, Votes: o.Votes})
	}
	return doc
}

func eventDocument(e *communities.Event) *wire.Event {
	doc := &wire.Event{Start: e.StartsAt, End: e.EndsAt, Timezone: e.Timezone, Status: e.Status, OnlineURL: e.URL}
	if e.Place != "" || e.Address != "" {
		doc.Location = &wire.Place{Name: e.Place, Street: e.Address}
	}
	return doc
}
