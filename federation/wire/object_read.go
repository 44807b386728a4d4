package wire

import (
	"slices"
	"strings"
)

// Object reads an object. Links are read too, so that any item of a thread can
// be. It is refused without an id unless it was embedded.
func (d *Document) Object() (Object, error) {
	if d.Kind != KindObject && d.Kind != KindLink {
		return Object{}, refuse(ReasonKind, d.Type()+" is no object")
	}
	n := d.root
	o := Object{
		ID: d.ID, Types: d.Types, AttributedTo: n.get("attributedTo").ids(MaxAliases), Actor: n.get("actor").id(),
		InReplyTo: n.get("inReplyTo").id(), Context: n.get("context").id(), Conversation: n.get("conversation").cut(MaxIDLength),
		To: n.get("to").addressees(), Cc: n.get("cc").addressees(), Audience: n.get("audience").addressees(),
		Tags: n.get("tag").tags(), URL: n.get("url").link(), Image: n.get("image").picture(), Icon: n.get("icon").picture(),
		Published: n.get("published").time(), Updated: n.get("updated").time(),
		Sensitive: n.get("sensitive").bool(), CommentsEnabled: n.get("commentsEnabled").maybe(),
		Stickied: n.get("stickied").bool(), Distinguished: n.get("distinguished").bool(),
		Replies: n.get("replies").counted(), Likes: n.get("likes").counted(), Shares: n.get("shares").counted(),
		QuoteAuthorization: n.get("quoteAuthorization").first().id(), CanQuote: n.get("interactionPolicy").first().get("canQuote").approval(),
		InteractingObject: n.get("interactingObject").first().id(), InteractionTarget: n.get("interactionTarget").first().id(), HasProof: n.has("proof"), Raw: d.Raw,
	}
	o.QuoteURL, o.QuoteLegacy = n.quote()
	o.readText(n)
	o.readAttachments(n)
	o.readKind(n)
	if o.ID == "" && !d.embedded {
		return Object{}, refuse(ReasonID, d.Type())
	}
	return o, nil
}

func (o *Object) readText(n *node) {
	o.Name = n.natural("name", MaxNameLength)
	o.Summary = n.natural("summary", MaxSummaryLength)
	o.Content = n.natural("content", MaxContentLength)
	o.NameMap = n.get("nameMap").languages(MaxNameLength)
	o.SummaryMap = n.get("summaryMap").languages(MaxSummaryLength)
	o.ContentMap = n.get("contentMap").languages(MaxContentLength)
	o.MediaType = n.get("mediaType").cut(maxMediaType)
	o.Source = n.get("source").readSource()
	o.Preview = n.get("preview").first().get("content").cut(MaxSummaryLength)
	o.Language = n.get("language").language()
	if o.Language == "" && len(o.ContentMap) == 1 {
		for tag := range o.ContentMap {
			o.Language = (&node{kind: stringNode, text: tag}).language()
		}
	}
}

// readKind reads what only some types have.
func (o *Object) readKind(n *node) {
	switch {
	case slices.Contains(o.Types, "Question"):
		o.Poll = n.poll(o.Updated)
	case slices.Contains(o.Types, "Event"):
		o.Event = n.event()
	case slices.Contains(o.Types, "Tombstone"):
		o.Deleted = n.get("deleted").time()
		o.FormerType = shortType(n.get("formerType").str())
		if o.FormerType == "" { // lotide
			o.FormerType = shortType(n.get("former_type").str())
		}
	}
}

// quote finds what is quoted, in the order of how precise the ways are, and whether only an older way says so (FEP-044f, "Compatibility").
func (n *node) quote() (id string, legacy bool) {
	for _, key := range []string{"quote", "quoteUrl", "quoteUri", "_misskey_quote"} {
		if id := n.get(key).first().id(); id != "" {
			return id, !n.has("quote")
		}
	}
	tags := n.get("tag").list()
	for i := range tags { // FEP-e232: a Link whose media type is an ActivityPub document
		t := &tags[i]
		if t.get("type").str() == "Link" && (t.mediaType() == MediaType || strings.HasPrefix(t.mediaType(), "application/ld+json")) {
			return t.get("href").id(), true
		}
	}
	return "", false
}

func (n *node) approval() *Approval {
	if n = n.first(); n.kind != objectNode {
		return nil
	}
	return &Approval{Automatic: n.get("automaticApproval").addressees(), Manual: n.get("manualApproval").addressees()}
}

// tags sorts the entries of "tag"; beyond MaxTags they are not looked at
// (SECURITY.md D24).
func (n *node) tags() Tags {
	var t Tags
	list := n.list()
	for i := range list[:min(len(list), MaxTags)] {
		t.add(&list[i])
	}
	return t
}

func (t *Tags) add(n *node) {
	name := n.get("name").cut(MaxNameLength)
	switch shortType(n.get("type").str()) {
	case "Mention":
		if href := n.get("href").id(); href != "" {
			t.Mentions = append(t.Mentions, Mention{Href: href, Name: name})
		}
	case "Hashtag":
		if name = strings.TrimLeft(name, "#"); name != "" {
			t.Hashtags = append(t.Hashtags, Hashtag{Href: n.get("href").id(), Name: "#" + name})
		}
	case "Emoji":
		if icon := n.get("icon").picture(); name != "" && icon.URL != "" {
			t.Emojis = append(t.Emojis, Emoji{
				ID: n.get("id").id(), Name: name, IconURL: icon.URL, MediaType: icon.MediaType, Updated: n.get("updated").time(),
			})
		}
	}
}

func (o *Object) readAttachments(n *node) {
	list := n.get("attachment").list()
	for i := range list {
		if len(o.Attachments) == MaxAttachments {
			return
		}
		if a := list[i].attachment(); a.URL != "" {
			o.Attachments = append(o.Attachments, a)
		}
	}
	if film := n.film(); film.URL != "" && len(o.Attachments) == 0 {
		o.Attachments = []Attachment{film}
	}
}

func (n *node) attachment() Attachment {
	if n.kind == stringNode {
		return Attachment{Type: "Link", URL: n.id()}
	}
	a := Attachment{
		Type: shortType(n.get("type").str()), MediaType: n.mediaType(), Name: n.natural("name", MaxAltLength),
		Blurhash: n.get("blurhash").cut(maxMediaType), FocalPoint: n.get("focalPoint").point(),
	}
	a.Width, _ = n.get("width").count()
	a.Height, _ = n.get("height").count()
	source := n.get("url")
	if source.kind == nullNode {
		source = n.get("href")
	}
	a.URL = source.link()
	if inner := source.first(); a.MediaType == "" && inner.kind == objectNode {
		a.MediaType = inner.mediaType()
	}
	return a
}

func (n *node) point() *[2]float64 {
	if len(n.items) != 2 {
		return nil
	}
	x, okX := n.items[0].float()
	y, okY := n.items[1].float()
	if !okX || !okY || x < -1 || x > 1 || y < -1 || y > 1 {
		return nil
	}
	return &[2]float64{x, y}
}

// film finds the media file of a Video or Audio, which PeerTube and Funkwhale
// hang into "url" between the links for people.
func (n *node) film() Attachment {
	kind := shortType(n.get("type").str())
	if kind != "Video" && kind != "Audio" {
		return Attachment{}
	}
	links := n.get("url").list()
	for i := range links {
		if mediaType := links[i].mediaType(); strings.HasPrefix(mediaType, strings.ToLower(kind)+"/") {
			return Attachment{Type: kind, URL: links[i].id(), MediaType: mediaType}
		}
	}
	return Attachment{}
}
