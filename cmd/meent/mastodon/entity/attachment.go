package entity

// Attachment is a file that goes with a status (entities/MediaAttachment).
type Attachment struct {
	ID          string         `json:"id"`
	Type        string         `json:"type"` // image, gifv, video, audio, unknown
	URL         *string        `json:"url"`
	PreviewURL  *string        `json:"preview_url"`
	RemoteURL   *string        `json:"remote_url"`
	Meta        AttachmentMeta `json:"meta"`
	Description *string        `json:"description"`
	Blurhash    *string        `json:"blurhash"`
}

// AttachmentMeta is what is known of a file before it is loaded.
type AttachmentMeta struct {
	Original *Dimensions `json:"original,omitempty"`
	Small    *Dimensions `json:"small,omitempty"`
	Focus    *Focus      `json:"focus,omitempty"`
}

// Dimensions of a picture, in pixels.
type Dimensions struct {
	Width  int     `json:"width"`
	Height int     `json:"height"`
	Size   string  `json:"size"`
	Aspect float64 `json:"aspect"`
}

// Focus is the point of a picture that a crop must keep, from -1 to 1.
type Focus struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}
