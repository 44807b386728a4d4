package communities

import "time"

// Report asks the moderators to look at a person, and at posts of theirs.
type Report struct {
	ID          ReportID
	URI         string  // of the Flag activity
	Reporter    ActorID // the other node's own actor, for a report that came from elsewhere
	Target      ActorID
	Posts       []PostID
	Collections []CollectionID
	Group       ActorID  // whose moderators are asked; 0: the node's
	Category    string   // spam, legal, violation, other (Mastodon API)
	Rules       []RuleID // that were broken, of a violation
	AssignedTo  ActorID  // who is on it; 0: nobody
	Comment     string   // plain text
	Forward     bool     // tell the target's own node as well
	CreatedAt   time.Time
	ResolvedAt  time.Time // zero: open
	ResolvedBy  ActorID
}
