package federation

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"meent/communities"
	"meent/federation/wire"
	"meent/storage"
)

// says changes a person's fields, as an app does.
func (w *world) says(a *communities.Actor, values ...string) {
	w.t.Helper()
	var fields []communities.Field
	for _, value := range values {
		fields = append(fields, communities.Field{Name: "Site", Value: value})
	}
	w.write(func(ctx context.Context, tx communities.Tx) error {
		_, err := w.town.EditProfile(ctx, tx, communities.Profile{Actor: a.ID, By: a.ID, Fields: &fields})
		return err
	})
}

func (w *world) verified(a *communities.Actor) (marks string) {
	w.t.Helper()
	now, err := w.archive.Actor(w.t.Context(), a.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range now.Fields {
		if f.VerifiedAt.IsZero() {
			marks += "-"
		} else {
			marks += "+"
		}
	}
	return marks
}

// A page that a profile names is verified when it points back, and no longer when it stops to.
func TestVerifyLinks(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		site := w.peer("elders.test")
		const back = `<p><a rel="me" href="TOWN/u/anna">ik</a>`
		site.put("/ik.html", back)
		site.put("/ander.html", `<a rel="me" href="TOWN/u/kees">hij</a>`)
		site.put("/tekst.txt", back)
		site.put("/weg.html", "-> /ik.html")
		site.fail("/stuk.html")
		page := func(path string) string { return site.base + path }
		w.says(w.anna, page("/ik.html"), page("/ander.html"), page("/tekst.txt"), page("/weg.html"), page("/stuk.html"), page("/niets.html"),
			"kijk op "+page("/ik.html"), "http://169.254.169.254/latest")
		if got := w.verified(w.anna); got != "--------" {
			t.Errorf("before anybody looked: %s", got)
		}
		w.doTasks()
		if got := w.verified(w.anna); got != "+--+----" {
			t.Errorf("verified: %s", got)
		}

		w.says(w.anna, page("/ik.html"), "iets anders")
		if got := w.verified(w.anna); got != "+-" {
			t.Errorf("what still says the same is verified still: %s", got)
		}
		w.says(w.kees, page("/ik.html"))
		w.doTasks()
		if got := w.verified(w.kees) + w.verified(w.anna); got != "-+-" {
			t.Errorf("the page of another: %s", got)
		}
		site.put("/ik.html", "leeg")
		w.write(func(ctx context.Context, tx communities.Tx) error {
			return tx.Enqueue(ctx, communities.VerifyLinks{Actor: w.anna.ID})
		})
		w.doTasks()
		if got := w.verified(w.anna); got != "--" {
			t.Errorf("after the link went: %s", got)
		}
	})
}

// A page that does not answer is tried again later, and not for ever.
func TestVerifyLinksLater(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		site := w.peer("elders.test")
		site.fail("/stuk.html")
		task := communities.VerifyLinks{Actor: w.anna.ID}
		w.says(w.anna, site.base+"/stuk.html")
		w.tasks.take()
		for try := range verifyTries {
			if err := w.road.verifyLinks(t.Context(), task); err != nil {
				t.Fatal(err)
			}
			var next []communities.VerifyLinks
			for _, kept := range w.tasks.take() {
				next = append(next, kept.(communities.VerifyLinks))
			}
			if last := try == verifyTries-1; len(next) != 1 && !last || len(next) != 0 && last {
				t.Fatalf("try %d: %+v", try, next)
			}
			if len(next) == 1 {
				if task = next[0]; time.Until(task.NotBefore()) < verifyPause/2 {
					t.Errorf("at once: %+v", task)
				}
			}
		}
	})
}

func (w *world) feature(a *communities.Actor, tag string) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx communities.Tx) error {
		return storage.Of(tx).FeatureTag(ctx, a.ID, tag, 1)
	})
}

// read asks for a document as another server does.
func (w *world) read(path string) string {
	w.t.Helper()
	answer := httptest.NewRecorder()
	request := httptest.NewRequest(http.MethodGet, townBase+path, nil)
	request.Header.Set("Accept", wire.MediaType)
	w.routes.ServeHTTP(answer, request)
	if answer.Code != http.StatusOK {
		w.t.Fatalf("%s: %d %s", path, answer.Code, answer.Body)
	}
	return answer.Body.String()
}

// The hashtags that a person shows, and what they keep to themselves, are told to other servers.
func TestProfileIsTold(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.write(func(ctx context.Context, tx communities.Tx) error {
			_, err := w.town.EditProfile(ctx, tx, communities.Profile{
				Actor: w.anna.ID, By: w.anna.ID, Automated: new(true), Discoverable: new(false), Indexable: new(false),
				Shows: &communities.Shows{NoMedia: true, NoFollows: true}, Attribution: &[]string{"krant.example"}, AlsoKnownAs: &[]string{"https://oud.example/u/anna"},
			})
			return err
		})
		w.feature(w.anna, "markt")
		document := w.read("/u/anna")
		for _, part := range []string{
			`"type":"Service"`, `"discoverable":false`, `"indexable":false`, `"showMedia":false`, `"showFeatured":true`, `"attributionDomains":["krant.example"]`,
			`"featuredTags":"` + townBase + `/u/anna/tags"`, `"alsoKnownAs":["https://oud.example/u/anna"]`,
		} {
			if !strings.Contains(document, part) {
				t.Errorf("the document lacks %s: %s", part, document)
			}
		}
		if tags := w.read("/u/anna/tags"); !strings.Contains(tags, `{"type":"Hashtag","href":"`+townBase+`/tags/markt","name":"#markt"}`) || !strings.Contains(tags, `"totalItems":1`) {
			t.Errorf("tags: %s", tags)
		}
		if following := w.read("/u/anna/following"); strings.Contains(following, "tems\":[\"") {
			t.Errorf("following: %s", following)
		}
	})
}

// Who moves away from here tells it to the followers elsewhere, and takes along those who live here.
func TestMoveAway(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		bo := w.peer("elders.test").person("bo")
		bo.does(`{` + as2 + `,"id":"PEER/f1","type":"Follow","actor":"PEER/u/bo","object":"` + w.anna.URI + `"}`)
		w.write(func(ctx context.Context, tx communities.Tx) error {
			_, err := w.town.Follow(ctx, tx, communities.Following{Follower: w.kees.ID, Followee: w.anna.ID})
			return err
		})
		nieuw := w.peer("lemmy.test").person("anna2")
		to, err := w.road.ActorByURI(t.Context(), nieuw.uri)
		if err != nil {
			t.Fatal(err)
		}
		move := func() error {
			return w.archive.Write(t.Context(), func(tx communities.Tx) error {
				return w.town.Move(t.Context(), tx, communities.Moving{From: w.anna.ID, To: to.ID})
			})
		}
		if err := move(); communities.KindOf(err) != communities.KindForbidden {
			t.Fatalf("to an account that does not name this one: %v", err)
		}
		w.write(func(ctx context.Context, tx communities.Tx) error {
			to.AlsoKnownAs = []string{w.anna.URI}
			return tx.UpdateActor(ctx, to)
		})
		if err := move(); err != nil {
			t.Fatal(err)
		}
		if n := w.count("activities WHERE kind = ?", "Move"); n != 1 {
			t.Errorf("%d Moves", n)
		}
		if n := w.count("follows WHERE follower_id = ? AND followee_id = ?", w.kees.ID, to.ID); n != 1 {
			t.Errorf("kees does not follow the new account: %d", n)
		}
		if document := w.read("/u/anna"); !strings.Contains(document, `"movedTo":"`+nieuw.uri+`"`) {
			t.Errorf("the document: %s", document)
		}
	})
}
