package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// MaxTitle is the longest title, in characters, that is made from a first line.
const MaxTitle = 120

// Plain returns the words of an HTML text: for search, mail and notifications. Paragraphs are separated by an empty line.
// Only the first MaxHTML bytes are read. The result is text, not HTML: escape it before it goes into a page.
func Plain(source string) string {
	source = source[:min(len(source), MaxHTML)]
	var p plain
	read(source, &p)
	return strings.TrimSpace(p.out.String())
}

// plain collects text, and remembers the white space before it until the next word makes it count.
type plain struct {
	out   strings.Builder
	lines int  // line breaks due before the next word
	space bool // a space is due
	pre   int  // depth of <pre>
}

// breaks is how many line breaks a block puts before and after itself.
var breaks = map[string]int{
	"br": 1, "li": 1, "tr": 1, "div": 1, "dt": 1, "dd": 1, "summary": 1, "figcaption": 1,
	"p": 2, "ul": 2, "ol": 2, "blockquote": 2, "pre": 2, "hr": 2, "table": 2, "details": 2, "section": 2, "article": 2,
	"h1": 2, "h2": 2, "h3": 2, "h4": 2, "h5": 2, "h6": 2,
}

func (p *plain) start(tag html.Token) {
	p.lines = max(p.lines, breaks[tag.Data])
	switch tag.Data {
	case "li":
		p.text("- ")
	case "img":
		p.text(attribute(tag, "alt"))
	case "pre":
		p.pre++
	case "td", "th":
		p.space = true
	}
}

func (p *plain) end(name string) {
	p.lines = max(p.lines, breaks[name])
	if name == "pre" && p.pre > 0 {
		p.pre--
	}
}

func (p *plain) text(s string) {
	if p.pre > 0 && strings.TrimSpace(s) != "" {
		p.separate()
		p.out.WriteString(s)
		return
	}
	for _, r := range s {
		if unicode.IsSpace(r) {
			p.space = true
			continue
		}
		p.separate()
		p.out.WriteRune(r)
	}
}

// separate writes the white space that is due.
func (p *plain) separate() {
	switch {
	case p.out.Len() == 0:
	case p.lines > 0:
		p.out.WriteString(strings.Repeat("\n", p.lines))
	case p.space:
		p.out.WriteByte(' ')
	}
	p.lines, p.space = 0, false
}

// Excerpt returns the first words of an HTML text on one line, at most limit characters with the ellipsis that marks a cut.
// Like Plain it returns text, not HTML.
func Excerpt(source string, limit int) string {
	return shorten(strings.Join(strings.Fields(Plain(source)), " "), limit)
}

// Title makes a title from a plain text that came without one, such as a thread started by mentioning a group: its first
// line, without the mentions that lead it. Empty when nothing is left.
func Title(plain string) string {
	for line := range strings.Lines(plain) {
		if title := strings.Join(dropMentions(strings.Fields(line)), " "); title != "" {
			return shorten(title, MaxTitle)
		}
	}
	return ""
}

func dropMentions(words []string) []string {
	for len(words) > 0 && isMention(words[0]) {
		words = words[1:]
	}
	return words
}

// isMention takes @name, @name@host and Lemmy's !group@host.
func isMention(word string) bool {
	name := strings.TrimLeft(word, "@!")
	return len(name) > 0 && (word[0] == '@' || word[0] == '!' && strings.Contains(name, "@"))
}

// shorten cuts between words where that costs no more than a third of the length.
func shorten(s string, limit int) string {
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	if limit < 1 {
		return ""
	}
	cut := string([]rune(s)[:limit-1])
	if space := strings.LastIndexByte(cut, ' '); space > len(cut)*2/3 {
		cut = cut[:space]
	}
	return strings.TrimRight(cut, " .,;:") + "…"
}
