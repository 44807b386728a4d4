package mastodon

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"meent/communities"
)

var tagEndpoints = []endpoint{
	{"GET /api/v1/tags/{name}", "/api/v1/tags/verkeer", "", "Tag", "nobody"},
	{"POST /api/v1/tags/{name}/follow", "/api/v1/tags/Verkeer/follow", "", "Tag", "bert"},
	{"POST /api/v1/tags/{name}/follow", "/api/v1/tags/12/follow", "", "", "bert"},
	{"GET /api/v1/followed_tags", "", "", "[]Tag", "bert"},
	{"POST /api/v1/tags/{name}/unfollow", "/api/v1/tags/verkeer/unfollow", "", "Tag", "bert"},
	{"GET /api/v1/featured_tags/suggestions", "", "", "[]Tag", ""},
	{"POST /api/v1/tags/{name}/feature", "/api/v1/tags/brug/feature", "", "Tag", ""},
	{"POST /api/v1/tags/{name}/unfeature", "/api/v1/tags/brug/unfeature", "", "Tag", ""},
	{"POST /api/v1/featured_tags", "", "name=geen tag!", "", ""},
	{"POST /api/v1/featured_tags", "", "name=%23Verkeer", "FeaturedTag", ""},
	{"GET /api/v1/featured_tags", "", "", "[]FeaturedTag", ""},
	{"GET /api/v1/accounts/{id}/featured_tags", "/api/v1/accounts/${anna}/featured_tags", "", "[]FeaturedTag", "nobody"},
	{"DELETE /api/v1/featured_tags/{id}", "/api/v1/featured_tags/${featured}", "", "Empty", ""},
}

// The id of a hashtag is as long as every other id, whatever its name.
func TestHashtagIDsAreOfOneLength(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[a-z0-9]{1,30}`).Draw(t, "name")
		if drawn := tagID(name).String(); len(drawn) != 19 {
			t.Errorf("%s: %s", name, drawn)
		}
	})
}

// What is written with a hashtag that somebody follows comes to their home, once.
func TestFollowedTagAtHome(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		cor := w.app(w.cor)
		var tag struct {
			Following, Featuring bool
			History              []struct{ Day, Uses, Accounts string }
		}
		cor.post("/api/v1/tags/Markt/follow", nil).ok(&tag)
		if !tag.Following || tag.Featuring || len(tag.History) != 7 {
			t.Errorf("%+v", tag)
		}
		stall := id(w.post(communities.Draft{Author: w.anna.ID, Source: "Een kraam op de #markt, #Markt"}).ID)
		quiet := id(w.post(communities.Draft{Author: w.anna.ID, Source: "Stille #markt", Visibility: communities.Unlisted}).ID)
		home := cor.get("/api/v1/timelines/home").ids()
		if n := strings.Count(strings.Join(home, " "), stall); n != 1 || slices.Contains(home, quiet) {
			t.Errorf("%s is at home %d times: %v", stall, n, home)
		}
		cor.get("/api/v1/tags/markt").ok(&tag)
		if today := tag.History[0]; today.Uses != "1" || today.Accounts != "1" {
			t.Errorf("history %+v", tag.History)
		}
		cor.post("/api/v1/accounts/"+id(w.anna.ID)+"/block", nil).ok(nil)
		if slices.Contains(cor.get("/api/v1/timelines/home").ids(), stall) {
			t.Error("a hashtag goes past a block")
		}
	})
}

// Hashtags on a profile tell how often their owner used them, for everybody to see.
func TestFeaturedTags(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		anna := w.app(w.anna)
		var shown struct {
			ID, Name, StatusesCount string
			LastStatusAt            *string `json:"last_status_at"`
		}
		anna.post("/api/v1/featured_tags", url.Values{"name": {"#Verkeer"}}).ok(&shown)
		var list []struct {
			Name  string
			Count string `json:"statuses_count"`
		}
		app{w: w}.get("/api/v1/accounts/" + id(w.anna.ID) + "/featured_tags").ok(&list)
		if len(list) != 1 || list[0].Name != "verkeer" || list[0].Count != "2" || shown.LastStatusAt == nil {
			t.Errorf("%+v %+v", list, shown)
		}
	})
}
