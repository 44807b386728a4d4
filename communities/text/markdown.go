// Package text turns what people write into what pages and other towns can show without fear, and back into plain words.
// It has a room of its own because the same rules must hold for every text, from whatever face or town it comes, and
// because a place where strangers' HTML is read should be small and hold nothing else.
package text

import (
	"bytes"
	"html"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	goldmarkhtml "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

const (
	// MaxMarkdown is the longest source, in bytes, that is read as Markdown. Longer ones are shown as they are.
	MaxMarkdown = 64 << 10
	// MaxTags bounds the mentions and hashtags together that one text can have; further ones are plain words.
	MaxTags = 100
)

// Links says where mentions and hashtags lead. A nil func, or a false, leaves the word as it was written.
type Links struct {
	// Mention returns the page of an account and the name to show after the @.
	Mention func(m Mention) (href, display string, ok bool)
	// Hashtag returns the page of a tag, given without #.
	Hashtag func(tag string) (href string, ok bool)
}

// Markdown renders a source without linking mentions and hashtags.
func Markdown(source string) string { return Render(source, Links{}) }

// Render turns CommonMark into sanitised HTML. Line breaks are kept, HTML is shown as text, bare URLs become links.
// Mentions and hashtags get the microformats that Mastodon and its kin look for.
func Render(source string, links Links) string {
	document, content, ok := parse(source)
	if !ok {
		return plainParagraphs(source)
	}
	for _, word := range tags(document) {
		word.resolve(links)
	}
	var b bytes.Buffer
	if err := dialect.Renderer().Render(&b, content, document); err != nil {
		return plainParagraphs(source) // cannot happen: a buffer takes everything
	}
	return Sanitise(b.String())
}

// dialect is CommonMark without raw HTML, plus strikethrough, bare URLs and the network's own words.
var dialect = newDialect()

func newDialect() goldmark.Markdown {
	p := parser.NewParser(
		parser.WithBlockParsers(
			util.Prioritized(parser.NewSetextHeadingParser(), 100),
			util.Prioritized(parser.NewThematicBreakParser(), 200),
			util.Prioritized(parser.NewListParser(), 300),
			util.Prioritized(parser.NewListItemParser(), 400),
			util.Prioritized(parser.NewCodeBlockParser(), 500),
			util.Prioritized(parser.NewATXHeadingParser(), 600),
			util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
			util.Prioritized(parser.NewBlockquoteParser(), 800),
			util.Prioritized(parser.NewParagraphParser(), 1000),
		),
		parser.WithInlineParsers(
			util.Prioritized(parser.NewCodeSpanParser(), 100),
			util.Prioritized(parser.NewLinkParser(), 200),
			util.Prioritized(parser.NewAutoLinkParser(), 300),
			util.Prioritized(parser.NewEmphasisParser(), 500),
			util.Prioritized(urlParser{}, 600),
			util.Prioritized(mentionParser{}, 600),
			util.Prioritized(hashtagParser{}, 600),
		),
		parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
	)
	return goldmark.New(
		goldmark.WithParser(p),
		goldmark.WithExtensions(extension.Strikethrough),
		goldmark.WithRendererOptions(
			goldmarkhtml.WithHardWraps(),
			renderer.WithNodeRenderers(util.Prioritized(wordRenderer{}, 500)),
		),
	)
}

// parse returns false for a source that is too long or too intricate to be worth reading as Markdown.
func parse(source string) (document ast.Node, content []byte, ok bool) {
	content = []byte(clean(source))
	if len(content) > MaxMarkdown || intricate(content) {
		return nil, nil, false
	}
	return dialect.Parser().Parse(text.NewReader(content)), content, true
}

// What CommonMark may have to pair up or nest. The time that takes grows with the square of these.
const (
	maxDelimiters = 4000
	maxNesting    = 50 // blocks that one line opens
)

// intricate recognises sources that nobody writes for readers.
func intricate(content []byte) bool {
	delimiters := 0
	for line := range bytes.Lines(content) {
		delimiters += countAny(line, "*_~[")
		if delimiters > maxDelimiters || nesting(line) > maxNesting {
			return true
		}
	}
	return false
}

func countAny(line []byte, signs string) int {
	count := 0
	for _, c := range line {
		if strings.IndexByte(signs, c) >= 0 {
			count++
		}
	}
	return count
}

// nesting counts the quotation and list marks that a line begins with.
func nesting(line []byte) int {
	count := 0
	for i, c := range line {
		switch {
		case c == '>':
			count++
		case strings.IndexByte("-+*.)", c) >= 0:
			if i+1 < len(line) && (line[i+1] == ' ' || line[i+1] == '\t') {
				count++
			}
		case strings.IndexByte(" \t0123456789", c) < 0:
			return count
		}
	}
	return count
}

// plainParagraphs shows a source letter by letter.
func plainParagraphs(source string) string {
	var b strings.Builder
	for paragraph := range strings.SplitSeq(clean(source), "\n\n") {
		if paragraph = strings.Trim(paragraph, "\n"); paragraph != "" {
			b.WriteString("<p>" + strings.ReplaceAll(html.EscapeString(paragraph), "\n", "<br>") + "</p>")
		}
	}
	return b.String()
}
