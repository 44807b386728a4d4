package text

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// WithQuoteLine puts the line that names what a post quotes before its HTML, unless it links to that already (Mastodon API,
// quoted_status_id). href is the page of what is quoted.
func WithQuoteLine(source, href string) string {
	shown := html.EscapeString(href)
	if strings.Contains(source, `class="`+QuoteLine+`"`) || strings.Contains(source, `href="`+shown+`"`) {
		return source
	}
	return `<p class="` + QuoteLine + `">RE: <a href="` + shown + `">` + shown + `</a></p>` + source
}

// WithoutQuoteLine takes the line away again, where the quote itself is shown. The HTML is sanitised: every tag in it is closed.
func WithoutQuoteLine(source string) string {
	if !strings.Contains(source, QuoteLine) {
		return source
	}
	var kept strings.Builder
	tokens := html.NewTokenizer(strings.NewReader(source))
	for depth := 0; ; {
		kind := tokens.Next()
		if kind == html.ErrorToken { // end of input
			return kept.String()
		}
		raw := string(tokens.Raw())
		inside := depth > 0
		depth = max(0, depth+nests(tokens, kind, inside))
		if !inside && depth == 0 {
			kept.WriteString(raw)
		}
	}
}

// nests tells by how much a token leads into the line, or out of it.
func nests(tokens *html.Tokenizer, kind html.TokenType, inside bool) int {
	if kind == html.EndTagToken {
		return -1
	}
	if kind != html.StartTagToken {
		return 0
	}
	tag := tokens.Token()
	begins := slices.Contains(strings.Fields(attribute(tag, "class")), QuoteLine)
	if (inside || begins) && tag.Data != "br" && tag.Data != "hr" {
		return 1
	}
	return 0
}
