package translation

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"meent/federation/fetch"
)

// service is a translation service on this machine: what it answers by path, and what it was last asked.
type service struct {
	answers map[string]string
	asked   map[string]any
	key     string
	calls   int
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.calls++
	s.key = r.Header.Get("Authorization")
	body, _ := io.ReadAll(r.Body)
	s.asked = nil
	_ = json.Unmarshal(body, &s.asked)
	answer, known := s.answers[r.Method+" "+r.URL.RequestURI()]
	if !known {
		w.WriteHeader(456) // DeepL: quota exceeded
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(answer))
}

func start(t *testing.T, kind Service, answers map[string]string) (*Translator, *service) {
	t.Helper()
	s := &service{answers: answers}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	client, err := fetch.New(fetch.Config{UserAgent: "test", Development: fetch.Development{Loopback: true}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	translator, err := New(client, Config{Service: kind, URL: server.URL + "/", Key: "geheim"})
	if err != nil {
		t.Fatal(err)
	}
	return translator, s
}

func TestServices(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		kind      Service
		answers   map[string]string
		languages map[string][]string
		asked     map[string]any
		key       string
	}{
		{
			LibreTranslate,
			map[string]string{
				"GET /languages":  `[{"code":"nl","name":"Dutch","targets":["nl","fy","en"]},{"code":"en","targets":["nl"]}]`,
				"POST /translate": `{"translatedText":["<p>one</p>","two"],"detectedLanguage":[{"language":"nl","confidence":90},{"language":"de"}]}`,
			},
			map[string][]string{"nl": {"en", "fy"}, "en": {"nl"}},
			map[string]any{"q": []any{"<p>een</p>", "twee"}, "source": "auto", "target": "en", "format": "html", "api_key": "geheim"},
			"",
		},
		{
			DeepL,
			map[string]string{
				"GET /v2/languages?type=source": `[{"language":"NL"},{"language":"EN"}]`,
				"GET /v2/languages?type=target": `[{"language":"EN-GB"},{"language":"EN-US"},{"language":"NL"}]`,
				"POST /v2/translate":            `{"translations":[{"detected_source_language":"NL","text":"<p>one</p>"},{"detected_source_language":"NL","text":"two"}]}`,
			},
			map[string][]string{"nl": {"en"}, "en": {"nl"}},
			map[string]any{"text": []any{"<p>een</p>", "twee"}, "target_lang": "EN", "tag_handling": "html"},
			"DeepL-Auth-Key geheim",
		},
	} {
		t.Run(string(test.kind), func(t *testing.T) {
			t.Parallel()
			translator, s := start(t, test.kind, test.answers)
			for range 3 { // the list is kept
				languages, err := translator.Languages(t.Context())
				if diff := cmp.Diff(test.languages, languages); err != nil || diff != "" {
					t.Error(err, diff)
				}
			}
			calls := s.calls
			said, from, err := translator.Translate(t.Context(), []string{"<p>een</p>", "twee"}, "", "en")
			if diff := cmp.Diff([]string{"<p>one</p>", "two"}, said); err != nil || diff != "" || from != "nl" {
				t.Error(err, from, diff)
			}
			if diff := cmp.Diff(test.asked, s.asked); diff != "" || s.key != test.key || calls > 2 || s.calls != calls+1 {
				t.Errorf("asked %s with %q, %d calls", diff, s.key, calls)
			}
			if _, _, err := translator.Translate(t.Context(), []string{"een"}, "nl", "en"); !errors.Is(err, ErrUnavailable) {
				t.Errorf("two texts for one: %v", err)
			}
		})
	}
}

func TestServicesThatFail(t *testing.T) {
	t.Parallel()
	for _, kind := range []Service{LibreTranslate, DeepL} {
		for name, answers := range map[string]map[string]string{
			"quota": {}, "nonsense": {"POST /translate": "<html>", "POST /v2/translate": "<html>", "GET /languages": "x", "GET /v2/languages?type=source": "x"},
		} {
			translator, _ := start(t, kind, answers)
			if _, _, err := translator.Translate(t.Context(), []string{"een"}, "", "en"); !errors.Is(err, ErrUnavailable) {
				t.Errorf("%s %s: %v", kind, name, err)
			}
			if _, err := translator.Languages(t.Context()); !errors.Is(err, ErrUnavailable) {
				t.Errorf("%s %s: %v", kind, name, err)
			}
		}
	}
}

// No request goes where none of the node's requests may.
func TestAddresses(t *testing.T) {
	t.Parallel()
	client, err := fetch.New(fetch.Config{UserAgent: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	for _, c := range []Config{
		{Service: "babel"},
		{Service: LibreTranslate},
		{Service: LibreTranslate, URL: "http://vertaal.example"},
		{Service: LibreTranslate, URL: "https://10.0.0.1"},
		{Service: DeepL, URL: "https://localhost"},
	} {
		if _, err := New(client, c); err == nil {
			t.Errorf("%+v is allowed", c)
		}
	}
	for key, home := range map[string]string{"abc:fx": "https://api-free.deepl.com", "abc": "https://api.deepl.com"} {
		if got := deeplHome(key); got != home {
			t.Errorf("%s is asked at %s", key, got)
		}
	}
}
