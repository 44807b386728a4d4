package text

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
)

const (
	// MaxHTML is the longest text, in bytes, that is taken as HTML. Of longer ones only the first words are kept.
	MaxHTML = 256 << 10

	maxDepth = 32 // of nested elements; tags beyond it are dropped, their text stays
	maxWords = MaxHTML / 8
)

// elements are the tags that may appear in a text, with the attributes that each may bear.
var elements = map[string][]string{
	"a": {"href", "class", "rel"}, "span": {"class"}, "p": {"class"}, "br": nil, "hr": nil,
	"b": nil, "strong": nil, "i": nil, "em": nil, "u": nil, "del": nil, "s": nil, "sup": nil, "sub": nil,
	"code": nil, "pre": nil, "blockquote": nil, "ul": nil, "ol": {"start"}, "li": nil,
	"h1": nil, "h2": nil, "h3": nil, "h4": nil, "h5": nil, "h6": nil, "details": nil, "summary": nil,
}

// classes are the microformats that the network agrees on; any other class could borrow the look of our own pages.
var classes = []string{"mention", "hashtag", "u-url", "h-card", "invisible", "ellipsis", QuoteLine}

// QuoteLine is the class of the line that names what a post quotes, for readers whose software knows no quotes (FEP-044f).
const QuoteLine = "quote-inline"

// Link relations: a stranger's link earns nothing and tells nothing about the reader; hashtags stay recognisable.
const (
	relLink = "nofollow noopener noreferrer"
	relTag  = "tag " + relLink
)

// policy is the last wall. What Sanitise lets through is already within it; two parsers would have to err alike.
var policy = newPolicy()

func newPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowURLSchemes("http", "https", "mailto")
	p.AllowRelativeURLs(false)
	p.RequireParseableURLs(true)
	for name := range elements {
		p.AllowElements(name)
	}
	p.AllowNoAttrs().OnElements("span")
	class := strings.Join(classes, "|")
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("rel").Matching(regexp.MustCompile("^(tag )?" + relLink + "$")).OnElements("a")
	p.AllowAttrs("class").Matching(regexp.MustCompile("^("+class+")( ("+class+"))*$")).OnElements("a", "span")
	p.AllowAttrs("class").Matching(regexp.MustCompile("^" + QuoteLine + "$")).OnElements("p")
	p.AllowAttrs("start").Matching(regexp.MustCompile(`^[0-9]{1,6}$`)).OnElements("ol")
	return p
}

// Sanitise returns the harmless part of a stranger's HTML, well-formed. Links lead to http, https or mailto, bear
// rel="nofollow noopener noreferrer" and do not pretend to lead elsewhere. Images leave their alternative text, dropped
// tags their contents, scripts and styles nothing. Sanitising twice changes nothing more. Time is linear in the length.
func Sanitise(source string) string {
	if len(source) > MaxHTML {
		return firstWords(source)
	}
	var c cleaner
	read(source, &c)
	c.closeTo(0)
	if len(c.out) > MaxHTML { // escaping made it longer
		return firstWords(source)
	}
	return policy.SanitizeReader(bytes.NewReader(c.out)).String()
}

// firstWords is what is left of a text too long to be honest.
func firstWords(source string) string {
	return plainParagraphs(Excerpt(source, maxWords/utf8.UTFMax))
}

// cleaner copies a stream of tokens and mends what it copies: every tag that it opens it closes, in order, so that no
// text can close an element of the page around it.
type cleaner struct {
	out    []byte
	open   []string // elements, outermost first
	link   *link    // the link that is open, if any
	inText bool     // the last thing written was text, so that a dropped block needs a line break
	split  bool     // a block was dropped since
}

// blocks are dropped elements that stood on lines of their own.
var blocks = []string{
	"address", "article", "aside", "caption", "center", "dd", "div", "dl", "dt", "fieldset", "figcaption", "figure",
	"footer", "form", "header", "legend", "li", "main", "nav", "option", "section", "table", "td", "th", "tr",
}

func (c *cleaner) start(tag html.Token) {
	name := tag.Data
	if _, allowed := elements[name]; !allowed {
		c.drop(tag)
		return
	}
	c.makeRoom(name)
	switch {
	case name == "br" || name == "hr":
		c.write(html.Token{Type: html.StartTagToken, Data: name})
	case name == "li" && !c.isOpen("ul") && !c.isOpen("ol"):
		c.split = true
	case len(c.open) < maxDepth:
		c.push(tag)
	}
}

// drop leaves out a tag and keeps what people would miss.
func (c *cleaner) drop(tag html.Token) {
	switch {
	case tag.Data == "img":
		c.text(attribute(tag, "alt"))
	case slices.Contains(blocks, tag.Data):
		c.split = true
	}
}

