package mastodon

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"meent/communities"
	"meent/storage"
)

// sieve is a filter that is in force on a board.
type sieve struct {
	*storage.Filter
	cores []string // of each word its longest run of letters and digits, folded; "" where there is none
	words *regexp.Regexp
}

func newSieve(f *storage.Filter) sieve {
	s := sieve{Filter: f, cores: make([]string, len(f.Keywords))}
	for i, k := range f.Keywords {
		s.cores[i] = coreOf(k.Word)
	}
	return s
}

// matches lists what the filter's words found in a post. Most posts hold none of them, and a glance tells so: only the others are read.
func (s *sieve) matches(l *look) []string {
	if !slices.ContainsFunc(s.cores, l.mayHold) {
		return nil
	}
	if s.words == nil {
		s.words = wordsOf(s.Keywords)
	}
	if s.words == nil {
		return nil
	}
	return slices.Compact(s.words.FindAllString(l.read(), -1))
}

// wordsOf makes one expression of all words, whatever their case. A whole word ends where a letter or digit does not follow; a word that
// itself begins or ends with a sign needs no such edge.
func wordsOf(keywords []storage.FilterKeyword) *regexp.Regexp {
	var parts []string
	for _, k := range keywords {
		part := regexp.QuoteMeta(k.Word)
		if k.WholeWord {
			part = edge(k.Word[:1], `\b`) + part + edge(k.Word[len(k.Word)-1:], `\b`)
		}
		parts = append(parts, part)
	}
	if len(parts) == 0 {
		return nil
	}
	found, err := regexp.Compile("(?i)" + strings.Join(parts, "|"))
	if err != nil {
		return nil
	}
	return found
}

var letter = regexp.MustCompile(`^\w`)

func edge(sign, boundary string) string {
	if letter.MatchString(sign) {
		return boundary
	}
	return ""
}

// look is a post while filters look at it.
type look struct {
	post     *communities.Post
	folded   string // what a glance sees
	glanced  bool
	unclear  bool // a glance does not tell what the post says
	text     string
	textRead bool
}

// mayHold tells whether a word may be in the post, by its core: always where the core does not tell.
func (l *look) mayHold(core string) bool {
	if !l.glanced {
		l.glance()
	}
	return core == "" || l.unclear || strings.Contains(l.folded, core)
}

// glance folds what the post says, and leaves the tags of its HTML out. Between two tags the letters stand as they are read, so that a run of
// letters that is not seen here is not in the text either.
func (l *look) glance() {
	l.glanced = true
	b := make([]byte, 0, len(l.post.Content)+len(l.post.Title)+len(l.post.Warning)+1)
	for _, part := range otherWords(l.post) {
		b, _ = foldText(b, part) // is read as it stands
		b = append(b, '\n')
	}
	b, plain := foldHTML(b, l.post.Content)
	l.folded, l.unclear = string(b), !plain
}

// read is the whole text, as people read it.
func (l *look) read() string {
	if !l.textRead {
		l.textRead, l.text = true, strings.Join(append(otherWords(l.post), plainText(l.post.Content)), "\n")
	}
	return l.text
}

// otherWords are those of a post beside its content.
func otherWords(post *communities.Post) []string {
	parts := []string{post.Warning, post.Title}
	if post.Poll != nil {
		for _, option := range post.Poll.Options {
			parts = append(parts, option.Title)
		}
	}
	for _, file := range post.Attachments {
		parts = append(parts, file.Alt)
	}
	return parts
}

// plainEntities stand for signs, which are in no core.
var plainEntities = []string{"&amp;", "&lt;", "&gt;", "&#39;", "&#34;", "&quot;", "&nbsp;"}

// foldHTML folds what stands between tags. It is false for what says more than its letters: pictures, comments, entities for letters, signs
// that are not shown.
func foldHTML(b []byte, source string) (folded []byte, plain bool) {
	plain = true
	for source != "" && plain {
		at := strings.IndexAny(source, "<&")
		if at < 0 {
			at = len(source)
		}
		b, plain = foldText(b, source[:at])
		if source = source[at:]; source == "" {
			return b, plain
		}
		if source[0] == '&' {
			i := slices.IndexFunc(plainEntities, func(e string) bool { return strings.HasPrefix(source, e) })
			if i < 0 {
				return b, false
			}
			b, source = append(b, ' '), source[len(plainEntities[i]):]
			continue
		}
		end := strings.IndexByte(source, '>')
		if end < 0 || strings.HasPrefix(source, "<!") || strings.HasPrefix(source, "<img") {
			return b, false
		}
		source = source[end+1:]
	}
	return b, plain
}

// foldText appends a text in which letters that differ only in case are the same (the simple folding of Unicode, as (?i) has it). It is false
// where the text holds signs that are not shown.
func foldText(b []byte, text string) (folded []byte, plain bool) {
	plain = true
	for i := range len(text) {
		c := text[i]
		switch {
		case c >= utf8.RuneSelf:
			for _, r := range text[i:] {
				b = utf8.AppendRune(b, leastOf(r))
				plain = plain && !unicode.In(r, unicode.Cc, unicode.Cf)
			}
			return b, plain
		case 'a' <= c && c <= 'z':
			c -= 'a' - 'A'
		case c < ' ' && c != '\n' || c == 0x7f:
			plain = false
		}
		b = append(b, c)
	}
	return b, plain
}

// leastOf is the smallest of the letters that are the same.
func leastOf(r rune) rune {
	if r < utf8.RuneSelf {
		return unicode.ToUpper(r)
	}
	least := r
	for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
		least = min(least, other)
	}
	return least
}

// coreOf is the longest run of letters and digits in a word.
func coreOf(word string) string {
	longest := ""
	for run := range strings.FieldsFuncSeq(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if len(run) > len(longest) {
			longest = run
		}
	}
	core, _ := foldText(nil, longest)
	return string(core)
}
