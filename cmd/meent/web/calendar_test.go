package web

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// Whatever the text: no line is too long, none is cut inside a character, and unfolded it is one line again (RFC 5545 3.1).
func TestCalendarLines(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.String().Draw(t, "value")
		var c calendar
		c.text("SUMMARY", value)
		lines := strings.Split(strings.TrimSuffix(c.String(), "\r\n"), "\r\n")
		for i, line := range lines {
			if len(line) > maxCalendar || !utf8.ValidString(line) || i > 0 && !strings.HasPrefix(line, " ") {
				t.Errorf("line %d is %q", i, line)
			}
		}
		var whole strings.Builder
		for i, line := range lines {
			if i > 0 {
				line = line[1:]
			}
			whole.WriteString(line)
		}
		if strings.ContainsAny(whole.String(), "\r\n") || !strings.HasPrefix(whole.String(), "SUMMARY:") {
			t.Errorf("unfolded: %q", whole.String())
		}
	})
}
