package mastodon

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"meent/communities"
)

// endpoint is one call of the table: every route has at least one.
type endpoint struct {
	route string // method and pattern
	path  string // with ${name} for what [world.names] knows
	form  string // with the same
	shape string // of the answer; page, redirect, text, picture: no JSON
	who   string // whose app calls; "": anna's. nobody: without a token
}

// endpoints are called one after the other, as what comes first is needed by what comes after. Each subject has its own beside its tests.
var endpoints = slices.Concat(
	profileEndpoints,
	coreEndpoints,
	contextEndpoints,
	scheduledEndpoints,
	linkEndpoints,
	translationEndpoints,
	conversationEndpoints,
	quoteEndpoints,
	mediaEndpoints,
	tellingEndpoints,
	listEndpoints,
	tagEndpoints,
	tieEndpoints,
	collectionEndpoints,
	streamEndpoints,
	houseEndpoints,
	noticeEndpoints,
	signUpEndpoints,
	partingEndpoints,
	adminEndpoints, // at the end somebody is gone
)

var coreEndpoints = []endpoint{
	{"POST /api/v1/apps", "/api/v1/apps", "client_name=App&redirect_uris=https://app.example/back&scopes=read+write&website=https://app.example", "CredentialApplication", "nobody"},
	{"GET /api/v1/apps/verify_credentials", "", "", "Application", ""},
	{"GET /oauth/authorize", "/oauth/authorize?client_id=none", "", "page", "nobody"},
	{"POST /oauth/authorize", "/oauth/authorize", "client_id=none", "page", "nobody"},
	{"POST /oauth/token", "/oauth/token", "grant_type=client_credentials&client_id=${client_id}&client_secret=${client_secret}", "Token", "nobody"},
	{"POST /oauth/revoke", "/oauth/revoke", "token=none&client_id=${client_id}&client_secret=${client_secret}", "Empty", "nobody"},
	{"GET /oauth/userinfo", "", "", "UserInfo", ""},
	{"GET /.well-known/oauth-authorization-server", "", "", "AuthorizationServer", "nobody"},

	{"GET /api/v1/instance", "", "", "V1::Instance", "nobody"},
	{"GET /api/v2/instance", "", "", "Instance", "nobody"},
	{"GET /api/v1/custom_emojis", "", "", "[]CustomEmoji", "nobody"},
	{"GET /api/v1/directory", "", "", "[]Account", "nobody"},
	{"GET " + avatarPath, "", "", "picture", "nobody"},
	{"GET " + headerPath, "", "", "picture", "nobody"},

	{"POST /api/v1/markers", "", "home[last_read_id]=${thread}", "Markers", ""},
	{"GET /api/v1/markers", "/api/v1/markers?timeline[]=home", "", "Markers", ""},

	{"GET /api/v1/accounts", "/api/v1/accounts?id[]=${bert}&id[]=${fietsen}", "", "[]Account", "nobody"},
	{"GET /api/v1/accounts/relationships", "/api/v1/accounts/relationships?id[]=${bert}", "", "[]Relationship", ""},
	{"GET /api/v1/accounts/familiar_followers", "/api/v1/accounts/familiar_followers?id[]=${fietsen}", "", "[]FamiliarFollowers", ""},
	{"GET /api/v1/accounts/search", "/api/v1/accounts/search?q=be", "", "[]Account", ""},
	{"GET /api/v1/accounts/lookup", "/api/v1/accounts/lookup?acct=ver@ergens.example", "", "Account", "nobody"},
	{"GET /api/v1/accounts/{id}", "/api/v1/accounts/${fietsen}", "", "Account", "nobody"},
	{"GET /api/v1/accounts/{id}/statuses", "/api/v1/accounts/${fietsen}/statuses", "", "[]Status", "nobody"},
	{"GET /api/v1/accounts/{id}/followers", "/api/v1/accounts/${fietsen}/followers", "", "[]Account", "nobody"},
	{"GET /api/v1/accounts/{id}/following", "/api/v1/accounts/${bert}/following", "", "[]Account", "nobody"},
	{"GET /api/v1/accounts/{id}/identity_proofs", "/api/v1/accounts/${anna}/identity_proofs", "", "[]Empty", ""},
	{"POST /api/v1/accounts/{id}/follow", "/api/v1/accounts/${anna}/follow", "", "Relationship", "cor"},
	{"GET /api/v1/follow_requests", "", "", "[]Account", ""},
	{"POST /api/v1/follow_requests/{id}/authorize", "/api/v1/follow_requests/${cor}/authorize", "", "Relationship", ""},
	{"POST /api/v1/accounts/{id}/unfollow", "/api/v1/accounts/${anna}/unfollow", "", "Relationship", "cor"},
	{"POST /api/v1/accounts/{id}/follow", "/api/v1/accounts/${anna}/follow", "", "Relationship", "cor"},
	{"POST /api/v1/follow_requests/{id}/reject", "/api/v1/follow_requests/${cor}/reject", "", "Relationship", ""},
	{"POST /api/v1/accounts/{id}/remove_from_followers", "/api/v1/accounts/${cor}/remove_from_followers", "", "Relationship", ""},
	{"POST /api/v1/accounts/{id}/block", "/api/v1/accounts/${cor}/block", "", "Relationship", ""},
	{"GET /api/v1/blocks", "", "", "[]Account", ""},
	{"POST /api/v1/accounts/{id}/unblock", "/api/v1/accounts/${cor}/unblock", "", "Relationship", ""},
	{"POST /api/v1/accounts/{id}/mute", "/api/v1/accounts/${cor}/mute", "duration=60", "Relationship", ""},
	{"GET /api/v1/mutes", "", "", "[]MutedAccount", ""},
	{"POST /api/v1/accounts/{id}/unmute", "/api/v1/accounts/${cor}/unmute", "", "Relationship", ""},
	{"GET /api/v1/suggestions", "", "", "[]Account", "cor"},
	{"GET /api/v2/suggestions", "", "", "[]Suggestion", "cor"},
	{"POST /api/v1/reports", "", "account_id=${bert}&status_ids[]=${reply}&comment=hm&category=spam", "Report", ""},

	{"POST /api/v1/statuses", "", "status=Hallo&visibility=public&language=nl", "Status", ""},
	{"GET /api/v1/statuses", "/api/v1/statuses?id[]=${thread}&id[]=${afar}", "", "[]Status", "nobody"},
	{"GET /api/v1/statuses/{id}", "/api/v1/statuses/${afar}", "", "Status", "nobody"},
	{"GET /api/v1/statuses/{id}", "/api/v1/statuses/${thread}", "", "Status", "bert"},
	{"GET /api/v1/statuses/{id}/history", "/api/v1/statuses/${poll}/history", "", "[]StatusEdit", "nobody"},
	{"PUT /api/v1/statuses/{id}", "/api/v1/statuses/${thread}", "status=**Anders**%0A%0ATekst", "Status", ""},
	{"GET /api/v1/statuses/{id}/history", "/api/v1/statuses/${thread}/history", "", "[]StatusEdit", "nobody"},
	{"GET /api/v1/statuses/{id}/context", "/api/v1/statuses/${thread}/context", "", "Context", "nobody"},
	{"GET /api/v1/statuses/{id}/source", "/api/v1/statuses/${thread}/source", "", "StatusSource", ""},
	{"POST /api/v1/statuses/{id}/favourite", "/api/v1/statuses/${thread}/favourite", "", "Status", "bert"},
	{"GET /api/v1/statuses/{id}/favourited_by", "/api/v1/statuses/${thread}/favourited_by", "", "[]Account", "nobody"},
	{"GET /api/v1/favourites", "", "", "[]Status", "bert"},
	{"POST /api/v1/statuses/{id}/reblog", "/api/v1/statuses/${thread}/reblog", "", "Status", "bert"},
	{"GET /api/v1/statuses/{id}/reblogged_by", "/api/v1/statuses/${thread}/reblogged_by", "", "[]Account", "nobody"},
	{"POST /api/v1/statuses/{id}/bookmark", "/api/v1/statuses/${thread}/bookmark", "", "Status", "bert"},
	{"GET /api/v1/bookmarks", "", "", "[]Status", "bert"},
	{"POST /api/v1/statuses/{id}/pin", "/api/v1/statuses/${thread}/pin", "", "Status", ""},
	{"GET /api/v1/accounts/{id}/statuses", "/api/v1/accounts/${fietsen}/statuses?pinned=true", "", "[]Status", "nobody"},
	{"POST /api/v1/statuses/{id}/unpin", "/api/v1/statuses/${thread}/unpin", "", "Status", ""},
	{"GET /api/v1/polls/{id}", "/api/v1/polls/${poll}", "", "Poll", "nobody"},
	{"POST /api/v1/polls/{id}/votes", "/api/v1/polls/${poll}/votes", "choices[]=1", "Poll", "bert"},

	{"GET /api/v1/timelines/home", "", "", "[]Status", "bert"},
	{"GET /api/v1/timelines/public", "", "", "[]Status", "nobody"},
	{"GET /api/v1/timelines/tag/{hashtag}", "/api/v1/timelines/tag/verkeer", "", "[]Status", "nobody"},
	{"GET /api/v2/search", "/api/v2/search?q=verkeer", "", "Search", "bert"},

	{"GET /api/v1/notifications", "", "", "[]Notification", ""},
	{"GET /api/v1/notifications/unread_count", "", "", "Count", ""},
	{"GET /api/v1/notifications/{id}", "/api/v1/notifications/${notification}", "", "Notification", ""},
	{"GET /api/v2/notifications", "", "", "GroupedNotificationsResults", ""},
	{"GET /api/v2/notifications", "/api/v2/notifications?expand_accounts=partial_avatars", "", "GroupedNotificationsResults", ""},
	{"GET /api/v2/notifications/unread_count", "", "", "Count", ""},
	{"GET /api/v2/notifications/{group_key}", "/api/v2/notifications/favourite-${thread}", "", "GroupedNotificationsResults", ""},
	{"GET /api/v2/notifications/{group_key}/accounts", "/api/v2/notifications/favourite-${thread}/accounts", "", "[]Account", ""},
	{"POST /api/v2/notifications/{group_key}/dismiss", "/api/v2/notifications/favourite-${thread}/dismiss", "", "Empty", ""},
	{"POST /api/v1/notifications/{id}/dismiss", "/api/v1/notifications/${notification}/dismiss", "", "Empty", ""},
	{"POST /api/v1/notifications/clear", "", "", "Empty", ""},

	{"POST /api/v2/filters", "", "title=Weg&context[]=home&context[]=public&filter_action=hide&keywords_attributes[0][keyword]=brug", "Filter", ""},
	{"GET /api/v2/filters", "", "", "[]Filter", ""},
	{"GET /api/v2/filters/{id}", "/api/v2/filters/${filter}", "", "Filter", ""},
	{"PUT /api/v2/filters/{id}", "/api/v2/filters/${filter}", "title=Anders&expires_in=3600", "Filter", ""},
	{"POST /api/v2/filters/{id}/keywords", "/api/v2/filters/${filter}/keywords", "keyword=fiets", "FilterKeyword", ""},
	{"GET /api/v2/filters/{first}/{second}", "/api/v2/filters/${filter}/keywords", "", "[]FilterKeyword", ""},
	{"GET /api/v2/filters/{first}/{second}", "/api/v2/filters/keywords/${keyword}", "", "FilterKeyword", ""},
	{"PUT /api/v2/filters/keywords/{id}", "/api/v2/filters/keywords/${keyword}", "keyword=bruggen", "FilterKeyword", ""},
	{"POST /api/v2/filters/{id}/statuses", "/api/v2/filters/${filter}/statuses", "status_id=${thread}", "FilterStatus", ""},
	{"GET /api/v2/filters/{first}/{second}", "/api/v2/filters/${filter}/statuses", "", "[]FilterStatus", ""},
	{"GET /api/v2/filters/{first}/{second}", "/api/v2/filters/statuses/${held}", "", "FilterStatus", ""},
	{"GET /api/v1/timelines/public", "", "", "[]Status", ""},
	{"GET /api/v1/filters", "", "", "[]V1::Filter", ""},
	{"GET /api/v1/filters/{id}", "/api/v1/filters/${keyword}", "", "V1::Filter", ""},
	{"DELETE /api/v2/filters/statuses/{id}", "/api/v2/filters/statuses/${held}", "", "FilterStatus", ""},
	{"DELETE /api/v2/filters/keywords/{id}", "/api/v2/filters/keywords/${keyword}", "", "Empty", ""},
	{"DELETE /api/v2/filters/{id}", "/api/v2/filters/${filter}", "", "Empty", ""},
	{"POST /api/v1/filters", "", "phrase=lawaai&context[]=home", "V1::Filter", ""},
	{"PUT /api/v1/filters/{id}", "/api/v1/filters/${keyword}", "phrase=stilte&context[]=home&irreversible=true", "V1::Filter", ""},
	{"DELETE /api/v1/filters/{id}", "/api/v1/filters/${keyword}", "", "Empty", ""},
}

