package mastodon

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"meent/communities"
)

var adminEndpoints = []endpoint{
	{"GET /api/v1/admin/accounts", "/api/v1/admin/accounts?local=true&active=true", "", "[]AdminAccount", ""},
	{"GET /api/v2/admin/accounts", "/api/v2/admin/accounts?status=pending", "", "[]AdminAccount", ""},
	{"GET /api/v1/admin/accounts/{id}", "/api/v1/admin/accounts/${remote}", "", "AdminAccount", ""},
	{"POST /api/v1/admin/accounts/{id}/approve", "/api/v1/admin/accounts/${newcomer}/approve", "", "AdminAccount", ""},
	{"POST /api/v1/admin/accounts/{id}/reject", "/api/v1/admin/accounts/${bert}/reject", "", "", ""},
	{"POST /api/v1/admin/accounts/{id}/action", "/api/v1/admin/accounts/${cor}/action", "type=silence&text=te+luid", "Empty", ""},
	{"POST /api/v1/admin/accounts/{id}/unsilence", "/api/v1/admin/accounts/${cor}/unsilence", "", "AdminAccount", ""},
	{"POST /api/v1/admin/accounts/{id}/action", "/api/v1/admin/accounts/${cor}/action", "type=sensitive", "Empty", ""},
	{"POST /api/v1/admin/accounts/{id}/unsensitive", "/api/v1/admin/accounts/${cor}/unsensitive", "", "AdminAccount", ""},
	{"POST /api/v1/admin/accounts/{id}/action", "/api/v1/admin/accounts/${cor}/action", "type=disable", "Empty", ""},
	{"POST /api/v1/admin/accounts/{id}/enable", "/api/v1/admin/accounts/${cor}/enable", "", "AdminAccount", ""},
	{"DELETE /api/v1/admin/accounts/{id}", "/api/v1/admin/accounts/${newcomer}", "", "", ""},

	{"POST /api/v1/reports", "", "account_id=${bert}&status_ids[]=${reply}&rule_ids[]=1", "Report", "cor"},
	{"GET /api/v1/admin/reports", "", "", "[]AdminReport", ""},
	{"GET /api/v1/admin/reports/{id}", "/api/v1/admin/reports/${report}", "", "AdminReport", ""},
	{"PUT /api/v1/admin/reports/{id}", "/api/v1/admin/reports/${report}", "category=spam", "AdminReport", ""},
	{"POST /api/v1/admin/reports/{id}/assign_to_self", "/api/v1/admin/reports/${report}/assign_to_self", "", "AdminReport", ""},
	{"POST /api/v1/admin/reports/{id}/unassign", "/api/v1/admin/reports/${report}/unassign", "", "AdminReport", ""},
	{"POST /api/v1/admin/reports/{id}/resolve", "/api/v1/admin/reports/${report}/resolve", "", "AdminReport", ""},
	{"POST /api/v1/admin/reports/{id}/reopen", "/api/v1/admin/reports/${report}/reopen", "", "AdminReport", ""},

	{"GET /api/v1/admin/domain_blocks", "", "", "[]AdminDomainBlock", ""},
	{"GET /api/v1/admin/domain_blocks/{id}", "/api/v1/admin/domain_blocks/${block}", "", "AdminDomainBlock", ""},
	{"POST /api/v1/admin/domain_blocks", "", "domain=Vol.Example&severity=silence&public_comment=Reclame", "AdminDomainBlock", ""},
	{"PUT /api/v1/admin/domain_blocks/{id}", "/api/v1/admin/domain_blocks/${newblock}", "severity=noop&reject_media=true", "AdminDomainBlock", ""},
	{"DELETE /api/v1/admin/domain_blocks/{id}", "/api/v1/admin/domain_blocks/${newblock}", "", "Empty", ""},
	{"GET /api/v1/admin/domain_allows", "", "", "[]AdminDomainAllow", ""},
	{"GET /api/v1/admin/domain_allows/{id}", "/api/v1/admin/domain_allows/${allow}", "", "AdminDomainAllow", ""},
	{"GET /api/v1/admin/email_domain_blocks", "", "", "[]Empty", ""},
	{"GET /api/v1/admin/email_domain_blocks/{id}", "/api/v1/admin/email_domain_blocks/1", "", "", ""},
	{"GET /api/v1/admin/ip_blocks", "", "", "[]Empty", ""},
	{"GET /api/v1/admin/ip_blocks/{id}", "/api/v1/admin/ip_blocks/1", "", "", ""},
	{"POST /api/v1/admin/accounts/{id}/action", "/api/v1/admin/accounts/${cor}/action", "type=suspend", "Empty", ""},
	{"POST /api/v1/admin/accounts/{id}/unsuspend", "/api/v1/admin/accounts/${cor}/unsuspend", "", "AdminAccount", ""},
	{"POST /api/v1/admin/accounts/{id}/action", "/api/v1/admin/accounts/${cor}/action", "type=suspend", "Empty", ""},
	{"DELETE /api/v1/admin/accounts/{id}", "/api/v1/admin/accounts/${cor}", "", "AdminAccount", ""},
}

