package text

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
	"golang.org/x/text/unicode/norm"
)

const (
	maxHref = 2048
	maxSeen = 512 // of a link's text that are looked at
)

// link is an <a> that is being written. A nil link takes all calls and does nothing.
type link struct {
	href     string
	host     string // empty for mailto
	class    string
	tag      bool
	contents int             // where in the output they begin
	seen     strings.Builder // what a reader sees of them
	hidden   int             // depth of the span that hides what is in it, plus one; 0 if none does
}

// newLink returns false when the target is none that we link to.
func newLink(tag html.Token) (*link, bool) {
	u, ok := parseHref(attribute(tag, "href"))
	if !ok {
		return nil, false
	}
	class := keepClasses(tag)
	return &link{
		href:  u.String(),
		host:  strings.ToLower(u.Hostname()),
		class: class,
		tag:   slices.Contains(strings.Fields(class), "hashtag") || slices.Contains(strings.Fields(attribute(tag, "rel")), "tag"),
	}, true
}

// parseHref accepts absolute links to http, https and mailto, as a browser would read them: no scheme hidden by control
// characters, no user name that looks like a host.
func parseHref(raw string) (*url.URL, bool) {
	raw = strings.TrimSpace(raw)
	if len(raw) > maxHref || strings.ContainsFunc(raw, unicode.IsControl) || strings.Contains(raw, `\`) || !utf8.ValidString(raw) {
		return nil, false
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, false
	}
	if u.Scheme == "mailto" {
		return u, u.Opaque != "" && strings.Contains(u.Opaque, "@")
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.Opaque != "" {
		return nil, false
	}
	host, err := idna.Lookup.ToASCII(u.Hostname())
	if err != nil || host == "" {
		return nil, false
	}
	if port := u.Port(); port != "" {
		host += ":" + port
	}
	u.Host = host
	return u, true
}

func (l *link) attributes() []html.Attribute {
	attributes := []html.Attribute{{Key: "href", Val: l.href}}
	if l.class != "" {
		attributes = append(attributes, html.Attribute{Key: "class", Val: l.class})
	}
	rel := relLink
	if l.tag {
		rel = relTag
	}
	return append(attributes, html.Attribute{Key: "rel", Val: rel})
}

// hide notes that a span takes its contents out of sight: the protocol before a shortened link, and a spoofer's truth.
func (l *link) hide(depth int, span html.Token) {
	if l != nil && l.hidden == 0 && slices.Contains(strings.Fields(attribute(span, "class")), "invisible") {
		l.hidden = depth + 1
	}
}

// show notes that the element at a depth has ended.
func (l *link) show(depth int) {
	if l != nil && l.hidden == depth+1 {
		l.hidden = 0
	}
}

func (l *link) see(text string) {
	if l != nil && l.hidden == 0 && l.seen.Len() < maxSeen {
		l.seen.WriteString(text)
	}
}

// settle replaces the contents of a link that shows one host and leads to another by the host that it leads to.
func (l *link) settle(out []byte) []byte {
	if l.host == "" || !pretends(l.seen.String(), l.host) {
		return out
	}
	return append(out[:l.contents], html.EscapeString(l.host)...)
}

// urlText is a word that people read as an address: everything with a scheme or www, or a bare host name.
var urlText = regexp.MustCompile(`^(?i)(https?:/{0,2}|www\.)?([\p{L}\p{N}\p{M}_-]+(?:\.[\p{L}\p{N}\p{M}_-]+)+)\.?(?:[:/?#].*)?$`)

// pretends reports whether a text shows the address of another host.
func pretends(text, host string) bool {
	words := strings.Fields(look(text))
	for _, word := range words {
		match := urlText.FindStringSubmatch(strings.Trim(word, `.,;:!?()[]{}<>"'«»“”‘’…`))
		if match == nil {
			continue
		}
		shown, err := idna.Lookup.ToASCII(match[2])
		if err != nil {
			return true // an address that cannot be: nothing honest looks so
		}
		named := match[1] != "" || len(words) == 1 && isDomain(shown)
		if named && !sameHost(shown, host) {
			return true
		}
	}
	return false
}

// look is the text as an eye sees it: without characters of no width, and with wide dots and letters made plain.
func look(text string) string {
	if len(text) > maxSeen {
		text = strings.ToValidUTF8(text[:maxSeen], "")
	}
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Cf, r):
			return -1
		case r == '。' || r == '․':
			return '.'
		default:
			return unicode.ToLower(r)
		}
	}, norm.NFKC.String(text))
}

// isDomain tells gemeente.nl from Node.js.
func isDomain(host string) bool {
	_, known := publicsuffix.PublicSuffix(host)
	return known
}

func sameHost(shown, host string) bool {
	return strings.TrimPrefix(shown, "www.") == strings.TrimPrefix(host, "www.")
}
