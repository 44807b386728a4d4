package web

import (
	"embed"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"meent/cmd/meent/locale"
)

//go:embed locale/*.json
var locales embed.FS

// languages are those that pages speak; the first is for whoever asks for none of them.
var languages = locale.Languages //nolint:gochecknoglobals // a table of another room

// catalogue is what pages say, in one language. A missing text shows as its key, which a test keeps from happening.
type catalogue struct {
	lang   string
	texts  map[string]string
	months []string
	words  *locale.Words // those that all faces share
	zone   *time.Location
	now    func() time.Time
}

func readCatalogues(zone *time.Location, now func() time.Time) (map[string]*catalogue, error) {
	catalogues := map[string]*catalogue{}
	shared, err := locale.Read()
	if err != nil {
		return nil, err
	}
	for _, tag := range languages {
		lang := tag.String()
		file, err := locales.ReadFile("locale/" + lang + ".json")
		if err != nil {
			return nil, fmt.Errorf("read catalogue: %w", err)
		}
		c := &catalogue{lang: lang, words: shared.In(tag), zone: zone, now: now}
		if err := json.Unmarshal(file, &c.texts); err != nil {
			return nil, fmt.Errorf("read catalogue %s: %w", lang, err)
		}
		c.months = strings.Fields(c.texts["months"])
		catalogues[lang] = c
	}
	return catalogues, nil
}

// text returns the text of a key, with its places filled in.
func (c *catalogue) text(key string, args ...any) string {
	text, found := c.texts[key]
	switch {
	case !found:
		return key
	case len(args) == 0:
		return text
	}
	return fmt.Sprintf(text, args...)
}

// count returns the text for a number of things. Both languages have the same two forms (CLDR: one, other).
func (c *catalogue) count(key string, number int) string {
	if number == 1 {
		return c.text(key + ".one")
	}
	return c.text(key+".other", number)
}

// day writes a date out, the year only where it is not this one.
func (c *catalogue) day(t time.Time) string {
	t = t.In(c.zone)
	day := strconv.Itoa(t.Day()) + " " + c.months[t.Month()-1]
	if t.Year() != c.now().In(c.zone).Year() {
		day += " " + strconv.Itoa(t.Year())
	}
	return day
}

// moment writes a date and time of day.
func (c *catalogue) moment(t time.Time) string {
	return c.day(t) + ", " + t.In(c.zone).Format("15:04")
}

// machine writes a moment for the datetime attribute.
func (c *catalogue) machine(t time.Time) string { return t.In(c.zone).Format(time.RFC3339) }
