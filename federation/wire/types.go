package wire

import (
	"bytes"
	"time"
)

// Public is the collection of everybody (ActivityPub 5.6). Readers map its
// short forms "as:Public" and "Public" to it.
const Public = "https://www.w3.org/ns/activitystreams#Public"

// MediaType is the Content-Type of what Encode makes.
const MediaType = "application/activity+json"

// Kind is what a document is, seen from its type.
type Kind uint8

// The kinds.
const (
	KindUnknown Kind = iota
	KindActivity
	KindActor
	KindObject
	KindCollection
	KindLink
	KindKey
)

// Recognition tells how far the vocabulary (go-fed/activity) agrees with us.
type Recognition uint8

// The outcomes of recognition.
const (
	// Known: the vocabulary knows the type and accepts the document.
	Known Recognition = iota
	// Extension: the vocabulary does not know the type (EmojiReact, Lock,
	// ChatMessage ...); the raw document is read.
	Extension
	// Disputed: the vocabulary refuses the document, but we can read it.
	Disputed
)

// Reference is a value that may be an id alone or a whole embedded document.
type Reference struct {
	// ID is the id of what is meant; empty when an embedded document has none.
	ID string
	// Type is the first type of the embedded document; empty for a bare id.
	Type string
	// Raw is the embedded document, byte for byte, without bto and bcc;
	// nil for a bare id. Encode writes it verbatim.
	Raw []byte
}

// Equal reports whether both mean the same and carry the same bytes.
func (r Reference) Equal(other Reference) bool {
	return r.ID == other.ID && r.Type == other.Type && bytes.Equal(r.Raw, other.Raw)
}

// IsZero reports whether nothing was referred to.
func (r Reference) IsZero() bool { return r.ID == "" && r.Raw == nil }

// Activity is any AS2 activity, known or not (AS2 vocabulary 3.1).
type Activity struct {
	ID   string
	Type string
	// Actor is who did it. Arrays are collapsed to their first entry.
	Actor string
	// Objects are what it was done to, in order; most activities have one.
	// Flag and batched Announce have several. Never empty after reading.
	Objects []Reference
	// Target and Origin are where it went to and came from (Add, Remove, Move, Block).
	Target Reference
	Origin Reference
	// To, Cc and Audience are the addressees; Public in its long form.
	To, Cc   []string
	Audience []string
	// Summary is the reason of a moderator's Delete, Block or Flag.
	Summary string
	// Content is the text of a Flag, or the emoji of an EmojiReact or Like.
	Content string
	// InReplyTo is set by few; see the object's first.
	InReplyTo string
	Context   string
	// Result and Instrument are ids (FEP-044f approvals).
	Result     string
	Instrument string
	Published  time.Time
	Updated    time.Time
	// EndTime ends a Block (also read from Lemmy's "expires").
	EndTime time.Time
	// RemoveData asks to delete what a blocked or deleted account wrote (Lemmy).
	RemoveData bool
	// WithReplies asks to delete the whole branch (Lemmy 1.0).
	WithReplies bool
	// Tags carries the custom emoji of a reaction.
	Tags Tags
	// HasProof tells that an FEP-8b32 proof is present; verifying is not done here.
	HasProof bool
	// Raw is the activity as it came, without bto and bcc.
	Raw []byte
}

