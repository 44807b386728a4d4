package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// noteWith wraps members into a document that is fine otherwise.
func noteWith(members string) string {
	return `{"@context":"` + contextAS2 + `","type":"Note","id":"https://dorp.example/n/1"` + members + `}`
}

func nested(depth int) string {
	return strings.Repeat(`{"object":`, depth) + "1" + strings.Repeat("}", depth)
}

func manyKeys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"k%d":0`, i)
	}
	return noteWith(b.String())
}

// TestGateRefuses replays hostile documents; the names are rows of SECURITY.md.
func TestGateRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, raw string
		want      Reason
	}{
		{"J1 @graph", noteWith(`,"@graph":[]`), ReasonGraph},
		{"J1 @included deep inside", noteWith(`,"tag":[{"@included":{}}]`), ReasonGraph},
		{"J1 @reverse", noteWith(`,"@reverse":{"object":{}}`), ReasonGraph},
		{"J4 term redefined", `{"@context":["` + contextAS2 + `",{"content":"as:actor"}],"type":"Note"}`, ReasonContext},
		{"J4 term redefined with an object", `{"@context":["` + contextAS2 + `",{"to":{"@id":"as:bto"}}],"type":"Note"}`, ReasonContext},
		{"J4 id redefined", `{"@context":["` + contextAS2 + `",{"id":"as:url"}],"type":"Note"}`, ReasonContext},
		{"J4 redefined in an embedded object", noteWith(`,"object":{"@context":{"actor":"as:object"}}`), ReasonContext},
		{"J7 keys differing by case", `{"actor":"a","ACTOR":"b"}`, ReasonDuplicateKey},
		{"J7 keys differing by Unicode case", `{"kind":1,"Kind":2}`, ReasonDuplicateKey},
		{"J7 the same key twice", `{"actor":"a","actor":"a"}`, ReasonDuplicateKey},
		{"J7 escaped", `{"actor":"a","\u0061ctor":"b"}`, ReasonDuplicateKey},
		{"J7 deep inside", noteWith(`,"tag":[{"href":1,"Href":2}]`), ReasonDuplicateKey},
		{"J7 after many keys", strings.TrimSuffix(manyKeys(100), "}") + `,"K7":1}`, ReasonDuplicateKey},
		{"J7 twice in a context", `{"@context":{"a":"b","a":"c"}}`, ReasonDuplicateKey},
		{"D7 just too deep", nested(MaxDepth + 1), ReasonTooDeep},
		{"D7 ten thousand deep", nested(10_000), ReasonTooDeep},
		{"D7 arrays, unfinished", strings.Repeat("[", 1_000_000), ReasonTooDeep},
		{"D25 1e400", noteWith(`,"totalItems":1e400`), ReasonNumber},
		{"D25 a million digits", noteWith(`,"totalItems":` + strings.Repeat("9", 1_000_000)), ReasonNumber},
		{"D25 a million keys", manyKeys(1_000_000), ReasonTooMany},
		{"D25 a million values", noteWith(`,"to":[` + strings.Repeat("0,", 1_000_000) + "0]"), ReasonTooMany},
		{"not UTF-8", noteWith(`,"content":"` + "\xff" + `"`), ReasonSyntax},
		{"UTF-16", "{\x00}\x00", ReasonSyntax},
		{"control character", noteWith(",\"content\":\"a\x01b\""), ReasonSyntax},
		{"control character after an escape", noteWith(",\"content\":\"\\n\x01\""), ReasonSyntax},
		{"bad escape", noteWith(`,"content":"\x41"`), ReasonSyntax},
		{"cut short", noteWith(`,"content":"`), ReasonSyntax},
		{"trailing comma", noteWith(`,`), ReasonSyntax},
		{"trailing document", noteWith("") + "{}", ReasonSyntax},
		{"leading zero", noteWith(`,"width":01`), ReasonSyntax},
		{"NaN", noteWith(`,"width":NaN`), ReasonSyntax},
		{"comment", "/**/" + noteWith(""), ReasonSyntax},
		{"single quotes", "{'type':'Note'}", ReasonSyntax},
		{"empty", "", ReasonSyntax},
		{"array", "[]", ReasonNotAnObject},
		{"string", `"https://dorp.example/"`, ReasonNotAnObject},
		{"number as context", `{"@context":3,"type":"Note"}`, ReasonContext},
		{"foreign context", `{"@context":"https://schema.org","type":"Note"}`, ReasonContext},
		{"no type", `{"@context":"` + contextAS2 + `","id":"https://dorp.example/1"}`, ReasonType},
		{"number as type", `{"@context":"` + contextAS2 + `","type":16}`, ReasonType},
		{"script as id", `{"type":"Note","id":"javascript:alert(1)"}`, ReasonID},
		{"object as id", `{"type":"Note","id":{"id":"https://dorp.example/1"}}`, ReasonID},
		{"relative id", `{"type":"Note","id":"/n/1"}`, ReasonID},
		{"id with a password", `{"type":"Note","id":"https://u:p@dorp.example/1"}`, ReasonID},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var err error
			if took := costOf(t, func() { _, err = Decode([]byte(c.raw)) }); took > 200*time.Millisecond {
				t.Errorf("took %v", took)
			}
			if got := ReasonOf(err); got != c.want {
				t.Errorf("got %q (%v), want %q", got, err, c.want)
			}
		})
	}
}

