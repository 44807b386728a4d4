package entity

// Account is a person, a group or another party (entities/Account).
type Account struct {
	ID                ID       `json:"id"`
	Username          string   `json:"username"`
	Acct              string   `json:"acct"` // with @host when of another node
	URL               string   `json:"url"`
	URI               string   `json:"uri"`
	DisplayName       string   `json:"display_name"`
	Note              string   `json:"note"` // HTML
	Avatar            string   `json:"avatar"`
	AvatarStatic      string   `json:"avatar_static"`
	AvatarDescription string   `json:"avatar_description"`
	Header            string   `json:"header"`
	HeaderStatic      string   `json:"header_static"`
	HeaderDescription string   `json:"header_description"`
	Locked            bool     `json:"locked"`
	Fields            []Field  `json:"fields"`
	Emojis            []Emoji  `json:"emojis"`
	Bot               bool     `json:"bot"`
	Group             bool     `json:"group"`
	Discoverable      *bool    `json:"discoverable"`
	Indexable         bool     `json:"indexable"`
	NoIndex           *bool    `json:"noindex,omitempty"`
	HideCollections   *bool    `json:"hide_collections"`
	ShowMedia         bool     `json:"show_media"`
	ShowMediaReplies  bool     `json:"show_media_replies"`
	ShowFeatured      bool     `json:"show_featured"`
	Moved             *Account `json:"moved,omitempty"`

	FeatureApproval FeatureApproval `json:"feature_approval"`

	Suspended      bool    `json:"suspended,omitempty"`
	Limited        bool    `json:"limited,omitempty"`
	Memorial       bool    `json:"memorial,omitempty"`
	CreatedAt      Time    `json:"created_at"`
	LastStatusAt   *string `json:"last_status_at"` // a date
	StatusesCount  int     `json:"statuses_count"`
	FollowersCount int     `json:"followers_count"`
	FollowingCount int     `json:"following_count"`
	Roles          []Role  `json:"roles,omitempty"`
}

// Field is a row of a profile (entities/Account, Field).
type Field struct {
	Name       string `json:"name"`
	Value      string `json:"value"` // HTML; in a [Source] as it was typed
	VerifiedAt *Time  `json:"verified_at"`
}

// Emoji is a picture in a text (entities/CustomEmoji). This node has none, and shows those of others as they are written.
type Emoji struct {
	Shortcode       string  `json:"shortcode"`
	URL             string  `json:"url"`
	StaticURL       string  `json:"static_url"`
	VisibleInPicker bool    `json:"visible_in_picker"`
	Category        *string `json:"category"`
}

// CredentialAccount is oneself (entities/Account, CredentialAccount).
type CredentialAccount struct {
	Account
	Source Source         `json:"source"`
	Role   CredentialRole `json:"role"`
}

// Source is what one may change of oneself.
type Source struct {
	Privacy             string   `json:"privacy"`
	Sensitive           bool     `json:"sensitive"`
	Language            *string  `json:"language"`
	Note                string   `json:"note"` // as it was typed
	Fields              []Field  `json:"fields"`
	FollowRequestsCount int      `json:"follow_requests_count"`
	HideCollections     *bool    `json:"hide_collections"`
	Discoverable        *bool    `json:"discoverable"`
	Indexable           bool     `json:"indexable"`
	AttributionDomains  []string `json:"attribution_domains"`
	QuotePolicy         string   `json:"quote_policy"`
}

// Role is a badge on a profile (entities/Role).
type Role struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Color string `json:"color"`
}

// CredentialRole is what one may do on the node (entities/Role).
type CredentialRole struct {
	Role
	Permissions string `json:"permissions"` // a bit mask
	Highlighted bool   `json:"highlighted"`

	CollectionLimit int `json:"collection_limit"`
}
