package mastodon

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"meent/communities"
)

var houseEndpoints = []endpoint{
	{"GET /api/v1/instance/rules", "", "", "[]Rule", "nobody"},
	{"GET /api/v1/instance/peers", "", "", "[]string", "nobody"},
	{"GET /api/v1/peers/search", "/api/v1/peers/search?q=goed", "", "[]string", "nobody"},
	{"GET /api/v1/instance/activity", "", "", "[]WeekActivity", "nobody"},
	{"GET /api/v1/instance/domain_blocks", "", "", "[]DomainBlock", "nobody"},
	{"GET /api/v1/instance/extended_description", "", "", "ExtendedDescription", "nobody"},
	{"GET /api/v1/instance/privacy_policy", "", "", "PrivacyPolicy", "nobody"},
	{"GET /api/v1/instance/terms_of_service", "", "", "TermsOfService", "nobody"},
	{"GET /api/v1/instance/terms_of_service/{date}", "/api/v1/instance/terms_of_service/2094-05-01", "", "TermsOfService", "nobody"},
	{"GET /api/v1/instance/terms_of_service/{date}", "/api/v1/instance/terms_of_service/2001-01-01", "", "", "nobody"},
	{"GET /api/v1/instance/languages", "", "", "[]Language", "nobody"},
	{"GET /api/v1/annual_reports", "", "", "AnnualReports", ""},
	{"GET /api/v1/annual_reports/{year}", "/api/v1/annual_reports/2025", "", "AnnualReports", ""},
	{"GET /api/v1/annual_reports/{year}/state", "/api/v1/annual_reports/2025/state", "", "AnnualReportState", ""},
	{"GET /api/oembed", "/api/oembed?url=${base}/p/${plain}", "", "OEmbed", "nobody"},
	{"GET /health", "", "", "Health", "nobody"},
	{"GET /.well-known/change-password", "", "", "redirect", "nobody"},
	{"GET /emoji/{name}", "/emoji/fiets", "", "picture", "nobody"},
	{"POST /api/v1/statuses", "", "status=Zie+https://plan.example/park", "Status", ""},
	{"POST /api/v1/statuses", "", "status=Ook+https://plan.example/park", "Status", "bert"},
	{"GET /api/v1/trends", "", "", "[]Tag", "nobody"},
	{"GET /api/v1/trends/tags", "", "", "[]Tag", "nobody"},
	{"GET /api/v1/trends/statuses", "", "", "[]Status", "nobody"},
	{"GET /api/v1/trends/links", "", "", "[]TrendingLink", "nobody"},
	{"DELETE /api/v1/suggestions/{id}", "/api/v1/suggestions/${fietsen}", "", "Empty", "cor"},
}

// What the texts of the node say reaches apps in the language that they ask for, else in the first that there is.
func TestHouseTexts(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		w.do(func(ctx context.Context, tx communities.Tx) error {
			return w.town.WriteText(ctx, tx, communities.NodeText{Name: communities.TextPrivacy, Language: "en", Source: "We keep little"}, w.node.ID)
		})
		for asked, want := range map[string]string{"en-GB,nl;q=0.5": "We keep little", "nl": "Zo gaat het hier", "fr": "Zo gaat het hier"} {
			answer := app{w: w}.send(http.MethodGet, "/api/v1/instance/privacy_policy", "", "", http.Header{"Accept-Language": {asked}})
			if body := string(answer.body); !strings.Contains(body, want) {
				t.Errorf("asked for %s: %s", asked, body)
			}
		}
		var terms struct {
			EffectiveDate string `json:"effective_date"`
			SucceededBy   string `json:"succeeded_by"`
			Content       string
		}
		app{w: w}.get("/api/v1/instance/terms_of_service").ok(&terms)
		if terms.EffectiveDate != "2024-05-01" || terms.SucceededBy != "2094-05-01" || !strings.Contains(terms.Content, "Vanaf 2024") {
			t.Errorf("%+v", terms)
		}
	})
}

// Figures and lists are for those whom the node's policy names.
func TestWhatTheNodePublishes(t *testing.T) {
	t.Parallel()
	w := newSQLiteWorld(t)
	bert, nobody := w.app(w.bert), app{w: w}
	for _, test := range []struct {
		publish     Publish
		bert, other int
	}{{PublishAll, 200, 200}, {PublishPeople, 200, 401}, {PublishNobody, 404, 404}} {
		w.api.PublishPeers, w.api.PublishActivity, w.api.PublishBlocks = test.publish, test.publish, test.publish
		for _, path := range []string{"/api/v1/instance/peers", "/api/v1/instance/activity", "/api/v1/instance/domain_blocks"} {
			if got := bert.get(path).status; got != test.bert {
				t.Errorf("%s of %s to a resident: %d", path, test.publish, got)
			}
			if got := nobody.get(path).status; got != test.other {
				t.Errorf("%s of %s to anybody: %d", path, test.publish, got)
			}
		}
	}
	for _, name := range []string{"naar.example"} {
		w.api.PublishPeers = PublishAll
		if strings.Contains(string(nobody.get("/api/v1/instance/peers").body), name) {
			t.Error("a host that is kept out is named as a peer")
		}
	}
}

