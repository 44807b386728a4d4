package text

import (
	"bytes"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// PointsBack tells whether a page links to one of the addresses as to its own writer: <a> or <link> with rel="me" (microformats.org,
// rel-me). base is the page's address. Time is linear in the length.
func PointsBack(page []byte, base string, addresses ...string) bool {
	from, err := url.Parse(base)
	if err != nil {
		return false
	}
	tokens := html.NewTokenizer(bytes.NewReader(page))
	for kind := tokens.Next(); kind != html.ErrorToken; kind = tokens.Next() {
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		token := tokens.Token()
		if token.Data != "a" && token.Data != "link" {
			continue
		}
		href, me := meLink(token.Attr)
		if to, err := from.Parse(href); me && err == nil && slices.ContainsFunc(addresses, func(a string) bool { return sameAddress(to, a) }) {
			return true
		}
	}
	return false
}

func meLink(attributes []html.Attribute) (href string, me bool) {
	for _, a := range attributes {
		switch a.Key {
		case "href":
			href = strings.TrimSpace(a.Val)
		case "rel":
			me = slices.Contains(strings.Fields(strings.ToLower(a.Val)), "me")
		}
	}
	return href, me && href != ""
}

// sameAddress forgives the case of the host and a slash at the end.
func sameAddress(to *url.URL, address string) bool {
	want, err := url.Parse(address)
	return err == nil && to.Scheme == want.Scheme && strings.EqualFold(to.Host, want.Host) && to.User == nil &&
		strings.TrimSuffix(to.Path, "/") == strings.TrimSuffix(want.Path, "/") && to.RawQuery == want.RawQuery
}