// partingEndpoints undo what others need.
var partingEndpoints = []endpoint{
	{"POST /api/v1/statuses/{id}/unfavourite", "/api/v1/statuses/${thread}/unfavourite", "", "Status", "bert"},
	{"POST /api/v1/statuses/{id}/unreblog", "/api/v1/statuses/${thread}/unreblog", "", "Status", "bert"},
	{"POST /api/v1/statuses/{id}/unbookmark", "/api/v1/statuses/${thread}/unbookmark", "", "Status", "bert"},
	{"DELETE /api/v1/statuses/{id}", "/api/v1/statuses/${thread}", "", "Status", ""},
}

// names is what stands for ${name} in the table.
func (w *world) names() map[string]string {
	names := map[string]string{}
	for name, actor := range map[string]*communities.Actor{
		"anna": w.anna, "bert": w.bert, "cor": w.cor, "fietsen": w.fietsen, "besloten": w.besloten, "remote": w.remote,
	} {
		names[name] = id(actor.ID)
	}
	for name, post := range map[string]*communities.Post{
		"thread": w.thread, "reply": w.reply, "poll": w.poll, "secret": w.secret, "plain": w.plain, "afar": w.afar,
	} {
		names[name] = id(post.ID)
	}
	names["base"] = w.server.URL
	names["notice"], names["block"], names["allow"] = id(w.notice.ID), id(w.hosts[communities.HostBlocked]), id(w.hosts[communities.HostAllowed])
	return names
}

