package entity

// Profile is what one may change of oneself, as it was typed (entities/Profile).
type Profile struct {
	ID                 ID            `json:"id"`
	DisplayName        string        `json:"display_name"`
	Note               string        `json:"note"`
	Fields             []Field       `json:"fields"`
	Avatar             *string       `json:"avatar"`
	AvatarStatic       *string       `json:"avatar_static"`
	AvatarDescription  string        `json:"avatar_description"`
	Header             *string       `json:"header"`
	HeaderStatic       *string       `json:"header_static"`
	HeaderDescription  string        `json:"header_description"`
	Locked             bool          `json:"locked"`
	Bot                bool          `json:"bot"`
	HideCollections    *bool         `json:"hide_collections"`
	Discoverable       *bool         `json:"discoverable"`
	Indexable          bool          `json:"indexable"`
	ShowMedia          bool          `json:"show_media"`
	ShowMediaReplies   bool          `json:"show_media_replies"`
	ShowFeatured       bool          `json:"show_featured"`
	AttributionDomains []string      `json:"attribution_domains"`
	FeaturedTags       []FeaturedTag `json:"featured_tags"`
}
