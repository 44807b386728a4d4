package wire

// Caps of the JSON gate; beyond them a document is refused.
const (
	// MaxDepth is how deep arrays and objects may nest (w3c/activitypub #229).
	MaxDepth = 16
	// MaxValues is how many values, keys included, a document may hold.
	MaxValues = 50_000
	// MaxNumberLength is the length in bytes of the longest number.
	MaxNumberLength = 32
)

// Caps that refuse: whatever exceeds them makes the document unusable.
const (
	// MaxIDLength is the longest id or URL in bytes. Longer ones count as absent.
	MaxIDLength = 2048
	// MaxPublicKeys is how many keys of an actor are read.
	MaxPublicKeys = 20
	// MaxPEMLength is the longest public key in PEM, in bytes.
	MaxPEMLength = 16 << 10
)

// Caps that truncate, after Mastodon's FEDERATION.md; text in characters.
const (
	MaxNameLength     = 2048
	MaxUsernameLength = 2048
	MaxSummaryLength  = 20_000
	MaxContentLength  = 1 << 20
	MaxAltLength      = 10_000
	MaxFields         = 50
	MaxFieldLength    = 2047
	MaxPollOptions    = 500
	MaxAliases        = 256
	MaxTags           = 100
	MaxAttachments    = 16
	MaxRecipients     = 1000
	MaxLanguages      = 50
	// MaxMentions is how many of a text's mentions should cause a notice; all
	// of the first MaxTags are read.
	MaxMentions = 50
	// MaxItems is how many items of one collection page are read.
	MaxItems = 1000
)
