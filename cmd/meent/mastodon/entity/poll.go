package entity

// Poll is the question part of a status (entities/Poll).
type Poll struct {
	ID          ID       `json:"id"`
	ExpiresAt   *Time    `json:"expires_at"`
	Expired     bool     `json:"expired"`
	Multiple    bool     `json:"multiple"`
	VotesCount  int      `json:"votes_count"`
	VotersCount *int     `json:"voters_count"`
	Options     []Option `json:"options"`
	Emojis      []Emoji  `json:"emojis"`
	*Ballot
}

// Option is one answer of a [Poll].
type Option struct {
	Title      string `json:"title"`
	VotesCount *int   `json:"votes_count"`
}

// Ballot is what the viewer voted; without a person there is none.
type Ballot struct {
	Voted    bool  `json:"voted"`
	OwnVotes []int `json:"own_votes"`
}
