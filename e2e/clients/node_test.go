//go:build unix

package clients

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"image"
	"image/png"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mattn/go-mastodon"

	"meent/e2e/node"
)

var errNothing = errors.New("nothing is there")

// picture is a small file that everybody can read.
func picture(w town) []byte {
	w.t.Helper()
	var b bytes.Buffer
	w.must(png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 64, 48))))
	return b.Bytes()
}

// Files go up in each way that the client has, are described, and are shown.
func TestFiles(t *testing.T) {
	subject(t, "files", func(w town, anna *mastodon.Client) error {
		_, err := anna.UploadMediaFromBytes(w.ctx, picture(w))
		return err
	}, func(w town, anna, bert *mastodon.Client) {
		path := filepath.Join(w.t.TempDir(), "plein.png")
		w.must(os.WriteFile(path, picture(w), 0o600))
		files := []*mastodon.Attachment{
			got[*mastodon.Attachment](w.t)(anna.UploadMedia(w.ctx, path)),
			got[*mastodon.Attachment](w.t)(anna.UploadMediaFromReader(w.ctx, bytes.NewReader(picture(w)))),
			got[*mastodon.Attachment](w.t)(anna.UploadMediaFromMedia(w.ctx, &mastodon.Media{
				File: bytes.NewReader(picture(w)), Description: "een leeg plein", Focus: "0.5,-0.5",
			})),
		}
		var sent []mastodon.ID
		for _, file := range files {
			w.must(node.Await(w.ctx, "the file is ready", func() bool { return anna.GetMediaStatus(w.ctx, file) == nil }))
			sent = append(sent, file.ID)
		}
		said := got[*mastodon.Status](w.t)(anna.PostStatus(w.ctx, &mastodon.Toot{Status: "Kijk", MediaIDs: sent}))
		if len(said.MediaAttachments) != 3 || said.MediaAttachments[2].Description != "een leeg plein" || said.MediaAttachments[0].Meta.Original.Width != 64 {
			w.t.Fatalf("shown: %+v", said.MediaAttachments)
		}
		if shown := got[[]*mastodon.Status](w.t)(bert.GetTimelineMedia(w.ctx, true, nil)); len(shown) == 0 || shown[0].ID != said.ID {
			w.t.Errorf("with files: %+v", shown) // the client asks for them in a way that Mastodon never knew: these are all
		}
		answer, err := w.node.Client.Get(said.MediaAttachments[0].URL)
		w.must(err)
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK || !strings.HasPrefix(answer.Header.Get("Content-Type"), "image/") {
			w.t.Errorf("the file is %d %v", answer.StatusCode, answer.Header)
		}
	})
}

// A phone subscribes, changes its mind about what to hear, and unsubscribes.
func TestPhone(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	yes, no := mastodon.Sbool(true), mastodon.Sbool(false)
	phone := func(w town) *mastodon.Client { return w.appWith("anna", scopes+" push") }
	subject(t, "push", func(w town, _ *mastodon.Client) error {
		_, err := phone(w).AddPushSubscription(w.ctx, "https://push.example/1", key.PublicKey, []byte("0123456789abcdef"), mastodon.PushAlerts{Mention: &yes})
		return err
	}, func(w town, _, _ *mastodon.Client) {
		anna := phone(w)
		made := got[*mastodon.PushSubscription](w.t)(anna.AddPushSubscription(
			w.ctx, "https://push.example/2", key.PublicKey, []byte("0123456789abcdef"), mastodon.PushAlerts{Mention: &yes, Follow: &no},
		))
		if made.Endpoint != "https://push.example/2" || made.ServerKey == "" || made.Alerts.Mention == nil || !*made.Alerts.Mention {
			w.t.Errorf("subscribed as %+v", made)
		}
		got[*mastodon.PushSubscription](w.t)(anna.UpdatePushSubscription(w.ctx, &mastodon.PushAlerts{Follow: &yes, Mention: &no}))
		read := got[*mastodon.PushSubscription](w.t)(anna.GetPushSubscription(w.ctx))
		if read.Alerts.Follow == nil || !*read.Alerts.Follow || read.Alerts.Mention != nil && *read.Alerts.Mention {
			w.t.Errorf("changed to %+v", read.Alerts)
		}
		w.must(anna.RemovePushSubscription(w.ctx))
		_, err := anna.GetPushSubscription(w.ctx)
		w.refused(err, http.StatusNotFound)
	})
}

