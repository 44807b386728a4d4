package entity

// Announcement is a notice of the node (entities/Announcement).
type Announcement struct {
	ID          ID         `json:"id"`
	Content     string     `json:"content"` // HTML
	StartsAt    *Time      `json:"starts_at"`
	EndsAt      *Time      `json:"ends_at"`
	AllDay      bool       `json:"all_day"`
	PublishedAt Time       `json:"published_at"`
	UpdatedAt   Time       `json:"updated_at"`
	Read        bool       `json:"read"`
	Mentions    []Empty    `json:"mentions"`
	Statuses    []Empty    `json:"statuses"`
	Tags        []Empty    `json:"tags"`
	Emojis      []Emoji    `json:"emojis"`
	Reactions   []Reaction `json:"reactions"`
}

// Reaction is an emoji under a notice, counted (entities/Reaction). The addresses are there for pictures only.
type Reaction struct {
	Name      string `json:"name"`
	Count     int    `json:"count"`
	Me        bool   `json:"me"`
	URL       string `json:"url,omitempty"`
	StaticURL string `json:"static_url,omitempty"`
}
