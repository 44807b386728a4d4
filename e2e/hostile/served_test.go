//go:build unix

package hostile_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"meent/storage/storagetest"
)

// served is a document that evil shows, at a path of its own, to a node that asks for who signed something there.
type served struct {
	rows string
	name string
	kind string // media type; default: ActivityPub's
	doc  func(b *siege, at string) string
	to   func(b *siege) string // leads there instead

	real  bool   // it leads to an actor who is known, who is then read from where they are
	lacks string // it is an actor, but for these rows
}

// honest is an actor's document as it should be.
func honest(b *siege, at string) string { return b.eva.with(b.eva.uri, b.evil.base+at) }

// but is an actor's document in which one thing is wrong.
func but(old, replacement string) func(*siege, string) string {
	return func(b *siege, at string) string {
		me := &stranger{peer: b.evil, uri: b.evil.base + at}
		doc, old, replacement := honest(b, at), b.fill(me, old), b.fill(me, replacement)
		if !strings.Contains(doc, old) {
			b.t.Errorf("%s is not in %s", old, doc)
		}
		return strings.ReplaceAll(doc, old, replacement)
	}
}

func raw(doc string) func(*siege, string) string {
	return func(b *siege, at string) string { return b.fill(&stranger{peer: b.evil, uri: b.evil.base + at}, doc) }
}

var documents = []served{
	{rows: "I1 I5 I9", name: "the victim's", real: true, doc: func(b *siege, at string) string { return b.eva.with(b.eva.uri, b.vera.uri) }},
	{rows: "I1 B6", name: "another on the same host", doc: but(`"id":"$me"`, `"id":"$peer/u/none"`)},
	{rows: "I2", name: "plain text", kind: "text/plain", doc: honest},
	{rows: "I2", name: "JSON", kind: "application/json", doc: honest},
	{rows: "I2", name: "bytes", kind: "application/octet-stream", doc: honest},
	{rows: "I2", name: "JSON-LD without profile", kind: "application/ld+json", doc: honest},
	{rows: "I2", name: "JSON-LD of another profile", kind: `application/ld+json; profile="https://example.org/"`, doc: honest},
	{rows: "I2", name: "a page", kind: "text/html; charset=utf-8", doc: honest},
	{rows: "I5 I6", name: "leads to the victim", to: func(b *siege) string { return b.victim.base + "/u/unknown" }},
	{rows: "I7", name: "url of the victim", doc: but(`"id":"$me"`, `"id":"$peer/u/none","url":"$vera"`)},
	{rows: "I9", name: "key of the victim", doc: but(`$me#main-key`, `$vera#main-key`)},
	{rows: "I11", name: "inbox on another host", doc: but(`$me/inbox`, `$victim/inbox`)},
	{rows: "I11", name: "inbox is a script", doc: but(`$me/inbox`, `javascript:alert(1)`)},
	{rows: "I11", name: "inbox is relative", doc: but(`$me/inbox`, `/inbox`)},
	{rows: "I11", name: "inbox is a list", doc: but(`"$me/inbox"`, `["$me/inbox","$victim/inbox"]`)},
	{rows: "I11", name: "inbox is an object", doc: but(`"$me/inbox"`, `{"x":1}`)},
	{rows: "I11", name: "followers on another host", doc: but(`$me/followers`, `$victim/u/vera/followers`)},
	{rows: "I11", name: "shared inbox on another host", lacks: "actors WHERE uri = '$me' AND shared_inbox <> ''", doc: but(`"inbox":`, `"endpoints":{"sharedInbox":"$victim/inbox"},"inbox":`)},
	{rows: "I12", name: "ours", doc: func(b *siege, at string) string { return b.eva.with(b.eva.uri, b.names["$anna"]) }},
	{rows: "S9", name: "inbox inside", doc: but(`$me/inbox`, `$canary/inbox`)},
	{rows: "S9", name: "inbox at a private address", doc: but(`$me/inbox`, `http://10.0.0.1/inbox`)},
	{rows: "S9", name: "shared inbox inside", lacks: "actors WHERE uri = '$me' AND shared_inbox <> ''", doc: but(`"inbox":`, `"endpoints":{"sharedInbox":"$canary/inbox"},"inbox":`)},
	{rows: "S3 S8", name: "leads inside", to: func(b *siege) string { return b.canary.url() + "/x" }},
	{rows: "S3 S8", name: "leads to a private address", to: func(*siege) string { return "http://10.0.0.1/x" }},
	{rows: "S3", name: "leads to a file", to: func(*siege) string { return "file:///etc/passwd" }},
	{rows: "S3 S14", name: "leads to a line break", to: func(b *siege) string { return b.evil.base + "/x%0d%0aGET%20/y" }},
	{rows: "S8", name: "leads to another host", to: func(b *siege) string { return b.victim.base + "/u/other" }},
	{rows: "J6 D10", name: "every field of a wrong type", doc: raw(`{$as2,"id":"$me","type":"Person","preferredUsername":1,"inbox":[],"publicKey":"x"}`)},
	{rows: "J1", name: "a graph", doc: but(`"type":`, `"@graph":[],"type":`)},
	{rows: "J7", name: "key twice", doc: but(`"type":`, `"ID":"$vera","type":`)},
	{rows: "D7", name: "nested too deep", doc: raw(strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000))},
	{rows: "D10", name: "no document", doc: raw("nonsense")},
	{rows: "D1 S28", name: "two megabytes", doc: func(b *siege, at string) string { return strings.Repeat(" ", 2<<20) + honest(b, at) }},
	{rows: "B16", name: "a key of 1024 bits", lacks: "keys WHERE uri LIKE '$me%'", doc: func(b *siege, at string) string {
		return strings.ReplaceAll(honest(b, at), quotedKey(b, b.eva), weakKey(b))
	}},
	{rows: "I11 D10", name: "no name", doc: but(`"preferredUsername":"eva"`, `"preferredUsername":""`)},
	{rows: "I12", name: "key of ours", doc: but(`$me#main-key`, `$anna#main-key`)},
}

