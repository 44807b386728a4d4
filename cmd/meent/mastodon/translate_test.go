package mastodon

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"meent/communities"
)

var translationEndpoints = []endpoint{
	{"GET /api/v1/instance/translation_languages", "", "", "hash", "nobody"},
	{"POST /api/v1/statuses/{id}/translate", "/api/v1/statuses/${poll}/translate", "lang=en", "TranslatedStatus", "bert"},
	{"POST /api/v1/statuses/{id}/translate", "/api/v1/statuses/${afar}/translate", "lang=fr", "TranslatedStatus", "bert"},
}

// parrot is a translation service that shouts, and adds what no page should show.
type parrot struct {
	asked int
	mute  bool
}

func (*parrot) Name() string { return "Papegaai" }

func (p *parrot) Languages(context.Context) (map[string][]string, error) {
	if p.mute {
		return nil, errors.New("krr")
	}
	return map[string][]string{"nl": {"en", "fr"}, "en": {"fr", "nl"}}, nil
}

func (p *parrot) Translate(_ context.Context, texts []string, from, to string) ([]string, string, error) {
	p.asked++
	if p.mute {
		return nil, "", errors.New("krr")
	}
	said := make([]string, len(texts))
	for i, text := range texts {
		said[i] = strings.ReplaceAll(text, "Kies", "Choose "+to) + "<script>x()</script>"
	}
	if from == "" {
		from = "nl"
	}
	return said, from, nil
}

// A public status is translated once for all who read it, until it is edited; nothing else leaves the node.
func TestTranslate(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		bert, anna, service := w.app(w.bert), w.app(w.anna), &parrot{}
		path := "/api/v1/statuses/" + id(w.poll.ID) + "/translate"
		w.api.Translator = nil
		bert.post(path, nil).refused(http.StatusNotFound)
		var node struct {
			Configuration struct{ Translation struct{ Enabled bool } }
		}
		if bert.get("/api/v2/instance").ok(&node); node.Configuration.Translation.Enabled {
			t.Error("enabled without a service")
		}
		w.api.Translator = service
		if bert.get("/api/v2/instance").ok(&node); !node.Configuration.Translation.Enabled {
			t.Error("not enabled")
		}
		var said struct {
			Content  string
			Provider string
			Detected string `json:"detected_source_language"`
			Poll     struct{ Options []struct{ Title string } }
		}
		bert.post(path, url.Values{"lang": {"en-GB"}}).ok(&said)
		if !strings.Contains(said.Content, "Choose en") || strings.Contains(said.Content, "script") || said.Provider != "Papegaai" || said.Detected != "nl" ||
			len(said.Poll.Options) != 2 || said.Poll.Options[0].Title != "maandag" {
			t.Errorf("said %+v", said)
		}
		anna.post(path, url.Values{"lang": {"en"}}).ok(&said)
		if service.asked != 1 || !strings.Contains(said.Content, "Choose en") {
			t.Errorf("asked %d times, said %+v", service.asked, said)
		}
		anna.call(http.MethodPut, "/api/v1/statuses/"+id(w.poll.ID), url.Values{"status": {"**Welke dag?**\n\nKies nu"}}).ok(nil)
		bert.post(path, url.Values{"lang": {"en"}}).ok(&said)
		if service.asked != 2 || !strings.Contains(said.Content, "Choose en nu") {
			t.Errorf("asked %d times, said %+v", service.asked, said)
		}
		bert.post(path, url.Values{"lang": {"tlh"}}).refused(http.StatusForbidden)
		whisper := anna.whisper("Geheim, @bert", "")
		for _, hidden := range []string{whisper, id(w.post(communities.Draft{Author: w.anna.ID, Source: "voor volgers", Visibility: communities.Followers}).ID)} {
			bert.post("/api/v1/statuses/"+hidden+"/translate", url.Values{"lang": {"en"}}).refused(http.StatusForbidden)
		}
		bert.post("/api/v1/statuses/"+id(w.secret.ID)+"/translate", nil).refused(http.StatusNotFound)
		if service.asked != 2 {
			t.Error("something private left the node")
		}
		service.mute = true
		bert.post("/api/v1/statuses/"+id(w.thread.ID)+"/translate", url.Values{"lang": {"en"}}).refused(http.StatusServiceUnavailable)
		bert.get("/api/v1/instance/translation_languages").refused(http.StatusServiceUnavailable)
	})
}
