package entity

// Attachment is a file that goes with a status (entities/MediaAttachment).
type Attachment struct {
	ID          ID             `json:"id"`
	Type        string         `json:"type"` // image, gifv, video, audio, unknown
	URL         *string        `json:"url"`  // null while the file is worked on
	PreviewURL  *string        `json:"preview_url"`
	RemoteURL   *string        `json:"remote_url"` // null for a file of this node
	Meta        AttachmentMeta `json:"meta"`
	Description *string        `json:"description"`
	Blurhash    *string        `json:"blurhash"`
}

// AttachmentMeta is what is known of a file before it is loaded.
type AttachmentMeta struct {
	Length   string      `json:"length,omitempty"`   // of a film: 0:01:28.65
	Duration float64     `json:"duration,omitempty"` // the same in seconds
	Original *Dimensions `json:"original,omitempty"`
	Small    *Dimensions `json:"small,omitempty"`
	Focus    *Focus      `json:"focus,omitempty"`
}

// Dimensions of a picture, in pixels; of a film also its speed, and how long it and sound take.
type Dimensions struct {
	Width     int     `json:"width,omitempty"`
	Height    int     `json:"height,omitempty"`
	Size      string  `json:"size,omitempty"`
	Aspect    float64 `json:"aspect,omitempty"`
	FrameRate string  `json:"frame_rate,omitempty"`
	Duration  float64 `json:"duration,omitempty"` // seconds
	Bitrate   int     `json:"bitrate,omitempty"`  // bits a second
}

// Focus is the point of a picture that a crop must keep, from -1 to 1.
type Focus struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}