// A hashtag trends by the people who use it, and not by how often one does; what is not public counts for nothing.
func TestTrends(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		for range 3 {
			w.post(communities.Draft{Author: w.bert.ID, Source: "alleen ik #eenzaam https://een.example/"})
		}
		for _, who := range []*communities.Actor{w.anna, w.bert} {
			w.post(communities.Draft{Author: who.ID, Source: "zie https://plan.example/park"})
			w.post(communities.Draft{Author: who.ID, Source: "stil #verborgen", Visibility: communities.Followers})
		}
		w.app(w.bert).post("/api/v1/statuses/"+id(w.thread.ID)+"/favourite", nil).ok(nil)
		var tags []struct {
			Name    string
			History []struct{ Uses, Accounts string }
		}
		app{w: w}.get("/api/v1/trends/tags").ok(&tags)
		if len(tags) != 1 || tags[0].Name != "verkeer" || len(tags[0].History) != 7 || tags[0].History[0].Accounts != "2" {
			t.Errorf("tags: %+v", tags)
		}
		var links []struct{ URL, Title string }
		app{w: w}.get("/api/v1/trends/links").ok(&links)
		if len(links) != 1 || links[0].URL != "https://plan.example/park" || links[0].Title != "plan.example/park" {
			t.Errorf("links: %+v", links)
		}
		var statuses []struct{ ID string }
		app{w: w}.get("/api/v1/trends/statuses").ok(&statuses)
		if len(statuses) != 1 || statuses[0].ID != id(w.thread.ID) {
			t.Errorf("statuses: %+v", statuses)
		}
		w.api.Trends = false
		for _, path := range []string{"tags", "links", "statuses"} {
			if body := string(app{w: w}.get("/api/v1/trends/" + path).body); body != "[]\n" {
				t.Errorf("trends are off: %s", body)
			}
		}
	})
}

// Pictures show where they are named: of this node by name, of others as they came.
func TestCustomEmojis(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		anna := w.app(w.anna)
		var made struct {
			Emojis []struct{ Shortcode, URL string }
		}
		anna.post("/api/v1/statuses", url.Values{"status": {"Op de :fiets: en niet :auto:"}}).ok(&made)
		if len(made.Emojis) != 1 || made.Emojis[0].Shortcode != "fiets" {
			t.Fatalf("%+v", made)
		}
		if picture := (app{w: w}).get(made.Emojis[0].URL); picture.status != http.StatusOK || picture.header.Get("Content-Type") != "image/png" {
			t.Errorf("the picture: %d", picture.status)
		}
		far := w.post(communities.Draft{
			Author: w.remote.ID, URI: "https://ergens.example/notes/9", Content: "<p>hoi :zwaai: en :weg:</p>", Visibility: communities.Public,
			Emojis: []communities.Emoji{{Name: "zwaai", URL: "https://ergens.example/zwaai.png"}, {Name: "x y", URL: "https://ergens.example/x.png"}},
		})
		anna.get("/api/v1/statuses/" + id(far.ID)).ok(&made)
		if len(made.Emojis) != 1 || made.Emojis[0].URL != w.api.Shown("https://ergens.example/zwaai.png") || !strings.HasPrefix(made.Emojis[0].URL, w.server.URL) {
			t.Errorf("%+v", made)
		}
	})
}

// Whoever was dismissed is suggested no more, and the directory is of those who want to be found.
func TestSuggestionsAndDirectory(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		cor := w.app(w.cor)
		if !strings.Contains(string(cor.get("/api/v2/suggestions").body), id(w.fietsen.ID)) {
			t.Fatal("nothing is suggested")
		}
		cor.call(http.MethodDelete, "/api/v1/suggestions/"+id(w.fietsen.ID), nil).ok(nil)
		if strings.Contains(string(cor.get("/api/v2/suggestions").body), id(w.fietsen.ID)) {
			t.Error("it is suggested again")
		}
		var people []struct{ ID string }
		cor.get("/api/v1/directory?order=new").ok(&people)
		if len(people) != 4 || people[0].ID != id(w.fietsen.ID) {
			t.Errorf("the newest: %+v", people)
		}
		w.do(func(ctx context.Context, tx communities.Tx) error {
			return w.town.Limit(ctx, tx, communities.Standing{Actor: w.bert.ID, By: w.anna.ID})
		})
		cor.get("/api/v1/directory?order=active").ok(&people)
		if len(people) != 3 || people[0].ID != id(w.fietsen.ID) && people[0].ID != id(w.anna.ID) {
			t.Errorf("the most active: %+v", people)
		}
	})
}
