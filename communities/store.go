package communities

import (
	"context"
	"time"
)

// Store is the town's archive, on PostgreSQL or SQLite alike.
type Store interface {
	// Write runs fn in one transaction and commits when it returns nil. Where two transactions collide, fn runs again
	// from the start: it must set its results anew each time and do nothing outside the transaction.
	Write(ctx context.Context, fn func(Tx) error) error
}

// Task is work to do after the commit, at least once, also when the program dies in between. It is kept as JSON.
type Task interface{ Kind() string }

// Timed is a [Task] that is not to be done before a moment.
type Timed interface {
	Task
	NotBefore() time.Time
}

// Footing is how a person stands to the node, to a group and to somebody else, as far as they were asked for. What is not there is nil.
type Footing struct {
	NodeBan    *Ban
	GroupBan   *Ban
	Membership *Membership
	Blocked    bool // either has blocked the other
}

// Tx is one transaction on the archive: the contract of both databases, held by one conformance suite.
//
// Reads return [NotFound] for what is absent. What they return is the caller's own to change. Put makes or replaces,
// Create refuses what exists with a [KindConflict] error, Delete of what is absent returns [NotFound].
type Tx interface {
	// Actors.

	Actor(ctx context.Context, id ActorID) (*Actor, error)
	ActorByURI(ctx context.Context, uri string) (*Actor, error)
	// ActorByName finds a handle; host is "" for this node.
	ActorByName(ctx context.Context, name, host string) (*Actor, error)
	// ActorsByURI finds those of the uris that are known; the others are missing from the answer.
	ActorsByURI(ctx context.Context, uris []string) ([]*Actor, error)
	// CreateActor stores a new actor under a.ID. A local name or a URI that exists is a conflict.
	CreateActor(ctx context.Context, a *Actor) error
	// UpdateActor stores everything but the id, the URI and the counters.
	UpdateActor(ctx context.Context, a *Actor) error

	Account(ctx context.Context, person ActorID) (*Account, error)
	AccountByEmail(ctx context.Context, email string) (*Account, error)
	// PutAccount makes or replaces the account; an e-mail address of another account is a conflict.
	PutAccount(ctx context.Context, a *Account) error
	// Staff lists the local persons with at least the role.
	Staff(ctx context.Context, role NodeRole) ([]*Actor, error)

	// Follows.

	Follow(ctx context.Context, follower, followee ActorID) (*Follow, error)
	FollowByURI(ctx context.Context, uri string) (*Follow, error)
	// PutFollow makes or replaces the follow of this pair and keeps both counters.
	PutFollow(ctx context.Context, f *Follow) error
	DeleteFollow(ctx context.Context, follower, followee ActorID) error
	// LocalFollowers lists the actors of this node whose follow was accepted.
	LocalFollowers(ctx context.Context, followee ActorID) ([]ActorID, error)
	// Sever ends every tie of an actor: follows, memberships, blocks and bans both ways, home entries, notifications, and of a local
	// person the account with its sessions and tokens. Counters are kept.
	Sever(ctx context.Context, actor ActorID) error

	// Groups: membership, bans, blocks.

	Membership(ctx context.Context, group, person ActorID) (*Membership, error)
	PutMembership(ctx context.Context, m *Membership) error
	DeleteMembership(ctx context.Context, group, person ActorID) error
	// Moderators lists the active members of at least the role moderator, highest role first.
	Moderators(ctx context.Context, group ActorID) ([]*Membership, error)
	// Footing tells at once how a person stands to the node, to a group (0: none) and to another (0: none).
	Footing(ctx context.Context, person, group, other ActorID) (Footing, error)
	Ban(ctx context.Context, group, person ActorID) (*Ban, error)
	PutBan(ctx context.Context, b *Ban) error
	DeleteBan(ctx context.Context, group, person ActorID) error
	Block(ctx context.Context, blocker, blocked ActorID) (*Block, error)
	// HasBlocked tells whether one has blocked the other, or the host that the other lives on.
	HasBlocked(ctx context.Context, blocker, blocked ActorID) (bool, error)
	// BlockBetween tells whether either has blocked the other in one of these ways.
	BlockBetween(ctx context.Context, a, b ActorID) (bool, error)
	PutBlock(ctx context.Context, b *Block) error
	DeleteBlock(ctx context.Context, blocker, blocked ActorID) error
	// PutHostBlock keeps a person and a whole host apart; to do it twice does nothing more.
	PutHostBlock(ctx context.Context, blocker ActorID, host string) error
	DeleteHostBlock(ctx context.Context, blocker ActorID, host string) error
	// FollowsBetween lists the follows, in either direction, between a person and the actors of a host: at most limit.
	FollowsBetween(ctx context.Context, person ActorID, host string, limit int) ([]*Follow, error)

	// Posts.

	Post(ctx context.Context, id PostID) (*Post, error)
	PostByURI(ctx context.Context, uri string) (*Post, error)
	// CreatePost stores a new post with its mentions, hashtags, poll and event, indexes its text, and keeps the counters of
	// its author, of what it answers or boosts, and the last activity of its thread. Replies that came before it hang under it in its
	// thread from then on, and are its p.RepliesCount; their group stays. A URI or id that exists is a conflict.
	CreatePost(ctx context.Context, p *Post) error
	// UpdatePost stores everything that can change but the counters, and indexes the text anew.
	UpdatePost(ctx context.Context, p *Post) error
	// DeletePost leaves a tombstone: text, files, mentions, hashtags, poll, event, revisions and reactions go; so do boosts of
	// it. A boost itself goes without a trace. Counters are kept.
	DeletePost(ctx context.Context, id PostID, at time.Time) error
	AddRevision(ctx context.Context, r *Revision) error
	Revisions(ctx context.Context, post PostID) ([]*Revision, error)
	// BoostBy finds an actor's boost of a post.
	BoostBy(ctx context.Context, actor ActorID, post PostID) (*Post, error)
	// LocalSharers lists the persons of this node who boosted a post.
	LocalSharers(ctx context.Context, post PostID) ([]ActorID, error)
	// PostsBy lists an actor's posts and boosts that are not deleted, newest first, below the id before (0: from the newest), at most limit;
	// with a group, only those written in it.
	PostsBy(ctx context.Context, author, group ActorID, before PostID, limit int) ([]*Post, error)
	// CountPinned tells how many posts outside of groups an actor has pinned on their profile.
	CountPinned(ctx context.Context, author ActorID) (int, error)
	// Replies lists the posts that answer a post and are not deleted, oldest first.
	Replies(ctx context.Context, post PostID) ([]*Post, error)
	// AddToHomes puts a post on the timelines that it belongs on, see [Arrival], and returns who asked to be told of it.
	AddToHomes(ctx context.Context, a Arrival) (tell []ActorID, err error)
	// PutQuote replaces what a post quotes, and keeps the count of what it quotes.
	PutQuote(ctx context.Context, post PostID, q *Quote) error
	// QuotesBy lists the posts that show a post within, with the consent under a URI.
	QuotesBy(ctx context.Context, authorization string) ([]*Post, error)
	// LocalQuotes lists the posts of this node's people that quote a post with consent.
	LocalQuotes(ctx context.Context, post PostID) ([]*Post, error)

	// PutReaction stores a reaction and keeps the counters; false when the same one was there.
	PutReaction(ctx context.Context, r *Reaction) (created bool, err error)
	Reaction(ctx context.Context, post PostID, actor ActorID, kind ReactionKind) (*Reaction, error)
	DeleteReaction(ctx context.Context, post PostID, actor ActorID, kind ReactionKind) error

	// Votes lists the options that a voter chose.
	Votes(ctx context.Context, post PostID, voter ActorID) ([]int, error)
	// CastVotes stores votes and keeps the counters; an option that was chosen before is a conflict.
	CastVotes(ctx context.Context, post PostID, voter ActorID, options []int, at time.Time) error
	// LocalVoters lists the actors of this node who voted.
	LocalVoters(ctx context.Context, post PostID) ([]ActorID, error)
	// SetPollResults stores the counts that the home of a remote poll tells.
	SetPollResults(ctx context.Context, post PostID, votes []int, voters int) error

	// Collections.

	Collection(ctx context.Context, id CollectionID) (*Collection, error)
	// CollectionsOf lists those of an owner, the newest first.
	CollectionsOf(ctx context.Context, owner ActorID) ([]*Collection, error)
	// PutCollection makes or replaces a collection, without its items.
	PutCollection(ctx context.Context, c *Collection) error
	// DeleteCollection takes it away, with its items and what people were told of it.
	DeleteCollection(ctx context.Context, id CollectionID) error
	// PutCollectionItem makes or replaces one.
	PutCollectionItem(ctx context.Context, collection CollectionID, i *CollectionItem) error
	DeleteCollectionItem(ctx context.Context, collection CollectionID, item CollectionItemID) error
	// Files.

	CreateMedia(ctx context.Context, m *Media) error
	// Media reads a file that nobody else changes until the end of the transaction.
	Media(ctx context.Context, id MediaID) (*Media, error)
	// UpdateMedia stores everything but the id, the owner, the purpose and the name.
	UpdateMedia(ctx context.Context, m *Media) error
	// CountLooseMedia counts the files of somebody's that will expire.
	CountLooseMedia(ctx context.Context, owner ActorID) (int, error)
	// ExpireMedia lets expire, at a moment, every file of somebody's that hangs on no post.
	ExpireMedia(ctx context.Context, owner ActorID, at time.Time) error

	// Telling people.

	// PutNotification stores a notification for a local person, once, and tells in the same breath who else has an interest in it.
	PutNotification(ctx context.Context, n *Notification) (Stored, error)
	// Acquaintance tells how the recipient of a stored notification stands to its sender.
	Acquaintance(ctx context.Context, n *Notification) (Acquaintance, error)
	// SetAside keeps a notification apart until the recipient lets the sender in; DropNotification forgets it.
	SetAside(ctx context.Context, id NotificationID) error
	DropNotification(ctx context.Context, id NotificationID) error
	// PushSubscriptions lists those of a person's apps that are still let in.
	PushSubscriptions(ctx context.Context, person ActorID) ([]*PushSubscription, error)
	CreateReport(ctx context.Context, r *Report) error
	Report(ctx context.Context, id ReportID) (*Report, error)
	// UpdateReport stores what can change of it: category, rules, who is on it, and how it ended.
	UpdateReport(ctx context.Context, r *Report) error

	// The node as a whole.

	PutAudit(ctx context.Context, a *Audit) error
	// HostRule finds what was decided about this very host.
	HostRule(ctx context.Context, host string) (*HostRule, error)
	// HostPolicy tells the strictest of what holds for the hosts, by their names and those above.
	HostPolicy(ctx context.Context, hosts ...string) (HostPolicy, error)
	// PutHostRule makes, replaces or, for [HostOpen], deletes a decision, and has it hold for every actor below the host's name. What waits
	// to be delivered to a blocked one goes.
	PutHostRule(ctx context.Context, r *HostRule) error
	// SeverHost ends the follows and memberships between this node and everybody below a host's name. Counters are kept.
	SeverHost(ctx context.Context, host string) error

	// Registrations are closed where nobody has decided.
	Registrations(ctx context.Context) (Registrations, error)
	PutRegistrations(ctx context.Context, r Registrations) error
	// TakeConfirmation uses a mailed link up, and tells whose it is and for which address. One that has run out is absent.
	TakeConfirmation(ctx context.Context, hash string, now time.Time) (ActorID, string, error)
	// ForgetPerson deletes a person who never came in, with their name.
	ForgetPerson(ctx context.Context, person ActorID) error
	CreateInvite(ctx context.Context, i *Invitation) error
	// UseInvite counts one more use of an invitation that holds; any other is absent.
	UseInvite(ctx context.Context, hash string, now time.Time) (*Invitation, error)
	RevokeInvite(ctx context.Context, id InviteID, at time.Time) error

	Announcement(ctx context.Context, id AnnouncementID) (*Announcement, error)
	// PutAnnouncement makes or replaces it; who had read it has not read a changed one.
	PutAnnouncement(ctx context.Context, a *Announcement) error
	DeleteAnnouncement(ctx context.Context, id AnnouncementID) error
	// PutNoticeReaction stores a reaction; false when it was there.
	PutNoticeReaction(ctx context.Context, r NoticeReaction, at time.Time) (created bool, err error)
	DeleteNoticeReaction(ctx context.Context, r NoticeReaction) error
	// NoticeReactionNames lists the different reactions to an announcement.
	NoticeReactionNames(ctx context.Context, id AnnouncementID) ([]string, error)

	// Emoji finds a picture of this node.
	Emoji(ctx context.Context, name string) (*OwnEmoji, error)
	PutEmoji(ctx context.Context, e *OwnEmoji, picture []byte) error
	DeleteEmoji(ctx context.Context, name string) error

	// PutText makes or replaces a text of the node; one without words is deleted.
	PutText(ctx context.Context, t *NodeText) error
	// Rules lists the rules of the house in order, those that no longer hold as well.
	Rules(ctx context.Context) ([]*Rule, error)
	PutRule(ctx context.Context, r *Rule) error

	// Enqueue stores a task with the transaction. A [Timed] one waits for its moment.
	Enqueue(ctx context.Context, task Task) error
	// AfterCommit runs fn once the transaction is committed, to nudge what watches; it may be lost when the program dies.
	AfterCommit(fn func())
}