// Only who looks after the node gets in where that is done, whatever their token says; a moderator does not decide about hosts.
func TestOnlyStaffLooksAfterTheNode(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		bert := w.app(w.bert)
		for _, row := range routes {
			if !strings.Contains(row.pattern, "/admin/") {
				continue
			}
			if row.enter != Staff || !strings.HasPrefix(string(row.scope), "admin:") {
				t.Errorf("%s %s is open to %v with %q", row.method, row.pattern, row.enter, row.scope)
			}
			if told := bert.call(row.method, exemplary(row.pattern), nil).refused(http.StatusForbidden); told != errRole.Message {
				t.Errorf("%s %s to a resident: %s", row.method, row.pattern, told)
			}
		}
		w.do(func(ctx context.Context, tx communities.Tx) error {
			return w.town.SetNodeRole(ctx, tx, communities.Standing{Actor: w.bert.ID, By: w.node.ID, Role: communities.RoleNodeModerator})
		})
		bert.get("/api/v1/admin/reports").ok(nil)
		bert.get("/api/v1/admin/domain_blocks").ok(nil)
		bert.post("/api/v1/admin/domain_blocks", url.Values{"domain": {"x.example"}, "severity": {"suspend"}}).refused(http.StatusForbidden)
		bert.post("/api/v1/admin/accounts/"+id(w.anna.ID)+"/action", url.Values{"type": {"suspend"}}).refused(http.StatusForbidden)
		bert.post("/api/v1/admin/accounts/"+id(w.cor.ID)+"/action", url.Values{"type": {"suspend"}}).ok(nil)
	})
}

// What is decided about somebody holds at once, closes the reports about them, and can be undone.
func TestDecisionsAboutPeople(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		anna, bert, cor := w.app(w.anna), w.app(w.bert), w.app(w.cor)
		cor.post("/api/v1/reports", url.Values{"account_id": {id(w.bert.ID)}, "rule_ids[]": {"1"}, "comment": {"vervelend"}}).ok(nil)
		cor.post("/api/v1/reports", url.Values{"account_id": {id(w.bert.ID)}, "rule_ids[]": {"7"}}).refused(http.StatusUnprocessableEntity)
		var reports []struct {
			Category string
			Rules    []struct{ Text string }
		}
		anna.get("/api/v1/admin/reports").ok(&reports)
		if len(reports) != 1 || reports[0].Category != "violation" || len(reports[0].Rules) != 1 {
			t.Fatalf("%+v", reports)
		}
		at := "/api/v1/admin/accounts/" + id(w.bert.ID)
		anna.post(at+"/action", url.Values{"type": {"suspend"}, "text": {"genoeg"}}).ok(nil)
		bert.get("/api/v1/timelines/home").refused(http.StatusUnauthorized)
		cor.get("/api/v1/accounts/" + id(w.bert.ID)).refused(http.StatusNotFound)
		cor.get("/api/v1/statuses/" + id(w.reply.ID)).refused(http.StatusNotFound)
		anna.get("/api/v1/admin/reports").ok(&reports)
		if len(reports) != 0 {
			t.Errorf("reports are left open: %+v", reports)
		}
		anna.post(at+"/unsuspend", nil).ok(nil)
		bert.get("/api/v1/timelines/home").ok(nil)
		cor.get("/api/v1/statuses/" + id(w.reply.ID)).ok(nil)
		w.audited("suspend bert@"+w.town.Host()+": genoeg", "unsuspend bert@"+w.town.Host(), "resolve report")
	})
}

// audited tells that decisions were written down.
func (w *world) audited(wanted ...string) {
	w.t.Helper()
	var list strings.Builder
	for _, table := range []string{`SELECT action || ' ' || target || CASE WHEN reason = '' THEN '' ELSE ': ' || reason END FROM audit ORDER BY id`} {
		rows, err := w.archive.SQL().QueryContext(w.t.Context(), table)
		w.must(err)
		defer rows.Close()
		for rows.Next() {
			var line string
			w.must(rows.Scan(&line))
			list.WriteString(line + "\n")
		}
		w.must(rows.Err())
	}
	for _, want := range wanted {
		if !strings.Contains(list.String(), want) {
			w.t.Errorf("%q was not written down:\n%s", want, list.String())
		}
	}
}

