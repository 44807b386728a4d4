package entity

// Instance is what a node says of itself (entities/Instance).
type Instance struct {
	Domain        string         `json:"domain"`
	Title         string         `json:"title"`
	Version       string         `json:"version"`
	SourceURL     string         `json:"source_url"`
	Description   string         `json:"description"`
	Usage         Usage          `json:"usage"`
	Thumbnail     Thumbnail      `json:"thumbnail"`
	Icon          []InstanceIcon `json:"icon"`
	Languages     []string       `json:"languages"`
	Configuration Configuration  `json:"configuration"`
	Registrations Registrations  `json:"registrations"`
	APIVersions   map[string]int `json:"api_versions"`
	Contact       Contact        `json:"contact"`
	Rules         []Rule         `json:"rules"`
}

// Usage counts people.
type Usage struct {
	Users struct {
		ActiveMonth int `json:"active_month"`
	} `json:"users"`
}

// Thumbnail is the node's picture.
type Thumbnail struct {
	URL         string            `json:"url"`
	Blurhash    *string           `json:"blurhash"`
	Versions    map[string]string `json:"versions"`
	Description string            `json:"description"`
}

// InstanceIcon is the node's sign, at a size such as 48x48.
type InstanceIcon struct {
	Source string `json:"src"`
	Size   string `json:"size"`
}

// Configuration are the node's limits.
type Configuration struct {
	URLs              ConfigurationURLs   `json:"urls"`
	Vapid             Vapid               `json:"vapid"`
	Accounts          AccountLimits       `json:"accounts"`
	Statuses          StatusLimits        `json:"statuses"`
	MediaAttachments  MediaLimits         `json:"media_attachments"`
	Polls             PollLimits          `json:"polls"`
	Translation       Translation         `json:"translation"`
	TimelinesAccess   map[string]Timeline `json:"timelines_access"`
	LimitedFederation bool                `json:"limited_federation"`
}

// ConfigurationURLs are pages of the node, and the base of its streams.
type ConfigurationURLs struct {
	Streaming      string  `json:"streaming"`
	Status         *string `json:"status"`
	About          *string `json:"about"`
	PrivacyPolicy  *string `json:"privacy_policy"`
	TermsOfService *string `json:"terms_of_service"`
}

// Vapid is the key by which push services know the node (RFC 8292).
type Vapid struct {
	PublicKey string `json:"public_key"`
}

// AccountLimits bound a profile.
type AccountLimits struct {
	MaxFeaturedTags            int `json:"max_featured_tags"`
	MaxPinnedStatuses          int `json:"max_pinned_statuses"`
	MaxProfileFields           int `json:"max_profile_fields"`
	ProfileFieldNameLimit      int `json:"profile_field_name_limit"`
	ProfileFieldValueLimit     int `json:"profile_field_value_limit"`
	MaxDisplayNameLength       int `json:"max_display_name_length"`
	MaxNoteLength              int `json:"max_note_length"`
	MaxAvatarDescriptionLength int `json:"max_avatar_description_length"`
	MaxHeaderDescriptionLength int `json:"max_header_description_length"`
}

// StatusLimits bound a status.
type StatusLimits struct {
	MaxCharacters            int `json:"max_characters"`
	MaxMediaAttachments      int `json:"max_media_attachments"`
	CharactersReservedPerURL int `json:"characters_reserved_per_url"`
}

// MediaLimits bound a file; sizes in bytes, matrices in pixels.
type MediaLimits struct {
	SupportedMIMETypes  []string `json:"supported_mime_types"`
	DescriptionLimit    int      `json:"description_limit"`
	ImageSizeLimit      int      `json:"image_size_limit"`
	ImageMatrixLimit    int      `json:"image_matrix_limit"`
	VideoSizeLimit      int      `json:"video_size_limit"`
	VideoFrameRateLimit int      `json:"video_frame_rate_limit"`
	VideoMatrixLimit    int      `json:"video_matrix_limit"`
}

// PollLimits bound a poll; times in seconds.
type PollLimits struct {
	MaxOptions             int `json:"max_options"`
	MaxCharactersPerOption int `json:"max_characters_per_option"`
	MinExpiration          int `json:"min_expiration"`
	MaxExpiration          int `json:"max_expiration"`
}

// Translation tells whether the node translates.
type Translation struct {
	Enabled bool `json:"enabled"`
}

// Timeline is who may read a timeline: public, authenticated or disabled.
type Timeline struct {
	Local  string `json:"local"`
	Remote string `json:"remote"`
}

// Registrations is how one becomes a resident: not by an app.
type Registrations struct {
	Enabled          bool    `json:"enabled"`
	ApprovalRequired bool    `json:"approval_required"`
	ReasonRequired   *bool   `json:"reason_required"`
	Message          *string `json:"message"`
	MinAge           *int    `json:"min_age"`
	URL              *string `json:"url"`
}

// Contact is whom to turn to.
type Contact struct {
	Email   string   `json:"email"`
	Account *Account `json:"account"`
}

// Rule is a rule of the house (entities/Rule).
type Rule struct {
	ID           string              `json:"id"`
	Text         string              `json:"text"`
	Hint         string              `json:"hint"`
	Translations map[string]RuleText `json:"translations"`
}

// RuleText is a rule in another language.
type RuleText struct {
	Text string `json:"text"`
	Hint string `json:"hint"`
}

// V1Instance is what a node said of itself before version 4 (entities/V1_Instance).
type V1Instance struct {
	URI              string          `json:"uri"`
	Title            string          `json:"title"`
	ShortDescription string          `json:"short_description"`
	Description      string          `json:"description"`
	Email            string          `json:"email"`
	Version          string          `json:"version"`
	URLs             V1URLs          `json:"urls"`
	Stats            V1Stats         `json:"stats"`
	Thumbnail        *string         `json:"thumbnail"`
	Languages        []string        `json:"languages"`
	Registrations    bool            `json:"registrations"`
	ApprovalRequired bool            `json:"approval_required"`
	InvitesEnabled   bool            `json:"invites_enabled"`
	Configuration    V1Configuration `json:"configuration"`
	ContactAccount   *Account        `json:"contact_account"`
	Rules            []Rule          `json:"rules"`
}

// V1URLs holds the base of the streams.
type V1URLs struct {
	StreamingAPI string `json:"streaming_api"`
}

// V1Stats counts what the node holds.
type V1Stats struct {
	UserCount   int `json:"user_count"`
	StatusCount int `json:"status_count"`
	DomainCount int `json:"domain_count"`
}

// V1Configuration are the limits as apps saw them before version 4.
type V1Configuration struct {
	Accounts         AccountLimits `json:"accounts"`
	Statuses         StatusLimits  `json:"statuses"`
	MediaAttachments MediaLimits   `json:"media_attachments"`
	Polls            PollLimits    `json:"polls"`
}

// ExtendedDescription is the longer text about the node (entities/ExtendedDescription).
type ExtendedDescription struct {
	UpdatedAt Time   `json:"updated_at"`
	Content   string `json:"content"` // HTML
}
