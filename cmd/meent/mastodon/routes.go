package mastodon

import (
	"reflect"
	"runtime"
	"slices"
	"strings"

	"meent/communities/auth"
)

// row is an endpoint: how it is called, who may enter, by what scope, and what answers. A row without an entry is open to nobody.
type row struct {
	method    string
	pattern   string
	enter     Entry
	scope     auth.Scope
	handler   handler
	perMinute int
}

// How often a client may come where it could fill the archive, or guess. A town hall has one address for all who work in it.
const (
	registrations = 30
	guesses       = 60
)

// routes is everything that apps can ask (https://docs.joinmastodon.org/methods/). Each subject has its rows beside what answers them.
var routes = slices.Concat(
	signInRoutes,
	nodeRoutes,
	selfRoutes,
	peopleRoutes,
	statusRoutes,
	contextRoutes,
	scheduledRoutes,
	conversationRoutes,
	muteRoutes,
	quoteRoutes,
	timelineRoutes,
	listRoutes,
	tagRoutes,
	tieRoutes,
	profileRoutes,
	collectionRoutes,
	linkRoutes,
	translationRoutes,
	notificationRoutes,
	policyRoutes,
	filterRoutes,
	mediaRoutes,
	signUpRoutes,
	noticeRoutes,
	trendRoutes,
	houseRoutes,
	adminPeopleRoutes,
	adminReportRoutes,
	adminHostRoutes,
	pushRoutes,
	streamRoutes,
)

// supportedScopes are those that some route asks for, with the wide ones that hold them.
func supportedScopes() []string {
	known := []string{string(auth.Read), string(auth.Write), string(auth.FollowScope), string(auth.Push), string(auth.Profile), string(auth.AdminRead), string(auth.AdminWrite)}
	for _, row := range routes {
		if row.scope != "" && !slices.Contains(known, string(row.scope)) {
			known = append(known, string(row.scope))
		}
	}
	return known
}

// nameOf is what the method is called, for those who look for it.
func nameOf(h handler) string {
	full := runtime.FuncForPC(reflect.ValueOf(h).Pointer()).Name()
	return full[strings.LastIndex(full, ".")+1:]
}
