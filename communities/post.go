package communities

import (
	"slices"
	"time"
)

// PostKind is the form of a contribution.
type PostKind string

const (
	Discussion PostKind = "discussion" // a thread or a reply
	Question   PostKind = "question"   // carries a poll
	Happening  PostKind = "event"      // carries a place and a time
	Boost      PostKind = "boost"      // shares another post; also how a group shows a thread to its followers
)

// Visibility is who may see a post (Mastodon API, and "group" of our own).
type Visibility string

const (
	Public    Visibility = "public"
	Unlisted  Visibility = "unlisted"  // public, but kept off the public timelines
	Followers Visibility = "followers" // of the author, and who is mentioned
	Direct    Visibility = "direct"    // who is mentioned
	GroupOnly Visibility = "group"     // members of the group
)

// Open tells whether anybody at all may see it.
func (v Visibility) Open() bool { return v == Public || v == Unlisted }

// Post is one contribution: a thread, a reply, or a boost of either.
type Post struct {
	ID     PostID
	URI    string // global id
	URL    string // page for people
	Kind   PostKind
	Author ActorID
	Group  ActorID // the group that it was written in; 0: none

	Thread       PostID // the first post of the thread: itself, for that one
	InReplyTo    PostID // 0: none, or not known here
	InReplyToURI string // what it answers, known here or not
	BoostOf      PostID
	Conversation string // URI of the thread's context collection, of remote threads (FEP-7888)

	Title      string // plain text
	Source     string // Markdown, where there is one
	Content    string // sanitised HTML
	Warning    string // plain text, to show instead until asked (Mastodon spoiler_text)
	Sensitive  bool
	Language   string // BCP 47
	Visibility Visibility

	Attachments []Attachment
	Mentions    []Mention
	Hashtags    []string // lower-case, without #
	Emojis      []Emoji  // pictures in its text, title, warning and poll, of posts of other nodes
	Poll        *Poll
	Event       *Event
	Quote       *Quote // nil: quotes nothing
	Quotability Quotability

	RepliesCount    int
	FavouritesCount int
	DislikesCount   int
	BoostsCount     int
	QuotesCount     int // accepted ones

	CreatedAt      time.Time
	EditedAt       time.Time // zero: never
	LastActivityAt time.Time // of the whole thread, on its first post
	PinnedAt       time.Time // zero: not pinned in its group, or on its author's profile
	LockedAt       time.Time // zero: may be answered
	DeletedAt      time.Time // zero: there. Else a tombstone: only ids and dates are left
	Removal        Removal   // by a moderator
}

// Removal is a moderator's decision to take a post away. The author and moderators still see it, with the reason.
type Removal struct {
	At     time.Time // zero: not removed
	By     ActorID
	Reason string
}

// Attachment is a file that goes with a post, by its address.
type Attachment struct {
	Media     MediaID `json:"media,omitempty"` // 0: of another node, or an address alone
	Kind      string  `json:"kind"`            // image, video, audio, link, document
	URL       string  `json:"url"`
	MediaType string  `json:"media_type,omitempty"`
	Alt       string  `json:"alt,omitempty"`
	Blurhash  string  `json:"blurhash,omitempty"`
	Width     int     `json:"width,omitempty"`  // pixels
	Height    int     `json:"height,omitempty"` // pixels
	FocusX    float64 `json:"focus_x,omitempty"`
	FocusY    float64 `json:"focus_y,omitempty"`

	Preview       string  `json:"preview,omitempty"` // address of a small picture
	PreviewWidth  int     `json:"preview_width,omitempty"`
	PreviewHeight int     `json:"preview_height,omitempty"`
	Duration      float64 `json:"duration,omitempty"`   // seconds, of what moves or sounds
	FrameRate     string  `json:"frame_rate,omitempty"` // a fraction: 30/1
	Bitrate       int     `json:"bitrate,omitempty"`    // bits a second
}

// Mention is somebody named in a post.
type Mention struct {
	Actor ActorID `json:"actor"`
	URI   string  `json:"uri"`
	URL   string  `json:"url"`
	Name  string  `json:"name"` // name, or name@host of another node

	// Silent: may see the post, and is not named in it: the author of what it quotes.
	Silent bool `json:"silent,omitempty"`
}

// Poll is the question part of a post (FEP-9967).
type Poll struct {
	Multiple    bool
	Options     []Option
	VotersCount int
	ClosesAt    time.Time // zero: open until closed
	HideTotals  bool      // nobody sees how many chose what before it is closed
}

// Hides tells whether the counts are to be seen by nobody yet.
func (p *Poll) Hides(now time.Time) bool { return p.HideTotals && !p.Closed(now) }

// Closed tells whether no more votes count at a moment.
func (p *Poll) Closed(now time.Time) bool { return !p.ClosesAt.IsZero() && !now.Before(p.ClosesAt) }

// Option is one answer of a poll.
type Option struct {
	Title string
	Votes int
}

// Event is the place and time of a Happening; its name is the post's title (FEP-8a8e).
type Event struct {
	StartsAt time.Time
	EndsAt   time.Time // zero: not said
	Timezone string    // IANA name
	Place    string    // name of the place
	Address  string
	URL      string // of an on-line meeting
	Status   string // CONFIRMED, TENTATIVE, CANCELLED
}

// Revision is what a post said before an edit, or says now: the last one is the present text.
type Revision struct {
	Post        PostID
	Number      int // from 1
	Title       string
	Source      string
	Content     string
	Warning     string
	Sensitive   bool
	Attachments []Attachment
	Options     []string // of a poll
	CreatedAt   time.Time
}

// IsRoot tells whether the post starts a thread.
func (p *Post) IsRoot() bool { return p.InReplyTo == 0 && p.InReplyToURI == "" && p.BoostOf == 0 }

// Deleted tells whether only a tombstone is left.
func (p *Post) Deleted() bool { return !p.DeletedAt.IsZero() }

// Removed tells whether a moderator took it away.
func (p *Post) Removed() bool { return !p.Removal.At.IsZero() }

// Locked tells whether nobody may answer any more.
func (p *Post) Locked() bool { return !p.LockedAt.IsZero() }

// Names lists whom the post names.
func (p *Post) Names() []Mention {
	return slices.DeleteFunc(slices.Clone(p.Mentions), func(m Mention) bool { return m.Silent })
}

// MentionsActor tells whether the post is for the actor to see, named or not.
func (p *Post) MentionsActor(id ActorID) bool {
	for _, m := range p.Mentions {
		if m.Actor == id {
			return true
		}
	}
	return false
}
