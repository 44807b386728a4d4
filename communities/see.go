package communities

// Viewer is who looks. The zero value is anybody: a visitor without an account, a search engine.
//
// With Actor it is that actor, of this node or of another. With Host, and no Actor, it is another node that fetches in its own name
// (its instance actor signed): it sees what any one of its actors may see by a follow or a mention, because it will show it to them.
type Viewer struct {
	Actor ActorID
	Host  string
}

// Anonymous tells whether nothing is known of the viewer.
func (v Viewer) Anonymous() bool { return v.Actor == 0 && v.Host == "" }

// SeeFacts is what one must know to tell whether a viewer may see a post. For a Viewer with a Host each fact but Own means: some actor of
// that host whom the author has not blocked, and Blocked that the author has blocked the host; Member and Moderator are false for it, as
// group-only posts are read by persons.
type SeeFacts struct {
	Post         *Post
	AuthorActive bool // neither suspended nor deleted
	Own          bool // the viewer wrote it; for a host: its author lives there
	Follows      bool // follows the author, and was accepted
	Mentioned    bool // is named in it
	Member       bool // active member of the post's group
	Moderator    bool // active member of the post's group, moderator at least
	Blocked      bool // the author has blocked the viewer, or the viewer's whole host
}

// MaySee tells whether the viewer may see the post. It is the only place where that is decided; the condition in the archive's reading
// queries is its twin, and a test holds them equal.
//
// A boost is seen by whom this allows to see both it and the post that it shares.
func MaySee(v Viewer, f SeeFacts) bool {
	if f.Post.Deleted() || !f.AuthorActive {
		return false
	}
	if v.Anonymous() {
		return f.Post.Visibility.Open() && !f.Post.Removed()
	}
	if f.Own {
		return true
	}
	if f.Blocked || (f.Post.Removed() && !f.Moderator) {
		return false
	}
	inAudience, ok := audience[f.Post.Visibility]
	return ok && inAudience(f)
}

// audience tells of each visibility who belongs to the readers, beside the author.
var audience = map[Visibility]func(SeeFacts) bool{
	Public:    func(SeeFacts) bool { return true },
	Unlisted:  func(SeeFacts) bool { return true },
	Followers: func(f SeeFacts) bool { return f.Follows || f.Mentioned },
	Direct:    func(f SeeFacts) bool { return f.Mentioned },
	GroupOnly: func(f SeeFacts) bool { return f.Member },
}
