package federation

import (
	"context"
	"fmt"

	"meent/communities"
	"meent/federation/signature"
	"meent/federation/wire"
)

// actorDocument composes the document of a local actor with both its keys (ActivityPub 4.1).
func (r *Road) actorDocument(ctx context.Context, a *communities.Actor) (wire.Actor, error) {
	keys, err := r.keys.of(ctx, a)
	if err != nil {
		return wire.Actor{}, err
	}
	return r.describe(a, keys)
}

// actorDocumentIn is the same inside a transaction.
func (o outgoing) actorDocumentIn(ctx context.Context, a *communities.Actor) (wire.Actor, error) {
	keys, err := o.keys.within(ctx, o.tx, a)
	if err != nil {
		return wire.Actor{}, err
	}
	return o.describe(a, keys)
}

// describe fills in what every platform demands: without outbox or publicKey Lemmy drops a Group whole.
func (r *Road) describe(a *communities.Actor, keys pair) (wire.Actor, error) {
	doc := wire.Actor{
		ID: a.URI, Type: string(a.Kind), PreferredUsername: a.Name, Name: a.Title(), Summary: a.Summary, URL: a.URL,
		Icon: imageDocument(a.Icon), Image: imageDocument(a.Header),
		ManuallyApprovesFollowers: a.Locked, Discoverable: &a.Discoverable, Indexable: &a.Indexable,
		AlsoKnownAs: a.AlsoKnownAs, MovedTo: a.MovedTo, Published: a.CreatedAt, Updated: a.UpdatedAt,
		Webfinger: a.Handle(r.Host()), // FEP-2c59
		Suspended: !a.SuspendedAt.IsZero(),
	}
	if a.Automated {
		doc.Type = string(communities.Service)
	}
	doc.AttributionDomains = a.Attribution
	if a.Kind == communities.Person {
		doc.ShowMedia, doc.ShowFeatured, doc.ShowRepliesInMedia = new(!a.Shows.NoMedia), new(!a.Shows.NoFeatured), new(!a.Shows.NoMediaReplies)
	}
	if a.Source != "" {
		doc.Source = wire.Source{Content: a.Source, MediaType: "text/markdown"}
	}
	if a.Language != "" {
		doc.Languages = []string{a.Language}
	}
	for _, f := range a.Fields {
		doc.Fields = append(doc.Fields, wire.Field{Name: f.Name, Value: f.Value})
	}
	doc.Tags.Emojis = r.emojiTags(a.DisplayName, a.Summary)
	r.addBoxes(&doc, a)
	if err := addKeys(&doc, keys); err != nil {
		return wire.Actor{}, fmt.Errorf("describe actor %s: %w", a.Name, err)
	}
	return doc, nil
}

// imageDocument says of a picture what Lemmy and Mastodon ask of one.
func imageDocument(i communities.Image) wire.Image {
	return wire.Image{URL: i.URL, MediaType: i.MediaType, Name: i.Alt}
}

// emojiTags shows where the pictures of this node are that texts name. Without them the names are shown, which is no reason to say nothing.
func (r *Road) emojiTags(texts ...string) []wire.Emoji {
	own, err := r.emojis.Named(context.Background(), texts...)
	if err != nil {
		r.Log.Warn("look up the pictures in a text", "err", err)
	}
	var tags []wire.Emoji
	for _, e := range own {
		address := r.Emoji(e)
		tags = append(tags, wire.Emoji{ID: address, Name: ":" + e.Name + ":", IconURL: address, MediaType: e.MediaType, Updated: e.UpdatedAt})
	}
	return tags
}

// addBoxes names the collections that an actor of its kind has.
func (r *Road) addBoxes(doc *wire.Actor, a *communities.Actor) {
	at := newBoxes(r.Base, a)
	doc.Inbox, doc.Outbox, doc.SharedInbox = at.Inbox, at.Outbox, at.SharedInbox
	doc.Featured = at.Featured // GoToSocial asks every actor for it
	if a.Kind == communities.Application {
		// FEP-844e: nodes know one another by what they implement.
		doc.Implements = capabilities
		return
	}
	doc.Followers, doc.Following = at.Followers, at.Following
	if a.Kind == communities.Person {
		doc.FeaturedTags, doc.FeaturedCollections = a.URI+"/tags", a.URI+"/collections"
	}
	if a.IsGroup() {
		doc.Moderators = at.Moderators
		doc.PostingRestrictedToMods = a.Group != nil && a.Group.Posting == communities.PostModerators
	}
}

// capabilities is what this node's instance actor says it can do (FEP-844e).
var capabilities = []wire.Capability{
	{Href: "https://datatracker.ietf.org/doc/html/rfc9421", Name: "RFC-9421: HTTP Message Signatures"},
	{Href: "https://w3id.org/fep/1b12", Name: "FEP-1b12: Group federation"},
	{Href: "https://w3id.org/fep/8b32", Name: "FEP-8b32: Object Integrity Proofs"},
}

// addKeys shows the public halves: RSA for everybody, Ed25519 for those who read FEP-521a.
func addKeys(doc *wire.Actor, keys pair) error {
	pem, err := signature.EncodePublic(keys.rsa.Public())
	if err != nil {
		return err
	}
	multibase, err := signature.EncodeMultikey(keys.ed25519.Public())
	if err != nil {
		return err
	}
	doc.PublicKeys = []wire.PublicKey{{ID: keys.rsa.ID, Owner: doc.ID, PEM: pem}}
	doc.AssertionMethods = []wire.Multikey{{ID: keys.ed25519.ID, Controller: doc.ID, Multibase: multibase}}
	return nil
}

// newBoxes returns where the collections of a local actor are. Those of the node itself stand under /actor, since its id is "/".
func newBoxes(base string, a *communities.Actor) communities.Endpoints {
	under := a.URI
	if a.Kind == communities.Application {
		under = base + "/actor"
	}
	at := communities.Endpoints{
		Inbox: under + "/inbox", Outbox: under + "/outbox", SharedInbox: base + "/inbox",
		Followers: under + "/followers", Following: under + "/following", Featured: under + "/featured",
	}
	if a.IsGroup() {
		at.Moderators = under + "/moderators"
	}
	return at
}
