package text

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
)

func TestSanitise(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"plain", `hallo & "dag"`, `hallo &amp; &#34;dag&#34;`},
		{"entity stays text", `&lt;script&gt; &amp;lt;b&amp;gt;`, `&lt;script&gt; &amp;lt;b&amp;gt;`},
		{"script", `a<script>alert(1)</script>b`, `ab`},
		{"empty script", `a<script></script>b`, `ab`},
		{"style", `<style>p{}</style><p>x</p>`, `<p>x</p>`},
		{"H5 embed and friends", `<embed src=x><object data=y>o</object><iframe src=z>i</iframe><form><input value=v></form>`, `o`},
		{"H6 MathML without attribute", `<math><annotation-xml><b>x</b></annotation-xml></math>`, `<b>x</b>`},
		{"H6 SVG", `<svg onload=alert(1)><style><img src=x onerror=alert(1)></style></svg>y`, `y`},
		{"H7 emoji title", `<img alt='":blob:"><img onerror=x>' title='"><img src=x onerror=alert(1)>'>`, `&#34;:blob:&#34;&gt;&lt;img onerror=x&gt;`},
		{"H11 list", `<ul onclick=x><li style="color:red">a<li>b</ul>`, `<ul><li>a</li><li>b</li></ul>`},
		{"event handlers", `<p onclick="x" id="y" class="admin">z</p>`, `<p>z</p>`},
		{"line of a quote", `<p class="quote-inline admin">RE: <a href="https://a.nl">a</a></p><p class="mention">x</p>`, `<p class="quote-inline">RE: <a href="https://a.nl" rel="nofollow noopener noreferrer">a</a></p><p>x</p>`},
		{"classes", `<span class="h-card admin-button h-card mention">x</span>`, `<span class="h-card mention">x</span>`},
		{"unclosed", `<p><b>x`, `<p><b>x</b></p>`},
		{"unopened", `x</p></div></li></main>y`, `x<br>y`},
		{"crossed", `<b><i>x</b></i>`, `<b><i>x</i></b>`},
		{"paragraphs", `<p>a<p>b`, `<p>a</p><p>b</p>`},
		{"dropped blocks", `<div>a</div><div>b</div>`, `a<br>b`},
		{"table", `<table><tr><td>a<td>b</table>`, `a<br>b`},
		{"list number", `<ol start="3" type="i"><li>c</ol><ol start="-1x"></ol>`, `<ol start="3"><li>c</li></ol><ol></ol>`},
		{"comment", `a<!-- b --><![CDATA[c]]>d`, `ad`},
		{"control characters", "a\x00b\x1b[31m&#27;\u202ec", `ab[31mc`},
		{"invalid UTF-8", "a\xffb", "a\uFFFDb"},
		{"details", `<details open ontoggle=x><summary>s</summary>t</details>`, `<details><summary>s</summary>t</details>`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, Sanitise(test.in)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSanitiseLinks(t *testing.T) {
	t.Parallel()
	const rel = ` rel="nofollow noopener noreferrer"`
	tests := []struct{ name, in, want string }{
		{"plain", `<a href="https://a.nl/x?y=1&z=2" target=_blank>x</a>`, `<a href="https://a.nl/x?y=1&amp;z=2"` + rel + `>x</a>`},
		{"mailto", `<a href="mailto:jan@a.nl">x</a>`, `<a href="mailto:jan@a.nl"` + rel + `>x</a>`},
		{"hashtag", `<a href="https://a.nl/t" class="mention hashtag" rel="me tag">#<span>x</span></a>`, `<a href="https://a.nl/t" class="mention hashtag" rel="tag nofollow noopener noreferrer">#<span>x</span></a>`},
		{"nested", `<a href="https://a.nl">x<a href="https://b.nl">y</a></a>`, `<a href="https://a.nl"` + rel + `>x</a><a href="https://b.nl"` + rel + `>y</a>`},
		{"H4 javascript", `<a href="javascript:alert(1)">x</a>`, `x`},
		{"H4 upper case", `<a href="JaVaScRiPt:alert(1)">x</a>`, `x`},
		{"H4 tab and line feed", "<a href=\"\tjava\nscript:alert(1)\">x</a>", `x`},
		{"H4 entity", `<a href="&#106;avascript&colon;alert(1)">x</a>`, `x`},
		{"H4 data", `<a href="data:text/html,<script>">x</a>`, `x`},
		{"H4 vbscript", `<a href="vbscript:x">x</a>`, `x`},
		{"other scheme", `<a href="xmpp:a@b.nl">x</a>`, `x`},
		{"relative", `<a href="/admin/delete">x</a><a href="//evil.com">y</a>`, `xy`},
		{"H16 backslash", `<a href="https:\\evil.com">x</a>`, `x`},
		{"user name", `<a href="https://bank.nl@evil.com/">x</a>`, `x`},
		{"H2 bare host", `<a href="https://evil.com/a">bank.nl</a>`, `<a href="https://evil.com/a"` + rel + `>evil.com</a>`},
		{"H2 URL", `<a href="https://evil.com">https://bank.nl/login</a>`, `<a href="https://evil.com"` + rel + `>evil.com</a>`},
		{"H2 in words", `<a href="https://evil.com">log in at https://bank.nl now</a>`, `<a href="https://evil.com"` + rel + `>evil.com</a>`},
		{"H2 hidden truth", `<a href="https://evil.com"><span class="invisible">https://evil.com/</span>bank.nl</a>`, `<a href="https://evil.com"` + rel + `>evil.com</a>`},
		{"H2 wide letters", `<a href="https://evil.com">ｂａｎｋ．ｎｌ</a>`, `<a href="https://evil.com"` + rel + `>evil.com</a>`},
		{"H2 no width", "<a href=\"https://evil.com\">ba\u200bnk\u2060.nl</a>", `<a href="https://evil.com"` + rel + `>evil.com</a>`},
		{"H2 split by tags", `<a href="https://evil.com"><b>bank</b><i>.nl</i></a>`, `<a href="https://evil.com"` + rel + `>evil.com</a>`},
		{"H2 unclosed", `<a href="https://evil.com">bank.nl`, `<a href="https://evil.com"` + rel + `>evil.com</a>`},
		{"H2 prefix", `<a href="https://bank.nl.evil.com">bank.nl</a>`, `<a href="https://bank.nl.evil.com"` + rel + `>bank.nl.evil.com</a>`},
		{"honest host", `<a href="https://www.bank.nl/x">bank.nl</a>`, `<a href="https://www.bank.nl/x"` + rel + `>bank.nl</a>`},
		{"honest words", `<a href="https://a.nl">Node.js e.g. v1.2</a>`, `<a href="https://a.nl"` + rel + `>Node.js e.g. v1.2</a>`},
		{
			"honest short form",
			`<a href="https://www.a.nl/long/path"><span class="invisible">https://www.</span><span class="ellipsis">a.nl/long</span><span class="invisible">/path</span></a>`,
			`<a href="https://www.a.nl/long/path"` + rel + `><span class="invisible">https://www.</span><span class="ellipsis">a.nl/long</span><span class="invisible">/path</span></a>`,
		},
		{"mention", `<a href="https://a.nl/@jan" class="u-url mention">@<span>jan@b.nl</span></a>`, `<a href="https://a.nl/@jan" class="u-url mention"` + rel + `>@<span>jan@b.nl</span></a>`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, Sanitise(test.in)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestAllowed is row H5: whoever widens the list must change this list, too.
func TestAllowed(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"a": "href class rel", "span": "class", "ol": "start", "p": "class", "br": "", "hr": "", "b": "", "strong": "", "i": "", "em": "",
		"u": "", "del": "", "s": "", "sup": "", "sub": "", "code": "", "pre": "", "blockquote": "", "ul": "", "li": "",
		"h1": "", "h2": "", "h3": "", "h4": "", "h5": "", "h6": "", "details": "", "summary": "",
	}
	got := map[string]string{}
	for name, attributes := range elements {
		got[name] = strings.Join(attributes, " ")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff("mention hashtag u-url h-card invisible ellipsis quote-inline", strings.Join(classes, " ")); diff != "" {
		t.Error(diff)
	}
}

// TestPolicyAgrees holds the second wall to the first: both let the same attributes through.
func TestPolicyAgrees(t *testing.T) {
	t.Parallel()
	for name, attributes := range elements {
		for _, attribute := range []string{"href", "class", "rel", "start", "style", "id", "onclick", "src"} {
			value := map[string]string{"href": "https://a.nl", "class": "mention", "rel": relLink, "start": "3"}[attribute]
			if name == "p" && attribute == "class" {
				value = QuoteLine
			}
			out := policy.Sanitize("<" + name + " " + attribute + `="` + value + `">`)
			if got, want := strings.Contains(out, attribute+"="), slices.Contains(attributes, attribute); got != want {
				t.Errorf("%s %s: kept %v, want %v", name, attribute, got, want)
			}
		}
	}
}

// TestPathological is row D8.
func TestPathological(t *testing.T) {
	t.Parallel()
	const size = 1 << 20
	seeds := []string{
		"<", "<a", "<a ", "<a href='https://a.nl'>bank.nl", "<p>", "<b>", "<ul><li>", "</p>", "<!--", "<svg>", "&", "&#", "<a href='",
		"<span class='h-card ", "<b><a href='https://x.y'>z", "<div>a", "<img alt=a>", "@a@a", "#a", "http://", " http://a.b", "[", "![[](",
		"[a](<b", "> ", "1. ", "*a_", "`a``", "a\n", "\u0301", "\uff0e", "@a.", "- ", "~a~~",
	}
	jobs := []struct {
		name string
		do   func(string)
		most int // the longest input that is not refused outright
	}{
		{"Sanitise", func(s string) { Sanitise(s) }, MaxHTML},
		{"Plain", func(s string) { Plain(s) }, MaxHTML},
		{"Markdown", func(s string) { Markdown(s) }, MaxMarkdown},
		{"Find", func(s string) { Find(s) }, MaxMarkdown},
	}
	for _, seed := range seeds {
		for _, job := range jobs {
			for _, length := range []int{job.most, size} {
				input := strings.Repeat(seed, length/len(seed))
				if took := fastest(job.do, input); took > limit {
					t.Errorf("%s of %d x %q took %v", job.name, length/len(seed), seed, took)
				}
			}
		}
	}
}

// limit is row D8's; the race detector makes everything slower.
const limit = raceFactor * 200 * time.Millisecond

// fastest of a few runs, since the machine has other work.
func fastest(job func(string), input string) time.Duration {
	best := time.Hour
	for range 3 {
		start := time.Now()
		job(input)
		if best = min(best, time.Since(start)); best < limit/2 {
			break
		}
	}
	return best
}

func FuzzSanitise(f *testing.F) {
	for _, seed := range []string{
		`<p>a<b>b</p>c</b>`, `<a href="https://a.nl">b.nl</a>`, `<a href=" &#x6A;avascript:x">`, `<math><mi><mglyph><style><img src>`,
		`<svg></p><style><g title="</style><img onerror>">`, `<ul><li><ol><li></ul>`, `<annotation-xml>`, `<a><a href=mailto:a@b>`,
		"<pre>\n\nx</pre>", `<img alt="<b>">`, `<p><blockquote><p></p></p>`, `<a href="https://ａ。ｂ">`, `<plaintext>`, `<table><a>`, `&#13;`,
		`<code><h1><p></code>`, "<a href=https://a%41.nl/%zz?\"'>", `<details><p><details>`, `<br/></br><hr/>`, `<a href="https://x.nl:99/">x.nl:1`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) { harmless(t, Sanitise(source)) })
}

func FuzzMarkdown(f *testing.F) {
	for _, seed := range []string{
		"*a* **b** `c`", "@jan @jan@a.nl #tag", "[a](javascript:b)", "> a\n- b\n1. c", "![x](https://a.nl)", "<b>x</b>", "https://a.nl/(b)",
		"[@a](https://b.nl) [#a]: c", "```\n@a\n```", "# #a", "a\\\nb", "&lt;", "<https://a.nl/@b>", "*@a*_#b_~~@c~~", "[a]: <javascript:x>\n[a]", "1000000000. a",
	} {
		f.Add(seed)
	}
	links := Links{
		Mention: func(m Mention) (string, string, bool) { return "https://" + m.Host + "/@" + m.Name, m.Name, true },
		Hashtag: func(tag string) (string, bool) { return "https://a.nl/tags/" + tag, true },
	}
	f.Fuzz(func(t *testing.T, source string) {
		harmless(t, Markdown(source))
		harmless(t, Render(source, links))
		if found := Find(source); len(found.Mentions)+len(found.Hashtags) > MaxTags {
			t.Errorf("%d tags", len(found.Mentions)+len(found.Hashtags))
		}
		Excerpt(source, 500)
		Title(source)
	})
}

// harmless is X3, and that no text closes an element of the page around it.
func harmless(t *testing.T, out string) {
	t.Helper()
	if again := Sanitise(out); again != out {
		t.Errorf("sanitised again:\n%s", cmp.Diff(out, again))
	}
	page, err := html.Parse(strings.NewReader(`<!doctype html><body><section><div>` + out + `</div><i id="after"></i></section>`))
	if err != nil {
		t.Fatal(err)
	}
	for n := range page.Descendants() {
		if n.Type == html.CommentNode {
			t.Errorf("comment in %q", out)
		}
		if n.Type == html.ElementNode {
			checkElement(t, n, out)
		}
	}
}

func checkElement(t *testing.T, n *html.Node, out string) {
	t.Helper()
	if attribute(html.Token{Attr: n.Attr}, "id") == "after" {
		if n.Parent.Data != "section" {
			t.Errorf("what follows ended up in <%s>: %q", n.Parent.Data, out)
		}
		return
	}
	if slices.Contains([]string{"html", "head", "body", "section", "div"}, n.Data) && len(n.Attr) == 0 {
		return
	}
	allowed, known := elements[n.Data]
	if !known {
		t.Errorf("<%s> in %q", n.Data, out)
	}
	for _, a := range n.Attr {
		if !slices.Contains(allowed, a.Key) {
			t.Errorf("<%s %s> in %q", n.Data, a.Key, out)
		}
		if a.Key == "href" && !strings.HasPrefix(a.Val, "https:") && !strings.HasPrefix(a.Val, "http:") && !strings.HasPrefix(a.Val, "mailto:") {
			t.Errorf("link to %q in %q", a.Val, out)
		}
	}
}

func BenchmarkSanitise(b *testing.B) {
	const post = `<p><span class="h-card"><a href="https://a.nl/@jan" class="u-url mention">@<span>jan</span></a></span> De <b>markt</b> van zaterdag gaat door, ` +
		`zie <a href="https://www.a.nl/markt">www.a.nl/markt</a>.</p><p>Tot dan! <a href="https://a.nl/tags/markt" class="mention hashtag" rel="tag">#<span>markt</span></a></p>`
	b.ReportAllocs()
	b.SetBytes(int64(len(post)))
	for b.Loop() {
		Sanitise(post)
	}
}
