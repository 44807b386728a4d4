package communities

import "time"

// ReactionKind is how somebody reacted to a post.
type ReactionKind string

const (
	Favourite ReactionKind = "favourite" // AS2 Like, and every emoji reaction
	Dislike   ReactionKind = "dislike"
)

// Reaction is one person's answer to one post without words. There is one of each kind per person and post, and
// a favourite and a dislike exclude one another.
type Reaction struct {
	Post      PostID
	Actor     ActorID
	Kind      ReactionKind
	Emoji     string // what was sent instead of a plain like (FEP-c0e0)
	URI       string // of the activity, so that it can be undone by it
	CreatedAt time.Time
}
