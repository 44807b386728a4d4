package communities

import (
	"strings"
	"time"
)

// ActorKind is what an actor is (AS2 actor types).
type ActorKind string

const (
	Person       ActorKind = "Person"
	Group        ActorKind = "Group"
	Organization ActorKind = "Organization"
	Service      ActorKind = "Service"
	Application  ActorKind = "Application" // the node itself
)

// Actor is a person, a group or another party, of this node or of another. All share one name space per host, so that
// @name@host names one of them.
type Actor struct {
	ID          ActorID
	Kind        ActorKind
	Name        string // lower-case handle (AS2 preferredUsername)
	Host        string // canonical host of the handle; "" on this node
	URI         string // global id
	URL         string // page for people
	DisplayName string
	Summary     string // sanitised HTML
	Source      string // Markdown of Summary, of local actors
	Fields      []Field
	Icon        Image
	Header      Image
	Language    string  // BCP 47
	Emojis      []Emoji // pictures in DisplayName, Summary and Fields, of actors of other nodes
	Endpoints   Endpoints

	Locked       bool // a follow waits for approval (AS2 manuallyApprovesFollowers)
	Discoverable bool // may be suggested and listed
	Indexable    bool // public posts may be searched (FEP-5feb)
	Automated    bool // a robot, by its own word (AS2 type Service)
	Shows        Shows
	Attribution  []string // hosts whose articles may name the actor as their writer (toot:attributionDomains)
	AlsoKnownAs  []string
	MovedTo      string // URI of the actor that this one became

	Group *GroupSettings // of groups of this node, and what is known of others'; nil for people

	FollowersCount int
	FollowingCount int
	PostsCount     int
	LastPostAt     time.Time

	CreatedAt   time.Time
	UpdatedAt   time.Time
	FetchedAt   time.Time  // when a remote actor was last read
	SuspendedAt time.Time  // zero: not suspended
	LimitedAt   time.Time  // zero: shown to all; else to followers only
	SensitiveAt time.Time  // zero: their pictures are shown at once
	HostPolicy  HostPolicy // what was decided about where they live
	DeletedAt   time.Time  // zero: not deleted
}

// Shows is what a profile keeps to itself. The zero value shows all.
type Shows struct {
	NoFollows      bool // whom the actor follows, and who follows them
	NoMedia        bool // no page of files
	NoMediaReplies bool // on it, none out of answers
	NoFeatured     bool // no page of what they recommend
}

// Field is a row of a profile. VerifiedAt is when its link was seen to point back (rel=me).
type Field struct {
	Name       string    `json:"name"`
	Value      string    `json:"value"`            // sanitised HTML
	Source     string    `json:"source,omitempty"` // as it was typed here
	VerifiedAt time.Time `json:"verified_at,omitzero"`
}

// Image is a picture by its address, with its text alternative.
type Image struct {
	URL       string  `json:"url"`
	Alt       string  `json:"alt,omitempty"`
	MediaType string  `json:"media_type,omitempty"`
	Media     MediaID `json:"media,omitempty"` // 0: of another node, or an address alone
}

// Endpoints are an actor's collections and boxes, as URLs.
type Endpoints struct {
	Inbox       string
	SharedInbox string
	Outbox      string
	Followers   string
	Following   string
	Featured    string
	Moderators  string
}

// GroupSettings is what a group's managers decide.
type GroupSettings struct {
	Joining Joining
	Posting Posting
	Style   Style
	Closed  bool // read by members only; such a group is not federated yet
}

// Joining is how one becomes a member, who may write. Following, which is reading, is apart from it.
type Joining string

const (
	JoinOpen     Joining = "open"     // whoever writes first becomes a member
	JoinApproval Joining = "approval" // a moderator approves
)

// Posting is who may start a thread. Members may always reply, unless the thread is locked.
type Posting string

const (
	PostMembers    Posting = "members"
	PostModerators Posting = "moderators"
)

// Style is the form in which a group's threads go to other software.
type Style string

const (
	StyleForum   Style = "forum"   // titled discussions
	StyleNotices Style = "notices" // short announcements
)

// Local tells whether the actor lives on this node.
func (a *Actor) Local() bool { return a.Host == "" }

// IsGroup tells whether the actor is a group.
func (a *Actor) IsGroup() bool { return a.Kind == Group }

// Active tells whether the actor can act and be shown: neither suspended nor deleted, nor of a blocked host.
func (a *Actor) Active() bool {
	return a.SuspendedAt.IsZero() && a.DeletedAt.IsZero() && a.HostPolicy != HostBlocked
}

// Limited tells whether only who follows the actor gets to see them unasked.
func (a *Actor) Limited() bool { return !a.LimitedAt.IsZero() || a.HostPolicy == HostLimited }

// Inbox returns the address to deliver to: the shared one where there is one (ActivityPub 7.1.3).
func (a *Actor) Inbox() string {
	if a.Endpoints.SharedInbox != "" {
		return a.Endpoints.SharedInbox
	}
	return a.Endpoints.Inbox
}

// Handle returns name@host, with the given host for an actor of this node.
func (a *Actor) Handle(here string) string {
	if a.Local() {
		return a.Name + "@" + here
	}
	return a.Name + "@" + a.Host
}

// Title returns what to call the actor on screen: the display name, else the handle's name.
func (a *Actor) Title() string {
	if s := strings.TrimSpace(a.DisplayName); s != "" {
		return s
	}
	return a.Name
}

const maxName = 64

// CheckName tells whether name can be the handle of a new local actor: lower-case ASCII letters, digits and underscores,
// which every federated program takes.
func CheckName(name string) error {
	if name == "" || len(name) > maxName {
		return Invalidf("a name has 1 to %d characters", maxName)
	}
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' {
			return Invalidf("a name has only the characters a-z, 0-9 and _, not %q", r)
		}
	}
	return nil
}

// Account is the part of a local person that no other town sees.
type Account struct {
	Actor        ActorID
	Email        string // lower-case; unique
	PasswordHash string // "" until one is set
	Role         NodeRole
	Locale       string
	Posting      Defaults
	CreatedAt    time.Time
	DisabledAt   time.Time // zero: may sign in
	Unconfirmed  bool      // the e-mail address has not been shown to be theirs
	Unapproved   bool      // waits for a moderator
	Reason       string    // why they want to come here, in their words
	Invite       InviteID  // by which they came; 0: none
	App          int64     // with which they signed up; 0: none
}

// Defaults are how a person's posts begin, where they do not say otherwise.
type Defaults struct {
	Visibility  Visibility // "": public
	Sensitive   bool
	QuotePolicy QuoteChoice
}

// Pending tells whether the person cannot use the account yet.
func (a *Account) Pending() bool { return a.Unconfirmed || a.Unapproved }

// NodeRole is what somebody may do on the whole node.
type NodeRole string

const (
	RoleResident      NodeRole = "resident"
	RoleNodeModerator NodeRole = "moderator"
	RoleAdmin         NodeRole = "admin"
)

// AtLeast tells whether the role includes what other may.
func (r NodeRole) AtLeast(other NodeRole) bool { return nodeRank[r] >= nodeRank[other] }

var nodeRank = map[NodeRole]int{RoleResident: 0, RoleNodeModerator: 1, RoleAdmin: 2}
