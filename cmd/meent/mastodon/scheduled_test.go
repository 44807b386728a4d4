package mastodon

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/storage"
)

var scheduledEndpoints = []endpoint{
	{"POST /api/v1/statuses", "", "status=Straks&scheduled_at=2199-01-01T12:00:00Z&poll[options][]=a&poll[options][]=b&poll[expires_in]=3600", "ScheduledStatus", ""},
	{"POST /api/v1/statuses", "", "status=Straks&scheduled_at=2199-01-01T12:00:00Z&in_reply_to_id=${thread}&visibility=unlisted&language=nl", "ScheduledStatus", ""},
	{"GET /api/v1/scheduled_statuses", "", "", "[]ScheduledStatus", ""},
	{"GET /api/v1/scheduled_statuses/{id}", "/api/v1/scheduled_statuses/${scheduled}", "", "ScheduledStatus", ""},
	{"PUT /api/v1/scheduled_statuses/{id}", "/api/v1/scheduled_statuses/${scheduled}", "scheduled_at=2198-01-01T12:00:00Z", "ScheduledStatus", ""},
	{"DELETE /api/v1/scheduled_statuses/{id}", "/api/v1/scheduled_statuses/${scheduled}", "", "Empty", ""},
}

// later schedules a status and returns what the app was told.
func (a app) later(fields url.Values, header http.Header) (s entity.ScheduledStatus) {
	a.w.t.Helper()
	answer := a.send(http.MethodPost, "/api/v1/statuses", "application/x-www-form-urlencoded", fields.Encode(), header)
	if err := json.Unmarshal(answer.body, &struct {
		ID *entity.ID `json:"id"`
	}{&s.ID}); err != nil || answer.status != http.StatusOK {
		a.w.t.Fatalf("%d %s", answer.status, answer.body)
	}
	return s
}

// comes lets the moment of a scheduled status come: its task is done twice, as tasks may be.
func (w *world) comes(id entity.ID) {
	w.t.Helper()
	s, err := w.archive.ScheduledPost(w.t.Context(), storage.ScheduledID(id))
	w.must(err)
	w.api.Now = func() time.Time { return s.DueAt }
	for range 2 {
		w.must(w.api.PublishLater(w.t.Context(), PublishScheduled{ID: s.ID, At: s.DueAt}))
	}
	w.api.Now = time.Now
}

func inAnHour() string { return time.Now().Add(time.Hour).UTC().Format(time.RFC3339) }

// What is scheduled comes at its time, once, as it was asked for; not before, not after it was taken back.
func TestScheduledStatusesCome(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		anna := w.app(w.anna)
		s := anna.later(url.Values{"status": {"@fietsen Straks een titel\n\nen een tekst"}, "scheduled_at": {inAnHour()}, "language": {"nl"}}, nil)
		task := PublishScheduled{ID: storage.ScheduledID(s.ID), At: time.Now()}
		w.must(w.api.PublishLater(t.Context(), task)) // put off since: too early
		if waiting := anna.get("/api/v1/scheduled_statuses").ids(); len(waiting) != 1 {
			t.Fatalf("waiting %v", waiting)
		}
		w.comes(s.ID)
		var group []struct{ Reblog *struct{ Content string } }
		anna.get("/api/v1/accounts/" + id(w.fietsen.ID) + "/statuses?limit=1").ok(&group)
		if len(group) != 1 || group[0].Reblog == nil || group[0].Reblog.Content != "<p><strong>Straks een titel</strong></p><p>en een tekst</p>\n" {
			t.Errorf("the group shows %+v", group)
		}
		if own := anna.get("/api/v1/accounts/" + id(w.anna.ID) + "/statuses?exclude_reblogs=1").ids(); len(own) != 5 {
			t.Errorf("anna wrote %d", len(own))
		}
		if waiting := anna.get("/api/v1/scheduled_statuses").ids(); len(waiting) != 0 {
			t.Errorf("still waiting %v", waiting)
		}
		back := anna.later(url.Values{"status": {"toch niet"}, "scheduled_at": {inAnHour()}}, nil)
		anna.call(http.MethodDelete, "/api/v1/scheduled_statuses/"+back.ID.String(), nil).ok(nil)
		w.must(w.api.PublishLater(t.Context(), PublishScheduled{ID: storage.ScheduledID(back.ID), At: time.Now()}))
		if found := anna.get("/api/v2/search?q=toch+niet&type=statuses"); strings.Contains(string(found.body), "toch niet") {
			t.Error("what was taken back came")
		}
	})
}

