package wire

import (
	"bytes"
	"time"
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

	node     *node  // Raw as Decode has parsed it
	document []byte // the whole that node's places refer to
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
	// Result is the id of a consent, Instrument the post that asks for it (FEP-044f).
	Result     string
	Instrument Reference
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
	// HasProof tells that an FEP-8b32 proof is present or will be added; verifying
	// and making it is not done here.
	HasProof bool
	// Raw is the activity as it came, without bto and bcc.
	Raw []byte
}
