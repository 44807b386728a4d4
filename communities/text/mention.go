package text

import (
	"bytes"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Mention is an account that a text calls by name. Host is empty for one of our own.
type Mention struct {
	Name, Host string
}

// String returns the mention as it is written.
func (m Mention) String() string {
	if m.Host == "" {
		return "@" + m.Name
	}
	return "@" + m.Name + "@" + m.Host
}

// Found is whom and what a source names, each once, in order of appearance.
type Found struct {
	Mentions []Mention // host in lower case
	Hashtags []string  // without #, in the spelling of their first appearance
}

// Find reads the mentions and hashtags of a Markdown source. Those within code and links do not count.
func Find(source string) Found {
	var found Found
	document, _, ok := parse(source)
	if !ok {
		return found
	}
	known := map[string]bool{}
	for _, word := range tags(document) {
		key := strings.ToLower(word.written)
		switch {
		case known[key]:
		case word.tag != "":
			found.Hashtags = append(found.Hashtags, word.tag)
		default:
			found.Mentions = append(found.Mentions, word.mention)
		}
		known[key] = true
	}
	return found
}

// tags returns the words of a document that may become links.
func tags(document ast.Node) []*word {
	var words []*word
	_ = ast.Walk(document, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // the func returns no error
		if entering && (n.Kind() == ast.KindLink || n.Kind() == ast.KindImage) {
			return ast.WalkSkipChildren, nil
		}
		if w, ok := n.(*word); ok && entering {
			if words = append(words, w); len(words) == MaxTags {
				return ast.WalkStop, nil
			}
		}
		return ast.WalkContinue, nil
	})
	return words
}

// word is a mention or hashtag in a document.
type word struct {
	ast.BaseInline
	written string // as in the source
	mention Mention
	tag     string // empty for a mention
	href    string // empty until resolved
	display string // after the @ or #
}

var kindWord = ast.NewNodeKind("Word")

func (*word) Kind() ast.NodeKind { return kindWord }

// Dump is for goldmark's debugging.
func (w *word) Dump(source []byte, level int) {
	ast.DumpHelper(w, source, level, map[string]string{"Written": w.written}, nil)
}

func (w *word) resolve(links Links) {
	ok := false
	switch {
	case w.tag != "" && links.Hashtag != nil:
		w.display = w.tag
		w.href, ok = links.Hashtag(w.tag)
	case w.tag == "" && links.Mention != nil:
		w.href, w.display, ok = links.Mention(w.mention)
	}
	if !ok {
		w.href = ""
	}
}

type mentionParser struct{}

func (mentionParser) Trigger() []byte { return []byte{'@'} }

var mentionText = regexp.MustCompile(`^@([A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,126}[A-Za-z0-9_])?)` +
	`(?:@([\p{L}\p{N}](?:[\p{L}\p{N}.-]{0,251}[\p{L}\p{N}])?(?::[0-9]{1,5})?))?`)

func (mentionParser) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	if wordBefore(block) {
		return nil
	}
	line, _ := block.PeekLine()
	match := mentionText.FindSubmatch(line[:min(len(line), maxWord)])
	if match == nil {
		return nil
	}
	if after := line[len(match[0]):]; len(match[2]) == 0 && len(after) > 0 && after[0] == '@' {
		return nil // "@a@" and nothing that could be a host
	}
	block.Advance(len(match[0]))
	return &word{written: string(match[0]), mention: Mention{string(match[1]), strings.ToLower(string(match[2]))}}
}

type hashtagParser struct{}

func (hashtagParser) Trigger() []byte { return []byte{'#'} }

const (
	maxWord    = 512 // bytes that are looked at for a mention
	maxHashtag = 100 // characters
)

func (hashtagParser) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	if wordBefore(block) {
		return nil
	}
	line, _ := block.PeekLine()
	tag := hashtag(line[1:])
	if tag == "" {
		return nil
	}
	block.Advance(len("#") + len(tag))
	return &word{written: "#" + tag, tag: tag}
}

// hashtag returns the tag at the start of a line: letters of any script, digits, marks and underscores, not digits alone.
func hashtag(line []byte) string {
	length, count, letters := 0, 0, false
	for length < len(line) {
		r, size := utf8.DecodeRune(line[length:])
		if !isWord(r) {
			break
		}
		letters = letters || unicode.IsLetter(r)
		length += size
		if count++; count > maxHashtag {
			return ""
		}
	}
	if !letters {
		return ""
	}
	return string(line[:length])
}

func isWord(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

// wordBefore reports that the sign stands within a word, a path or an entity, and so begins nothing.
func wordBefore(block text.Reader) bool {
	r := block.PrecendingCharacter()
	return isWord(r) || strings.ContainsRune("/@#&=", r)
}

type urlParser struct{}

// Trigger is the space before a URL, which for goldmark is also the start of a line, or a sign that opens something.
func (urlParser) Trigger() []byte { return []byte{' ', '(', '*', '_', '~'} }

// Parse links a URL that stands in the text as it is.
func (urlParser) Parse(parent ast.Node, block text.Reader, context parser.Context) ast.Node {
	line, segment := block.PeekLine()
	before := 0
	if strings.ContainsRune(" (*_~", rune(line[0])) {
		before = 1
	}
	length := bareURL(line[before:min(len(line), maxHref)])
	if length == 0 || context.IsInLinkLabel() {
		return nil
	}
	if before > 0 {
		ast.MergeOrAppendTextSegment(parent, segment.WithStop(segment.Start+before))
	}
	block.Advance(before + length)
	start := segment.Start + before
	return ast.NewAutoLink(ast.AutoLinkURL, ast.NewTextSegment(text.NewSegment(start, start+length)))
}

var scheme = regexp.MustCompile(`^(?i)https?://[\p{L}\p{N}]`)

// bareURL returns the length of the URL at the start of a line, without the punctuation of the sentence around it.
func bareURL(line []byte) int {
	if !scheme.Match(line) {
		return 0
	}
	length := bytes.IndexFunc(line, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("<>\"`|\\^{}", r)
	})
	if length < 0 {
		length = len(line)
	}
	for length > 0 {
		last := line[length-1]
		unbalanced := last == ')' && bytes.Count(line[:length], []byte{')'}) > bytes.Count(line[:length], []byte{'('})
		if !unbalanced && !strings.ContainsRune(".,;:!?'*_~]", rune(last)) {
			break
		}
		length--
	}
	return length
}

// wordRenderer writes mentions and hashtags as Mastodon does: its readers find the account by class, not by text.
type wordRenderer struct{}

// RegisterFuncs implements goldmark's renderer.NodeRenderer.
func (wordRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(kindWord, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		written, ok := n.(*word)
		if !ok || !entering {
			return ast.WalkContinue, nil
		}
		_, err := w.WriteString(written.html())
		return ast.WalkContinue, err
	})
}

func (w *word) html() string {
	href, display := escape(w.href), escape(w.display)
	switch {
	case w.href == "":
		return escape(w.written)
	case w.tag != "":
		return `<a href="` + href + `" class="mention hashtag" rel="tag">#<span>` + display + `</span></a>`
	default:
		return `<span class="h-card"><a href="` + href + `" class="u-url mention">@<span>` + display + `</span></a></span>`
	}
}

func escape(s string) string { return string(util.EscapeHTML([]byte(s))) }
