package text

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// FirstLink returns where the first link of a sanitised text leads that is neither a mention nor a hashtag; empty when there is none.
func FirstLink(source string) string {
	if !strings.Contains(source, "<a ") {
		return ""
	}
	var f firstLink
	read(source, &f)
	return f.href
}

type firstLink struct{ href string }

func (f *firstLink) start(tag html.Token) {
	if f.href != "" || tag.Data != "a" {
		return
	}
	for _, word := range append(strings.Fields(attribute(tag, "class")), strings.Fields(attribute(tag, "rel"))...) {
		if slices.Contains([]string{"mention", "hashtag", "u-url", "tag"}, word) {
			return
		}
	}
	if href, ok := parseHref(attribute(tag, "href")); ok && href.Scheme != "mailto" {
		f.href = href.String()
	}
}

func (*firstLink) end(string)  {}
func (*firstLink) text(string) {}
