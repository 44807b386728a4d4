package mastodon

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"meent/communities"
)

var profileEndpoints = []endpoint{
	{"GET /api/v1/accounts/verify_credentials", "", "", "CredentialAccount", ""},
	{"PATCH /api/v1/accounts/update_credentials", "", "display_name=Anna&note=Hoi&fields_attributes[0][name]=Site&fields_attributes[0][value]=https://anna.example", "CredentialAccount", ""},
	{"PUT /api/v1/accounts/update_credentials", "", "locked=true", "CredentialAccount", ""},
	{"GET /api/v1/profile", "", "", "Profile", ""},
	{"PATCH /api/v1/profile", "", "bot=true&show_media=false&attribution_domains[]=krant.example", "Profile", ""},
	{"PUT /api/v1/profile", "", "bot=false", "Profile", ""},
	{"GET /api/v1/preferences", "", "", "Preferences", ""},
}

// What somebody changes of themselves is kept as they typed it, and shown as it is meant.
func TestProfile(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		bert := w.app(w.bert)
		bert.call(http.MethodPatch, "/api/v1/profile", url.Values{
			"note": {"Hallo *daar*"}, "bot": {"true"}, "hide_collections": {"true"}, "show_featured": {"false"}, "discoverable": {"false"},
			"indexable": {"false"}, "attribution_domains[]": {"Krant.example", "blog.example"},
			"fields_attributes[0][name]": {"Site"}, "fields_attributes[0][value]": {"https://bert.example/ik"},
		}).ok(nil)
		var p struct {
			Note                         string
			Bot, Indexable, Discoverable bool
			HideCollections              bool     `json:"hide_collections"`
			ShowMedia                    bool     `json:"show_media"`
			ShowFeatured                 bool     `json:"show_featured"`
			AttributionDomains           []string `json:"attribution_domains"`
			Fields                       []struct{ Name, Value string }
			Avatar                       *string
		}
		bert.get("/api/v1/profile").ok(&p)
		if p.Note != "Hallo *daar*" || !p.Bot || p.Indexable || p.Discoverable || !p.HideCollections || !p.ShowMedia || p.ShowFeatured || p.Avatar != nil ||
			len(p.AttributionDomains) != 2 || p.AttributionDomains[0] != "krant.example" || len(p.Fields) != 1 || p.Fields[0].Value != "https://bert.example/ik" {
			t.Errorf("%+v", p)
		}
		var seen struct {
			Bot    bool
			Fields []struct {
				Value      string
				VerifiedAt *string `json:"verified_at"`
			}
		}
		app{w: w}.get("/api/v1/accounts/" + id(w.bert.ID)).ok(&seen)
		const want = `<a href="https://bert.example/ik" rel="me nofollow noopener noreferrer">`
		if !seen.Bot || len(seen.Fields) != 1 || seen.Fields[0].Value[:len(want)] != want || seen.Fields[0].VerifiedAt != nil {
			t.Errorf("%+v", seen)
		}
		if got := (app{w: w}).get("/api/v1/accounts/" + id(w.bert.ID) + "/following").ids(); len(got) != 0 {
			t.Errorf("whom bert follows is told: %v", got)
		}
		if got := bert.get("/api/v1/accounts/" + id(w.bert.ID) + "/following").ids(); len(got) == 0 {
			t.Error("bert does not see whom he follows")
		}
		for _, path := range []string{"/api/v1/directory", "/api/v1/accounts/search?q=ber"} {
			for _, found := range w.app(w.cor).get(path).ids() {
				if found == id(w.bert.ID) {
					t.Errorf("%s shows who does not want to be found", path)
				}
			}
		}
		if got := w.app(w.cor).get("/api/v1/accounts/search?q=bert").ids(); len(got) != 1 {
			t.Error("who knows the whole name does not find it")
		}
	})
}

// Posts begin as their writer said, unless they say otherwise.
func TestDefaults(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		bert := w.app(w.bert)
		bert.call(http.MethodPatch, "/api/v1/accounts/update_credentials", url.Values{
			"source[privacy]": {"private"}, "source[sensitive]": {"true"}, "source[language]": {"fy"}, "source[quote_policy]": {"followers"},
		}).ok(nil)
		var p map[string]any
		bert.get("/api/v1/preferences").ok(&p)
		for name, want := range map[string]any{
			"posting:default:visibility": "private", "posting:default:sensitive": true, "posting:default:language": "fy",
			"posting:default:quote_policy": "followers",
		} {
			if p[name] != want {
				t.Errorf("%s: %v", name, p[name])
			}
		}
		var s struct {
			Visibility, Language string
			Sensitive            bool
		}
		bert.post("/api/v1/statuses", url.Values{"status": {"Hoi"}}).ok(&s)
		if s.Visibility != "private" || !s.Sensitive || s.Language != "fy" {
			t.Errorf("%+v", s)
		}
		bert.post("/api/v1/statuses", url.Values{"status": {"Hoi allemaal"}, "visibility": {"public"}, "sensitive": {"false"}, "language": {"nl"}}).ok(&s)
		if s.Visibility != "public" || s.Sensitive || s.Language != "nl" {
			t.Errorf("%+v", s)
		}
		bert.call(http.MethodPatch, "/api/v1/profile", url.Values{"source[quote_policy]": {"sometimes"}}).refused(http.StatusUnprocessableEntity)
	})
}

// Wherever somebody who moved is shown, it is told where they are now.
func TestMovedAccount(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		w.do(func(ctx context.Context, tx communities.Tx) error {
			w.remote.AlsoKnownAs = []string{w.bert.URI}
			if err := tx.UpdateActor(ctx, w.remote); err != nil {
				return err
			}
			return w.town.Move(ctx, tx, communities.Moving{From: w.bert.ID, To: w.remote.ID})
		})
		type account struct{ Moved *struct{ Acct string } }
		var one account
		app{w: w}.get("/api/v1/accounts/" + id(w.bert.ID)).ok(&one)
		var list []account
		app{w: w}.get("/api/v1/accounts?id[]=" + id(w.bert.ID)).ok(&list)
		for _, a := range append(list, one) {
			if a.Moved == nil || a.Moved.Acct != "ver@ergens.example" {
				t.Errorf("%+v", a)
			}
		}
	})
}
