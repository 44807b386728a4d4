package communities

import "time"

// Follow is a wish to read somebody: a person or a group. It holds once accepted.
type Follow struct {
	ID        FollowID
	Follower  ActorID
	Followee  ActorID
	URI       string // of the Follow activity
	Accepted  bool
	CreatedAt time.Time
}
