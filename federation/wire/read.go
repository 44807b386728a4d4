package wire

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The readers below never fail: what is absent or of a wrong type reads as
// zero (SECURITY.md J6, D10). Whoever needs a value checks for zero.

// id reads an http(s) id: a string, an object's id, a Link's href, or the
// first of an array of them.
func (n *node) id() string {
	n = n.first()
	s := n.text
	if n.kind == objectNode {
		if s = n.get("id").str(); s == "" {
			s = n.get("href").str()
		}
	} else if n.kind != stringNode {
		return ""
	}
	if !HTTPURL(s) {
		return ""
	}
	return s
}

// ids reads a list of ids, without repetition, at most limit.
func (n *node) ids(limit int) []string {
	var out []string
	list := n.list()
	for i := range list {
		if len(out) == limit {
			break
		}
		if id := list[i].id(); id != "" {
			out = append(out, id)
		}
	}
	return out
}

// lines reads a list of short plain texts.
func (n *node) lines(limit int) []string {
	var out []string
	list := n.list()
	for i := range list[:min(len(list), limit)] {
		if word := list[i].cut(MaxFieldLength); word != "" {
			out = append(out, word)
		}
	}
	return out
}

// addressees reads to, cc or audience. Public has two short forms in JSON-LD
// (ActivityPub 5.6).
func (n *node) addressees() []string {
	var out []string
	list := n.list()
	for i := range list {
		if len(out) == MaxRecipients {
			break
		}
		id := list[i].id()
		if text := list[i].str(); text == "as:Public" || text == "Public" {
			id = Public
		}
		if id != "" {
			out = append(out, id)
		}
	}
	return out
}

// str reads a string, or the first of an array of strings, as it is.
func (n *node) str() string {
	n = n.first()
	if n.kind != stringNode {
		return ""
	}
	return n.text
}

// cut reads a string of at most limit characters.
func (n *node) cut(limit int) string { return truncate(n.str(), limit) }

func truncate(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for i := range s {
		if limit == 0 {
			return s[:i]
		}
		limit--
	}
	return s
}

// natural reads a natural-language value: the member itself, or, failing that,
// the first of its map (AS2 core 4.7).
func (n *node) natural(key string, limit int) string {
	if s := n.get(key).cut(limit); s != "" {
		return s
	}
	m := n.get(key + "Map")
	for i := range m.members {
		if s := m.members[i].value.cut(limit); s != "" {
			return s
		}
	}
	return ""
}

// languages reads a contentMap, nameMap or summaryMap.
func (n *node) languages(limit int) map[string]string {
	if n.kind != objectNode {
		return nil
	}
	var out map[string]string
	for i := range n.members {
		m := &n.members[i]
		if len(out) == MaxLanguages || m.value.kind != stringNode || len(m.key) > maxLanguageTag {
			continue
		}
		if out == nil {
			out = make(map[string]string)
		}
		out[m.key] = truncate(m.value.text, limit)
	}
	return out
}

// maxLanguageTag is longer than any language tag in use (BCP 47 4.4.1 asks for 35).
const maxLanguageTag = 64

// bool reads a boolean; Friendica and others write it as a string at times.
func (n *node) bool() bool { return n.kind == trueNode || n.str() == "true" }

// maybe reads a boolean that may be absent.
func (n *node) maybe() *bool {
	if n.kind != trueNode && n.kind != falseNode {
		return nil
	}
	return new(n.kind == trueNode)
}

// count reads a number of things, never negative.
func (n *node) count() (int, bool) {
	if n.kind != numberNode {
		return 0, false
	}
	f, err := strconv.ParseFloat(n.text, 64)
	if err != nil || f < 0 || f > maxCount {
		return 0, false
	}
	return int(f), true
}

// maxCount bounds every count that others claim.
const maxCount = 1 << 40

func (n *node) float() (float64, bool) {
	if n.kind != numberNode {
		return 0, false
	}
	f, err := strconv.ParseFloat(n.text, 64)
	return f, err == nil
}

// timeLayouts are those seen: AS2 core 2.3 asks for RFC 3339, seconds optional;
// old Lemmy leaves the zone out and means UTC.
var timeLayouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04Z07:00"}

// time reads a moment as UTC to the microsecond, which databases keep.
func (n *node) time() time.Time {
	s := n.str()
	if len(s) < len("2006-01-02T15:04") || len(s) > 40 {
		return time.Time{}
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil && t.Year() > 0 && t.Year() < 10_000 {
			return t.UTC().Truncate(time.Microsecond)
		}
	}
	return time.Time{}
}

// link reads a URL for people: a string, a Link, or an array of them, of which
// the HTML one is preferred. Only http(s) passes (SECURITY.md H4).
func (n *node) link() string {
	found := ""
	list := n.list()
	for i := range list {
		s := list[i].id()
		if s == "" {
			continue
		}
		if list[i].kind == stringNode || list[i].mediaType() == "text/html" {
			return s
		}
		if found == "" {
			found = s
		}
	}
	return found
}

// mediaType reads mediaType, or mimeType as PeerTube and Funkwhale write.
func (n *node) mediaType() string {
	if s := n.get("mediaType").cut(maxMediaType); s != "" {
		return s
	}
	return n.get("mimeType").cut(maxMediaType)
}

const maxMediaType = 255

// language reads a BCP 47 tag: Lemmy's object, a string, or the first of a list.
func (n *node) language() string {
	n = n.first()
	if n.kind == objectNode {
		n = n.get("identifier")
	}
	if s := n.str(); s != "und" && len(s) <= maxLanguageTag && !strings.ContainsAny(s, " \t\n") && utf8.ValidString(s) {
		return s
	}
	return ""
}

// counted reads a collection named by id or embedded, with its size.
func (n *node) counted() Counted {
	c := Counted{ID: n.id()}
	if n.kind == objectNode {
		c.Total, c.HasTotal = n.get("totalItems").count()
	}
	return c
}

// picture reads an icon or image, of which some send several.
func (n *node) picture() Image {
	n = n.first()
	if n.kind == stringNode {
		return Image{URL: n.id()}
	}
	image := Image{URL: n.get("url").link(), MediaType: n.mediaType(), Name: n.get("name").cut(MaxAltLength)}
	if image.URL == "" {
		image.URL = n.get("href").link()
	}
	if image.URL == "" {
		return Image{}
	}
	return image
}

// readSource reads ActivityPub 3.3's source; old PieFed sends a bare string.
func (n *node) readSource() Source {
	if n.kind != objectNode {
		return Source{}
	}
	return Source{Content: n.get("content").cut(MaxContentLength), MediaType: n.mediaType()}
}
