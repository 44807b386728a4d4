// Package locale holds the words that several faces say: why something is refused, and what a device is called for. It is no face itself, so
// that faces can share it; what only one of them says stands in a catalogue of its own.
package locale

import (
	"embed"
	"encoding/json"
	"fmt"
	"slices"

	"golang.org/x/text/language"

	"meent/communities"
)

//go:embed *.json
var files embed.FS

// Languages are those that the node speaks; the first is for whoever asks for none of them.
var Languages = []language.Tag{language.Dutch, language.English}

// Speech is all that is said, in every language. Safe for concurrent use.
type Speech struct {
	words   []*Words // in the order of Languages
	matcher language.Matcher
}

// Read reads the catalogues, so that a mistake in them shows at the start.
func Read() (*Speech, error) {
	s := &Speech{matcher: language.NewMatcher(Languages)}
	for _, tag := range Languages {
		text, err := files.ReadFile(tag.String() + ".json")
		if err != nil {
			return nil, fmt.Errorf("read the words: %w", err)
		}
		w := &Words{Lang: tag.String()}
		if err := json.Unmarshal(text, &w.texts); err != nil {
			return nil, fmt.Errorf("read the words of %s: %w", tag, err)
		}
		s.words = append(s.words, w)
	}
	return s, nil
}

// In returns the words of a language that the node speaks.
func (s *Speech) In(tag language.Tag) *Words { return s.Choose(tag.String()) }

// Choose returns the words of the first wish that can be fulfilled. A wish is a language, or several as in the header Accept-Language
// (RFC 9110 12.5.4).
func (s *Speech) Choose(wishes ...string) *Words {
	for _, wish := range wishes {
		tags, _, err := language.ParseAcceptLanguage(wish)
		if err != nil || len(tags) == 0 {
			continue
		}
		if _, index, confidence := s.matcher.Match(tags...); confidence != language.No {
			return s.words[index]
		}
	}
	return s.words[0]
}

// Words are those of one language.
type Words struct {
	Lang  string
	texts map[string]string
}

// Text returns the text of a key, with its places filled in; the key itself where there is none, which a test keeps from happening.
func (w *Words) Text(key string, args ...any) string {
	text, found := w.texts[key]
	switch {
	case !found:
		return key
	case len(args) == 0:
		return text
	}
	return fmt.Sprintf(text, args...)
}

// Refusal says why the town refused something. The key is the reason itself, as the town gives it; so is each word among what it names.
func (w *Words) Refusal(e *communities.Error) string {
	text, found := w.texts[e.Reason]
	switch {
	case !found:
		return e.Message
	case len(e.Args) == 0:
		return text
	}
	args := slices.Clone(e.Args)
	for i, arg := range args {
		if word, ok := arg.(string); ok && w.texts[word] != "" {
			args[i] = w.texts[word]
		}
	}
	return fmt.Sprintf(text, args...)
}
