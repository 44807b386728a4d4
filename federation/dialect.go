package federation

import "strings"

// dialect is the form of our activities that a server reads. It follows from the software that the server's NodeInfo names, and is kept
// with the host, so that a delivery row can choose its form in the database.
type dialect string

const (
	// dialectUnknown: not known yet. It gets both announces, and threads as Article.
	dialectUnknown dialect = ""
	// dialectMicroblog: boosts by id, threads as Note, no announced replies. Mastodon cannot read an Announce of an activity: it
	// fetches the Create and boosts each reply into its users' homes (Mastodon app/services/activitypub/fetch_remote_status_service.rb).
	dialectMicroblog dialect = "microblog"
	// dialectForum: whole activities inside an Announce (FEP-1b12), threads as Article, replies too.
	dialectForum dialect = "forum"
	// dialectLibrary: boosts by id, threads as Article. Discourse discards an announced activity of a third party (discourse-activity-pub #335).
	dialectLibrary dialect = "library"
	// dialectMeent: as forum software, and our own extensions.
	dialectMeent dialect = "meent"
)

// dialects lists software by the name that its NodeInfo gives.
var dialects = map[string]dialect{
	"meent": dialectMeent,

	"lemmy": dialectForum, "piefed": dialectForum, "mbin": dialectForum, "kbin": dialectForum, "nodebb": dialectForum,
	"lotide": dialectForum, "hubzilla": dialectForum, "friendica": dialectForum, "bonfire": dialectForum,

	"discourse": dialectLibrary, "wordpress": dialectLibrary, "mobilizon": dialectLibrary, "peertube": dialectLibrary,

	"mastodon": dialectMicroblog, "hometown": dialectMicroblog, "glitchcafe": dialectMicroblog, "gotosocial": dialectMicroblog,
	"pleroma": dialectMicroblog, "akkoma": dialectMicroblog, "misskey": dialectMicroblog, "sharkey": dialectMicroblog,
	"firefish": dialectMicroblog, "iceshrimp": dialectMicroblog, "iceshrimp.net": dialectMicroblog, "calckey": dialectMicroblog,
	"foundkey": dialectMicroblog, "cherrypick": dialectMicroblog, "pixelfed": dialectMicroblog, "mitra": dialectMicroblog,
	"takahe": dialectMicroblog, "snac": dialectMicroblog, "wafrn": dialectMicroblog, "fedibird": dialectMicroblog,
	"kmyblue": dialectMicroblog, "bookwyrm": dialectMicroblog, "ghost": dialectMicroblog, "hollo": dialectMicroblog,
}

// dialectOf returns the dialect of a software name as NodeInfo gives it.
func dialectOf(software string) dialect { return dialects[strings.ToLower(software)] }

// readsNotes tells whether threads go to the dialect as Note with a bold title rather than as Article.
func (d dialect) readsNotes() bool { return d == dialectMicroblog }

var everyDialect = []dialect{dialectUnknown, dialectMicroblog, dialectForum, dialectLibrary, dialectMeent}

// knowsModerators are the dialects of servers that obey what a moderator decides about somebody's post or membership. To all others a Block
// is between two people, and a Delete of somebody else's post a forgery: GoToSocial answers it with 500.
var knowsModerators = []dialect{dialectForum, dialectMeent}

// The dialects by what a group's Announce holds for them.
var (
	announcedWhole = []dialect{dialectForum, dialectMeent, dialectUnknown}
	announcedByID  = []dialect{dialectMicroblog, dialectLibrary, dialectUnknown}
)