// TestServedActors: what evil serves as an actor is none, when anything about it is not its own.
func TestServedActors(t *testing.T) {
	onBoth(t, func(b *siege) {
		b.befriend("anna", b.vera)
		b.quiet()
		b.forget()
		for i, d := range documents {
			at := "/served/" + strconv.Itoa(i)
			d.put(b, at)
			before := b.state()
			// Asked for by a command: a host that sends what nobody can verify has to wait for a minute after some times.
			said, err := b.Run(b.t.Context(), "follow", "anna", b.evil.base+at)
			if !d.real && (err == nil) != (d.lacks != "") {
				b.t.Errorf("%s, %s: %s %v", d.rows, d.name, said, err)
			}
			b.justly(d)
			if d.lacks == "" {
				if err := b.unchanged(before); err != nil {
					b.t.Errorf("%s, %s: %v", d.rows, d.name, err)
				}
				continue
			}
			if n := b.count(b.fill(&stranger{peer: b.evil, uri: b.evil.base + at}, d.lacks)); n != 0 {
				b.t.Errorf("%s, %s: came in whole", d.rows, d.name)
			}
			b.quiet()
			b.forget()
		}
	})
}

// justly holds what the node asked for a document: little, and signed for evil alone.
func (b *siege) justly(d served) {
	b.t.Helper()
	asked := slices.Concat(b.victim.requests(), b.evil.requests())
	if len(asked) > 4 {
		b.t.Errorf("%s, %s: %d requests", d.rows, d.name, len(asked))
	}
	for _, r := range asked {
		if r.Header.Get("Signature") != "" && r.Host != b.evil.host && d.to != nil {
			b.t.Errorf("%s, %s: our signature was shown to %s", d.rows, d.name, r.Host)
		}
	}
}

func (d served) put(b *siege, at string) {
	switch {
	case d.to != nil:
		b.evil.redirect(at, d.to(b))
	case d.kind != "":
		b.evil.putAs(at, d.kind, d.doc(b, at))
	default:
		b.evil.put(at, d.doc(b, at))
	}
}

