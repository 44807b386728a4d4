package mastodon

import (
	"net/http"
	"strings"
	"testing"
)

var linkEndpoints = []endpoint{
	{"GET /api/v1/timelines/link", "/api/v1/timelines/link?url=https://krant.example/brug", "", "[]Status", "nobody"},
	{"GET /api/v1/statuses/{id}", "/api/v1/statuses/${plain}", "", "Status", "nobody"},
}

// Whoever speaks of a page is found by its address, and their status shows what the page says of itself.
func TestCardsAndLinks(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		nobody := app{w: w}
		var status struct {
			Card *struct {
				URL, Title, Type string
				HTML             string
				Image            string
				Authors          []struct{ Name string }
			}
		}
		nobody.get("/api/v1/statuses/" + id(w.plain.ID)).ok(&status)
		if status.Card == nil || status.Card.Title != "Brug open" || status.Card.HTML != "" || status.Card.Type != "link" || status.Card.Authors[0].Name != "Griffie" {
			t.Errorf("the card is %+v", status.Card)
		}
		if image := w.api.Shown("https://krant.example/brug.jpg"); status.Card.Image != image || !strings.HasPrefix(image, w.server.URL) {
			t.Errorf("the picture of the card is at %s", status.Card.Image)
		}
		for path, want := range map[string]int{"https://krant.example/brug": 1, "https://KRANT.example/brug%23deel": 1} {
			if found := nobody.get("/api/v1/timelines/link?url=" + path).ids(); len(found) != want {
				t.Errorf("%s: %v", path, found)
			}
		}
		for _, path := range []string{"https://krant.example/anders", "", "onzin"} {
			nobody.get("/api/v1/timelines/link?url=" + path).refused(http.StatusNotFound)
		}
	})
}
