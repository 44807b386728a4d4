package wire

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
