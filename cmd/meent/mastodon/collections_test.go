package mastodon

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"meent/communities"
)

var collectionEndpoints = []endpoint{
	{"POST /api/v1/collections", "", "name=", "", ""},
	{"POST /api/v1/collections", "", "name=Ver weg&account_ids[]=${remote}", "", ""},
	{"POST /api/v1/collections", "", "name=Buurt&description=Wie u moet kennen&language=nl&tag_name=%23Buurt&account_ids[]=${fietsen}", "WrappedCollection", ""},
	{"GET /api/v1/collections/{id}", "/api/v1/collections/${collection}", "", "CollectionWithAccounts", "nobody"},
	{"PATCH /api/v1/collections/{id}", "/api/v1/collections/${collection}", "name=De buurt", "WrappedCollection", ""},
	{"PUT /api/v1/collections/{id}", "/api/v1/collections/${collection}", "sensitive=false", "WrappedCollection", ""},
	{"POST /api/v1/collections/{id}/items", "/api/v1/collections/${collection}/items", "", "", ""},
	{"POST /api/v1/collections/{id}/items", "/api/v1/collections/${collection}/items", "account_id=${bert}", "WrappedCollectionItem", ""},
	{"GET /api/v1/accounts/{id}/collections", "/api/v1/accounts/${anna}/collections", "", "Collections", "nobody"},
	{"GET /api/v1/accounts/{id}/in_collections", "/api/v1/accounts/${bert}/in_collections", "", "Collections", "bert"},
	{"GET /api/v1/notifications", "/api/v1/notifications?types[]=added_to_collection", "", "[]Notification", "bert"},
	{"POST /api/v1/collections/{id}/items/{item}/revoke", "/api/v1/collections/${collection}/items/${item}/revoke", "", "Empty", "bert"},
	{"POST /api/v1/collections/{id}/items", "/api/v1/collections/${collection}/items", "account_id=${bert}", "", ""},
	{"DELETE /api/v1/collections/{id}/items/{item}", "/api/v1/collections/${collection}/items/${group_item}", "", "Empty", ""},
	{"DELETE /api/v1/collections/{id}", "/api/v1/collections/${collection}", "", "Empty", ""},
}

type collected struct {
	Collection struct {
		ID, Name  string
		ItemCount int `json:"item_count"`
		Items     []struct {
			ID        string
			AccountID string `json:"account_id"`
		}
	}
	Accounts []struct{ ID string }
}

