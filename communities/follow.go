package communities

import "time"

// Follow is a wish to read somebody: a person or a group. It holds once accepted.
type Follow struct {
	ID        FollowID
	Follower  ActorID
	Followee  ActorID
	URI       string // of the Follow activity
	Accepted  bool
	Wishes    Wishes
	CreatedAt time.Time
}

// Wishes are what a follower wants of whom they follow, beside what everybody gets. They are nobody else's business.
type Wishes struct {
	NoBoosts  bool     // what the followee shares stays off home; a group speaks by sharing and is read all the same
	Notify    bool     // to be told of each post
	Languages []string // BCP 47; none: in whatever language
}
