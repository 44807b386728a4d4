package mastodon

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"meent/communities"
	"meent/storage"
)

// TestAGlanceMissesNothing holds what filters find by looking twice equal to what they find by reading all of every post.
func TestAGlanceMissesNothing(t *testing.T) {
	t.Parallel()
	pieces := []string{
		"fiets", "FIETS", "Fietsen", "plein", "straße", "STRASSE", "ſtad", "stad", "\u212aunst", "kunst", "σας", "ΣΑΣ", "één", "e\u0301", "&eacute;&eacute;n", "AT&amp;T",
		"<b>", "</b>", "<p>", "</p>", "<br>", `<a href="/u/fiets">`, "</a>", " ", "\n", "-", "&shy;", "\u00ad", "\u200b", `<img alt="plein" src="/p">`, "<!-- plein -->", "&lt;",
		"42", "&#52;2", "🚲", ".",
	}
	words := []string{"fiets", "plein", "strasse", "Stad", "kunst", "σας", "één", "at&t", "42", "🚲", "-", "fiets plein", "e\u0301", "<b>"}
	rapid.Check(t, func(t *rapid.T) {
		says := rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 12)
		post := &communities.Post{
			Title: strings.Join(says.Draw(t, "title"), ""), Content: strings.Join(says.Draw(t, "content"), ""),
			Attachments: []communities.Attachment{{Alt: strings.Join(says.Draw(t, "alt"), "")}},
		}
		f := &storage.Filter{}
		for _, word := range rapid.SliceOfN(rapid.SampledFrom(words), 1, 3).Draw(t, "words") {
			f.Keywords = append(f.Keywords, storage.FilterKeyword{Word: word, WholeWord: rapid.Bool().Draw(t, "whole")})
		}
		s := newSieve(f)
		want := slices.Compact(wordsOf(f.Keywords).FindAllString((&look{post: post}).read(), -1))
		if diff := cmp.Diff(want, s.matches(&look{post: post})); diff != "" {
			t.Fatalf("%+v in %+v (-all +twice):\n%s", f.Keywords, post, diff)
		}
	})
}