// objects are what evil serves under an id that somebody announces whom Anna follows.
var objects = []struct {
	rows string
	name string
	want string // what becomes of the Announce; default: it is refused
	doc  string // $it is where it is served
}{
	{rows: "I6", name: "the victim's", doc: `{$as2,"id":"$vera/new","type":"Note","attributedTo":"$vera","content":"vals","to":["$all"]}`},
	{rows: "I13", name: "attributed to the victim", doc: `{$as2,"id":"$it","type":"Note","attributedTo":"$vera","content":"vals","to":["$all"]}`},
	{rows: "I13", name: "attributed to the victim as well", doc: `{$as2,"id":"$it","type":"Note","attributedTo":["$eva","$vera"],"content":"vals","to":["$all"]}`},
	{rows: "I13", name: "attributed to one of ours", doc: `{$as2,"id":"$it","type":"Note","attributedTo":"$anna","content":"vals","to":["$all"]}`},
	{rows: "I7", name: "url of the victim's", doc: `{$as2,"id":"$evil/o/other","type":"Note","attributedTo":"$eva","url":"$vera/new","content":"vals","to":["$all"]}`},
	{rows: "I12", name: "ours", doc: `{$as2,"id":"$ours","type":"Note","attributedTo":"$anna","content":"vals","to":["$all"]}`},
	{rows: "I13", name: "without author", doc: `{$as2,"id":"$it","type":"Note","content":"vals","to":["$all"]}`},
	{rows: "U20", name: "not public", doc: `{$as2,"id":"$it","type":"Note","attributedTo":"$eva","content":"vals","to":["$eva/followers"]}`},
	{rows: "U18", name: "of somebody suspended", doc: `{$as2,"id":"$sally/new","type":"Note","attributedTo":"$sally","content":"vals","to":["$all"]}`},
	{rows: "S20", name: "a collection that leads inside", doc: `{$as2,"id":"$it","type":"Collection","first":"$canary/first","items":["$canary/item"]}`},
	{rows: "S20", name: "an actor", doc: `{$as2,"id":"$it","type":"Person","preferredUsername":"x","inbox":"$canary/inbox"}`},
	{rows: "U11", name: "an activity of the victim", doc: `{$as2,"id":"$it","type":"Delete","actor":"$vera","object":"$theirs"}`},
	{rows: "J1", name: "a graph", doc: `{$as2,"id":"$it","@graph":[],"type":"Note","attributedTo":"$eva","content":"vals","to":["$all"]}`},
	{rows: "U19", name: "of a blocked host", doc: `{$as2,"id":"$it","type":"Note","attributedTo":"$eva","inReplyTo":"http://blocked.test/n","content":"vals","to":["$all"]}`},
}

// TestServedObjects: a post is believed from its own origin alone.
func TestServedObjects(t *testing.T) {
	onBoth(t, func(b *siege) {
		for i, o := range objects {
			at := "/o/" + strconv.Itoa(i)
			b.evil.put(at, b.fill(b.eva, strings.ReplaceAll(o.doc, "$it", "$evil"+at)))
			before := b.state()
			b.forget()
			got := b.sends(b.eva, `{$as2,"id":"$me/shares/`+strconv.Itoa(i)+`","type":"Announce","actor":"$me","to":["$all"],"object":"$evil`+at+`"}`)
			if !strings.HasPrefix(got, "refused ") && !strings.HasPrefix(got, "ignored ") {
				b.t.Errorf("%s, %s: %q", o.rows, o.name, got)
			}
			if n := b.fetches(); n > 3 {
				b.t.Errorf("%s, %s: %d requests", o.rows, o.name, n)
			}
			if err := b.unchanged(before); err != nil {
				b.t.Errorf("%s, %s: %v", o.rows, o.name, err)
			}
		}
		b.upwards()
	})
}

// upwards: what a post answers is held to the same rules; the answer stays, without a false parent (SECURITY I13).
func (b *siege) upwards() {
	b.evil.put("/n/0", b.fill(b.eva, `{$as2,"id":"$evil/n/0","type":"Note","attributedTo":"$vera","content":"vals","to":["$all"]}`))
	b.does(b.eva, `{$as2,"id":"$me/c","type":"Create","actor":"$me","to":["$all"],"object":{"id":"$evil/n/1","type":"Note","attributedTo":"$me","content":"x","inReplyTo":"$evil/n/0","to":["$all"]}}`)
	if n := b.count("posts WHERE uri = '" + b.evil.base + "/n/0'"); n != 0 {
		b.t.Error("a false parent came in")
	}
	if n := b.count("posts WHERE uri = '" + b.evil.base + "/n/1' AND in_reply_to_id IS NULL"); n != 1 {
		b.t.Error("the answer to it is not there, or answers something")
	}
}