// containers begin a new flow: a block inside them does not end a paragraph outside.
var containers = []string{"blockquote", "li", "details"}

// inline elements do not end a paragraph.
var inline = []string{"a", "span", "br", "b", "strong", "i", "em", "u", "del", "s", "sup", "sub", "code"}

// makeRoom ends what the HTML standard (13.1.2.4, optional tags) says is ended by a new element.
func (c *cleaner) makeRoom(name string) {
	switch {
	case name == "a":
		c.closeLast("a", nil)
	case name == "li":
		c.closeLast("li", []string{"ul", "ol"})
	case !slices.Contains(inline, name):
		c.closeLast("p", containers)
	}
}

// closeLast ends the innermost open element of a name, unless one of the stops is further in.
func (c *cleaner) closeLast(name string, stops []string) {
	for i := len(c.open) - 1; i >= 0 && !slices.Contains(stops, c.open[i]); i-- {
		if c.open[i] == name {
			c.closeTo(i)
			return
		}
	}
}

func (c *cleaner) push(tag html.Token) {
	clean := html.Token{Type: html.StartTagToken, Data: tag.Data}
	switch tag.Data {
	case "a":
		opened, ok := newLink(tag)
		if !ok {
			return
		}
		clean.Attr = opened.attributes()
		c.write(clean)
		opened.contents = len(c.out)
		c.link = opened
	case "span":
		if class := keepClasses(tag); class != "" {
			clean.Attr = []html.Attribute{{Key: "class", Val: class}}
		}
		c.link.hide(len(c.open), clean)
		c.write(clean)
	case "p":
		if slices.Contains(strings.Fields(attribute(tag, "class")), QuoteLine) {
			clean.Attr = []html.Attribute{{Key: "class", Val: QuoteLine}}
		}
		c.write(clean)
	case "ol":
		if start := attribute(tag, "start"); isNumber(start) {
			clean.Attr = []html.Attribute{{Key: "start", Val: start}}
		}
		c.write(clean)
	default:
		c.write(clean)
	}
	c.open = append(c.open, tag.Data)
}

func (c *cleaner) end(name string) {
	if i := lastIndex(c.open, name); i >= 0 {
		c.closeTo(i)
	} else if slices.Contains(blocks, name) {
		c.split = true
	}
}

// closeTo ends the open elements from the innermost down to number i.
func (c *cleaner) closeTo(i int) {
	for len(c.open) > i {
		last := len(c.open) - 1
		name := c.open[last]
		c.open = c.open[:last]
		if name == "a" {
			c.out = c.link.settle(c.out)
			c.link = nil
		}
		c.link.show(last)
		c.write(html.Token{Type: html.EndTagToken, Data: name})
	}
}

// text writes the words between tags.
func (c *cleaner) text(text string) {
	if c.split && c.inText && strings.TrimSpace(text) != "" {
		c.write(html.Token{Type: html.StartTagToken, Data: "br"})
	}
	if strings.TrimSpace(text) != "" {
		c.inText, c.split = true, false
	}
	c.link.see(text)
	c.out = append(c.out, html.EscapeString(text)...)
}

func (c *cleaner) write(tag html.Token) {
	if !slices.Contains(inline, tag.Data) || tag.Data == "br" {
		c.inText, c.split = false, false
	}
	c.out = append(c.out, tag.String()...)
}

func (c *cleaner) isOpen(name string) bool { return slices.Contains(c.open, name) }

func lastIndex(list []string, name string) int {
	for i := len(list) - 1; i >= 0; i-- {
		if list[i] == name {
			return i
		}
	}
	return -1
}

// keepClasses drops all but the known ones, and repetitions.
func keepClasses(tag html.Token) string {
	var kept []string
	for class := range strings.FieldsSeq(attribute(tag, "class")) {
		if slices.Contains(classes, class) && !slices.Contains(kept, class) {
			kept = append(kept, class)
		}
	}
	return strings.Join(kept, " ")
}

func isNumber(s string) bool {
	return s != "" && len(s) <= 6 && strings.Trim(s, "0123456789") == ""
}

// clean is the first step for every text: valid UTF-8, no control characters.
func clean(s string) string { return dropControl(strings.ToValidUTF8(s, "\uFFFD")) }

// isControl reports what has no place in a text: C0 and C1 characters and the overrides that write a line backwards.
func isControl(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case r < ' ', r >= 0x7f && r <= 0x9f:
		return true
	default:
		return r == '\u202d' || r == '\u202e'
	}
}

func dropControl(s string) string {
	if !strings.ContainsFunc(s, isControl) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if isControl(r) {
			return -1
		}
		return r
	}, s)
}
