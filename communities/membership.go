package communities

import "time"

// Role is what a member may do in a group.
type Role string

const (
	RoleMember    Role = "member"
	RoleModerator Role = "moderator" // removes, locks, pins, bans, approves
	RoleManager   Role = "manager"   // and edits the group and names moderators
	RoleOwner     Role = "owner"     // and names managers and owners
)

// AtLeast tells whether the role includes what other may. No role at all includes nothing.
func (r Role) AtLeast(other Role) bool { return rank[r] >= rank[other] && rank[r] > 0 }

var rank = map[Role]int{RoleMember: 1, RoleModerator: 2, RoleManager: 3, RoleOwner: 4}

// Membership lets a person write in a group. A pending one waits for approval and lets nobody do anything.
type Membership struct {
	Group     ActorID
	Person    ActorID
	Role      Role
	Pending   bool
	CreatedAt time.Time
}

// Active returns the role that the membership gives now; "" for none.
func (m *Membership) Active() Role {
	if m == nil || m.Pending {
		return ""
	}
	return m.Role
}

// Ban keeps a person out of a group, or out of the whole node when Group is 0.
type Ban struct {
	Group     ActorID
	Person    ActorID
	By        ActorID
	Reason    string
	CreatedAt time.Time
	Until     time.Time // zero: until lifted
}

// Holds tells whether the ban is in force at a moment.
func (b *Ban) Holds(now time.Time) bool {
	return b != nil && (b.Until.IsZero() || now.Before(b.Until))
}

// Block keeps a person from following, mentioning and answering another.
type Block struct {
	Blocker   ActorID
	Blocked   ActorID
	URI       string // of the Block activity, so that it can be undone by it
	CreatedAt time.Time
}
