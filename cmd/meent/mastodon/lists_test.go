package mastodon

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"meent/communities"
	"meent/storage"
)

var listEndpoints = []endpoint{
	{"POST /api/v1/lists", "", "title=", "", "bert"},
	{"POST /api/v1/lists", "", "title=Buren&replies_policy=sometimes", "", "bert"},
	{"POST /api/v1/lists", "", "title=Buren&replies_policy=followed&exclusive=true", "List", "bert"},
	{"GET /api/v1/lists", "", "", "[]List", "bert"},
	{"GET /api/v1/lists/{id}", "/api/v1/lists/${list}", "", "List", "bert"},
	{"GET /api/v1/lists/{id}", "/api/v1/lists/${fietsen}", "", "List", "bert"},
	{"PUT /api/v1/lists/{id}", "/api/v1/lists/${list}", "title=De buren", "List", "bert"},
	{"PUT /api/v1/lists/{id}", "/api/v1/lists/${fietsen}", "exclusive=true", "List", "bert"},
	{"PUT /api/v1/lists/{id}", "/api/v1/lists/${fietsen}", "title=Anders", "", "bert"},
	{"PUT /api/v1/lists/{id}", "/api/v1/lists/${fietsen}", "exclusive=false", "List", "bert"},
	{"POST /api/v1/lists/{id}/accounts", "/api/v1/lists/${list}/accounts", "account_ids[]=${cor}", "", "bert"},
	{"POST /api/v1/lists/{id}/accounts", "/api/v1/lists/${list}/accounts", "account_ids[]=${anna}", "Empty", "bert"},
	{"POST /api/v1/lists/{id}/accounts", "/api/v1/lists/${list}/accounts", "account_ids[]=${anna}", "", "bert"},
	{"POST /api/v1/lists/{id}/accounts", "/api/v1/lists/${fietsen}/accounts", "account_ids[]=${anna}", "", "bert"},
	{"GET /api/v1/lists/{id}/accounts", "/api/v1/lists/${list}/accounts?limit=0", "", "[]Account", "bert"},
	{"GET /api/v1/lists/{id}/accounts", "/api/v1/lists/${fietsen}/accounts", "", "[]Account", "bert"},
	{"GET /api/v1/timelines/list/{id}", "/api/v1/timelines/list/${list}", "", "[]Status", "bert"},
	{"GET /api/v1/timelines/list/{id}", "/api/v1/timelines/list/${fietsen}", "", "[]Status", "bert"},
	{"GET /api/v1/accounts/{id}/lists", "/api/v1/accounts/${anna}/lists", "", "[]List", "bert"},
	{"GET /api/v1/accounts/{id}/lists", "/api/v1/accounts/${fietsen}/lists", "", "[]List", "bert"},
	{"DELETE /api/v1/lists/{id}/accounts", "/api/v1/lists/${list}/accounts", "account_ids[]=${anna}", "Empty", "bert"},
	{"DELETE /api/v1/lists/{id}/accounts", "/api/v1/lists/${fietsen}/accounts", "account_ids[]=${fietsen}", "", "bert"},
	{"DELETE /api/v1/lists/{id}", "/api/v1/lists/${fietsen}", "", "", "bert"},
	{"DELETE /api/v1/lists/{id}", "/api/v1/lists/${list}", "", "Empty", "bert"},
}

