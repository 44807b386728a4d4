package mastodon

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"meent/communities"
)

var noticeEndpoints = []endpoint{
	{"PUT /api/v1/announcements/{id}/reactions/{name}", "/api/v1/announcements/${notice}/reactions/%F0%9F%9A%B2", "", "Empty", "bert"},
	{"PUT /api/v1/announcements/{id}/reactions/{name}", "/api/v1/announcements/${notice}/reactions/fiets", "", "Empty", "bert"},
	{"GET /api/v1/announcements", "", "", "[]Announcement", ""},
	{"DELETE /api/v1/announcements/{id}/reactions/{name}", "/api/v1/announcements/${notice}/reactions/fiets", "", "Empty", "bert"},
	{"POST /api/v1/announcements/{id}/dismiss", "/api/v1/announcements/${notice}/dismiss", "", "Empty", "bert"},
}

// A notice is put away by each for themselves, comes back when it changes, and carries what people say to it.
func TestAnnouncements(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		anna, bert := w.app(w.anna), w.app(w.bert)
		at := "/api/v1/announcements/" + id(w.notice.ID)
		for _, name := range []string{"🚲", "fiets", "👨‍👩‍👧", "3️⃣"} {
			bert.call(http.MethodPut, at+"/reactions/"+url.PathEscape(name), nil).ok(nil)
		}
		bert.call(http.MethodPut, at+"/reactions/fiets", nil).ok(nil) // twice is once
		anna.call(http.MethodPut, at+"/reactions/fiets", nil).ok(nil)
		for _, name := range []string{"hallo", "onbekend", "12", "<b>"} {
			bert.call(http.MethodPut, at+"/reactions/"+url.PathEscape(name), nil).refused(http.StatusUnprocessableEntity)
		}
		var list []struct {
			Content   string
			Read      bool
			Emojis    []struct{ Shortcode string }
			Reactions []struct {
				Name  string
				Count int
				Me    bool
				URL   string
			}
		}
		anna.get("/api/v1/announcements").ok(&list)
		if len(list) != 1 || len(list[0].Reactions) != 4 || len(list[0].Emojis) != 1 {
			t.Fatalf("%+v", list)
		}
		for _, r := range list[0].Reactions {
			own := r.Name == "fiets"
			if r.Me != own || (r.URL != "") != own || (r.Count == 2) != own {
				t.Errorf("%+v", r)
			}
		}
		bert.post(at+"/dismiss", nil).ok(nil)
		bert.get("/api/v1/announcements").ok(&list)
		if len(list) != 0 {
			t.Errorf("put away, and still there: %+v", list)
		}
		bert.get("/api/v1/announcements?with_dismissed=true").ok(&list)
		if len(list) != 1 || !list[0].Read {
			t.Errorf("%+v", list)
		}
		w.do(func(ctx context.Context, tx communities.Tx) error {
			_, err := w.town.Announce(ctx, tx, communities.Notice{ID: w.notice.ID, By: w.node.ID, Source: "De brug is open"})
			return err
		})
		bert.get("/api/v1/announcements").ok(&list)
		if len(list) != 1 || !strings.Contains(list[0].Content, "De brug is open") {
			t.Errorf("%+v", list)
		}
		w.do(func(ctx context.Context, tx communities.Tx) error {
			_, err := w.town.Announce(ctx, tx, communities.Notice{ID: w.notice.ID, By: w.node.ID, Source: "Nog niet", Draft: true})
			return err
		})
		bert.post(at+"/dismiss", nil).refused(http.StatusNotFound)
		bert.call(http.MethodPut, at+"/reactions/fiets", nil).refused(http.StatusNotFound)
	})
}
