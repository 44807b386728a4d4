package mastodon

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"meent/communities"
	"meent/storage"
)

var contextEndpoints = []endpoint{
	{"GET /api/v1/statuses/{id}/context", "/api/v1/statuses/${afar}/context", "", "Context", ""},
	{"GET /api/v1_alpha/async_refreshes/{name}", "/api/v1_alpha/async_refreshes/blik", "", "AsyncRefreshAnswer", ""},
}

// Whoever reads a thread from elsewhere with an account has it looked at there, and can ask how far that is (Mastodon API, async refreshes).
func TestContextsAreFreshened(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		const header = "Mastodon-Async-Refresh"
		anna, path := w.app(w.anna), "/api/v1/statuses/"+id(w.afar.ID)+"/context"
		if told := (app{w: w}).get(path).header.Get(header); told != "" {
			t.Errorf("whoever passes by has others asked: %q", told)
		}
		if told := anna.get("/api/v1/statuses/" + id(w.thread.ID) + "/context").header.Get(header); told != "" {
			t.Errorf("a thread of our own is looked for elsewhere: %q", told)
		}
		if told := anna.get(path).header.Get(header); told != `id="blik", retry=5, result_count=0` {
			t.Errorf("told %q", told)
		}
		var answer struct {
			AsyncRefresh struct {
				Status string
				Count  int `json:"result_count"`
			} `json:"async_refresh"`
		}
		anna.get("/api/v1_alpha/async_refreshes/blik").ok(&answer)
		if answer.AsyncRefresh.Status != "running" {
			t.Errorf("it is %+v", answer)
		}
		w.do(func(ctx context.Context, tx communities.Tx) error {
			return storage.Of(tx).NoteRefresh(ctx, w.afar.Thread, "blik", 3, time.Now())
		})
		anna.get("/api/v1_alpha/async_refreshes/blik").ok(&answer)
		if answer.AsyncRefresh.Status != "finished" || answer.AsyncRefresh.Count != 3 || anna.get(path).header.Get(header) != "" {
			t.Errorf("in the end it is %+v", answer)
		}
		anna.get("/api/v1_alpha/async_refreshes/anders").refused(http.StatusNotFound)
	})
}

// A status is found by its address, if need be at its home; not for whoever passes by, and not without end.
func TestResolvingStatuses(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		anna := w.app(w.anna)
		asked := map[string]int{}
		w.api.Allow = func(_ *http.Request, route string, perMinute int) bool {
			asked[route]++
			return asked[route] <= perMinute
		}
		find := func(who app, query string) string {
			return string(who.get("/api/v2/search?q=https://ergens.example/" + query).body)
		}
		if found := find(anna, "notes/1"); !strings.Contains(found, "van ver") {
			t.Errorf("by its id: %s", found)
		}
		if found := find(anna, "@ver/2"); strings.Contains(found, "opgezocht") {
			t.Errorf("looked up unasked: %s", found)
		}
		app{w: w}.get("/api/v2/search?q=https://ergens.example/@ver/2&resolve=true").refused(http.StatusUnauthorized)
		if found := find(anna, "@ver/2&resolve=true"); !strings.Contains(found, "opgezocht") {
			t.Errorf("by its page: %s", found)
		}
		if found := find(anna, "nergens&resolve=true"); !strings.Contains(found, `"statuses":[]`) {
			t.Errorf("nowhere: %s", found)
		}
		asked["resolve"] = resolvesPerMinute
		if found := find(anna, "@ver/2&resolve=true&type=statuses"); strings.Contains(found, "opgezocht") {
			t.Errorf("looked up too often: %s", found)
		}
	})
}

// What people type: words, and operators among them.
func TestSearchQueries(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		ids := map[string]string{
			"thread": id(w.thread.ID), "reply": id(w.reply.ID), "poll": id(w.poll.ID), "plain": id(w.plain.ID), "afar": id(w.afar.ID),
			"secret": id(w.secret.ID),
		}
		today, yesterday := time.Now().UTC().Format(time.DateOnly), time.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly)
		bert := w.app(w.bert)
		for query, want := range map[string][]string{
			"ver":                               {"thread", "plain", "afar"},
			"ver from:anna":                     {"thread", "plain"},
			"ver -from:@anna":                   {"afar"},
			"from:anna":                         {"thread", "poll", "plain"},
			"from:me":                           {"reply"},
			"from:niemand":                      {},
			"from:ver@ergens.example":           {"afar"},
			"from:anna has:poll":                {"poll"},
			"from:ver@ergens.example has:media": {"afar"},
			"ver has:media":                     {"afar"},
			"ver -has:media":                    {"thread", "plain"},
			"is:reply from:bert":                {"reply"},
			"is:sensitive from:anna":            {"plain"},
			"-is:sensitive ver":                 {"thread", "afar"},
			"is:purple ver":                     {},
			"ver before:" + today:               {},
			"ver after:" + yesterday:            {"thread", "plain", "afar"},
			"ver after:" + today:                {},
			"ver during:" + today:               {"thread", "plain", "afar"},
			"ver during:gisteren":               {},
			"has:media":                         {},
			"geheim from:anna":                  {},
			"from:anna from:bert":               {},
		} {
			var found struct{ Statuses []struct{ ID string } }
			bert.get("/api/v2/search?type=statuses&q=" + strings.NewReplacer(" ", "+", "#", "%23").Replace(query)).ok(&found)
			got := []string{}
			for _, status := range found.Statuses {
				got = append(got, status.ID)
			}
			wanted := []string{}
			for _, name := range want {
				wanted = append(wanted, ids[name])
			}
			slices.Sort(got)
			slices.Sort(wanted)
			if !slices.Equal(got, wanted) {
				t.Errorf("%s: found %v, want %v", query, got, want)
			}
		}
	})
}

// The parameters of a search: whose, how many, from where on.
func TestSearchParameters(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		bert := w.app(w.bert)
		statuses := func(parameters string) (ids []string) {
			var found struct {
				Statuses []struct{ ID string }
				Accounts []struct{ Acct string }
			}
			bert.get("/api/v2/search?q=ver&type=statuses" + parameters).ok(&found)
			for _, status := range found.Statuses {
				ids = append(ids, status.ID)
			}
			return ids
		}
		all := statuses("")
		for parameters, want := range map[string][]string{
			"&limit=1":                         all[:1],
			"&limit=1&offset=1":                all[1:2],
			"&offset=2":                        all[2:],
			"&max_id=" + all[0]:                all[1:],
			"&min_id=" + all[2]:                all[:2],
			"&account_id=" + id(w.remote.ID):   {id(w.afar.ID)},
			"&account_id=" + id(w.cor.ID):      nil,
			"&limit=0&exclude_unreviewed=true": all[:1],
			"&limit=999999999999999999999":     all,
		} {
			if got := statuses(parameters); !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", parameters, got, want)
			}
		}
		var found struct {
			Accounts []struct{ Acct string }
			Hashtags []struct{ Name string }
		}
		bert.get("/api/v2/search?q=anna&following=true").ok(&found)
		if len(found.Accounts) != 1 {
			t.Errorf("followed: %+v", found)
		}
		w.app(w.cor).get("/api/v2/search?q=anna&following=true").ok(&found)
		if len(found.Accounts) != 0 {
			t.Errorf("not followed: %+v", found)
		}
	})
}