// A collection is shown to everybody who knows it, and listed for whom its owner wants; who does not want to be in it is not.
func TestCollections(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		anna, bert, cor, nobody := w.app(w.anna), w.app(w.bert), w.app(w.cor), app{w: w}
		var made collected
		anna.post("/api/v1/collections", url.Values{
			"name": {"Buurt"}, "discoverable": {"false"}, "account_ids[]": {id(w.bert.ID), id(w.fietsen.ID), id(w.cor.ID)},
		}).ok(&made)
		path := "/api/v1/collections/" + made.Collection.ID
		listed := func(who app) bool {
			return strings.Contains(string(who.get("/api/v1/accounts/"+id(w.anna.ID)+"/collections").body), made.Collection.ID)
		}
		if listed(nobody) || listed(bert) || !listed(anna) {
			t.Error("what is not to be listed is, or the other way round")
		}
		var shown collected
		nobody.get(path).ok(&shown)
		if shown.Collection.ItemCount != 3 || len(shown.Accounts) != 4 || shown.Accounts[0].ID != id(w.anna.ID) {
			t.Errorf("%+v", shown)
		}

		// Who links to it shows it, and it can be reported.
		address := w.town.Collection(w.anna, mustID(t, made.Collection.ID))
		var said struct {
			Tagged []struct{ Name string } `json:"tagged_collections"`
		}
		cor.post("/api/v1/statuses", url.Values{"status": {"Kijk eens: " + address + " en " + address + "0"}}).ok(&said)
		if len(said.Tagged) != 1 || said.Tagged[0].Name != "Buurt" {
			t.Errorf("%+v", said)
		}
		var report struct {
			IDs []string `json:"collection_ids"`
		}
		bert.post("/api/v1/reports", url.Values{"account_id": {id(w.anna.ID)}, "collection_ids[]": {made.Collection.ID}}).ok(&report)
		if len(report.IDs) != 1 || report.IDs[0] != made.Collection.ID {
			t.Errorf("%+v", report)
		}
		bert.post("/api/v1/reports", url.Values{"account_id": {id(w.cor.ID)}, "collection_ids[]": {made.Collection.ID}}).
			refused(http.StatusUnprocessableEntity)

		// It is hers alone to change.
		bert.call(http.MethodPatch, path, url.Values{"name": {"Mijn"}}).refused(http.StatusForbidden)
		bert.call(http.MethodDelete, path, nil).refused(http.StatusForbidden)
		bert.post(path+"/items", url.Values{"account_id": {id(w.cor.ID)}}).refused(http.StatusForbidden)
		item := func(of communities.ActorID) string {
			for _, i := range shown.Collection.Items {
				if i.AccountID == id(of) {
					return i.ID
				}
			}
			return ""
		}
		bert.call(http.MethodDelete, path+"/items/"+item(w.cor.ID), nil).refused(http.StatusForbidden)
		bert.post(path+"/items/"+item(w.cor.ID)+"/revoke", nil).refused(http.StatusForbidden)
		bert.get("/api/v1/accounts/" + id(w.cor.ID) + "/in_collections").refused(http.StatusForbidden)

		// Who has taken themselves out stays out, and who is blocked is not shown to the blocker.
		bert.post(path+"/items/"+item(w.bert.ID)+"/revoke", nil).ok(nil)
		anna.post(path+"/items", url.Values{"account_id": {id(w.bert.ID)}}).refused(http.StatusUnprocessableEntity)
		bert.post("/api/v1/accounts/"+id(w.cor.ID)+"/block", nil).ok(nil)
		bert.get(path).ok(&shown)
		if shown.Collection.ItemCount != 1 || len(shown.Accounts) != 2 {
			t.Errorf("%+v", shown)
		}

		// Those in it hear of it, once for each thing.
		anna.call(http.MethodPatch, path, url.Values{"name": {"De hele buurt"}}).ok(nil)
		var told []struct {
			Type       string
			Collection struct{ Name string }
		}
		cor.get("/api/v1/notifications?types[]=added_to_collection&types[]=collection_update").ok(&told)
		if len(told) != 2 || told[0].Type != "collection_update" || told[1].Collection.Name != "De hele buurt" {
			t.Errorf("%+v", told)
		}
		anna.call(http.MethodDelete, path, nil).ok(nil)
		nobody.get(path).refused(http.StatusNotFound)
		if left := cor.get("/api/v1/notifications?types[]=added_to_collection").ids(); len(left) != 0 {
			t.Errorf("told of what is gone: %v", left)
		}
	})
}

