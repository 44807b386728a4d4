package text

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

var picture = regexp.MustCompile(`:([a-zA-Z0-9_]{2,40}):`)

// WithPictures puts pictures where a sanitised HTML text names them between colons, by their addresses. What stands in tags and in code is left.
func WithPictures(source string, addresses map[string]string) string {
	var b strings.Builder
	code := 0
	tokens := html.NewTokenizer(strings.NewReader(source))
	for {
		kind := tokens.Next()
		raw := string(tokens.Raw())
		switch kind {
		case html.ErrorToken:
			return b.String()
		case html.StartTagToken, html.EndTagToken:
			if name, _ := tokens.TagName(); string(name) == "code" || string(name) == "pre" {
				code += map[html.TokenType]int{html.StartTagToken: 1, html.EndTagToken: -1}[kind]
			}
		case html.TextToken:
			if code <= 0 {
				raw = picture.ReplaceAllStringFunc(raw, func(named string) string { return drawPicture(named, addresses) })
			}
		default: // copied as it is
		}
		b.WriteString(raw)
	}
}

func drawPicture(named string, addresses map[string]string) string {
	address, known := addresses[strings.Trim(named, ":")]
	if !known {
		return named
	}
	return `<img class="emoji" src="` + escape(address) + `" alt="` + named + `">`
}
