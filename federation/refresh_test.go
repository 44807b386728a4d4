package federation

import (
	"testing"

	"meent/communities"
	"meent/federation/fetch"
)

// note is a public note of a peer, with a collection of answers where there are some.
func note(n, answers, replies string) string {
	doc := `{` + as2 + `,"id":"PEER/n/` + n + `","type":"Note","attributedTo":"PEER/u/bo","content":"<p>` + n + `</p>","to":["PUBLIC"],"published":"2026-03-01T10:00:00Z"`
	if answers != "" {
		doc += `,"inReplyTo":"` + answers + `"`
	}
	if replies != "" {
		doc += `,"replies":"PEER/n/` + n + `/replies"`
	}
	return doc + `}`
}

func answersOf(n, items string) string {
	return `{` + as2 + `,"id":"PEER/n/` + n + `/replies","type":"Collection","items":[` + items + `]}`
}

// TestFreshen: a thread that somebody reads is looked at where it comes from, answers to answers as well, once in a while however often it
// is read, and as far as the budget goes (SECURITY D3, D4).
func TestFreshen(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		peer := w.peer("elders.test")
		peer.person("bo")
		peer.put("/n/1", note("1", "", "yes"))
		peer.put("/n/2", note("2", "PEER/n/1", "yes"))
		peer.put("/n/3", note("3", "PEER/n/2", ""))
		peer.put("/n/los", note("los", "", ""))
		peer.put("/n/1/replies", answersOf("1", `"PEER/n/2","PEER/n/los","PEER/n/nergens","`+townBase+`/p/1","https://victim.test/n/1"`))
		peer.put("/n/2/replies", answersOf("2", `"PEER/n/3"`))
		root, err := w.road.PostByURI(t.Context(), peer.base+"/n/1")
		if err != nil {
			t.Fatal(err)
		}
		w.tasks.take()
		peer.asked()
		look, err := w.road.Freshen(t.Context(), root.Thread)
		if err != nil || !w.road.Running(look) {
			t.Fatalf("looks %+v, %v", look, err)
		}
		for range 5 {
			again, err := w.road.Freshen(t.Context(), root.Thread)
			if err != nil || again.Name != look.Name {
				t.Errorf("looks again: %+v, %v", again, err)
			}
		}
		if n := peer.asked(); n != 0 {
			t.Errorf("%d requests before the answer", n)
		}
		w.doTasks()
		for n, parent := range map[string]string{"2": "1", "3": "2"} {
			if p := w.postAt(peer.base + "/n/" + n); p.Thread != root.ID || p.InReplyToURI != peer.base+"/n/"+parent {
				t.Errorf("%s: %+v", n, p)
			}
		}
		if look, err = w.archive.RefreshNamed(t.Context(), look.Name); err != nil || w.road.Running(look) || look.Found != 2 {
			t.Errorf("in the end %+v, %v", look, err)
		}
		peer.asked()
		if _, err := w.road.Freshen(t.Context(), root.Thread); err != nil {
			t.Fatal(err)
		}
		if w.doTasks(); peer.asked() != 0 {
			t.Error("it was looked at again at once")
		}
	})
}

// TestFreshenEndlessly: answers without end cost a bounded number of requests.
func TestFreshenEndlessly(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		peer := w.peer("elders.test")
		peer.person("bo")
		for i := range 300 {
			parent := ""
			if i > 0 {
				parent = "PEER/n/" + itoa(i-1)
			}
			peer.put("/n/"+itoa(i), note(itoa(i), parent, "yes"))
			peer.put("/n/"+itoa(i)+"/replies", answersOf(itoa(i), `"PEER/n/`+itoa(i+1)+`"`))
		}
		root, err := w.road.PostByURI(t.Context(), peer.base+"/n/0")
		if err != nil {
			t.Fatal(err)
		}
		w.tasks.take()
		peer.asked()
		if _, err := w.road.Freshen(t.Context(), root.Thread); err != nil {
			t.Fatal(err)
		}
		for _, task := range w.tasks.take() {
			if err := w.road.refreshThread(t.Context(), task.(RefreshThread)); err != nil {
				t.Error(err)
			}
		}
		if n := peer.asked(); n == 0 || n > refreshPerDomain {
			t.Errorf("%d requests", n)
		}
		if look, err := w.archive.RefreshOf(t.Context(), root.Thread); err != nil || w.road.Running(look) || look.Found == 0 {
			t.Errorf("in the end %+v, %v", look, err)
		}
	})
}

// TestPostByURI: what is public is read from its origin, by its id or its page; nothing else is.
func TestPostByURI(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		peer := w.peer("elders.test")
		peer.person("bo")
		peer.put("/n/1", note("1", "", ""))
		peer.put("/@bo/1", note("1", "", ""))
		peer.put("/n/geheim", replace(note("geheim", "", ""), `"PUBLIC"`, `"PEER/u/bo/followers"`))
		peer.put("/n/vals", replace(note("vals", "", ""), "PEER/u/bo", "https://victim.test/u/bo"))
		for _, path := range []string{"/@bo/1", "/n/1", "/n/1"} {
			if p, err := w.road.PostByURI(t.Context(), peer.base+path); err != nil || p.URI != peer.base+"/n/1" {
				t.Errorf("%s: %+v, %v", path, p, err)
			}
		}
		for _, uri := range []string{
			peer.base + "/n/geheim", peer.base + "/n/vals", peer.base + "/n/nergens", peer.base + "/u/bo", townBase + "/p/1", "https://10.0.0.1/n/1", "nonsense",
		} {
			if p, err := w.road.PostByURI(t.Context(), uri); !communities.IsNotFound(err) {
				t.Errorf("%s: %+v, %v", uri, p, err)
			}
		}
		if n := w.count("posts WHERE uri LIKE '%elders%'"); n != 1 {
			t.Errorf("%d posts", n)
		}
		spent := fetch.WithBudget(t.Context(), 0, 0)
		peer.put("/n/2", note("2", "", ""))
		if _, err := w.road.PostByURI(spent, peer.base+"/n/2"); err == nil {
			t.Error("no budget was asked for")
		}
	})
}