func mustID(t *testing.T, text string) communities.CollectionID {
	t.Helper()
	id, err := parseID[communities.CollectionID](text)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// Nobody is put into a collection who does not want to be found, has blocked its owner, lives elsewhere, or is a closed group; and there is
// an end to how many fit (row D2).
func TestCollectionConsent(t *testing.T) {
	t.Parallel()
	w := newSQLiteWorld(t)
	anna, bert := w.app(w.anna), w.app(w.bert)
	var made collected
	anna.post("/api/v1/collections", url.Values{"name": {"Buurt"}}).ok(&made)
	items := "/api/v1/collections/" + made.Collection.ID + "/items"
	refused := func(who communities.ActorID) {
		t.Helper()
		anna.post(items, url.Values{"account_id": {id(who)}}).refused(http.StatusUnprocessableEntity)
	}
	refused(w.remote.ID)
	refused(w.besloten.ID)
	bert.call(http.MethodPatch, "/api/v1/profile", url.Values{"discoverable": {"false"}}).ok(nil)
	refused(w.bert.ID)
	bert.call(http.MethodPatch, "/api/v1/profile", url.Values{"discoverable": {"true"}}).ok(nil)
	bert.post("/api/v1/accounts/"+id(w.anna.ID)+"/block", nil).ok(nil)
	refused(w.bert.ID)
	var account struct {
		Approval struct {
			Automatic   []string
			CurrentUser string `json:"current_user"`
		} `json:"feature_approval"`
	}
	anna.get("/api/v1/accounts/" + id(w.remote.ID)).ok(&account)
	if account.Approval.CurrentUser != "missing" || len(account.Approval.Automatic) != 0 {
		t.Errorf("%+v", account)
	}
	for i := range communities.MaxCollections - 1 {
		anna.post("/api/v1/collections", url.Values{"name": {strconv.Itoa(i)}}).ok(nil)
	}
	anna.post("/api/v1/collections", url.Values{"name": {"Te veel"}}).refused(http.StatusUnprocessableEntity)
	for _, field := range []string{"name", "description", "tag_name"} {
		anna.call(http.MethodPatch, "/api/v1/collections/"+made.Collection.ID, url.Values{field: {strings.Repeat("x", maxBody/2)}}).
			refused(http.StatusUnprocessableEntity)
	}
	for i := range communities.MaxCollectionItems {
		anna.post(items, url.Values{"account_id": {id(w.group("groep"+strconv.Itoa(i), communities.GroupSettings{}).ID)}}).ok(nil)
	}
	refused(w.fietsen.ID)
}

// Collections are paged by counting, to an end.
func TestPagesOfCollections(t *testing.T) {
	t.Parallel()
	w := newSQLiteWorld(t)
	anna := w.app(w.anna)
	for i := range 3 {
		anna.post("/api/v1/collections", url.Values{"name": {strconv.Itoa(i)}}).ok(nil)
	}
	next, seen := "/api/v1/accounts/"+id(w.anna.ID)+"/collections?limit=2", 0
	for range 3 {
		answer := anna.get(next)
		var page struct{ Collections []struct{ ID string } }
		answer.ok(&page)
		seen += len(page.Collections)
		link := answer.header.Get("Link")
		if !strings.Contains(link, `rel="next"`) {
			break
		}
		next = link[1:strings.Index(link, ">")]
	}
	if seen != 3 {
		t.Errorf("%d of 3 collections", seen)
	}
}

// An app finds a collection by its address; and one that does not know the notifications of collections is told in words what happened, in the
// language that it asks for.
func TestCollectionsForAppsThatDoNotKnowThem(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		anna, bert := w.app(w.anna), w.app(w.bert)
		var made struct {
			Collection struct{ ID, URL string }
		}
		anna.post("/api/v1/collections", url.Values{"name": {"Buurt"}, "account_ids[]": {id(w.bert.ID)}}).ok(&made)
		search := func(address string) []struct{ ID string } {
			var found struct{ Collections []struct{ ID string } }
			bert.get("/api/v2/search?resolve=true&q=" + url.QueryEscape(address)).ok(&found)
			return found.Collections
		}
		if found := search(made.Collection.URL); len(found) != 1 || found[0].ID != made.Collection.ID {
			t.Errorf("found %+v", found)
		}
		if found := search(strings.Replace(made.Collection.URL, "/u/anna/", "/u/bert/", 1)); len(found) != 0 {
			t.Errorf("found %+v at another address", found)
		}
		type notice struct {
			Collection *struct{ ID string }
			Fallback   *struct{ Title string }
		}
		read := func(query, language string) notice {
			var list []notice
			var groups struct {
				Groups []notice `json:"notification_groups"`
			}
			header := http.Header{"Accept-Language": {language}}
			bert.send(http.MethodGet, "/api/v1/notifications?types[]=added_to_collection"+query, "", "", header).ok(&list)
			bert.send(http.MethodGet, "/api/v2/notifications?types[]=added_to_collection"+query, "", "", header).ok(&groups)
			if diff := cmp.Diff(list, groups.Groups); diff != "" || len(list) != 1 || list[0].Collection == nil {
				t.Fatalf("alone (-), in groups (+):\n%s", diff)
			}
			return list[0]
		}
		for _, query := range []string{"", "&supported_types[]=mention&supported_types[]=added_to_collection"} {
			if n := read(query, "nl"); n.Fallback != nil {
				t.Errorf("%q is told in words: %+v", query, n.Fallback)
			}
		}
		for language, want := range map[string]string{"nl": " zette u in een verzameling", "en": " put you in a collection"} {
			if n := read("&supported_types[]=mention", language); n.Fallback == nil || !strings.HasSuffix(n.Fallback.Title, want) {
				t.Errorf("in %s: %+v", language, n.Fallback)
			}
		}
	})
}
