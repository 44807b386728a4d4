package entity

// UserList is a timeline of some accounts (entities/List): one that somebody made, or a group that they follow.
type UserList struct {
	ID            ID     `json:"id"`
	Title         string `json:"title"`
	RepliesPolicy string `json:"replies_policy"`
	Exclusive     bool   `json:"exclusive"`
}

// Marker is how far somebody has read a timeline (entities/Marker).
type Marker struct {
	LastReadID string `json:"last_read_id"`
	Version    int    `json:"version"`
	UpdatedAt  Time   `json:"updated_at"`
}

// Tag is a hashtag (entities/Tag).
type Tag struct {
	ID        ID           `json:"id"`
	Name      string       `json:"name"`
	URL       string       `json:"url"`
	History   []TagHistory `json:"history"`
	Following *bool        `json:"following,omitempty"`
	Featuring *bool        `json:"featuring,omitempty"`
}

// FeaturedTag is a hashtag on a profile (entities/FeaturedTag).
type FeaturedTag struct {
	ID            ID      `json:"id"`
	Name          string  `json:"name"`
	URL           string  `json:"url"`
	StatusesCount string  `json:"statuses_count"` // a number in a string
	LastStatusAt  *string `json:"last_status_at"` // a date
}

// TagHistory is how often a hashtag was used on a day. All three are numbers in strings.
type TagHistory struct {
	Day      string `json:"day"`
	Uses     string `json:"uses"`
	Accounts string `json:"accounts"`
}

// Search is what was found (entities/Search).
type Search struct {
	Accounts []Account `json:"accounts"`
	Statuses []Status  `json:"statuses"`
	Hashtags []Tag     `json:"hashtags"`

	Collections *[]Collection `json:"collections,omitempty"` // only of a query that is the address of one
}

// Suggestion is an account that the viewer may want to follow (entities/Suggestion).
type Suggestion struct {
	Source  string   `json:"source"`
	Sources []string `json:"sources"`
	Account Account  `json:"account"`
}

// Preferences are how somebody likes to read and write (entities/Preferences).
type Preferences struct {
	PostingVisibility  string  `json:"posting:default:visibility"`
	PostingSensitive   bool    `json:"posting:default:sensitive"`
	PostingLanguage    *string `json:"posting:default:language"`
	PostingQuotePolicy string  `json:"posting:default:quote_policy"`
	ExpandMedia        string  `json:"reading:expand:media"`
	ExpandSpoilers     bool    `json:"reading:expand:spoilers"`
	AutoplayGifs       bool    `json:"reading:autoplay:gifs"`
}

// Empty is the answer where there is nothing to say: still JSON, because some apps stop at an empty body.
type Empty struct{}
