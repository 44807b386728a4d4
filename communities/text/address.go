package text

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Addresses lists the web addresses that an HTML text links to, each once, without those of mentions and hashtags.
func Addresses(source string) []string {
	var found addresses
	read(source, &found)
	return found
}

type addresses []string

func (a *addresses) start(tag html.Token) {
	if tag.Data != "a" {
		return
	}
	class := strings.Fields(attribute(tag, "class"))
	if slices.Contains(class, "mention") || slices.Contains(class, "hashtag") || slices.Contains(strings.Fields(attribute(tag, "rel")), "tag") {
		return
	}
	address, ok := parseHref(attribute(tag, "href"))
	if ok && (address.Scheme == "https" || address.Scheme == "http") && !slices.Contains(*a, address.String()) {
		*a = append(*a, address.String())
	}
}

func (*addresses) end(string)  {}
func (*addresses) text(string) {}
