package text

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// reader takes the tags and words of an HTML text, in order.
type reader interface {
	start(tag html.Token)
	end(name string)
	text(words string)
}

// rawText holds elements whose contents the tokenizer hands over as one text, which is no text for people.
var rawText = []string{"script", "style", "iframe", "noembed", "noframes", "noscript", "plaintext", "textarea", "title", "xmp"}

// read hands a text to its reader, without comments and scripts.
func read(source string, to reader) {
	tokens := html.NewTokenizer(strings.NewReader(clean(source)))
	for raw := false; ; {
		kind, script := tokens.Next(), raw
		raw = false
		switch kind {
		case html.ErrorToken: // end of input: a string does not fail otherwise
			return
		case html.TextToken:
			if !script {
				to.text(dropControl(string(tokens.Text()))) // an entity can stand for one
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			tag := tokens.Token()
			raw = slices.Contains(rawText, tag.Data)
			to.start(tag)
		case html.EndTagToken:
			name, _ := tokens.TagName()
			to.end(string(name))
		case html.CommentToken, html.DoctypeToken: // nothing that people see
		}
	}
}

// attribute is without control characters, and empty where there is none.
func attribute(tag html.Token, key string) string {
	for _, a := range tag.Attr {
		if a.Key == key && a.Namespace == "" {
			return dropControl(a.Val)
		}
	}
	return ""
}
