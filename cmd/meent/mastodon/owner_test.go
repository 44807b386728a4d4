package mastodon

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"meent/communities"
)

// Rows O12 to O14, and V: every route with an id, called with what is another's or out of sight, answers as if it were not there, and
// changes nothing.
func TestWhatIsNotYoursIsNotThere(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		names := w.names()
		anna, cor := w.app(w.anna), w.app(w.cor)
		var filter struct {
			ID       string
			Keywords []struct{ ID string }
		}
		anna.post("/api/v2/filters", url.Values{"title": {"Van anna"}, "context[]": {"home"}, "keywords_attributes[0][keyword]": {"x"}}).ok(&filter)
		var held struct{ ID string }
		anna.post("/api/v2/filters/"+filter.ID+"/statuses", url.Values{"status_id": {names["secret"]}}).ok(&held)
		var list, shown struct{ ID string }
		anna.post("/api/v1/lists", url.Values{"title": {"Van anna"}}).ok(&list)
		anna.post("/api/v1/featured_tags", url.Values{"name": {"geheim"}}).ok(&shown)
		before := string(anna.get("/api/v1/lists").body) + string(anna.get("/api/v1/featured_tags").body) + string(anna.get("/api/v2/filters").body) + string(anna.get("/api/v1/statuses/"+names["secret"]).body)
		var file struct{ ID string }
		anna.give("POST", "/api/v1/media", nil, map[string]string{"file": painting(8, 8)}).ok(&file)
		anna.call(http.MethodPatch, "/api/v2/notifications/policy", url.Values{"for_not_following": {"filter"}}).ok(nil)
		w.post(communities.Draft{Author: w.bert.ID, Source: "Dag @anna"}) // set aside for her
		notification := anna.get("/api/v1/notifications").ids()[0]
		scheduled := anna.later(url.Values{"status": {"later"}, "scheduled_at": {inAnHour()}}, nil)
		whispered := anna.whisper("Onder ons, @bert", "")
		foreign := map[string][]string{ // what {id} stands for in the routes that begin so

			"/api/v1/scheduled_statuses/{id}":     {scheduled.ID.String()},
			"/api/v1/conversations/{id}":          {whispered},
			"/api/v1/statuses/{id}":               {names["secret"]},
			"/api/v1/media/{id}":                  {file.ID},
			"/api/v1/polls/{id}":                  {names["secret"]},
			"/api/v1/accounts/{id}":               {names["besloten"]},
			"/api/v1/timelines/list/{id}":         {names["besloten"], names["fietsen"], names["bert"], list.ID},
			"/api/v1/lists/{id}":                  {names["besloten"], names["fietsen"], list.ID},
			"/api/v1/featured_tags/{id}":          {shown.ID},
			"/api/v1/follow_requests/{id}":        {names["bert"], names["besloten"]},
			"/api/v1/notifications/{id}":          {notification},
			"/api/v1/notifications/requests/{id}": {names["bert"]},
			"/api/v2/notifications/{group_key}":   {"ungrouped-" + notification, "favourite-" + names["thread"], "favourite-" + names["secret"]},
			"/api/v2/filters/{id}":                {filter.ID},
			"/api/v2/filters/keywords/{id}":       {filter.Keywords[0].ID},
			"/api/v2/filters/statuses/{id}":       {held.ID},
			"/api/v1/filters/{id}":                {filter.Keywords[0].ID},
			"/api/v2/filters/{first}/{second}":    {},
			"/api/v1/collections/{id}":            {}, // shown to everybody, see TestCollections
			"/api/v1/suggestions/{id}":            {names["besloten"]},
			"/api/v1/announcements/{id}":          {names["thread"]},
			"/api/v1/admin/":                      {}, // see TestOnlyStaffLooksAfterTheNode
		}
		for _, row := range routes {
			if !strings.Contains(row.pattern, "{id}") && !strings.Contains(row.pattern, "{group_key}") {
				continue
			}
			ids, known := foreignFor(foreign, row.pattern)
			if !known {
				t.Errorf("%s %s: what would be another's?", row.method, row.pattern)
			}
			for _, other := range ids {
				w.reachFor(cor, row, other)
			}
		}
		for _, path := range []string{"/keywords", "/statuses"} {
			cor.get("/api/v2/filters/" + filter.ID + path).refused(http.StatusNotFound)
		}
		cor.get("/api/v2/filters/keywords/" + filter.Keywords[0].ID).refused(http.StatusNotFound)
		cor.get("/api/v2/filters/statuses/" + held.ID).refused(http.StatusNotFound)
		if after := string(anna.get("/api/v1/lists").body) + string(anna.get("/api/v1/featured_tags").body) + string(anna.get("/api/v2/filters").body) + string(anna.get("/api/v1/statuses/"+names["secret"]).body); after != before {
			t.Errorf("something changed: %s", after)
		}
	})
}

