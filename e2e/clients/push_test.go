//go:build unix

package clients

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/mattn/go-mastodon"

	"meent/e2e/node"
	"meent/e2e/pushservice"
)

// A resident's phone is called when somebody answers, in either dialect, also when the push service is in trouble at first; when the
// phone is gone for good the node calls no more.
func TestAPhoneIsCalled(t *testing.T) {
	t.Parallel()
	eachTown(t, func(w town) {
		w.run("person", "add", "anna", "--email", "anna@stad.example")
		w.run("person", "add", "bert", "--email", "bert@stad.example")
		service := pushservice.Start()
		defer service.Close()
		key := w.pushKey()
		for _, standard := range []bool{true, false} {
			token := w.run("token", "create", "--person", "anna", "--scopes", "read write push")
			phone, err := service.App("/phone-" + strconv.FormatBool(standard))
			w.must(err)
			var subscribed struct {
				ID        int64  `json:"id"`
				ServerKey string `json:"server_key"`
			}
			w.must(json.Unmarshal(w.send(http.MethodPost, "/api/v1/push/subscription", token, phone.Form(standard, "mention")), &subscribed))
			if subscribed.ServerKey != key || subscribed.ID <= 0 {
				t.Errorf("subscribed as %+v, the node's key is %s", subscribed, key)
			}
			before := len(service.Letters())
			service.Answer(http.StatusServiceUnavailable)
			status := got[*mastodon.Status](t)(w.app("bert").PostStatus(w.ctx, &mastodon.Toot{Status: "Dag @anna"}))
			w.must(node.Await(w.ctx, "the phone is called", func() bool { return len(service.Letters()) > before }))
			w.must(service.Wrong())
			letters := service.Letters()
			var message struct {
				Token string `json:"access_token"`
				ID    int64  `json:"notification_id"`
				Title string
				Body  string
			}
			w.must(json.Unmarshal(letters[len(letters)-1].Message, &message))
			if message.Token != token || message.Title == "" || message.Body != "Dag @anna" || letters[len(letters)-1].Key != key {
				t.Errorf("standard %t: it reads %+v", standard, message)
			}
			told := got[*mastodon.Notification](t)(w.app("anna").GetNotification(w.ctx, mastodon.ID(strconv.FormatInt(message.ID, 10))))
			if told.Status == nil || told.Status.ID != status.ID {
				t.Errorf("the message is of %+v", told)
			}
			service.Answer(http.StatusGone)
			got[*mastodon.Status](t)(w.app("bert").PostStatus(w.ctx, &mastodon.Toot{Status: "Nog eens @anna"}))
			w.must(node.Await(w.ctx, "the subscription ends", func() bool {
				return strings.Contains(string(w.send(http.MethodGet, "/api/v1/push/subscription", token, nil)), "Record not found")
			}))
		}
	})
}

// pushKey is by which the node says that it calls, the same wherever it says so.
func (w town) pushKey() string {
	w.t.Helper()
	var instance struct {
		Configuration struct {
			Vapid struct {
				PublicKey string `json:"public_key"`
			}
		}
	}
	w.must(json.Unmarshal(w.send(http.MethodGet, "/api/v2/instance", "", nil), &instance))
	var registered struct {
		Key string `json:"vapid_key"`
	}
	form := url.Values{"client_name": {"Toets"}, "redirect_uris": {"urn:ietf:wg:oauth:2.0:oob"}}
	w.must(json.Unmarshal(w.send(http.MethodPost, "/api/v1/apps", "", form), &registered))
	if registered.Key == "" || registered.Key != instance.Configuration.Vapid.PublicKey {
		w.t.Errorf("the key is %q and %q", registered.Key, instance.Configuration.Vapid.PublicKey)
	}
	return registered.Key
}

// send asks the node what go-mastodon has no call for.
func (w town) send(method, path, token string, fields url.Values) []byte {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.ctx, method, w.node.Base+path, strings.NewReader(fields.Encode()))
	w.must(err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := w.node.Client.Do(request)
	w.must(err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	w.must(err)
	return body
}
