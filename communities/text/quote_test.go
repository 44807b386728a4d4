package text

import "testing"

func TestQuoteLine(t *testing.T) {
	t.Parallel()
	const page = "https://dorp.example/p/1?a=1&b"
	const line = `<p class="quote-inline">RE: <a href="https://dorp.example/p/1?a=1&amp;b">https://dorp.example/p/1?a=1&amp;b</a></p>`
	for _, test := range []struct{ name, text, with, without string }{
		{"added", "<p>eens</p>", line + "<p>eens</p>", "<p>eens</p>"},
		{"nothing said", "", line, ""},
		{"there already", line + "<p>eens</p>", line + "<p>eens</p>", "<p>eens</p>"},
		{"linked in the text", `<p><a href="https://dorp.example/p/1?a=1&amp;b">dit</a></p>`, `<p><a href="https://dorp.example/p/1?a=1&amp;b">dit</a></p>`, `<p><a href="https://dorp.example/p/1?a=1&amp;b">dit</a></p>`},
		{"within a line", `<p>eens<span class="quote-inline"><br/><br/>RE: <a href="https://x.example">x <span>y</span></a></span></p><hr/>`, `<p>eens<span class="quote-inline"><br/><br/>RE: <a href="https://x.example">x <span>y</span></a></span></p><hr/>`, "<p>eens</p><hr/>"},
		{"a word", "<p>quote-inline</p>", line + "<p>quote-inline</p>", "<p>quote-inline</p>"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := WithQuoteLine(test.text, page); got != test.with {
				t.Errorf("with: %s", got)
			}
			if got := WithoutQuoteLine(WithQuoteLine(test.text, page)); got != test.without {
				t.Errorf("without: %s", got)
			}
			if got := Sanitise(test.text); WithoutQuoteLine(got) != Sanitise(test.without) {
				t.Errorf("sanitised: %s", got)
			}
		})
	}
}