// Every stream, as server-sent events and over WebSocket, carries what belongs in it.
func TestStreams(t *testing.T) {
	subject(t, "streams", func(w town, anna *mastodon.Client) error {
		request, err := http.NewRequestWithContext(w.ctx, http.MethodGet, w.node.Base+"/api/v1/streaming/public", nil)
		w.must(err)
		request.Header.Set("Authorization", "Bearer "+anna.Config.AccessToken)
		answer, err := w.node.Client.Do(request)
		w.must(err)
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return errNothing
		}
		return nil
	}, func(w town, anna, bert *mastodon.Client) {
		w.run("group", "add", "fietsen", "--title", "Fietsen", "--owner", "bert")
		group := got[*mastodon.Account](w.t)(anna.AccountLookup(w.ctx, "fietsen")).ID
		got[*mastodon.Relationship](w.t)(anna.AccountFollow(w.ctx, group))
		list := got[[]*mastodon.List](w.t)(anna.GetLists(w.ctx))[0].ID
		ws := anna.NewWSClient()
		transport, ok := w.node.Client.Transport.(*http.Transport)
		if !ok {
			w.t.Fatalf("the client of the node is a %T", w.node.Client.Transport)
		}
		ws.NetDialContext = transport.DialContext
		type stream struct {
			name string
			open func(context.Context) (chan mastodon.Event, error)
		}
		ctx, cancel := context.WithTimeout(w.ctx, time.Minute)
		defer cancel()
		streams := []stream{
			{"user", anna.StreamingUser},
			{"user over WebSocket", ws.StreamingWSUser},
			{"direct", anna.StreamingDirect},
			{"direct over WebSocket", ws.StreamingWSDirect},
			{"public", func(c context.Context) (chan mastodon.Event, error) { return anna.StreamingPublic(c, true) }},
			{"public over WebSocket", func(c context.Context) (chan mastodon.Event, error) { return ws.StreamingWSPublic(c, true) }},
			{"hashtag", func(c context.Context) (chan mastodon.Event, error) { return anna.StreamingHashtag(c, "brug", false) }},
			{"hashtag over WebSocket", func(c context.Context) (chan mastodon.Event, error) { return ws.StreamingWSHashtag(c, "brug", false) }},
			{"list", func(c context.Context) (chan mastodon.Event, error) { return anna.StreamingList(c, list) }},
			{"list over WebSocket", func(c context.Context) (chan mastodon.Event, error) { return ws.StreamingWSList(c, list) }},
		}
		if awaited["conversations"] != "" { // of which the direct streams tell
			streams = slices.DeleteFunc(streams, func(s stream) bool { return strings.HasPrefix(s.name, "direct") })
		}
		wants := map[string]string{"user": "mention", "direct": "geheim", "public": "openbaar", "hashtag": "openbaar", "list": "openbaar"}
		open := map[string]chan mastodon.Event{}
		for _, s := range streams {
			events, err := s.open(ctx)
			w.must(err)
			open[s.name] = events
		}
		said := make(chan struct{})
		go func() { // again and again, as nobody tells when a stream is open
			defer close(said)
			for ctx.Err() == nil {
				for _, toot := range []mastodon.Toot{
					{Status: "@fietsen openbaar #brug"}, {Status: "@anna geheim", Visibility: "direct"},
				} {
					if _, err := bert.PostStatus(ctx, &toot); err != nil && ctx.Err() == nil {
						w.t.Errorf("post: %v", err)
						return
					}
				}
				time.Sleep(500 * time.Millisecond)
			}
		}()
		var listening sync.WaitGroup
		for name, events := range open {
			subject, _, _ := strings.Cut(name, " ")
			listening.Go(func() { w.hears(ctx, name, events, wants[subject]) })
		}
		listening.Wait()
		cancel()
		<-said
		for _, events := range open {
			go func() {
				for range events { // until the client has closed it
				}
			}()
		}
	})
}

// hears waits until a stream carries what is wanted: a type of notification, or a word in a status.
func (w town) hears(ctx context.Context, name string, events chan mastodon.Event, want string) {
	w.t.Helper()
	for {
		select {
		case <-ctx.Done():
			w.t.Errorf("%s: nobody said %q", name, want)
			return
		case event, open := <-events:
			if !open {
				w.t.Errorf("%s: it ended", name)
				return
			}
			switch e := event.(type) {
			case *mastodon.ErrorEvent:
				w.t.Errorf("%s: %v", name, e.Err)
				return
			case *mastodon.NotificationEvent:
				if e.Notification.Type == want {
					return
				}
			case *mastodon.ConversationEvent:
				if strings.Contains(e.Conversation.LastStatus.Content, want) {
					return
				}
			case *mastodon.UpdateEvent:
				content := e.Status.Content
				if e.Status.Reblog != nil {
					content = e.Status.Reblog.Content
				}
				if strings.Contains(content, want) {
					return
				}
			}
		}
	}
}

