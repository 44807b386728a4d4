package entity

// Relationship is how the viewer stands to an account (entities/Relationship).
type Relationship struct {
	ID                  ID       `json:"id"`
	Following           bool     `json:"following"`
	ShowingReblogs      bool     `json:"showing_reblogs"`
	Notifying           bool     `json:"notifying"`
	Languages           []string `json:"languages"`
	FollowedBy          bool     `json:"followed_by"`
	Blocking            bool     `json:"blocking"`
	BlockedBy           bool     `json:"blocked_by"`
	Muting              bool     `json:"muting"`
	MutingNotifications bool     `json:"muting_notifications"`
	MutingExpiresAt     *Time    `json:"muting_expires_at"`
	Requested           bool     `json:"requested"`
	RequestedBy         bool     `json:"requested_by"`
	DomainBlocking      bool     `json:"domain_blocking"`
	Endorsed            bool     `json:"endorsed"`
	Note                string   `json:"note"`
}

// DomainBlockPreview is what one loses by blocking a server.
type DomainBlockPreview struct {
	FollowingCount int `json:"following_count"`
	FollowersCount int `json:"followers_count"`
}

// MutedAccount is an account in the list of those whom the viewer does not want to read (entities/MutedAccount).
type MutedAccount struct {
	Account
	MuteExpiresAt *Time `json:"mute_expires_at"`
}

// FamiliarFollowers are those who follow an account and whom the viewer follows (entities/FamiliarFollowers).
type FamiliarFollowers struct {
	ID       ID        `json:"id"`
	Accounts []Account `json:"accounts"`
}
