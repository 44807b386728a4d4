package mastodon

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/e2e/pushservice"
	"meent/federation"
)

// phone is somebody's app that wants to be called, and the service that calls it.
type phone struct {
	app
	service *pushservice.Service
}

func (w *world) phone(person *communities.Actor, standard bool, fields url.Values) phone {
	w.t.Helper()
	p := phone{w.app(person), pushservice.Start()}
	w.t.Cleanup(p.service.Close)
	device, err := p.service.App("/" + person.Name)
	w.must(err)
	form := device.Form(standard, "mention", "favourite", "follow", "poll")
	for name, values := range fields {
		form[name] = values
	}
	p.post("/api/v1/push/subscription", form).ok(nil)
	return p
}

// tasks are the calls that wait, as the workers would get them.
func (w *world) tasks() (list []communities.Push) {
	w.t.Helper()
	rows, err := w.archive.SQL().QueryContext(w.t.Context(), "SELECT CAST(args AS TEXT) FROM river_job WHERE kind = 'push' ORDER BY id")
	w.must(err)
	defer rows.Close()
	for rows.Next() {
		var args string
		w.must(rows.Scan(&args))
		var task communities.Push
		w.must(json.Unmarshal([]byte(args), &task))
		list = append(list, task)
	}
	w.must(rows.Err())
	return list
}

// An app is called in the dialect that it reads, with what Mastodon would tell it, and by the key that it was shown.
func TestAppsAreCalled(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		for _, standard := range []bool{true, false} {
			phone := w.phone(w.anna, standard, nil)
			w.post(communities.Draft{Author: w.bert.ID, InReplyTo: w.thread.ID, Source: "Met een *lange* tekst " + strings.Repeat("die doorgaat ", 20)})
			tasks := w.tasks()
			w.must(w.api.Push(t.Context(), tasks[len(tasks)-1]))
			letters := phone.service.Letters()
			if len(letters) != 1 {
				w.t.Fatalf("standard %t: %d letters, %v", standard, len(letters), phone.service.Wrong())
			}
			letter := letters[0]
			if letter.Key != w.push.Public() || letter.Subject != "mailto:griffie@dorp.example" || letter.Header.Get("Urgency") != "normal" || letter.Header.Get("TTL") != "172800" {
				t.Errorf("standard %t: came as %+v", standard, letter)
			}
			var message entity.PushMessage
			w.must(json.Unmarshal(letter.Message, &message))
			if !strings.HasPrefix(message.Body, "Met een lange tekst die") || !strings.HasSuffix(message.Body, "…") {
				t.Errorf("it says %q", message.Body)
			}
			message.Body = ""
			want := entity.PushMessage{
				AccessToken: phone.token, PreferredLocale: "nl", NotificationID: int64(tasks[len(tasks)-1].Notification), NotificationType: "mention",
				Icon: w.town.Base + avatarPath, Title: "BERT reageerde op uw bericht",
			}
			if message != want {
				t.Errorf("standard %t: got %+v, want %+v", standard, message, want)
			}
		}
	})
}

// Who did not ask is not called: by type, by who did it, without a token that is still good, or for what was taken back since.
func TestAppsAreCalledForWhatTheyAskedFor(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		for i, test := range []struct {
			audience string
			by       *communities.Actor
			called   bool
		}{
			{"all", w.cor, true},
			{"none", w.cor, false},
			{"followed", w.cor, false},
			{"follower", w.cor, false},
			{"follower", w.bert, false},
			{"followed", w.anna, true},
		} {
			phone := w.phone(w.bert, true, url.Values{"data[policy]": {test.audience}})
			before := len(w.tasks())
			w.post(communities.Draft{Author: test.by.ID, Source: "Dag @bert"})
			if called := len(w.tasks()) > before; called != test.called {
				t.Errorf("%d: %s by %s is called %t", i, test.audience, test.by.Name, called)
			}
			phone.call(http.MethodDelete, "/api/v1/push/subscription", nil).ok(nil)
		}
		phone := w.phone(w.bert, true, url.Values{"data[alerts][mention]": {"0"}})
		before := len(w.tasks())
		w.post(communities.Draft{Author: w.anna.ID, Source: "Dag @bert"})
		if len(w.tasks()) != before {
			t.Error("called for what was not asked")
		}
		phone.call(http.MethodPut, "/api/v1/push/subscription", url.Values{"data[alerts][mention]": {"1"}}).ok(nil)
		withdrawn := w.post(communities.Draft{Author: w.anna.ID, Source: "Toch niet @bert"})
		w.app(w.anna).call(http.MethodDelete, "/api/v1/statuses/"+id(withdrawn.ID), nil).ok(nil)
		phone.post("/api/v1/accounts/"+id(w.cor.ID)+"/mute", nil).ok(nil)
		w.post(communities.Draft{Author: w.cor.ID, Source: "Hoor je mij @bert"})
		for _, task := range w.tasks() {
			w.must(w.api.Push(t.Context(), task))
		}
		if letters := phone.service.Letters(); len(letters) != 0 {
			t.Errorf("called for %s", letters[0].Message)
		}
	})
}

