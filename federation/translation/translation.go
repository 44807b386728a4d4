// Package translation asks a machine elsewhere to say a text in another language, where the node's settings name one. It has a room of its own
// because each service has its own dialect, and because what is sent there leaves the town: nobody but the caller decides what that is.
package translation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"meent/federation/fetch"
)

// Service names a kind of translation service.
type Service string

const (
	LibreTranslate Service = "libretranslate" // https://docs.libretranslate.com
	DeepL          Service = "deepl"          // https://developers.deepl.com
)

// Config says which service to ask.
type Config struct {
	Service Service
	URL     string // its address, without a slash at the end; DeepL: "" for the one that the key belongs to
	Key     string
}

// ErrUnavailable is for a service that does not answer, or has had enough for now.
var ErrUnavailable = errors.New("the translation service is not available")

// languagesKept is how long the list of languages is believed.
const languagesKept = time.Hour

// Translator asks one service. Safe for concurrent use.
type Translator struct {
	client  *fetch.Client
	dialect dialect

	mu        sync.Mutex
	languages map[string][]string
	until     time.Time
}

// dialect is how a service is spoken to.
type dialect interface {
	name() string
	languages(ctx context.Context) (map[string][]string, error)
	translate(ctx context.Context, texts []string, from, to string) (translated []string, detected string, err error)
}

// New returns a translator. The only error is a service that is not known, or an address that no request can go to.
func New(client *fetch.Client, c Config) (*Translator, error) {
	c.URL = strings.TrimSuffix(c.URL, "/")
	t := &Translator{client: client}
	switch c.Service {
	case LibreTranslate:
		t.dialect = libre{t, c}
	case DeepL:
		if c.URL == "" {
			c.URL = deeplHome(c.Key)
		}
		t.dialect = deepl{t, c}
	default:
		return nil, fmt.Errorf("translation service %q is not known", c.Service)
	}
	if _, err := client.Parse(c.URL); err != nil {
		return nil, fmt.Errorf("address of the translation service: %w", err)
	}
	return t, nil
}

// Name is what people are told of who translated.
func (t *Translator) Name() string { return t.dialect.name() }

// Languages lists for each language that can be translated those that it can be translated into, by their ISO 639-1 codes.
func (t *Translator) Languages(ctx context.Context) (map[string][]string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.languages != nil && time.Now().Before(t.until) {
		return t.languages, nil
	}
	languages, err := t.dialect.languages(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	for from := range languages {
		slices.Sort(languages[from])
	}
	t.languages, t.until = languages, time.Now().Add(languagesKept)
	return languages, nil
}

// Translate says texts, which are HTML, in another language; as many as it was given. From may be empty: then the service guesses, and says
// what it took them for. What comes back is a stranger's HTML.
func (t *Translator) Translate(ctx context.Context, texts []string, from, to string) (translated []string, detected string, err error) {
	translated, detected, err = t.dialect.translate(ctx, texts, from, to)
	if err != nil {
		return nil, "", fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if len(translated) != len(texts) {
		return nil, "", fmt.Errorf("%w: %d texts for %d", ErrUnavailable, len(translated), len(texts))
	}
	return translated, strings.ToLower(detected), nil
}

// get and ask read a JSON answer; pen adds what the service knows the node by.
func (t *Translator) get(ctx context.Context, address string, pen fetch.Sign, into any) error {
	res, err := t.client.Get(ctx, address, "application/json", pen)
	if err != nil {
		return err
	}
	return json.Unmarshal(res.Body, into)
}

func (t *Translator) ask(ctx context.Context, address string, pen fetch.Sign, question, into any) error {
	body, err := json.Marshal(question)
	if err != nil {
		return err
	}
	res, err := t.client.Ask(ctx, address, body, "application/json", pen)
	if err != nil {
		return err
	}
	return json.Unmarshal(res.Body, into)
}

// libre speaks to a LibreTranslate.
type libre struct {
	*Translator
	Config
}

func (libre) name() string { return "LibreTranslate" }

func (l libre) languages(ctx context.Context) (map[string][]string, error) {
	var list []struct {
		Code    string   `json:"code"`
		Targets []string `json:"targets"`
	}
	if err := l.get(ctx, l.URL+"/languages", nil, &list); err != nil {
		return nil, err
	}
	languages := map[string][]string{}
	for _, language := range list {
		languages[language.Code] = slices.DeleteFunc(language.Targets, func(to string) bool { return to == language.Code })
	}
	return languages, nil
}

func (l libre) translate(ctx context.Context, texts []string, from, to string) (translated []string, detected string, err error) {
	question := map[string]any{"q": texts, "source": "auto", "target": to, "format": "html"}
	if from != "" {
		question["source"] = from
	}
	if l.Key != "" {
		question["api_key"] = l.Key
	}
	var answer struct {
		Translated []string `json:"translatedText"`
		Detected   []struct {
			Language string `json:"language"`
		} `json:"detectedLanguage"`
	}
	if err := l.ask(ctx, l.URL+"/translate", nil, question, &answer); err != nil {
		return nil, "", err
	}
	if from == "" && len(answer.Detected) > 0 {
		from = answer.Detected[0].Language
	}
	return answer.Translated, from, nil
}

// deepl speaks to DeepL.
type deepl struct {
	*Translator
	Config
}

// deeplHome is where a key is known: those of the free kind end in :fx.
func deeplHome(key string) string {
	if strings.HasSuffix(key, ":fx") {
		return "https://api-free.deepl.com"
	}
	return "https://api.deepl.com"
}

func (deepl) name() string { return "DeepL.com" }

func (d deepl) pen(r *http.Request, _ []byte) error {
	r.Header.Set("Authorization", "DeepL-Auth-Key "+d.Key)
	return nil
}

func (d deepl) languages(ctx context.Context) (map[string][]string, error) {
	var sources, targets []string
	for _, list := range []struct {
		kind string
		into *[]string
	}{{"source", &sources}, {"target", &targets}} {
		var answer []struct {
			Language string `json:"language"`
		}
		if err := d.get(ctx, d.URL+"/v2/languages?type="+list.kind, d.pen, &answer); err != nil {
			return nil, err
		}
		for _, language := range answer {
			base, _, _ := strings.Cut(strings.ToLower(language.Language), "-") // EN-GB: variants are the service's business
			if !slices.Contains(*list.into, base) {
				*list.into = append(*list.into, base)
			}
		}
	}
	languages := map[string][]string{}
	for _, from := range sources {
		languages[from] = slices.DeleteFunc(slices.Clone(targets), func(to string) bool { return to == from })
	}
	return languages, nil
}

func (d deepl) translate(ctx context.Context, texts []string, from, to string) (translated []string, detected string, err error) {
	question := map[string]any{"text": texts, "target_lang": strings.ToUpper(to), "tag_handling": "html"}
	if from != "" {
		question["source_lang"] = strings.ToUpper(from)
	}
	var answer struct {
		Translations []struct {
			Detected string `json:"detected_source_language"`
			Text     string `json:"text"`
		} `json:"translations"`
	}
	if err := d.ask(ctx, d.URL+"/v2/translate", d.pen, question, &answer); err != nil {
		return nil, "", err
	}
	for _, one := range answer.Translations {
		translated, detected = append(translated, one.Text), one.Detected
	}
	return translated, detected, nil
}