// Object is anything that people write or share: Note, Article, Page,
// Question, Event, Video, Tombstone ... (AS2 vocabulary 3.3).
type Object struct {
	ID string
	// Types in order, as sent; the first is the main one.
	Types []string
	// AttributedTo are the authors' ids. One entry is written as a string,
	// since NodeBB refuses arrays.
	AttributedTo []string
	// Actor is what Mobilizon and old Mastodon write beside AttributedTo.
	Actor string
	// Name is plain text: the title.
	Name string
	// Summary is an excerpt (Article) or a content warning (Note); HTML.
	Summary string
	// Content is HTML as received, not sanitised.
	Content    string
	ContentMap map[string]string
	NameMap    map[string]string
	SummaryMap map[string]string
	MediaType  string
	Source     Source
	InReplyTo  string
	// Context is the thread (FEP-7888); Conversation its OStatus elder.
	Context      string
	Conversation string
	To, Cc       []string
	Audience     []string
	Tags         Tags
	Attachments  []Attachment
	// URL is where people can read it: http(s) only, HTML preferred.
	URL   string
	Image Image
	Icon  Image
	// Preview is what a microblog may show instead (FEP-b2b8).
	Preview string
	// Language is a BCP 47 tag from "language" or a sole entry of ContentMap; "und" counts as none.
	Language  string
	Published time.Time
	Updated   time.Time
	Sensitive bool
	// CommentsEnabled is nil when the sender did not say.
	CommentsEnabled *bool
	Stickied        bool
	Distinguished   bool
	Replies         Counted
	Likes           Counted
	Shares          Counted
	// QuoteURL is what is quoted (FEP-044f quote, quoteUrl, _misskey_quote, FEP-e232 link).
	QuoteURL string
	// Poll is set on a Question (FEP-9967).
	Poll *Poll
	// Event is set on an Event (FEP-8a8e).
	Event *Event
	// FormerType and Deleted are set on a Tombstone (AS2 vocabulary 3.3).
	FormerType string
	Deleted    time.Time
	// HasProof tells that an FEP-8b32 proof is present.
	HasProof bool
	// Raw is the object as it came, without bto and bcc.
	Raw []byte
}

// Source is what the author typed (ActivityPub 3.3).
type Source struct{ Content, MediaType string }

// Tags are the entries of "tag", sorted by kind. At most MaxTags are read.
type Tags struct {
	Mentions []Mention
	Hashtags []Hashtag
	Emojis   []Emoji
}

// Mention names an actor in a text; Name is like "@name@host".
type Mention struct{ Href, Name string }

// Hashtag carries its Name with the leading "#".
type Hashtag struct{ Href, Name string }

// Emoji is a custom emoji; Name is like ":blobcat:".
type Emoji struct {
	ID, Name, IconURL, MediaType string
	Updated                      time.Time
}

// Attachment is a file or a link beside the text.
type Attachment struct {
	// Type is Image, Video, Audio, Document, Link ...
	Type string
	// URL is http or https, always.
	URL       string
	MediaType string
	// Name is the alternative text, or a link's title.
	Name          string
	Blurhash      string
	Width, Height int
	// FocalPoint is Mastodon's point of interest, x and y in -1..1; nil if not sent.
	FocalPoint *[2]float64
}

// Image is an icon or header picture. URL is http(s) or empty.
type Image struct{ URL, MediaType, Name string }

// Counted names a collection and, when told, how large it is.
type Counted struct {
	ID    string
	Total int
	// HasTotal tells zero from unknown.
	HasTotal bool
}

// Poll is the part of a Question that is asked (FEP-9967).
type Poll struct {
	Options []PollOption
	// Multiple is true for anyOf.
	Multiple bool
	// EndTime is when voting ends, Closed when it ended.
	EndTime     time.Time
	Closed      time.Time
	VotersCount int
}

// PollOption is one answer with its votes so far.
type PollOption struct {
	Name  string
	Votes int
}

// Event is the part of an Event that is about time and place (FEP-8a8e).
type Event struct {
	Start, End time.Time
	// Timezone is an IANA name; empty when not told.
	Timezone string
	// Status is CONFIRMED, TENTATIVE or CANCELLED (RFC 5545 3.8.1.11), or empty.
	Status string
	// Location is nil when none was given; OnlineURL is set for a virtual place.
	Location  *Place
	OnlineURL string
	JoinMode  string
}

// Place is where an event happens (AS2 vocabulary, schema.org PostalAddress).
type Place struct {
	ID, Name                                      string
	Street, PostalCode, Locality, Region, Country string
	Latitude, Longitude                           float64
	// HasPoint tells whether the coordinates were given.
	HasPoint bool
}

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
	Sensitive               bool
	AlsoKnownAs             []string
	MovedTo                 string
	Fields                  []Field
	Tags                    Tags
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

// Collection is a collection or one page of it, ordered or not.
type Collection struct {
	ID   string
	Type string
	// TotalItems counts the whole collection, not this page.
	TotalItems    int
	HasTotalItems bool
	// First, Next, Prev and Last are page ids. A page that is embedded as
	// "first" is in FirstPage.
	First, Next, Prev, Last, PartOf string
	FirstPage                       *Collection
	// AttributedTo owns the collection: for a thread, the group (FEP-11dd).
	AttributedTo string
	Name         string
	Items        []Reference
	Raw          []byte
}
