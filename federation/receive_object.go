package federation

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"meent/communities"
	"meent/communities/text"
	"meent/federation/wire"
)

// contributions are the types of object that can be a post here.
var contributions = []string{
	"Note", "Article", "Page", "Question", "Event", "Video", "Audio", "Image", "Document", "ChatMessage",
}

// named are those whose name is their title and whose summary is an excerpt. A summary of the others is a content warning (Mastodon).
var named = []string{"Article", "Page", "Event", "Video", "Audio", "Image", "Document"}

func isContribution(o wire.Object) bool {
	return slices.ContainsFunc(o.Types, func(t string) bool { return slices.Contains(contributions, t) })
}

// isNamed tells whether the object has a title of its own.
func isNamed(o wire.Object) bool {
	return slices.ContainsFunc(o.Types, func(t string) bool { return slices.Contains(named, t) })
}

// draftOf translates what an object by an author says. Where it stands, and who may read it, is added by who knows.
func draftOf(o wire.Object, author *communities.Actor) communities.Draft {
	d := communities.Draft{
		Author: author.ID, Quote: quoteOf(o), Quotability: quotabilityOf(o, author),
		URI: o.ID, URL: ownPage(o.URL, o.ID), InReplyToURI: o.InReplyTo, Conversation: o.Context,
		Content: contentOf(o), Sensitive: o.Sensitive, Language: o.Language,
		Attachments: attachmentsOf(o), CreatedAt: o.Published, EditedAt: o.Updated,
	}
	if o.Source.MediaType == markdownType {
		d.Source = o.Source.Content
	}
	if isNamed(o) {
		d.Title = o.Name
	} else if o.Summary != "" {
		d.Warning = text.Excerpt(o.Summary, communities.MaxWarning)
	}
	for _, tag := range o.Tags.Hashtags {
		d.Hashtags = append(d.Hashtags, tag.Name)
	}
	d.Emojis = emojisOf(o.Tags)
	if o.Poll != nil {
		d.Poll = pollOf(o.Poll)
	}
	if o.Event != nil && !o.Event.Start.IsZero() {
		d.Event = eventOf(o.Event)
	}
	return d
}

// emojisOf are the pictures in a text, by the name between colons.
func emojisOf(tags wire.Tags) []communities.Emoji {
	var list []communities.Emoji
	for _, e := range tags.Emojis {
		list = append(list, communities.Emoji{Name: strings.Trim(e.Name, ":"), URL: e.IconURL})
	}
	return list
}

// draftFrom is draftOf, without the files of a host whose files are not taken.
func (r *Road) draftFrom(ctx context.Context, o wire.Object, author *communities.Actor) (communities.Draft, error) {
	d := draftOf(o, author)
	host, err := wire.CanonicalHost(o.ID)
	if err != nil {
		return d, err
	}
	held, err := r.blocks.of(ctx, host)
	if held.RejectMedia {
		d.Attachments = nil
	}
	return d, err
}

// titleOf is the title of a thread: its name, or the first line of its text (PROTOCOL 1.4).
func titleOf(o wire.Object, d communities.Draft) string {
	return cmp.Or(d.Title, o.Name, text.Title(text.Plain(text.Sanitise(d.Content))))
}

// contentOf is the text as HTML. It is sanitised by the verb that takes it in.
func contentOf(o wire.Object) string {
	switch {
	case o.Content != "" && o.MediaType == markdownType: // PeerTube
		return text.Markdown(o.Content)
	case o.Content == "" && o.Source.MediaType == markdownType:
		return text.Markdown(o.Source.Content)
	default:
		return o.Content
	}
}

// attachmentKinds translates the types of attachment. Mastodon says Document to all and tells them apart by media type.
var attachmentKinds = map[string]string{"Image": "image", "Video": "video", "Audio": "audio", "Link": "link", "Page": "link"}

func attachmentsOf(o wire.Object) []communities.Attachment {
	var list []communities.Attachment
	for _, a := range o.Attachments {
		kind := attachmentKinds[a.Type]
		if media, _, _ := strings.Cut(a.MediaType, "/"); media == "image" || media == "video" || media == "audio" {
			kind = media
		}
		attachment := communities.Attachment{
			Kind: cmp.Or(kind, "document"), URL: a.URL, MediaType: a.MediaType, Alt: a.Name, Blurhash: a.Blurhash,
			Width: a.Width, Height: a.Height,
		}
		if a.FocalPoint != nil {
			attachment.FocusX, attachment.FocusY = a.FocalPoint[0], a.FocalPoint[1]
		}
		list = append(list, attachment)
	}
	return list
}

func pollOf(p *wire.Poll) *communities.Poll {
	poll := &communities.Poll{Multiple: p.Multiple, VotersCount: p.VotersCount, ClosesAt: p.EndTime}
	if poll.ClosesAt.IsZero() {
		poll.ClosesAt = p.Closed
	}
	for _, o := range p.Options {
		poll.Options = append(poll.Options, communities.Option{Title: o.Name, Votes: o.Votes})
	}
	return poll
}

func eventOf(e *wire.Event) *communities.Event {
	event := &communities.Event{StartsAt: e.Start, EndsAt: e.End, Timezone: e.Timezone, URL: e.OnlineURL, Status: e.Status}
	if e.Location != nil {
		event.Place = e.Location.Name
		parts := []string{e.Location.Street, strings.TrimSpace(e.Location.PostalCode + " " + e.Location.Locality), e.Location.Country}
		event.Address = strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
	}
	return event
}

// visibilityOf reads who may see an object from whom it is addressed to, as Mastodon does: Public in to is public, in cc unlisted;
// the author's followers; else only who is named. What is addressed to a group's followers instead is for its members.
func visibilityOf(to, cc []string, author *communities.Actor, group *communities.Actor) communities.Visibility {
	all := slices.Concat(to, cc)
	switch {
	case slices.Contains(to, wire.Public):
		return communities.Public
	case slices.Contains(cc, wire.Public):
		return communities.Unlisted
	case author.Endpoints.Followers != "" && slices.Contains(all, author.Endpoints.Followers):
		return communities.Followers
	case group != nil && group.Endpoints.Followers != "" && slices.Contains(all, group.Endpoints.Followers):
		return communities.GroupOnly
	default:
		return communities.Direct
	}
}
