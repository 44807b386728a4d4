package federation

import (
	"strings"
	"testing"

	"meent/communities"
	"meent/storage"
)

const article = `<!doctype html><html lang="nl"><head><title>Brug open</title><meta property="og:description" content="Vanaf <b>mei</b>.">
	<meta property="og:image" content="/brug.jpg"><link rel="alternate" type="application/json+oembed" href="/oembed.json"></head><body></body></html>`

// card is the one that anybody sees below a post.
func (w *world) card(p *communities.Post) *storage.Card {
	w.t.Helper()
	v, err := w.archive.As(communities.Viewer{}).Post(w.t.Context(), p.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return v.Card
}

// TestCards: the page that a public post links to is read once, whoever links to it; an edit changes the card, or takes it away.
func TestCards(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		site := w.peer("elders.test")
		site.put("/brug.html", article)
		site.put("/oembed.json", `{"type":"rich","html":"<script>","author_name":"Griffie","title":"anders"}`)
		link := site.base + "/brug.html"
		p := w.publish(communities.Draft{Author: w.anna.ID, Source: "Zie " + link + " #brug"})
		w.doTasks()
		card := w.card(p)
		if card == nil || card.Title != "Brug open" || card.Description != "Vanaf <b>mei</b>." || card.Image != site.base+"/brug.jpg" ||
			card.AuthorName != "Griffie" || card.Kind != "link" || card.Language != "nl" || card.URL != link {
			t.Fatalf("the card is %+v", card)
		}
		site.asked()
		again := w.publish(communities.Draft{Author: w.kees.ID, Source: "Ook " + link + "#onder"})
		w.doTasks()
		if other := w.card(again); other == nil || other.ID != card.ID || site.asked() != 0 {
			t.Errorf("the second card is %+v", other)
		}
		listed, err := w.archive.As(communities.Viewer{}).Linking(t.Context(), link, storage.Page{})
		if err != nil || len(listed) != 2 || listed[0].Post.ID != again.ID {
			t.Errorf("linking: %v, %v", listed, err)
		}
		w.edit(p, "Geen verwijzing meer")
		if w.doTasks(); w.card(p) != nil || w.card(again) == nil {
			t.Errorf("after the edit: %+v", w.card(p))
		}
	})
}

// TestCardsAreNotMade: nothing is asked for what is said to a few, for what leads here, nor for mentions and tags; a page that has nothing
// to show is asked once.
func TestCardsAreNotMade(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		site := w.peer("elders.test")
		site.put("/brug.html", article)
		site.put("/groot.html", "<title>x</title>"+strings.Repeat("x", 2<<20))
		site.put("/leeg.html", "<p>niets</p>")
		site.put("/naar.html", "-> "+townBase+"/p/1")
		site.put("/lus.html", "-> "+site.base+"/lus.html")
		bo := site.person("bo")
		link := site.base + "/brug.html"
		if _, err := w.road.ActorByURI(t.Context(), bo.uri); err != nil {
			t.Fatal(err)
		}
		w.tasks.take()
		site.asked()
		for name, d := range map[string]communities.Draft{
			"direct":    {Source: link + " @kees", Visibility: communities.Direct},
			"followers": {Source: link, Visibility: communities.Followers},
			"our own":   {Source: townBase + "/p/1"},
			"mention":   {Source: "@bo@" + site.host + " @kees #brug"},
			"inside":    {Source: "https://10.1.2.3/x en https://localhost/x"},
			"ftp":       {Source: "[x](ftp://elders.test/x) mailto:a@b.nl"},
			"picture":   {Source: link, Attachments: []communities.Attachment{{Kind: "image", URL: site.base + "/x.png"}}},
		} {
			d.Author = w.anna.ID
			p := w.publish(d)
			if w.doTasks(); site.asked() != 0 || w.count("cards WHERE kind <> ''") != 0 || w.count("posts WHERE card_id IS NOT NULL") != 0 {
				t.Errorf("%s: a card for %d", name, p.ID)
			}
		}
		for _, path := range []string{"/groot.html", "/leeg.html", "/naar.html", "/lus.html", "/nergens.html", "/u/bo"} {
			for range 2 {
				p := w.publish(communities.Draft{Author: w.anna.ID, Source: site.base + path})
				if w.doTasks(); w.card(p) != nil {
					t.Errorf("%s has a card", path)
				}
			}
			if n := site.asked(); n == 0 || n > 4 {
				t.Errorf("%s was asked for %d times", path, n)
			}
		}
	})
}

func (w *world) publish(d communities.Draft) (p *communities.Post) {
	w.t.Helper()
	w.write(func(ctx ctx, tx communities.Tx) (err error) {
		p, err = w.town.Publish(ctx, tx, d)
		return err
	})
	return p
}

func (w *world) edit(p *communities.Post, source string) {
	w.t.Helper()
	w.write(func(ctx ctx, tx communities.Tx) error {
		_, err := w.town.Edit(ctx, tx, p.ID, communities.Draft{Author: p.Author, Source: source})
		return err
	})
}