// A limited person is seen by followers only where people are listed, and tells nobody else what they did, unless that person lets them in.
func TestLimited(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		anna, bert, cor := w.app(w.anna), w.app(w.bert), w.app(w.cor)
		anna.post("/api/v1/admin/accounts/"+id(w.anna.ID)+"/action", url.Values{"type": {"silence"}}).refused(http.StatusUnprocessableEntity) // not oneself
		w.do(func(ctx context.Context, tx communities.Tx) error {
			return w.town.Limit(ctx, tx, communities.Standing{Actor: w.anna.ID, By: w.node.ID})
		})
		for who, sees := range map[app]bool{bert: true, cor: false, {w: w}: false} { // bert follows anna
			for _, path := range []string{"/api/v1/timelines/public", "/api/v1/timelines/tag/verkeer"} {
				if got := strings.Contains(string(who.get(path).body), id(w.plain.ID)); got != sees {
					t.Errorf("%s shows a limited person: %t, want %t", path, got, sees)
				}
			}
			who.get("/api/v1/statuses/" + id(w.plain.ID)).ok(nil) // whoever has the address reads it
		}
		before := len(cor.get("/api/v1/notifications").ids())
		w.post(communities.Draft{Author: w.anna.ID, Source: "Hoor eens @cor en @bert"})
		if after := len(cor.get("/api/v1/notifications").ids()); after != before {
			t.Error("a stranger was told of a limited person")
		}
		if !strings.Contains(string(bert.get("/api/v1/notifications").body), "Hoor eens") {
			t.Error("a follower was not told")
		}
		waiting := cor.get("/api/v1/notifications/requests").ids()
		if len(waiting) != 1 {
			t.Fatalf("%d requests wait", len(waiting))
		}
		cor.call(http.MethodPut, "/api/v2/notifications/policy", url.Values{"for_limited_accounts": {"drop"}}).ok(nil)
		w.post(communities.Draft{Author: w.anna.ID, Source: "Nog eens @cor"})
		cor.post("/api/v1/notifications/requests/"+waiting[0]+"/accept", nil).ok(nil)
		if list := string(cor.get("/api/v1/notifications").body); !strings.Contains(list, "Hoor eens") || strings.Contains(list, "Nog eens") {
			t.Errorf("what was set aside did not come, or what was dropped did: %s", list)
		}
		cor.call(http.MethodPut, "/api/v2/notifications/policy", url.Values{"for_limited_accounts": {"drop"}}).ok(nil)
		w.post(communities.Draft{Author: w.anna.ID, Source: "Voor wie mij binnenlaat: @cor"})
		if !strings.Contains(string(cor.get("/api/v1/notifications").body), "Voor wie") {
			t.Error("who was let in is not heard")
		}
	})
}

// To be blocked ends the follows with a host and hides everybody who lives there, and below; to undo it shows them again.
func TestDecisionsAboutHosts(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		anna, bert := w.app(w.anna), w.app(w.bert)
		w.do(func(ctx context.Context, tx communities.Tx) error {
			err := tx.PutFollow(ctx, &communities.Follow{ID: 1, Follower: w.bert.ID, Followee: w.remote.ID, URI: "https://x.example/1", Accepted: true})
			if err != nil {
				return err
			}
			return tx.PutFollow(ctx, &communities.Follow{ID: 2, Follower: w.remote.ID, Followee: w.bert.ID, URI: "https://x.example/2", Accepted: true})
		})
		var made struct{ ID string }
		anna.post("/api/v1/admin/domain_blocks", url.Values{"domain": {"Example"}}).refused(http.StatusUnprocessableEntity)
		anna.post("/api/v1/admin/domain_blocks", url.Values{"domain": {"naar.example"}}).refused(http.StatusUnprocessableEntity) // is there
		anna.post("/api/v1/admin/domain_blocks", url.Values{"domain": {"ergens.example"}, "severity": {"suspend"}}).ok(&made)
		bert.get("/api/v1/statuses/" + id(w.afar.ID)).refused(http.StatusNotFound)
		bert.get("/api/v1/accounts/" + id(w.remote.ID)).refused(http.StatusNotFound)
		var self struct {
			Followers int `json:"followers_count"`
			Following int `json:"following_count"`
		}
		bert.get("/api/v1/accounts/verify_credentials").ok(&self)
		if self.Followers != 0 || self.Following != 2 {
			t.Errorf("counted after the severing: %+v", self)
		}
		var limited struct{ Severity string }
		anna.call(http.MethodPut, "/api/v1/admin/domain_blocks/"+made.ID, url.Values{"severity": {"silence"}}).ok(&limited)
		bert.get("/api/v1/statuses/" + id(w.afar.ID)).ok(nil)
		if limited.Severity != "silence" || strings.Contains(string(bert.get("/api/v1/timelines/public").body), id(w.afar.ID)) {
			t.Errorf("%+v, and its people are listed", limited)
		}
		anna.call(http.MethodDelete, "/api/v1/admin/domain_blocks/"+made.ID, nil).ok(nil)
		if !strings.Contains(string(bert.get("/api/v1/timelines/public").body), id(w.afar.ID)) {
			t.Error("what was undone still holds")
		}
		w.audited("decide about a host blocked ergens.example", "decide about a host limited ergens.example")
	})
}