// The files of what is scheduled are kept for it until its moment, and are loose again when it is taken back.
func TestScheduledStatusesKeepTheirFiles(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		anna, file := w.app(w.anna), attachmentAnswer{}
		anna.give("POST", "/api/v2/media", url.Values{"description": {"een fiets"}}, map[string]string{"file": painting(30, 30)}).ok(&file)
		known, err := parseID[communities.MediaID](file.ID)
		w.must(err)
		loose := func() time.Time {
			m, err := w.archive.Media(t.Context(), known)
			w.must(err)
			if m.Post != 0 {
				t.Error("it goes with a post")
			}
			return m.ExpiresAt
		}
		late := time.Now().Add(90 * 24 * time.Hour)
		fields := url.Values{"status": {"Straks een fiets"}, "media_ids[]": {file.ID}, "scheduled_at": {late.UTC().Format(time.RFC3339)}}
		key := http.Header{"Idempotency-Key": {"eens"}}
		s := anna.later(fields, key)
		if again := anna.later(fields, key); again.ID != s.ID {
			t.Errorf("it was scheduled twice: %d and %d", s.ID, again.ID)
		}
		for _, path := range []string{"", "/" + s.ID.String()} {
			if shown := string(anna.get("/api/v1/scheduled_statuses" + path).body); !strings.Contains(shown, `"media_attachments":[{"id":"`+file.ID) {
				t.Errorf("%s comes without its file: %s", path, shown)
			}
		}
		if until := loose(); until.Before(late) {
			t.Errorf("held until %s", until)
		}
		anna.call(http.MethodPut, "/api/v1/scheduled_statuses/"+s.ID.String(), url.Values{"scheduled_at": {late.Add(48 * time.Hour).UTC().Format(time.RFC3339)}}).ok(nil)
		if until := loose(); until.Before(late.Add(48 * time.Hour).Truncate(time.Second)) {
			t.Errorf("put off, and held until %s", until)
		}
		anna.call(http.MethodDelete, "/api/v1/scheduled_statuses/"+s.ID.String(), nil).ok(nil)
		if until := loose(); until.After(time.Now().Add(48 * time.Hour)) {
			t.Errorf("taken back, and held until %s", until)
		}
		w.comes(anna.later(fields, nil).ID)
		var own []statusAnswer
		anna.get("/api/v1/accounts/" + id(w.anna.ID) + "/statuses?only_media=1").ok(&own)
		if len(own) != 1 || len(own[0].Media) != 1 || own[0].Media[0].ID != file.ID {
			t.Errorf("it came as %+v", own)
		}
		anna.post("/api/v1/statuses", url.Values{"status": {"x"}, "media_ids[]": {file.ID}, "scheduled_at": {inAnHour()}}).refused(http.StatusUnprocessableEntity)
	})
}

// The rules are asked again when the time comes. Whoever may not write any more hears why, and gets the text back, which names nobody.
func TestScheduledStatusesAreJudgedAgain(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		bert := w.app(w.bert)
		s := bert.later(url.Values{"status": {"Nog iets, @cor\n\n    - @anna"}, "in_reply_to_id": {id(w.thread.ID)}, "scheduled_at": {inAnHour()}}, nil)
		w.do(func(ctx context.Context, tx communities.Tx) error {
			return w.town.Lock(ctx, tx, communities.Moderation{Post: w.thread.ID, By: w.anna.ID})
		})
		w.comes(s.ID)
		if thread := bert.get("/api/v1/statuses/" + id(w.thread.ID) + "/context"); strings.Contains(string(thread.body), "Nog iets") {
			t.Error("it came into a locked thread")
		}
		var heard []struct {
			Type   string
			Status struct{ Content, Visibility string }
		}
		bert.get("/api/v1/notifications?types[]=mention&limit=1").ok(&heard)
		if len(heard) != 1 || heard[0].Status.Visibility != "direct" || !strings.Contains(heard[0].Status.Content, "Dit gesprek is gesloten") ||
			!strings.Contains(heard[0].Status.Content, "Nog iets, @cor\n\n    - @anna") || !strings.Contains(heard[0].Status.Content, "kon niet worden geplaatst") {
			t.Errorf("bert heard %+v", heard)
		}
		for _, other := range []app{w.app(w.cor), w.app(w.anna)} {
			if list := string(other.get("/api/v1/notifications").body); strings.Contains(list, "Nog iets") {
				t.Errorf("somebody else heard it: %s", list)
			}
		}
	})
}

// What is wrong is said at once; what is repeated is kept once, also when two arrive at the same moment.
func TestSchedulingIsChecked(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		anna := w.app(w.anna)
		for name, fields := range map[string]url.Values{
			"too soon":     {"status": {"x"}, "scheduled_at": {time.Now().Add(minAhead - time.Minute).UTC().Format(time.RFC3339)}},
			"past":         {"status": {"x"}, "scheduled_at": {"2020-01-01"}},
			"no date":      {"status": {"x"}, "scheduled_at": {"morgen"}},
			"nothing said": {"status": {" "}, "scheduled_at": {inAnHour()}},
			"bad poll":     {"status": {"x"}, "scheduled_at": {inAnHour()}, "poll[options][]": {"a"}, "poll[expires_in]": {"3600"}},
		} {
			if answer := anna.post("/api/v1/statuses", fields); answer.refused(http.StatusUnprocessableEntity) == "" {
				t.Errorf("%s: no reason", name)
			}
		}
		key := http.Header{"Idempotency-Key": {"dezelfde"}}
		fields := url.Values{"status": {"een keer"}, "scheduled_at": {inAnHour()}}
		var all sync.WaitGroup
		var mu sync.Mutex
		ids := map[entity.ID]bool{}
		for range 6 {
			all.Go(func() {
				s := anna.later(fields, key)
				mu.Lock()
				defer mu.Unlock()
				ids[s.ID] = true
			})
		}
		all.Wait()
		if waiting := anna.get("/api/v1/scheduled_statuses").ids(); len(waiting) != 1 || len(ids) != 1 {
			t.Errorf("kept %v, told %v", waiting, ids)
		}
		if again := anna.send(http.MethodPost, "/api/v1/statuses", "application/x-www-form-urlencoded", "status=een+keer", key); again.status != http.StatusOK {
			t.Errorf("the same key for a status that is not scheduled: %s", again.body)
		}
		for range maxPerDay - 1 {
			anna.later(url.Values{"status": {"meer"}, "scheduled_at": {inAnHour()}}, nil)
		}
		full := anna.post("/api/v1/statuses", url.Values{"status": {"te veel"}, "scheduled_at": {inAnHour()}})
		if time.Now().UTC().Day() == time.Now().UTC().Add(time.Hour).Day() && !strings.Contains(full.refused(http.StatusUnprocessableEntity), "waiting for one day") {
			t.Errorf("no limit: %s", full.body)
		}
	})
}