// What the service answers decides: gone ends the subscription, trouble is tried again, and a refusal is let be.
func TestWhatPushServicesAnswer(t *testing.T) {
	t.Parallel()
	w := newSQLiteWorld(t)
	for _, test := range []struct {
		status    int
		again     bool
		remaining bool
	}{
		{201, false, true}, {404, false, false}, {410, false, false}, {429, true, true}, {500, true, true}, {503, true, true}, {400, false, true}, {413, false, true},
	} {
		phone := w.phone(w.anna, true, nil)
		w.post(communities.Draft{Author: w.bert.ID, Source: "Dag @anna"})
		tasks := w.tasks()
		if test.status != 201 {
			phone.service.Answer(test.status)
		}
		err := w.api.Push(t.Context(), tasks[len(tasks)-1])
		if (err != nil) != test.again || phone.service.Calls() != 1 {
			t.Errorf("%d: %v after %d calls", test.status, err, phone.service.Calls())
		}
		if got := phone.get("/api/v1/push/subscription").status == http.StatusOK; got != test.remaining {
			t.Errorf("%d: the subscription remains: %t", test.status, got)
		}
		if !test.again {
			continue
		}
		later := (*federation.Later)(nil)
		if err := w.api.Push(t.Context(), tasks[len(tasks)-1]); !errors.As(err, &later) || phone.service.Calls() != 1 {
			t.Errorf("%d: a service that fails is asked again at once: %v", test.status, err)
		}
		now := time.Now()
		w.api.Now = func() time.Time { return now.Add(time.Minute) }
		w.must(w.api.Push(t.Context(), tasks[len(tasks)-1]))
		w.api.Now = func() time.Time { return now.Add(pushFor + time.Minute) }
		w.must(w.api.Push(t.Context(), tasks[len(tasks)-1]))
		if letters := phone.service.Letters(); len(letters) != 1 {
			t.Errorf("%d: called %d times in the end", test.status, len(letters))
		}
		w.api.Now = time.Now
	}
}

// Of a slow service a few calls are under way and no more; of one that fails, one at a time asks whether it is back.
func TestPushServicesHoldUpNobodyElse(t *testing.T) {
	t.Parallel()
	s, now := newServices(), time.Now()
	for range perService {
		if wait := s.enter("slow", now); wait != 0 {
			t.Fatal("held up", wait)
		}
	}
	if s.enter("slow", now) == 0 || s.enter("quick", now) != 0 {
		t.Error("the slow one is called without end, or holds up another")
	}
	s.leave("quick", true, now)
	if wait := s.enter("quick", now); wait <= 0 || wait > servicePause {
		t.Errorf("after a failure it waits %s", wait)
	}
	now = now.Add(servicePause)
	if s.enter("quick", now) != 0 || s.enter("quick", now) == 0 {
		t.Error("not one asks whether it is back")
	}
	s.leave("quick", false, now)
	for range 2 {
		if s.enter("quick", now) != 0 {
			t.Error("it is back and still held up")
		}
	}
	for range 30 {
		s.leave("quick", true, now)
		s.hosts["quick"].busy++
	}
	if wait := s.enter("quick", now); wait > longestPause {
		t.Errorf("it waits %s", wait)
	}
}