// TestEveryWayInside: whatever name, address or scheme somebody puts where a document could be read, nobody inside is knocked at.
func TestEveryWayInside(t *testing.T) {
	onBoth(t, func(b *siege) {
		ways := map[string]string{ // rows: where the address stands
			"S1 S20":     `{$as2,"id":"$me/way/$n","type":"Announce","actor":"$me","to":["$all"],"object":"$way"}`,
			"S1 S5 S6":   `{$as2,"id":"$me/way/$n","type":"Create","actor":"$me","to":["$all"],"object":"$way"}`,
			"S1 S20 D4":  `{$as2,"id":"$me/way/$n","type":"Create","actor":"$me","to":["$all"],"object":{"id":"$me/n/$n","type":"Note","attributedTo":"$me","content":"x","to":["$all"],"inReplyTo":"$way","url":"$way","icon":{"type":"Image","url":"$way"},"attachment":[{"type":"Image","mediaType":"image/png","url":"$way"},{"type":"Document","mediaType":"text/plain","url":"$way"}],"replies":{"id":"$way","type":"Collection","first":"$way"},"likes":"$way","shares":"$way","context":"$way","tag":[{"type":"Mention","href":"$way"},{"type":"Emoji","name":":x:","icon":{"url":"$way"}}],"preview":"$way","image":"$way","quoteUrl":"$way"}}`,
			"S1 S9":      `{$as2,"id":"$me/way/$n","type":"Update","actor":"$me","object":` + strings.TrimSuffix(b.eva.doc, "}") + `,"icon":{"type":"Image","url":"$way"},"image":{"type":"Image","url":"$way"},"url":"$way","endpoints":{"sharedInbox":"$way"}}}`,
			"S1 U17":     `{$as2,"id":"$me/way/$n","type":"Move","actor":"$me","object":"$me","target":"$way"}`,
			"S1 S20 U10": `{$as2,"id":"$me/way/$n","type":"Add","actor":"$me","object":"$way","target":"$group/moderators","cc":["$group"]}`,
			"S1 U11":     `{$as2,"id":"$me/way/$n","type":"Announce","actor":"$me","to":["$all"],"object":{"id":"$me/c/$n","type":"Create","actor":"$way","object":"$way"}}`,
		}
		nth := 0
		for _, rows := range slices.Sorted(maps.Keys(ways)) {
			for _, way := range b.canary.inside() {
				nth++
				doc := strings.NewReplacer("$way", way, "$n", strconv.Itoa(nth)).Replace(ways[rows])
				by := b.eva
				if strings.Contains(rows, "U11") {
					by = b.club
				}
				if status := b.post(by, "/inbox", strings.ReplaceAll(doc, "$me", by.uri)); status >= 500 || status == 0 {
					b.t.Errorf("%s, %s: status %d", rows, way, status)
				}
			}
		}
		b.quiet()
		if n := b.canary.knocks.Load(); n != 0 {
			b.t.Errorf("the canary was called %d times", n)
		}
		if n := b.count("received WHERE outcome = 'failed'"); n != 0 {
			b.t.Errorf("%d activities failed", n)
		}
	})
}

// TestHandles: what looks like a handle and is none is refused before anything is looked up (SECURITY S15, S18, S24, S25).
func TestHandles(t *testing.T) {
	t.Parallel()
	b := begin(t, storagetest.SQLite(t))
	b.people()
	b.forget()
	for _, handle := range []string{
		"@a@127.0.0.1:22/x?y#", "@a@h@zero.test", "@a@zero.test:" + b.canary.port + "/../..", "@a@evil.test:1/x", "@a@[::1]:" + b.canary.port,
		"@a@10.0.0.1", "@a@zero.test:" + b.canary.port, "@a@metadata.test", "@a@evil.test\\@zero.test", "@a@%31%30.0.0.1", "http://zero.test:" + b.canary.port + "/x", "https://10.0.0.1/",
	} {
		if said, err := b.Run(t.Context(), "follow", "anna", handle); err == nil {
			t.Errorf("S15 %s: %s", handle, said)
		}
	}
	for _, path := range []string{
		"/@x@zero.test:" + b.canary.port, "/u/x@" + b.evil.host, "/@x@" + b.evil.host, "/authorize_interaction?uri=" + b.evil.base + "/u/eva", "/authorize_interaction?uri=" + b.canary.url(),
		"/search?q=@eva@" + b.evil.host, "/search?q=" + b.evil.base + "/u/eva", "/search?q=" + b.canary.url(),
		"/.well-known/webfinger?resource=acct:eva@" + b.evil.host, "/.well-known/webfinger?resource=" + b.canary.url(),
	} {
		status, _, err := b.Read(t.Context(), b.origin+path, "text/html")
		if err != nil || status >= 500 {
			t.Errorf("S24 S25 %s: %d %v", path, status, err)
		}
	}
	if n := len(b.evil.requests()); n != 0 {
		t.Errorf("%d requests for who is not signed in", n)
	}
	if n := b.canary.knocks.Load(); n != 0 {
		t.Errorf("the canary was called %d times", n)
	}
}

// weakKey is a public RSA key that is too short, quoted.
func weakKey(b *siege) string {
	const short = `-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n`
	return fmt.Sprintf(`"`+short+`"`, weakDER(b))
}
