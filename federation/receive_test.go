package federation

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"meent/communities"
	"meent/storage"
)

// receiving runs the receivers until the test is over.
func (w *world) receiving(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := w.road.Receive(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
}

// settled waits until nothing is left to work on.
func (w *world) settled(t *testing.T) {
	t.Helper()
	for range 500 {
		if w.count("received WHERE outcome = ''") == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("it takes too long")
}

// TestOnceForAll: the same activity, to several inboxes and at the same moment, is one post and one notification (SECURITY B17, R2).
func TestOnceForAll(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		thread := w.thread(w.anna, "Bankjes")
		bo := w.peer("elders.test").person("bo")
		w.receiving(t)
		w.receiving(t) // as a second process would
		doc := replace(replies["Lemmy 0.19"], "THREAD", thread.URI)
		var posts sync.WaitGroup
		for i := range 10 {
			posts.Go(func() {
				if status := bo.post([]string{"/inbox", "/g/wijkraad/inbox"}[i%2], doc); status != http.StatusAccepted {
					t.Errorf("status %d", status)
				}
			})
		}
		posts.Wait()
		w.settled(t)
		if n := w.count("posts WHERE in_reply_to_uri <> ''"); n != 1 {
			t.Errorf("%d posts", n)
		}
		if n := w.count("notifications WHERE recipient_id = ?", w.anna.ID); n != 1 {
			t.Errorf("%d notifications", n)
		}
		if n := w.count("received WHERE kind = 'Create'"); n != 1 {
			t.Errorf("remembered %d times", n)
		}
	})
}

// TestOrderPerActor: what one actor sends is worked on in order, so that a Delete never comes before its Create.
func TestOrderPerActor(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		bo := w.peer("elders.test").person("bo")
		for i := range 20 {
			id := itoa(i)
			bo.post("/inbox", publicNote(id, `"content":"x"`))
			bo.post("/inbox", `{`+as2+`,"id":"PEER/d/`+id+`","type":"Delete","actor":"PEER/u/bo","object":"PEER/n/`+id+`"}`)
		}
		w.receiving(t)
		w.settled(t)
		if n := w.count("posts WHERE kind <> 'boost' AND deleted_at IS NULL"); n != 0 {
			t.Errorf("%d posts outlived their Delete", n)
		}
		if n := w.count("posts WHERE deleted_at IS NOT NULL"); n != 20 {
			t.Errorf("%d tombstones", n)
		}
	})
}

// TestSlowPeer: what waits for a slow host holds up nobody else.
func TestSlowPeer(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		slow, elders := w.peer("evil.test"), w.peer("elders.test")
		eva, bo := slow.person("eva"), elders.person("bo")
		eva.does(follows2("eva"))
		w.follows(w.anna, eva)
		slow.hang("/slow")
		for i := range 5 {
			eva.post("/inbox", `{`+as2+`,"id":"PEER/s/`+itoa(i)+`","type":"Announce","actor":"PEER/u/eva","to":["PUBLIC"],"object":"PEER/slow"}`)
		}
		w.receiving(t)
		time.Sleep(50 * time.Millisecond)
		bo.post("/inbox", publicNote("1", `"content":"x"`))
		for start := time.Now(); w.count("posts WHERE uri = ?", elders.base+"/n/1") == 0; time.Sleep(5 * time.Millisecond) {
			if time.Since(start) > time.Second {
				t.Fatal("held up by a slow host")
			}
		}
		slow.release()
	})
}

// TestPostponed: a failure of the other side is tried again, later each time, and parked at last (SECURITY D15); a restart goes on.
func TestPostponed(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		peer := w.peer("elders.test")
		bo := peer.person("bo")
		w.follows(w.anna, bo)
		peer.fail("/n/1")
		if outcome, reason := bo.sends(`{` + as2 + `,"id":"PEER/s","type":"Announce","actor":"PEER/u/bo","to":["PUBLIC"],"object":"PEER/n/1"}`); outcome != storage.Waiting {
			t.Fatalf("%s %s", outcome, reason)
		}
		row := w.lastReceived()
		if row.Attempts == 0 {
			t.Error("the attempt is not counted")
		}
		if due, err := w.archive.ClaimReceived(t.Context(), time.Now().Add(time.Hour), receiveLease, 10); err != nil || len(due) != 1 {
			t.Errorf("%d are due later, %v", len(due), err)
		}
		row.Attempts = maxAttempts
		w.road.work(t.Context(), row)
		if outcome := w.lastReceived().Outcome; outcome != storage.Failed {
			t.Errorf("after %d attempts: %q", maxAttempts, outcome)
		}
	})
}

func (w *world) lastReceived() storage.Received {
	w.t.Helper()
	var id communities.ActivityID
	if err := w.archive.SQL().QueryRowContext(context.Background(), "SELECT id FROM received ORDER BY id DESC LIMIT 1").Scan(&id); err != nil {
		w.t.Fatal(err)
	}
	row, err := w.archive.Received(context.Background(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return row
}

// TestPoison: a panic of ours over one activity stops nobody, and it is tried again.
func TestPoison(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		bo := w.peer("elders.test").person("bo")
		w.road.verifications["Like"] = func(*incoming, context.Context) (effect, error) { panic("poison") }
		if outcome, _ := bo.sends(`{` + as2 + `,"id":"PEER/l","type":"Like","actor":"PEER/u/bo","object":"PEER/x"}`); outcome != storage.Waiting {
			t.Errorf("%s", outcome)
		}
		bo.does(follows["Mastodon"])
	})
}

// TestStop: what is under way when the node stops is worked on at the next start.
func TestStop(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		bo := w.peer("elders.test").person("bo")
		bo.post("/inbox", follows["Mastodon"])
		if rows, err := w.archive.ClaimReceived(t.Context(), time.Now(), time.Hour, 10); err != nil || len(rows) != 1 { // and then it was killed
			t.Fatal(rows, err)
		}
		w.receiving(t)
		w.settled(t)
		if n := w.count("follows"); n != 1 {
			t.Errorf("%d follows", n)
		}
	})
}

// TestBlindIsStripped: bto and bcc are never stored (SECURITY V14).
func TestBlindIsStripped(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		bo := w.peer("elders.test").person("bo")
		bo.does(replace(publicNote("1", `"content":"x","bcc":["PEER/u/geheim"]`), `"type":"Create"`, `"bto":["PEER/u/geheim"],"type":"Create"`))
		if body := string(w.lastReceived().Body); len(body) == 0 || replace(body, "geheim", "") != body {
			t.Errorf("%s", body)
		}
		for _, body := range w.bodies("Announce") {
			if replace(body, "geheim", "") != body {
				t.Errorf("passed on: %s", body)
			}
		}
	})
}

// TestFirstContact: many requests by somebody new ask their origin once.
func TestFirstContact(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		bo := w.peer("elders.test").person("bo")
		var posts sync.WaitGroup
		for i := range 20 {
			posts.Go(func() {
				if status := bo.post("/inbox", publicNote(itoa(i), `"content":"x"`)); status != http.StatusAccepted {
					t.Errorf("status %d", status)
				}
			})
		}
		posts.Wait()
		if n := bo.asked(); n != 1 {
			t.Errorf("%d requests", n)
		}
	})
}