func fill(text string, names map[string]string) string {
	for name, value := range names {
		text = strings.ReplaceAll(text, "${"+name+"}", value)
	}
	return text
}

// learned are names for what an answer made.
var learned = map[string]map[string]string{
	"POST /api/v1/apps":                   {"client_id": "client_id", "client_secret": "client_secret"},
	"GET /api/v1/notifications":           {"notification": "0.id"},
	"POST /api/v2/filters":                {"filter": "id", "keyword": "keywords.0.id"},
	"POST /api/v2/filters/{id}/statuses":  {"held": "id"},
	"POST /api/v1/filters":                {"keyword": "id"},
	"GET /api/v1/scheduled_statuses":      {"scheduled": "0.id"},
	"GET /api/v1/conversations":           {"conversation": "0.id"},
	"POST /api/v1/statuses":               {"written": "id"},
	"POST /api/v2/media":                  {"media": "id"},
	"POST /api/v1/accounts":               {"newcomer_token": "access_token"},
	"GET /api/v2/admin/accounts":          {"newcomer": "0.id"},
	"POST /api/v1/reports":                {"report": "id"},
	"POST /api/v1/admin/domain_blocks":    {"newblock": "id"},
	"POST /api/v1/lists":                  {"list": "id"},
	"POST /api/v1/collections":            {"collection": "collection.id", "group_item": "collection.items.0.id"},
	"POST /api/v1/collections/{id}/items": {"item": "collection_item.id"},
	"POST /api/v1/featured_tags":          {"featured": "id"},
}

