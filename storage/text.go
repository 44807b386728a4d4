package storage

import (
	"html"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"meent/communities"
)

// maxIndexed bounds the text that search knows of one post, in bytes.
const maxIndexed = 64 << 10

// indexText makes the post's words known to search. Words are cut and folded here and not by the databases, so that both find the same.
func (b *batch) indexText(p *communities.Post) {
	if p.BoostOf != 0 || p.Deleted() {
		return
	}
	words := searchWords(p)
	if len(words) == 0 {
		return
	}
	text := strings.Join(words, " ")
	if b.tx.db.engine.postgres {
		b.row("post_texts (post_id, words)", "", "(?, ?::tsvector)", p.ID, text)
	} else {
		b.row("post_texts (rowid, words)", "", "(?, ?)", p.ID, text)
	}
}

// forgetText takes the post's words out of search.
func (b *batch) forgetText(post communities.PostID) {
	if b.tx.db.engine.postgres {
		b.add("DELETE FROM post_texts WHERE post_id = ?", post)
	} else {
		b.add("DELETE FROM post_texts WHERE rowid = ?", post)
	}
}

// searchWords lists the words that a post is found by.
func searchWords(p *communities.Post) []string {
	parts := []string{p.Title, p.Warning, plainText(p.Content)}
	if p.Poll != nil {
		for _, o := range p.Poll.Options {
			parts = append(parts, o.Title)
		}
	}
	if p.Event != nil {
		parts = append(parts, p.Event.Place, p.Event.Address)
	}
	text := strings.Join(parts, " ")
	if len(text) > maxIndexed {
		text = strings.ToValidUTF8(text[:maxIndexed], "")
	}
	return foldWords(text)
}

// maxWord is the longest word that search knows, in bytes; PostgreSQL refuses much longer ones.
const maxWord = 128

// foldWords cuts a text into its words, in lower case and without accents.
func foldWords(text string) []string {
	text = strings.ToLower(text)
	if !ascii(text) {
		text = strings.Map(dropMark, norm.NFKD.String(text))
	}
	words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
	for i, w := range words {
		if len(w) > maxWord {
			words[i] = strings.ToValidUTF8(w[:maxWord], "")
		}
	}
	return words
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func dropMark(r rune) rune {
	if unicode.Is(unicode.Mn, r) {
		return -1
	}
	return r
}

// inline are the elements that stand inside a word; every other one ends it.
var inline = map[string]bool{
	"a": true, "b": true, "code": true, "del": true, "em": true, "i": true, "s": true, "span": true, "strong": true,
	"sub": true, "sup": true, "u": true, "wbr": true,
}

// plainText takes the tags out of sanitised HTML.
func plainText(markup string) string {
	var text strings.Builder
	text.Grow(len(markup))
	for {
		before, rest, ok := strings.Cut(markup, "<")
		text.WriteString(before)
		if !ok {
			break
		}
		tag, after, ok := strings.Cut(rest, ">")
		if !ok {
			break
		}
		if !inline[element(tag)] {
			text.WriteByte(' ')
		}
		markup = after
	}
	return html.UnescapeString(text.String())
}

func element(tag string) string {
	tag = strings.TrimPrefix(tag, "/")
	name, _, _ := strings.Cut(tag, " ")
	return strings.TrimSuffix(name, "/")
}
