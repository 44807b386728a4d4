package communities

import "context"

// Herald carries what happened here to other towns. A verb calls it inside its own transaction, so that what is told is exactly
// what is committed, and nothing is committed that nobody is told of.
type Herald interface {
	// Tell takes note of e. An error undoes the verb.
	Tell(ctx context.Context, tx Tx, e Happened) error
}

// Happened is one of the things below. Each carries the [Cause]: the activity of another town that brought it about, which
// a group passes on as it came; 0 when it was done on this node.
type Happened interface{ happened() }

// Cause names a received activity in the archive.
type Cause = ActivityID

type (
	// Posted: a new thread or reply. Share is the local group's boost of it, where the group shows it to its followers.
	Posted struct {
		Post   *Post
		Author *Actor
		Group  *Actor // nil: in no group
		Share  *Post  // nil: none
		Cause  Cause
	}
	// Edited: the post says something else now, or its poll was closed.
	Edited struct {
		Post   *Post
		Author *Actor
		Group  *Actor
		Cause  Cause
	}
	// Deleted: by its author. Post is as it was before. Share is the group's boost of it.
	Deleted struct {
		Post   *Post
		Author *Actor
		Group  *Actor
		Share  *Post
		Cause  Cause
	}
	// Removed: taken away by a moderator, or given back (Restored).
	Removed struct {
		Post     *Post
		Author   *Actor
		Group    *Actor
		By       *Actor
		Share    *Post
		Restored bool
		Cause    Cause
	}
	// Boosted: shared by a person, or no longer (Undone).
	Boosted struct {
		Boost    *Post
		By       *Actor
		Original *Post
		Undone   bool
		Cause    Cause
	}
	// Reacted: a favourite or dislike, or its taking back (Undone).
	Reacted struct {
		Reaction *Reaction
		By       *Actor
		Post     *Post
		Group    *Actor
		Undone   bool
		Cause    Cause
	}
	// Restated: the post says what it said, and stands otherwise: who may quote it, or what it quotes.
	Restated struct {
		Post   *Post
		Author *Actor
		Group  *Actor
		Cause  Cause
	}
	// QuoteAsked: somebody of this node wants to show a post of another node within theirs.
	QuoteAsked struct {
		Post         *Post
		Author       *Actor
		Group        *Actor
		Quoted       *Post
		QuotedAuthor *Actor
	}
	// QuoteAnswered: a request from elsewhere, by the author of a post of this node.
	QuoteAnswered struct {
		Request      string // its id
		Author       *Actor // who asked
		PostURI      string // that quotes
		Quoted       *Post
		QuotedAuthor *Actor
		Consent      string // URI; "": refused
		Cause        Cause
	}
	// ConsentRevoked: the author of Quoted takes their consent back.
	ConsentRevoked struct {
		Post         *Post // that quotes
		Author       *Actor
		Quoted       *Post
		QuotedAuthor *Actor
		Consent      string // URI
		Cause        Cause
	}
	// Voted: in a poll. Options are positions.
	Voted struct {
		Post    *Post
		Voter   *Actor
		Options []int
		Cause   Cause
	}
	// Followed: asked to follow; Accepted tells whether it holds at once.
	Followed struct {
		Follow   *Follow
		Follower *Actor
		Followee *Actor
		Cause    Cause
	}
	// FollowAnswered: the followee let the follower in, or refused or removed them.
	FollowAnswered struct {
		Follow   *Follow
		Follower *Actor
		Followee *Actor
		Accepted bool
		Cause    Cause
	}
	// Unfollowed: by the follower.
	Unfollowed struct {
		Follow   *Follow
		Follower *Actor
		Followee *Actor
		Cause    Cause
	}
	// Locked: nobody may answer any more, or they may again (Undone).
	Locked struct {
		Post   *Post
		Group  *Actor
		By     *Actor
		Undone bool
		Cause  Cause
	}
	// Pinned: shown on top of the group or of By's own profile, or no longer (Undone).
	Pinned struct {
		Post   *Post
		Group  *Actor // nil: on the profile
		By     *Actor
		Undone bool
		Cause  Cause
	}
	// RoleChanged: somebody's role in a group; "" is none.
	RoleChanged struct {
		Group  *Actor
		Person *Actor
		By     *Actor
		Was    Role
		Is     Role
		Cause  Cause
	}
	// Banned: from a group or, with a nil Group, from the node; or let in again (Undone).
	Banned struct {
		Ban    *Ban
		Group  *Actor
		Person *Actor
		By     *Actor
		Undone bool
		Cause  Cause
	}
	// Blocked: a person by another, or no longer (Undone).
	Blocked struct {
		Block   *Block
		Blocker *Actor
		Blocked *Actor
		Undone  bool
		Cause   Cause
	}
	// Reported: to the moderators here; the herald tells the target's own node when Report.Forward says so.
	Reported struct {
		Report *Report
		Target *Actor
		Posts  []*Post
		Cause  Cause
	}
	// ActorChanged: a local actor's profile or settings; Gone when it was deleted, MovedTo set when it moved.
	ActorChanged struct {
		Actor *Actor
		Gone  bool
		Moved bool
		Cause Cause
	}
	// Announced: a notice to everybody here, new or changed, or no longer there (Gone).
	Announced struct {
		Announcement *Announcement
		Gone         bool
	}
	// NoticeReacted: an emoji under a notice, or its taking back (Undone).
	NoticeReacted struct {
		Announcement *Announcement
		Reaction     NoticeReaction
		Undone       bool
	}
	// CollectionChanged: New or Gone, or otherwise edited; with an Item, that one came in or is Gone, and Featured is who it names.
	CollectionChanged struct {
		Collection *Collection
		Owner      *Actor
		Item       *CollectionItem // nil: the collection itself
		Featured   *Actor
		New        bool
		Gone       bool
	}
	// Refused: a contribution from elsewhere did not get into the group; its author should hear why.
	Refused struct {
		Author  *Actor
		Group   *Actor
		PostURI string
		Reason  string
		Cause   Cause
	}
)

func (Posted) happened()            {}
func (Edited) happened()            {}
func (Deleted) happened()           {}
func (Removed) happened()           {}
func (Boosted) happened()           {}
func (Reacted) happened()           {}
func (Restated) happened()          {}
func (QuoteAsked) happened()        {}
func (QuoteAnswered) happened()     {}
func (ConsentRevoked) happened()    {}
func (Voted) happened()             {}
func (Followed) happened()          {}
func (FollowAnswered) happened()    {}
func (Unfollowed) happened()        {}
func (Locked) happened()            {}
func (Pinned) happened()            {}
func (RoleChanged) happened()       {}
func (Banned) happened()            {}
func (Blocked) happened()           {}
func (Reported) happened()          {}
func (ActorChanged) happened()      {}
func (CollectionChanged) happened() {}
func (Announced) happened()         {}
func (NoticeReacted) happened()     {}
func (Refused) happened()           {}
