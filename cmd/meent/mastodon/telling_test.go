package mastodon

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"meent/communities"
)

// keys are those of an app that subscribes, made up: a point of the curve and a secret.
const keys = "subscription[endpoint]=https://push.example/x&subscription[keys][p256dh]=BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4" +
	"&subscription[keys][auth]=BTBZMqHH6r4Tts7J_aSIgg%3D%3D"

// tellingEndpoints: cor is a stranger to anna, who sees strangers apart from here on.
var tellingEndpoints = []endpoint{
	{"GET /api/v1/push/subscription", "", "", "", ""},
	{"POST /api/v1/push/subscription", "", keys + "&data[alerts][mention]=true&data[policy]=followed", "WebPushSubscription", ""},
	{"GET /api/v1/push/subscription", "", "", "WebPushSubscription", ""},
	{"PUT /api/v1/push/subscription", "", "data[alerts][poll]=true&policy=all", "WebPushSubscription", ""},
	{"DELETE /api/v1/push/subscription", "", "", "Empty", ""},

	{"GET /api/v1/notifications/policy", "", "", "V1::NotificationPolicy", ""},
	{"PATCH /api/v1/notifications/policy", "", "filter_new_accounts=true", "V1::NotificationPolicy", ""},
	{"PUT /api/v1/notifications/policy", "", "filter_new_accounts=false", "V1::NotificationPolicy", ""},
	{"GET /api/v2/notifications/policy", "", "", "NotificationPolicy", ""},
	{"PUT /api/v2/notifications/policy", "", "for_limited_accounts=drop", "NotificationPolicy", ""},
	{"PATCH /api/v2/notifications/policy", "", "for_not_following=filter", "NotificationPolicy", ""},
	{"POST /api/v1/statuses", "", "status=Dag @anna&visibility=direct", "Status", "cor"},
	{"GET /api/v1/notifications/requests", "", "", "[]NotificationRequest", ""},
	{"GET /api/v1/notifications/requests/merged", "", "", "Merged", ""},
	{"GET /api/v1/notifications/requests/{id}", "/api/v1/notifications/requests/${cor}", "", "NotificationRequest", ""},
	{"GET /api/v1/notifications", "/api/v1/notifications?include_filtered=true&types[]=mention", "", "[]Notification", ""},
	{"POST /api/v1/notifications/requests/dismiss", "", "id[]=${bert}", "Empty", ""},
	{"POST /api/v1/notifications/requests/accept", "", "id[]=${bert}", "Empty", ""},
	{"POST /api/v1/notifications/requests/{id}/accept", "/api/v1/notifications/requests/${cor}/accept", "", "Empty", ""},
	{"GET /api/v1/notifications", "/api/v1/notifications?account_id=${cor}&types[]=mention", "", "[]Notification", ""},
	{"POST /api/v1/notifications/requests/{id}/dismiss", "/api/v1/notifications/requests/${cor}/dismiss", "", "", ""},
	{"DELETE /api/v1/notifications/destroy_multiple", "/api/v1/notifications/destroy_multiple?ids[]=1", "", "Empty", ""},
	{"POST /api/v2/notifications/clear", "", "", "Empty", ""},
}

// types lists what an app is told, the last first.
func (a app) types(path string) (types []string) {
	a.w.t.Helper()
	var list []struct{ Type string }
	a.get(path).ok(&list)
	for _, n := range list {
		types = append(types, n.Type)
	}
	return types
}

