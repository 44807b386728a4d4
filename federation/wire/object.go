package wire

import (
	"time"
)

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
	// QuoteLegacy tells that it was said in one of the older ways only, which know no consent.
	QuoteLegacy bool
	// QuoteAuthorization is the id of the quoted author's consent (FEP-044f).
	QuoteAuthorization string
	// CanQuote is who may quote the object; nil when the sender did not say (FEP-044f interactionPolicy).
	CanQuote *Approval
	// InteractingObject and InteractionTarget are set on a QuoteAuthorization: what quotes, and what is quoted (FEP-044f).
	InteractingObject string
	InteractionTarget string
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

// Approval lists the ids of actors and of collections of actors whose interaction is approved at once, or after the author has looked
// (GoToSocial, interaction policies).
type Approval struct{ Automatic, Manual []string }

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
	// FirstPage is where its first page is, of a collection that others shall walk through.
	FirstPage string
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
