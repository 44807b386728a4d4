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