// reachFor calls a route with an id that is not for the caller.
func (w *world) reachFor(who app, row row, other string) {
	w.t.Helper()
	path := strings.NewReplacer("{id}", other, "{group_key}", other).Replace(row.pattern)
	answer := who.call(row.method, path, url.Values{
		"status": {"x"}, "title": {"x"}, "phrase": {"x"}, "keyword": {"x"}, "context[]": {"home"}, "status_id": {id(w.thread.ID)},
	})
	want := http.StatusNotFound
	switch {
	case row.pattern == "/api/v1/accounts/{id}/lists" && string(answer.body) == "[]\n":
		want = http.StatusOK // in no list of the caller's
	}
	if answer.status != want {
		w.t.Errorf("%s %s: %d %s", row.method, path, answer.status, answer.body)
	}
}

func foreignFor(foreign map[string][]string, pattern string) (ids []string, known bool) {
	longest := ""
	for prefix := range foreign {
		if strings.HasPrefix(pattern, prefix) && len(prefix) > len(longest) {
			longest = prefix
		}
	}
	return foreign[longest], longest != ""
}

// What others wrote only they change.
func TestOthersWords(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		bert := w.app(w.bert)
		bert.call(http.MethodDelete, "/api/v1/statuses/"+id(w.thread.ID), nil).refused(http.StatusNotFound)
		bert.call(http.MethodPut, "/api/v1/statuses/"+id(w.thread.ID), url.Values{"status": {"x"}}).refused(http.StatusNotFound)
		bert.get("/api/v1/statuses/" + id(w.thread.ID) + "/source").refused(http.StatusNotFound)
		if kept := w.stored(id(w.thread.ID)); kept.Deleted() || !kept.EditedAt.IsZero() {
			t.Error("somebody else's status was changed")
		}
	})
}

// What is out of sight is in no answer at all.
func TestNothingLeaks(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		viewers := map[string]app{"nobody": {w: w}, "bert": w.app(w.bert)}
		for _, row := range routes {
			if row.method != http.MethodGet || endless(row) {
				continue
			}
			for _, path := range readings(w, row.pattern) {
				for who, phone := range viewers {
					if body := string(phone.get(path).body); w.leaks(body) {
						t.Errorf("%s sees at %s what is not for them: %s", who, path, body)
					}
				}
			}
		}
	})
}

// leaks finds the closed group and what is written in it.
func (w *world) leaks(body string) bool {
	for _, word := range []string{"Niet voor iedereen", "De besloten", `"` + id(w.secret.ID), `"` + id(w.besloten.ID)} {
		if strings.Contains(body, word) {
			return true
		}
	}
	return false
}

// readings are all ways to read what a pattern gives of a closed group and its owner.
func readings(w *world, pattern string) (paths []string) {
	for _, one := range []string{id(w.secret.ID), id(w.besloten.ID), id(w.anna.ID), id(w.thread.ID)} {
		path := strings.NewReplacer("{id}", one, "{group_key}", "favourite-"+one, "{first}", one, "{second}", "keywords").Replace(pattern)
		paths = append(paths, strings.NewReplacer("{hashtag}", "geheim", "{name}", "besloten").Replace(path))
	}
	ids := "?id[]=" + id(w.secret.ID) + "&id[]=" + id(w.besloten.ID) + "&q=gehe&acct=besloten"
	return append(paths, exemplary(pattern)+ids)
}