// A list shows what its members say; an exclusive one keeps it off home; a group can be kept off home in the same way.
func TestListsInAnApp(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		bert := w.app(w.bert)
		var list struct{ ID string }
		bert.post("/api/v1/lists", url.Values{"title": {"Buren"}, "exclusive": {"true"}}).ok(&list)
		members := url.Values{"account_ids[]": {id(w.anna.ID)}}
		bert.post("/api/v1/lists/"+list.ID+"/accounts", members).ok(nil)
		said := id(w.post(communities.Draft{Author: w.anna.ID, Source: "Alleen voor wie het wil"}).ID)
		home, timeline := "/api/v1/timelines/home", "/api/v1/timelines/list/"+list.ID
		shows := func(path, post string) bool { return slices.Contains(bert.get(path).ids(), post) }
		if shows(home, said) || !shows(timeline, said) || !shows(timeline, id(w.plain.ID)) {
			t.Error("an exclusive list does not have it to itself")
		}
		bert.call(http.MethodDelete, "/api/v1/lists/"+list.ID+"/accounts", members).ok(nil)
		if said = id(w.post(communities.Draft{Author: w.anna.ID, Source: "Weer thuis"}).ID); !shows(home, said) || shows(timeline, said) {
			t.Error("who left the list is not at home")
		}

		group := "/api/v1/lists/" + id(w.fietsen.ID)
		threads := func() string { return string(bert.get(home).body) }
		bert.call(http.MethodPut, group, url.Values{"title": {"De fietsen"}, "replies_policy": {"list"}, "exclusive": {"true"}}).ok(nil)
		w.post(communities.Draft{Author: w.cor.ID, Group: w.fietsen.ID, Title: "Stil", Source: "Niet op de startpagina"})
		if strings.Contains(threads(), "Niet op de startpagina") || !strings.Contains(string(bert.get("/api/v1/timelines/list/"+id(w.fietsen.ID)).body), "Niet op de startpagina") {
			t.Error("a group off home is at home, or not in its list")
		}
		bert.call(http.MethodPut, group, url.Values{"exclusive": {"false"}}).ok(nil)
		if !strings.Contains(threads(), "Niet op de startpagina") {
			t.Error("the group does not come back")
		}
		if told := bert.call(http.MethodDelete, group, nil).refused(http.StatusUnprocessableEntity); !strings.Contains(told, "Unfollow the group") {
			t.Errorf("told %q", told)
		}
	})
}

// Row D2: nothing that people keep for themselves is without a bound: not its length, not how many there are.
func TestWhatPeopleKeepIsBounded(t *testing.T) {
	t.Parallel()
	w := newSQLiteWorld(t)
	bert := w.app(w.bert)
	huge := strings.Repeat("x", maxBody/2)
	anna := "/api/v1/accounts/" + id(w.anna.ID)
	for _, row := range []struct {
		method, path, field string
	}{
		{"POST", "/api/v1/lists", "title"},
		{"POST", "/api/v2/filters", "title"},
		{"POST", "/api/v1/filters", "phrase"},
		{"POST", "/api/v1/featured_tags", "name"},
		{"POST", anna + "/note", "comment"},
		{"POST", "/api/v1/domain_blocks", "domain"},
		{"POST", anna + "/follow", "languages[]"},
		{"PATCH", "/api/v1/profile", "display_name"},
		{"PATCH", "/api/v1/profile", "note"},
		{"PATCH", "/api/v1/profile", "avatar_description"},
		{"PATCH", "/api/v1/profile", "attribution_domains[]"},
		{"PATCH", "/api/v1/profile", "fields_attributes[0][value]"},
		{"PATCH", "/api/v1/accounts/update_credentials", "source[privacy]"},
		{"PATCH", "/api/v1/accounts/update_credentials", "source[quote_policy]"},
	} {
		answer := bert.call(row.method, row.path, url.Values{row.field: {huge}, "context[]": {"home"}})
		if told := answer.refused(http.StatusUnprocessableEntity); len(told) > 500 {
			t.Errorf("%s %s: says it all again", row.method, row.path)
		}
	}
	for i := range maxLists {
		bert.post("/api/v1/lists", url.Values{"title": {strconv.Itoa(i)}}).ok(nil)
	}
	bert.post("/api/v1/lists", url.Values{"title": {"nog een"}}).refused(http.StatusUnprocessableEntity)
	for i := range maxFeaturedTags {
		bert.post("/api/v1/featured_tags", url.Values{"name": {"tag" + strconv.Itoa(i)}}).ok(nil)
	}
	bert.post("/api/v1/featured_tags", url.Values{"name": {"nogeen"}}).refused(http.StatusUnprocessableEntity)
	for i := range maxFollowedTags {
		w.do(func(ctx context.Context, tx communities.Tx) error {
			return storage.Of(tx).FollowTag(ctx, w.bert.ID, "t"+strconv.Itoa(i), maxFollowedTags)
		})
	}
	bert.post("/api/v1/tags/nogeen/follow", nil).refused(http.StatusUnprocessableEntity)
}