// What strangers do is apart, counted, and in its place once they are let in; from then on they are heard at once. Nobody is called for
// what is apart.
func TestStrangersAreSeenApart(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		anna := w.app(w.anna)
		anna.post("/api/v1/notifications/clear", nil).ok(nil)
		var policy struct {
			NotFollowing string `json:"for_not_following"`
			Private      string `json:"for_private_mentions"`
			Summary      struct {
				Requests int `json:"pending_requests_count"`
				Notices  int `json:"pending_notifications_count"`
			}
		}
		anna.get("/api/v2/notifications/policy").ok(&policy)
		if policy.NotFollowing != "accept" || policy.Private != "accept" {
			t.Errorf("at first %+v", policy)
		}
		anna.call(http.MethodPatch, "/api/v2/notifications/policy", url.Values{"for_not_following": {"perhaps"}}).refused(http.StatusUnprocessableEntity)
		anna.call(http.MethodPatch, "/api/v2/notifications/policy", url.Values{"for_not_following": {"filter"}}).ok(nil)
		w.post(communities.Draft{Author: w.cor.ID, Source: "Dag @anna"})
		w.post(communities.Draft{Author: w.cor.ID, Source: "Ben je daar @anna"})
		for path, want := range map[string]int{
			"/api/v1/notifications": 0, "/api/v1/notifications?include_filtered=true": 2, "/api/v1/notifications?account_id=" + id(w.cor.ID): 2,
		} {
			if got := anna.types(path); len(got) != want {
				t.Errorf("%s: %v, want %d", path, got, want)
			}
		}
		var count struct{ Count int }
		anna.get("/api/v1/notifications/unread_count").ok(&count)
		anna.get("/api/v2/notifications/policy").ok(&policy)
		if count.Count != 0 || policy.Summary.Requests != 1 || policy.Summary.Notices != 2 {
			t.Errorf("unread %d, policy %+v", count.Count, policy)
		}
		var requests []struct {
			ID         string
			Count      string `json:"notifications_count"`
			Account    struct{ ID string }
			LastStatus struct{ Content string } `json:"last_status"`
		}
		anna.get("/api/v1/notifications/requests").ok(&requests)
		if len(requests) != 1 || requests[0].Count != "2" || requests[0].Account.ID != id(w.cor.ID) || !strings.Contains(requests[0].LastStatus.Content, "Ben je daar") {
			t.Fatalf("requests %+v", requests)
		}
		w.app(w.bert).post("/api/v1/notifications/requests/"+requests[0].ID+"/accept", nil).refused(http.StatusNotFound)
		anna.post("/api/v1/notifications/requests/accept", url.Values{"id[]": {requests[0].ID}}).ok(nil)
		w.post(communities.Draft{Author: w.cor.ID, Source: "En nu @anna"})
		if got := anna.types("/api/v1/notifications"); len(got) != 3 {
			t.Errorf("after letting in: %v", got)
		}
	})
}

// What somebody does not want to hear of at all is nowhere; and one whom they follow, a moderator, and their own poll are heard whatever they said.
func TestPoliciesDropAndSpare(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		bert := w.app(w.bert)
		bert.post("/api/v1/notifications/clear", nil).ok(nil)
		bert.call(http.MethodPatch, "/api/v2/notifications/policy", url.Values{"for_not_followers": {"drop"}, "for_private_mentions": {"filter"}}).ok(nil)
		w.post(communities.Draft{Author: w.cor.ID, Source: "Hoor je mij @bert"})
		if got := bert.types("/api/v1/notifications?include_filtered=true"); len(got) != 0 {
			t.Errorf("dropped, and there: %v", got)
		}
		w.post(communities.Draft{Author: w.anna.ID, Source: "En mij @bert"}) // she looks after the node
		if got := bert.types("/api/v1/notifications"); len(got) != 1 {
			t.Errorf("of whom looks after the node: %v", got)
		}
	})
}

// Staff hear of reports, and who shared a post hears that it changed; each in a form that apps know.
func TestReportsAndEditsAreTold(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		anna, bert := w.app(w.anna), w.app(w.bert)
		w.app(w.cor).post("/api/v1/reports", url.Values{"account_id": {id(w.bert.ID)}, "status_ids[]": {id(w.reply.ID)}, "comment": {"hm"}}).ok(nil)
		var told []struct {
			Type   string
			Report struct {
				Comment string
				Target  struct{ ID string } `json:"target_account"`
			}
		}
		anna.get("/api/v1/notifications?types[]=admin.report").ok(&told)
		if len(told) != 1 || told[0].Report.Comment != "hm" || told[0].Report.Target.ID != id(w.bert.ID) {
			t.Errorf("told %+v", told)
		}
		w.do(func(ctx context.Context, tx communities.Tx) error {
			return w.town.Remove(ctx, tx, communities.Moderation{Post: w.reply.ID, By: w.anna.ID, Reason: "Te kort"})
		})
		var warned []struct {
			Warning struct{ Action, Text string } `json:"moderation_warning"`
		}
		bert.get("/api/v1/notifications?types[]=moderation_warning").ok(&warned)
		if len(warned) != 1 || warned[0].Warning.Action != "delete_statuses" || warned[0].Warning.Text != "Te kort" {
			t.Errorf("warned %+v", warned)
		}
		bert.post("/api/v1/statuses/"+id(w.plain.ID)+"/reblog", nil).ok(nil)
		anna.call(http.MethodPut, "/api/v1/statuses/"+id(w.plain.ID), url.Values{"status": {"Iets anders"}}).ok(nil)
		if got := bert.types("/api/v1/notifications?types[]=update"); len(got) != 1 {
			t.Errorf("of the change: %v", got)
		}
	})
}

