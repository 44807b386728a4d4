//go:build unix

package hostile_test

import (
	"strings"
)

// quotes: a consent counts only from the origin of whose post it is, and by its author; nobody gives it to themselves (SECURITY U21). A
// boost is not its owner's to be quoted, and no way round the author's no (SECURITY U22).
func (b *siege) quotes() {
	quoting := func(id, of, more string) string {
		return strings.Replace(note(id, "Kijk eens"), `"type":"Note"`, `"type":"Note","quote":"`+of+`"`+more, 1)
	}
	b.evil.put("/u/eva/stamp", b.fill(b.eva, `{$as2,"id":"$me/stamp","type":"QuoteAuthorization","attributedTo":"$vera","interactingObject":"$me/q1","interactionTarget":"$theirs"}`))
	b.does(b.eva, quoting("$me/q1", "$theirs", `,"quoteAuthorization":"$me/stamp"`))
	b.does(b.eva, quoting("$me/q2", "$theirs", `,"quoteAuthorization":"$theirs"`))
	b.quiet()

	b.command("post", "add", "-p", "kees", "--group", "wijkraad", "--title", "Niet citeren", "Tekst")
	boost := b.text("SELECT b.uri FROM posts AS b JOIN posts AS p ON p.id = b.boost_of_id WHERE p.title = 'Niet citeren'")
	ours := b.text("SELECT uri FROM posts WHERE title = 'Niet citeren'")
	request := `{$as2,"id":"$me#ask","type":"QuoteRequest","actor":"$me","object":"` + boost + `","instrument":{"type":"Note","id":"$me/q3","attributedTo":"$me",
		"to":["$all"],"content":"x","quote":"` + boost + `"}}`
	b.does(b.eva, request)
	for want, instrument := range map[string]string{
		"refused origin": `"$vera/q4"`, // of another town
		"refused author": `{"type":"Note","id":"$me/q5","attributedTo":"` + strings.TrimSuffix(b.eva.uri, "/eva") + `/mallory","to":["$all"],"content":"x","quote":"` + ours + `"}`,
	} {
		got := b.sends(b.eva, `{$as2,"id":"$me#`+strings.Fields(want)[1]+`","type":"QuoteRequest","actor":"$me","object":"`+ours+`","instrument":`+instrument+`}`)
		if got != want {
			b.t.Errorf("%s: %q, want %q", instrument, got, want)
		}
	}
	b.quiet()
	if n := b.count("quotes WHERE state = 'accepted'"); n != 0 {
		b.t.Errorf("%d quotes were accepted", n)
	}
	for _, body := range b.evil.deliveries() {
		if strings.Contains(body, `"type":"Accept"`) && strings.Contains(body, "QuoteRequest") {
			b.t.Errorf("the town consents: %s", body)
		}
	}
}