// Administrators look after people and reports from their app.
func TestAdministration(t *testing.T) {
	desk := func(w town) *mastodon.Client { return w.appWith("dora", "read write admin:read admin:write") }
	subject(t, "administration", func(w town, _ *mastodon.Client) error {
		w.run("person", "add", "dora", "--email", "dora@stad.example", "--role", "admin")
		_, err := desk(w).GetAdminAccounts(w.ctx, nil)
		return err
	}, func(w town, _, bert *mastodon.Client) {
		dora := desk(w)
		_, err := bert.GetAdminAccounts(w.ctx, nil)
		w.refused(err, http.StatusForbidden)
		other := got[*mastodon.Account](w.t)(bert.GetAccountCurrentUser(w.ctx)).ID
		if one := got[*mastodon.AdminAccount](w.t)(dora.GetAdminAccount(w.ctx, other)); one.Username != "bert" || one.Email != "bert@stad.example" || !one.Confirmed || !one.Approved {
			w.t.Errorf("bert is %+v", one)
		}
		for _, step := range []struct {
			action string
			undo   func(context.Context, mastodon.ID) (*mastodon.AdminAccount, error)
			holds  func(*mastodon.AdminAccount) bool
		}{
			{"disable", dora.AdminAccountEnable, func(a *mastodon.AdminAccount) bool { return a.Disabled }},
			{"silence", dora.AdminAccountUnsilence, func(a *mastodon.AdminAccount) bool { return a.Silenced }},
			{"sensitive", dora.AdminAccountUnsensitive, func(*mastodon.AdminAccount) bool { return true }},
			{"suspend", dora.AdminAccountUnsuspend, func(a *mastodon.AdminAccount) bool { return a.Suspended }},
		} {
			w.must(dora.AdminAccountPerformAction(w.ctx, other, &mastodon.AdminAccountAction{Type: step.action}))
			if now := got[*mastodon.AdminAccount](w.t)(dora.GetAdminAccount(w.ctx, other)); !step.holds(now) {
				w.t.Errorf("after %s: %+v", step.action, now)
			}
			if now := got[*mastodon.AdminAccount](w.t)(step.undo(w.ctx, other)); now.Disabled || now.Silenced || now.Suspended {
				w.t.Errorf("%s undone: %+v", step.action, now)
			}
		}
		for name, answer := range map[string]func(context.Context, mastodon.ID) (*mastodon.AdminAccount, error){
			"approve": dora.AdminAccountApprove, "reject": dora.AdminAccountReject,
		} {
			if _, err := answer(w.ctx, other); err == nil { // who is in already waits for nothing
				w.t.Errorf("%s somebody who is in", name)
			}
		}
		w.reports(dora, bert)
	})
}

// The weeks of the node are counted.
func TestActivity(t *testing.T) {
	subject(t, "activity", func(w town, anna *mastodon.Client) error {
		_, err := anna.GetInstanceActivity(w.ctx)
		return err
	}, func(w town, anna, _ *mastodon.Client) {
		got[*mastodon.Status](w.t)(anna.PostStatus(w.ctx, &mastodon.Toot{Status: "Nu"}))
		if weeks := got[[]*mastodon.WeeklyActivity](w.t)(anna.GetInstanceActivity(w.ctx)); len(weeks) == 0 || weeks[0].Statuses == 0 {
			w.t.Errorf("the weeks are %+v", weeks)
		}
	})
}

func (w town) reports(dora, bert *mastodon.Client) {
	w.t.Helper()
	self := got[*mastodon.Account](w.t)(dora.GetAccountCurrentUser(w.ctx)).ID
	said := got[*mastodon.Status](w.t)(dora.PostStatus(w.ctx, &mastodon.Toot{Status: "Hm"}))
	got[*mastodon.Report](w.t)(bert.Report(w.ctx, self, []mastodon.ID{said.ID}, "wat is dit"))
	open := got[[]*mastodon.AdminReport](w.t)(dora.GetAdminReports(w.ctx, nil))
	if len(open) != 1 || open[0].Comment != "wat is dit" || open[0].TargetAccount.ID != self || len(open[0].Statuses) != 1 {
		w.t.Fatalf("reports %+v", open)
	}
	for _, step := range []struct {
		name  string
		do    func(context.Context, mastodon.ID) (*mastodon.AdminReport, error)
		holds func(*mastodon.AdminReport) bool
	}{
		{"assign", dora.AdminReportAssignToSelf, func(r *mastodon.AdminReport) bool { return r.AssignedAccount != nil && r.AssignedAccount.ID == self }},
		{"unassign", dora.AdminReportUnassign, func(r *mastodon.AdminReport) bool { return r.AssignedAccount == nil }},
		{"resolve", dora.AdminReportResolve, func(r *mastodon.AdminReport) bool { return r.ActionTaken }},
		{"reopen", dora.AdminReportReopen, func(r *mastodon.AdminReport) bool { return !r.ActionTaken }},
		{"read", dora.GetAdminReport, func(r *mastodon.AdminReport) bool { return r.Category == "other" }},
	} {
		if report := got[*mastodon.AdminReport](w.t)(step.do(w.ctx, open[0].ID)); !step.holds(report) {
			w.t.Errorf("after %s: %+v", step.name, report)
		}
	}
}