// Apps that name the types which they can group get others one by one; those who want pictures only get one account whole per group; and
// several are taken away at once, but never all by mistake.
func TestGroupsOfNotifications(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		anna := w.app(w.anna)
		anna.post("/api/v1/notifications/clear", nil).ok(nil)
		for _, who := range []*communities.Actor{w.bert, w.cor} {
			w.app(who).post("/api/v1/statuses/"+id(w.thread.ID)+"/favourite", nil).ok(nil)
		}
		for path, want := range map[string][3]int{ // groups, whole accounts, partial ones
			"/api/v2/notifications":                                 {1, 2, 0},
			"/api/v2/notifications?grouped_types[]=reblog":          {2, 2, 0},
			"/api/v2/notifications?expand_accounts=partial_avatars": {1, 1, 1},
		} {
			var got struct {
				Accounts []struct{ ID string }
				Partial  []struct{ ID string }   `json:"partial_accounts"`
				Groups   []struct{ Type string } `json:"notification_groups"`
			}
			anna.get(path).ok(&got)
			if [3]int{len(got.Groups), len(got.Accounts), len(got.Partial)} != want {
				t.Errorf("%s: %+v, want %v", path, got, want)
			}
		}
		for path, want := range map[string]int{
			"/api/v1/notifications/unread_count": 2, "/api/v2/notifications/unread_count": 1, "/api/v2/notifications/unread_count?grouped_types[]=reblog": 2,
			"/api/v1/notifications/unread_count?account_id=" + id(w.bert.ID): 1,
		} {
			var count struct{ Count int }
			if anna.get(path).ok(&count); count.Count != want {
				t.Errorf("%s: %d, want %d", path, count.Count, want)
			}
		}
		anna.call(http.MethodDelete, "/api/v1/notifications/destroy_multiple", nil).ok(nil)
		listed := anna.get("/api/v1/notifications").ids()
		anna.call(http.MethodDelete, "/api/v1/notifications/destroy_multiple?ids[]="+listed[0], nil).ok(nil)
		if left := anna.get("/api/v1/notifications").ids(); len(listed) != 2 || len(left) != 1 || left[0] != listed[1] {
			t.Errorf("of %v are left %v", listed, left)
		}
	})
}

// Row O12: a subscription is one's own token's: another app of the same person has none, and what one changes the other does not see.
func TestSubscriptionsAreOfOneToken(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		one, other := w.app(w.anna), w.app(w.anna)
		fields, err := url.ParseQuery(keys + "&data[alerts][mention]=1")
		w.must(err)
		one.post("/api/v1/push/subscription", fields).ok(nil)
		before := string(one.get("/api/v1/push/subscription").body)
		for _, stranger := range []app{other, w.app(w.cor)} {
			stranger.get("/api/v1/push/subscription").refused(http.StatusNotFound)
			stranger.call(http.MethodPut, "/api/v1/push/subscription", url.Values{"policy": {"none"}}).refused(http.StatusNotFound)
			stranger.call(http.MethodDelete, "/api/v1/push/subscription", nil).ok(nil)
		}
		if after := string(one.get("/api/v1/push/subscription").body); after != before {
			t.Errorf("it became %s", after)
		}
		var drawn struct {
			ServerKey string `json:"server_key"`
			Alerts    map[string]bool
		}
		w.must(json.Unmarshal([]byte(before), &drawn))
		if drawn.ServerKey != w.push.Public() || !drawn.Alerts["mention"] || drawn.Alerts["poll"] {
			t.Errorf("drawn as %s", before)
		}
		for name, wrong := range map[string]url.Values{
			"no address":      {"subscription[endpoint]": {""}},
			"inside":          {"subscription[endpoint]": {"https://10.0.0.1/x"}},
			"a file":          {"subscription[endpoint]": {"file:///etc/passwd"}},
			"no key":          {"subscription[keys][p256dh]": {"AAAA"}},
			"no secret":       {"subscription[keys][auth]": {"%%"}},
			"unknown persons": {"data[policy]": {"everybody"}},
		} {
			bad := url.Values{}
			for field, values := range fields {
				bad[field] = values
			}
			for field, values := range wrong {
				bad[field] = values
			}
			if answer := one.post("/api/v1/push/subscription", bad); answer.status != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d %s", name, answer.status, answer.body)
			}
		}
	})
}
