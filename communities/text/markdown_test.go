package text

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMarkdown(t *testing.T) {
	t.Parallel()
	const rel = ` rel="nofollow noopener noreferrer"`
	tests := []struct{ name, in, want string }{
		{"paragraphs and lines", "a\nb\n\nc", "<p>a<br>\nb</p>\n<p>c</p>\n"},
		{"emphasis", "*a* **b** ~~c~~ `d`", "<p><em>a</em> <strong>b</strong> <del>c</del> <code>d</code></p>\n"},
		{"list", "3. c\n4. d", "<ol start=\"3\">\n<li>c</li>\n<li>d</li>\n</ol>\n"},
		{"H12 raw HTML is text", "<script>alert(1)</script> <b>x</b>", "<p>&lt;script&gt;alert(1)&lt;/script&gt; &lt;b&gt;x&lt;/b&gt;</p>\n"},
		{"H12 javascript", "[x](javascript:alert(1))", "<p>x</p>\n"},
		{"H12 reference", "[x]\n\n[x]: data:text/html,y", "<p>x</p>\n"},
		{"H2", "[https://bank.nl](https://evil.com)", "<p><a href=\"https://evil.com\"" + rel + ">evil.com</a></p>\n"},
		{"image leaves its words", "![een hond](https://a.nl/x.png)", "<p>een hond</p>\n"},
		{"bare URL", "zie https://a.nl/x_(y)_z.", "<p>zie <a href=\"https://a.nl/x_(y)_z\"" + rel + ">https://a.nl/x_(y)_z</a>.</p>\n"},
		{"bare URL in brackets", "(https://a.nl/x)", "<p>(<a href=\"https://a.nl/x\"" + rel + ">https://a.nl/x</a>)</p>\n"},
		{"bare URL at start", "https://a.nl/@jan#c", "<p><a href=\"https://a.nl/@jan#c\"" + rel + ">https://a.nl/@jan#c</a></p>\n"},
		{"no URL in a word", "xhttps://a.nl", "<p>xhttps://a.nl</p>\n"},
		{"no link in a link", "[zie https://a.nl](https://a.nl/b)", "<p><a href=\"https://a.nl/b\"" + rel + ">zie https://a.nl</a></p>\n"},
		{"unresolved", "@jan #markt", "<p>@jan #markt</p>\n"},
		{"too long", strings.Repeat("*a* <b>\n", MaxMarkdown/8+1), plainParagraphs(strings.Repeat("*a* <b>\n", MaxMarkdown/8+1))},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, Markdown(test.in)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRender(t *testing.T) {
	t.Parallel()
	links := Links{
		Mention: func(m Mention) (string, string, bool) {
			if m.Name == "niemand" {
				return "", "", false
			}
			return "https://" + m.Host + "/@" + m.Name, m.Name + `<"`, true
		},
		Hashtag: func(tag string) (string, bool) { return "https://a.nl/tags/" + strings.ToLower(tag), true },
	}
	got := Render("Dag @jan@b.nl en @niemand, #Markt\n\n[@jan@b.nl](https://c.nl) `@jan@b.nl`", links)
	const rel = `nofollow noopener noreferrer`
	want := `<p>Dag <span class="h-card"><a href="https://b.nl/@jan" class="u-url mention" rel="` + rel + `">@<span>jan&lt;&#34;</span></a></span> en @niemand, ` +
		`<a href="https://a.nl/tags/markt" class="mention hashtag" rel="tag ` + rel + `">#<span>Markt</span></a></p>` + "\n" +
		`<p><a href="https://c.nl" rel="` + rel + `">@jan@b.nl</a> <code>@jan@b.nl</code></p>` + "\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	jan := Mention{Name: "jan"}
	tests := []struct {
		in   string
		want Found
	}{
		{"@jan", Found{Mentions: []Mention{jan}}},
		{"@jan.", Found{Mentions: []Mention{jan}}},
		{"(@jan), @JAN", Found{Mentions: []Mention{jan}}},
		{"@jan_de_vries_", Found{Mentions: []Mention{{Name: "jan_de_vries_"}}}},
		{"@jan@Gemeente.NL: dag", Found{Mentions: []Mention{{"jan", "gemeente.nl"}}}},
		{"@jan@localhost:8080", Found{Mentions: []Mention{{"jan", "localhost:8080"}}}},
		{"@jan@münchen.de.", Found{Mentions: []Mention{{"jan", "münchen.de"}}}},
		{"**@jan**", Found{Mentions: []Mention{jan}}},
		{"> - @jan", Found{Mentions: []Mention{jan}}},
		{"jan@a.nl", Found{}},
		{"@ jan, @", Found{}},
		{"@jan@", Found{}},
		{"https://a.nl/@jan and /@jan", Found{}},
		{"[@jan](https://a.nl) ![@jan](https://a.nl)", Found{}},
		{"`@jan` and\n\n    @jan\n\n```\n@jan #x\n```", Found{}},
		{"#markt #Markt #café #日本語 #a_b", Found{Hashtags: []string{"markt", "café", "日本語", "a_b"}}},
		{"#नमस्ते", Found{Hashtags: []string{"नमस्ते"}}},
		{"#2026 #1e", Found{Hashtags: []string{"1e"}}},
		{"#markt", Found{Hashtags: []string{"markt"}}},
		{"# markt", Found{}},
		{"a#b &#x41; https://a.nl/#b #" + strings.Repeat("a", maxHashtag+1), Found{}},
		{"\\#markt \\@jan", Found{}},
	}
	for _, test := range tests {
		t.Run(test.in, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, Find(test.in)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestFlood is row D24.
func TestFlood(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 4000 {
		fmt.Fprintf(&b, "@a%d #b%d ", i, i)
	}
	found := Find(b.String())
	if got := len(found.Mentions) + len(found.Hashtags); got != MaxTags {
		t.Errorf("found %d, want %d", got, MaxTags)
	}
	out := Render(b.String(), Links{Hashtag: func(tag string) (string, bool) { return "https://a.nl/" + tag, true }})
	if got := strings.Count(out, "<a "); got != MaxTags/2 {
		t.Errorf("linked %d hashtags, want %d", got, MaxTags/2)
	}
	if !strings.Contains(out, "@a3999 #b3999") {
		t.Error("the rest is not plain words")
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{"<p>a  b\nc</p><p>d<br>e</p>", "a b c\n\nd\ne"},
		{"<ul><li>a</li><li>b</li></ul>c", "- a\n- b\n\nc"},
		{"<pre>a\n  b</pre>", "a\n  b"},
		{"a&lt;b&amp;amp;<script>x</script><b>c</b>d", "a<b&amp;cd"},
		{`<a href="https://a.nl/b"><span class="invisible">https://</span>a.nl/b</a>`, "https://a.nl/b"},
		{`<img alt="hond"> <table><tr><td>1<td>2<tr><td>3</table>`, "hond\n\n1 2\n3"},
		{"", ""},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, Plain(test.in)); diff != "" {
			t.Errorf("%s: %s", test.in, diff)
		}
	}
}

func TestExcerpt(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in    string
		limit int
		want  string
	}{
		{"<p>een</p><p>twee</p>", 500, "een twee"},
		{"een twee drie", 13, "een twee drie"},
		{"een twee drie, vier", 15, "een twee drie…"},
		{"Donaudampfschifffahrt", 10, "Donaudamp…"},
		{"ééééé", 3, "éé…"},
		{"een", 0, ""},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, Excerpt(test.in, test.limit)); diff != "" {
			t.Errorf("%s: %s", test.in, diff)
		}
	}
}

func TestTitle(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{"@groep@a.nl Wie gaat er mee?\n\nZaterdag.", "Wie gaat er mee?"},
		{"@groep @jan\n\n  Markt   op zaterdag ", "Markt op zaterdag"},
		{"!groep@a.nl !belangrijk", "!belangrijk"},
		{"vraag aan @groep", "vraag aan @groep"},
		{"@groep", ""},
		{"@", "@"},
		{"", ""},
		{strings.Repeat("lang ", 50), strings.TrimSpace(strings.Repeat("lang ", 23)) + "…"},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, Title(test.in)); diff != "" {
			t.Errorf("%s: %s", test.in, diff)
		}
	}
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"nl": "nl", "NL": "nl", "nl_NL": "nl-NL", "pt-br": "pt-BR", "zh-hant-tw": "zh-Hant-TW", "fy": "fy", "iw": "he",
		"": "", "und": "", "mul": "", "not a tag": "", "x": "", "nl\x00": "", strings.Repeat("nl-", 20): "",
	}
	for in, want := range tests {
		if got := Language(in); got != want {
			t.Errorf("Language(%q) = %q, want %q", in, got, want)
		}
	}
}
