package wire

import (
	"time"
)

// Actor is a Person, Group, Application, Service or Organization.
type Actor struct {
	ID                string
	Type              string
	PreferredUsername string
	Name              string
	// Summary is HTML as received, not sanitised.
	Summary string
	// Description is a short plain text (Lemmy 1.0).
	Description string
	Source      Source
	Icon, Image Image
	URL         string
	Inbox       string
	SharedInbox string
	Outbox      string
	Followers   string
	Following   string
	Featured    string
	// FeaturedTags is the collection of hashtags on a profile (toot).
	FeaturedTags string
	// FeaturedCollections is the collection of those whom they recommend (FEP-7aa9).
	FeaturedCollections string
	// Moderators is the collection of a group's moderators: "moderators", or
	// "attributedTo" when that is one URL (FEP-1b12).
	Moderators string
	// AttributedTo are persons named as owners (PeerTube, Mobilizon, Smithereen).
	AttributedTo     []string
	PublicKeys       []PublicKey
	AssertionMethods []Multikey

	ManuallyApprovesFollowers bool
	// Discoverable and Indexable are nil when the sender did not say.
	Discoverable            *bool
	Indexable               *bool
	PostingRestrictedToMods bool
	// ShowMedia, ShowRepliesInMedia and ShowFeatured say which pages a profile has (toot); nil when the sender did not say.
	ShowMedia, ShowRepliesInMedia, ShowFeatured *bool
	// AttributionDomains may name the actor as the writer of their articles (toot).
	AttributionDomains []string
	Sensitive          bool
	AlsoKnownAs        []string
	MovedTo            string
	Fields             []Field
	Tags               Tags
	// Languages are BCP 47 tags; AS2 has one, Lemmy a list.
	Languages []string
	Published time.Time
	Updated   time.Time
	Suspended bool
	Memorial  bool
	// Webfinger is "name@host" (FEP-2c59).
	Webfinger string
	// Generator is the software or application actor; Implements what it
	// can do (FEP-844e).
	Generator  string
	Implements []Capability
	// Raw is the actor as it came, without bto and bcc.
	Raw []byte
}

// PublicKey is an RSA key of the security vocabulary ("publicKey").
type PublicKey struct{ ID, Owner, PEM string }

// Multikey is a key of FEP-521a ("assertionMethod").
type Multikey struct{ ID, Controller, Multibase string }

// Field is a labelled line of a profile (schema.org PropertyValue); Value is HTML.
type Field struct{ Name, Value string }

// Capability is something a server implements (FEP-844e).
type Capability struct{ Href, Name string }