func TestEndpoints(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		names := w.names()
		apps := map[string]app{"app": {w: w, token: w.tokenOfApp()}, "": w.app(w.anna), "bert": w.app(w.bert), "cor": w.app(w.cor), "nobody": {w: w}}
		for _, e := range endpoints {
			e.path, e.form = fill(e.path, names), fill(e.form, names)
			if e.who == "newcomer" {
				apps[e.who] = app{w: w, token: names["newcomer_token"]}
			}
			value := e.check(t, apps[e.who])
			for name, at := range learned[e.route] {
				names[name], _ = dig(value, strings.Split(at, ".")).(string)
			}
		}
	})
}

// check calls and looks at the answer; it returns what was read.
func (e endpoint) check(t *testing.T, a app) any {
	t.Helper()
	method, pattern, _ := strings.Cut(e.route, " ")
	path := e.path
	if path == "" {
		path = pattern
	}
	fields, err := url.ParseQuery(e.form)
	if err != nil {
		t.Fatal(err)
	}
	if e.shape == "stream" {
		a.listen(path).expect(":)")
		return nil
	}
	answer := a.try(method, path, fields)
	media := answer.header.Get("Content-Type")
	switch e.shape {
	case "redirect":
		if answer.status != http.StatusFound || answer.header.Get("Location") == "" {
			t.Errorf("%s: %d", e.route, answer.status)
		}
		return nil
	case "text", "picture", "page":
		wanted := map[string]string{"text": "text/plain; charset=utf-8", "picture": "image/png", "page": "text/html; charset=utf-8"}[e.shape]
		if media != wanted || answer.status != http.StatusOK && e.shape != "page" {
			t.Errorf("%s: %d %s", e.route, answer.status, media)
		}
		return nil
	}
	if media != "application/json; charset=utf-8" {
		t.Errorf("%s answers %q: %d %s", e.route, media, answer.status, answer.body)
		return nil
	}
	if e.shape == "" {
		if answer.status < 400 || answer.refused(answer.status) == "" {
			t.Errorf("%s: %d %s", e.route, answer.status, answer.body)
		}
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(answer.body))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil || answer.status != http.StatusOK {
		t.Errorf("%s %s: %d %s", e.route, path, answer.status, answer.body)
		return nil
	}
	for _, wrong := range fits("it", e.shape, value) {
		t.Errorf("%s: %s", e.route, wrong)
	}
	if list, ok := value.([]any); ok && len(list) == 0 && !mayBeEmpty[e.route] {
		t.Errorf("%s shows nothing, which proves nothing", e.route)
	}
	return value
}

// mayBeEmpty are the lists of what this node does not keep.
var mayBeEmpty = map[string]bool{
	"GET /api/v1/admin/email_domain_blocks": true, "GET /api/v1/admin/ip_blocks": true, "GET /api/v1/notifications/requests": true,
	"GET /api/v1/accounts/{id}/identity_proofs": true,
}

// dig finds a value by names and positions.
func dig(value any, at []string) any {
	for _, step := range at {
		switch inner := value.(type) {
		case map[string]any:
			value = inner[step]
		case []any:
			if step != "0" || len(inner) == 0 {
				return nil
			}
			value = inner[0]
		}
	}
	return value
}

// Every route is called by the table, and the table calls nothing else.
func TestEveryRouteIsTried(t *testing.T) {
	t.Parallel()
	tried := map[string]bool{}
	for _, e := range endpoints {
		tried[e.route] = true
	}
	for _, row := range routes {
		route := row.method + " " + row.pattern
		if !tried[route] {
			t.Errorf("%s is not in the table", route)
		}
		delete(tried, route)
	}
	for route := range tried {
		t.Errorf("%s is in the table and not a route", route)
	}
}
