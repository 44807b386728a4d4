package mastodon

import (
	"context"
	"strings"
	"testing"

	"meent/communities"
)

// Each limit that the node tells of is one that it keeps: none is nothing.
func TestInstanceTellsItsLimits(t *testing.T) {
	t.Parallel()
	w := newSQLiteWorld(t)
	for _, path := range []string{"/api/v1/instance", "/api/v2/instance"} {
		var told struct {
			Configuration struct {
				Accounts, Statuses, Polls map[string]int
			}
		}
		app{w: w}.get(path).ok(&told)
		for _, limits := range []map[string]int{told.Configuration.Accounts, told.Configuration.Statuses, told.Configuration.Polls} {
			if len(limits) == 0 {
				t.Errorf("%s: limits are absent", path)
			}
			for name, limit := range limits {
				if limit <= 0 {
					t.Errorf("%s: %s is %d", path, name, limit)
				}
			}
		}
	}
}

// Where a municipality wrote nothing about privacy, apps still find the page, which says something.
func TestPrivacyBeforeAnybodyWrites(t *testing.T) {
	t.Parallel()
	w := newSQLiteWorld(t)
	w.do(func(ctx context.Context, tx communities.Tx) error {
		return w.town.WriteText(ctx, tx, communities.NodeText{Name: communities.TextPrivacy, Language: "nl"}, w.node.ID) // empty: taken away
	})
	var told struct {
		Configuration struct {
			URLs struct {
				Privacy string `json:"privacy_policy"`
			}
		}
	}
	app{w: w}.get("/api/v2/instance").ok(&told)
	page := w.town.Base + "/privacy"
	if named := told.Configuration.URLs.Privacy; named != page {
		t.Errorf("named %q", named)
	}
	var policy struct{ Content string }
	app{w: w}.get("/api/v1/instance/privacy_policy").ok(&policy)
	if !strings.Contains(policy.Content, page) {
		t.Errorf("policy %q", policy.Content)
	}
}

// What a number of the API promises answers: apps ask for it, or hide it, by the number alone.
func TestAPIVersionIsKept(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, r := range routes {
		known[r.method+" "+r.pattern] = true
	}
	for version, promised := range map[int][]string{
		2:  {"GET /api/v2/notifications", "GET /api/v2/notifications/{group_key}/accounts", "GET /api/v2/notifications/unread_count"},
		3:  {"GET /.well-known/oauth-authorization-server"},
		4:  {"DELETE /api/v1/media/{id}", "POST /api/v1/push/subscription"},
		6:  {"POST /api/v1/accounts/{id}/endorse", "POST /api/v1/accounts/{id}/unendorse", "GET /api/v1/accounts/{id}/endorsements"},
		7:  {"GET /api/v1/statuses/{id}/quotes", "POST /api/v1/statuses/{id}/quotes/{quoting}/revoke", "PUT /api/v1/statuses/{id}/interaction_policy"},
		8:  {"GET /api/v1/profile", "PATCH /api/v1/profile", "GET /api/v1/annual_reports/{year}/state"},
		10: {"POST /api/v1/collections", "GET /api/v1/accounts/{id}/in_collections", "POST /api/v1/collections/{id}/items/{item}/revoke"},
	} {
		for _, route := range promised {
			if version <= apiVersion && !known[route] {
				t.Errorf("version %d has %s", version, route)
			}
		}
	}
}
