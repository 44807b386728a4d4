package communities

import "time"

// NotificationKind is what a person is told of (Mastodon API notification types, and a few of our own).
type NotificationKind string

const (
	NotifyMention          NotificationKind = "mention"
	NotifyReply            NotificationKind = "reply" // an answer that does not name the person; apps see a mention
	NotifyBoost            NotificationKind = "reblog"
	NotifyFavourite        NotificationKind = "favourite"
	NotifyFollow           NotificationKind = "follow"
	NotifyFollowRequest    NotificationKind = "follow_request"
	NotifyPoll             NotificationKind = "poll"
	NotifyEdit             NotificationKind = "update"
	NotifyCollected        NotificationKind = "added_to_collection"
	NotifyPost             NotificationKind = "status" // by somebody whose posts the person asked to be told of
	NotifyCollectionUpdate NotificationKind = "collection_update"
	NotifyQuote            NotificationKind = "quote"         // somebody quoted the person's post
	NotifyQuotedEdit       NotificationKind = "quoted_update" // what the person quoted was edited; the post is the person's own
	NotifyReport           NotificationKind = "admin.report"
	NotifySignUp           NotificationKind = "admin.sign_up" // somebody waits for approval
	NotifyJoinRequest      NotificationKind = "join_request"
	NotifyAdmission        NotificationKind = "admission" // a moderator let the person into a group
	NotifyRemoval          NotificationKind = "removal"   // a moderator removed the person's post
)

// Notification tells a local person of something, once: the same recipient, kind, sender and post make one.
type Notification struct {
	ID         NotificationID
	Recipient  ActorID
	Kind       NotificationKind
	From       ActorID
	Post       PostID       // 0: none
	Group      ActorID      // 0: none
	Report     ReportID     // 0: none
	Collection CollectionID // 0: none
	CreatedAt  time.Time
	ReadAt     time.Time
	Filtered   bool // set aside by the recipient's [NotificationPolicy]
}

// Stored is what the archive knows of a notification that it stored.
type Stored struct {
	New      bool // it was not there already
	Screened bool // there is a [NotificationPolicy] to ask: the recipient has their own, or the sender is limited
	Pushed   bool // an app of the recipient's has a [PushSubscription]
}