func TestGateTakes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, raw string }{
		{"a BOM", "\ufeff" + noteWith("")},
		{"white space around", " \r\n\t" + noteWith("") + "\n"},
		{"as deep as allowed", noteWith(`,"object":` + nested(MaxDepth-1))},
		{"an @context of its own in an embedded object", noteWith(`,"object":{"@context":["` + contextAS2 + `",{"toot":"http://joinmastodon.org/ns#"}]}`)},
		{"names differing by case in a context", `{"@context":["` + contextAS2 + `",{"image":"as:image","Image":"as:Image"}],"type":"Note"}`},
		{"@reverse where a context defines a term", `{"@context":["` + contextAS2 + `",{"repliesOf":{"@reverse":"as:replies"}}],"type":"Note"}`},
		{"no context at all", `{"type":"Note","id":"https://dorp.example/1"}`},
		{"only terms as context", `{"@context":[{"sensitive":"as:sensitive"}],"type":"Note","id":"https://dorp.example/1"}`},
		{"the sender's own context", `{"@context":"https://dorp.example/contexts","type":"Note","id":"https://dorp.example/1"}`},
		{"an unknown type", noteWith(`,"x":1,"y":{}`)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if _, err := Decode([]byte(c.raw)); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestGateAgrees holds our parser against encoding/json.
func TestGateAgrees(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		`{"a":"\ud83d\ude00 \ud83d \ude00 \u00e9 \"\\\/\b\f\n\r\t","b":[1,-2.5e3,0,true,false,null,{}],"c":{"d":[]}}`,
		`"\ud83dx"`, `"\ud83d\u0041"`, `-0`, `1E+2`, `[[],[[]]]`, ` null `, `"é"`,
	} {
		agree(t, []byte(raw))
	}
}

// agree fails if a document that we take is not JSON, or reads otherwise there.
func agree(t *testing.T, raw []byte) {
	t.Helper()
	root, err := parse(raw)
	if err != nil {
		return
	}
	raw = trimBOM(raw)
	var want any
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatalf("taken, but no JSON: %v", err)
	}
	budget := MaxValues + 1
	if diff := cmp.Diff(want, root.generic(&budget)); diff != "" {
		t.Fatalf("read otherwise than encoding/json:\n%s", diff)
	}
}

// TestStripBlind shows that nothing else changes (SECURITY.md V14).
func TestStripBlind(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{`{"a" : 1,  "b":2}`, `{"a" : 1,  "b":2}`},
		{`{"bto":["x"]}`, `{}`},
		{`{"bto":["x"],"a":1}`, `{"a":1}`},
		{`{"a":1,"bcc":"x"}`, `{"a":1}`},
		{`{"a":1,"bcc":"x","b" : 2,"bto":[]}`, `{"a":1,"b" : 2}`},
		{`{"o":{"bcc":1,"x":[{"bto":2,"y":3},4]},"z": 5}`, `{"o":{"x":[{"y":3},4]},"z": 5}`},
		{`{"@context":{"bto":"as:bto"},"bto":1}`, `{"@context":{"bto":"as:bto"}}`},
	} {
		got, err := StripBlind([]byte(c.in))
		if err != nil || string(got) != c.want {
			t.Errorf("%s: got %s (%v), want %s", c.in, got, err, c.want)
		}
	}
}

func TestDecodeHidesBlindRecipients(t *testing.T) {
	t.Parallel()
	d, err := Decode([]byte(`{"type":"Create","id":"https://dorp.example/a","actor":"https://dorp.example/u/anna","bto":"https://a.example/1",
		"object":{"type":"Note","bcc":["https://b.example/2"],"content":"x"}}`))
	if err != nil {
		t.Fatal(err)
	}
	a, err := d.Activity()
	if err != nil {
		t.Fatal(err)
	}
	for _, raw := range [][]byte{d.Raw, a.Raw, a.Objects[0].Raw} {
		if bytes.Contains(raw, []byte("bto")) || bytes.Contains(raw, []byte("bcc")) {
			t.Errorf("still there: %s", raw)
		}
	}
	if string(a.Objects[0].Raw) != `{"type":"Note","content":"x"}` {
		t.Errorf("the object became %s", a.Objects[0].Raw)
	}
}

// TestGoFedCannotStopUs holds documents on which go-fed panics or takes long.
func TestGoFedCannotStopUs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		raw  string
		want Recognition
	}{
		"panics on an empty duration":    {`{"type":"Video","id":"https://dorp.example/1","duration":""}`, Disputed},
		"forty thousand empty objects":   {noteWith(`,"attributedTo":[` + strings.Repeat(`{},`, 40_000) + `{}]`), Known},
		"ten thousand of unknown types":  {noteWith(`,"attachment":[` + strings.Repeat(`{"type":"X"},`, 10_000) + `{}]`), Known},
		"nested as deep as it may be":    {noteWith(`,"object":` + strings.Repeat(`{"object":`, MaxDepth-1) + `1` + strings.Repeat(`}`, MaxDepth-1)), Known},
		"a list where one value belongs": {noteWith(`,"published":["2026-01-01T00:00:00Z","2026-01-02T00:00:00Z"]`), Known},
	} {
		var d *Document
		var err error
		if took := costOf(t, func() { d, err = Decode([]byte(c.raw)) }); took > 500*time.Millisecond {
			t.Errorf("%s: took %v", name, took)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if d.Recognition != c.want {
			t.Errorf("%s: got %v, want %v", name, d.Recognition, c.want)
		}
	}
}
