package federation

import (
	"net/http"
	"testing"
	"time"

	"meent/federation/fetch"
	"meent/storage/storagetest"
)

// FuzzInbox sends any body, rightly signed by somebody who is known here, and works on what is taken. Nothing may panic, and every answer
// is one of a few.
func FuzzInbox(f *testing.F) {
	w := newWorld(f, storagetest.SQLite(f))
	thread := w.thread(w.anna, "Bankjes")
	eva := w.peer("evil.test").person("eva")
	if status := eva.post("/inbox", publicAs("eva")); status != http.StatusAccepted {
		f.Fatal(status)
	}
	for _, doc := range replies {
		f.Add(eva.fill(replace(replace(doc, "THREAD", thread.URI), "u/bo", "u/eva")))
	}
	for _, doc := range follows {
		f.Add(eva.fill(replace(doc, "u/bo", "u/eva")))
	}
	for _, story := range trespasses {
		f.Add(eva.fill(`{` + as2 + `,"id":"PEER/t","actor":"PEER/u/eva",` + replace(story.doc, "EVE", eva.uri) + `}`))
	}
	for _, c := range contributed {
		f.Add(eva.fill(`{` + as2 + `,"id":"PEER/create","type":"Create","actor":"PEER/u/eva","to":["PUBLIC"],"cc":["GROUP"],"object":` + replace(c.doc, "u/bo", "u/eva") + `}`))
	}
	f.Add(`{}`)
	f.Fuzz(func(t *testing.T, body string) {
		switch status := eva.post("/inbox", body); status {
		case http.StatusAccepted:
			w.workWithoutFetching(t)
		case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusServiceUnavailable, http.StatusRequestEntityTooLarge:
		default:
			t.Errorf("status %d", status)
		}
	})
}

func publicAs(name string) string {
	return replace(publicNote("0", `"content":"x"`), "u/bo", "u/"+name)
}

// workWithoutFetching works on what was received, with an empty purse.
func (w *world) workWithoutFetching(t *testing.T) {
	t.Helper()
	ctx := fetch.WithBudget(t.Context(), 0, 0)
	rows, err := w.archive.ClaimReceived(ctx, time.Now(), receiveLease, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		in, err := w.road.incoming(ctx, row)
		if err != nil {
			t.Fatalf("what the inbox took cannot be read again: %v", err)
		}
		if _, err := in.check(ctx); err != nil && isTransient(err) {
			t.Errorf("%s would be tried again: %v", row.URI, err)
		}
		w.road.work(ctx, row)
		if after, err := w.archive.Received(ctx, row.ID); err != nil || after.Outcome == "" {
			t.Errorf("%s is not settled: %s %v", row.URI, after.Reason, err)
		}
	}
}
