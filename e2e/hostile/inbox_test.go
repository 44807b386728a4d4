//go:build unix

package hostile_test

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"meent/federation/signature"
)

const maxBody = 1 << 20 // bytes of an activity

// like is a harmless activity of whoever sends it.
const like = `{$as2,"id":"$me#like-1","type":"Like","actor":"$me","object":"$theirs"}`

// likeBy is a Like in somebody's name.
func likeBy(who string) string {
	return `{$as2,"id":"` + who + `#like-1","type":"Like","actor":"` + who + `","object":"$theirs"}`
}

func ago(d time.Duration) string  { return time.Now().Add(-d).UTC().Format(http.TimeFormat) }
func unix(d time.Duration) string { return strconv.FormatInt(time.Now().Add(d).Unix(), 10) }

// knock is an attack on the door: a letter that must not be let in.
type knock struct {
	rows    string
	name    string
	want    int
	fetches int // requests to others that it may cause
	letter  func(b *siege, inbox string) *letter
}

// forged signs a document of Eva's in a wrong way.
func forged(f forgery) func(*siege, string) *letter {
	return func(b *siege, inbox string) *letter {
		if f.by == nil {
			f.by = b.eva
		}
		if f.doc == "" {
			f.doc = like
		}
		return b.forge(inbox, f)
	}
}

// sent is a document that Eva signs rightly.
func sent(doc string, change ...func(*siege, *letter)) func(*siege, string) *letter {
	return func(b *siege, inbox string) *letter {
		l := b.signed(b.eva, inbox, doc, signature.Cavage)
		for _, c := range change {
			c(b, l)
		}
		return l
	}
}

var knocks = []knock{
	{rows: "B1", name: "body swapped", want: 401, letter: sent(like, func(b *siege, l *letter) { l.body = strings.Replace(l.body, "like-1", "like-2", 1) })},
	{rows: "B1", name: "for another host", want: 401, letter: sent(like, func(_ *siege, l *letter) { l.host = "other.test" })},
	{rows: "B2", name: "no Digest", want: 401, letter: forged(forgery{covers: "(request-target) host date", headers: map[string]string{"Digest": ""}})},
	{rows: "B2", name: "Digest not signed", want: 401, letter: forged(forgery{covers: "(request-target) host date"})},
	{rows: "B3", name: "stale Digest", want: 401, letter: sent(like, func(_ *siege, l *letter) { l.body += " " })},
	{rows: "B3 B4", name: "key of one, actor another", want: 401, letter: forged(forgery{doc: likeBy("$vera")})},
	{rows: "B5", name: "key document that names the victim its owner", want: 401, letter: func(b *siege, inbox string) *letter {
		b.evil.put("/key", b.fill(b.eva, `{$as2,"id":"$peer/key","type":"Key","owner":"$vera","publicKeyPem":`+quoted(publicPEM(b.t, &b.eva.key.PublicKey))+`}`))
		return b.forge(inbox, forgery{by: b.eva, doc: likeBy("$vera"), keyID: "$peer/key"})
	}},
	{rows: "B5 B7 B10", name: "key of another actor on the same host", want: 401, fetches: 1, letter: func(b *siege, inbox string) *letter {
		return b.forge(inbox, forgery{by: b.mallory, doc: likeBy("$vera")})
	}},
	{rows: "B6", name: "actor whose id is another", want: 401, fetches: 2, letter: func(b *siege, inbox string) *letter {
		path := "/u/twin" + strconv.Itoa(len(inbox))
		b.evil.put(path, b.eva.with(b.eva.uri, b.evil.base+"/u/other"))
		twin := &stranger{peer: b.evil, uri: b.evil.base + path, keyID: b.evil.base + path + "#main-key", key: b.eva.key}
		return b.forge(inbox, forgery{by: twin, doc: like})
	}},
	{rows: "B7", name: "key that is a document of another host", want: 401, letter: forged(forgery{doc: likeBy("$vera"), keyID: "$eva"})},
	{rows: "B8", name: "acct: key id", want: 401, letter: forged(forgery{doc: likeBy("$vera"), keyID: "acct:vera@victim.test"})},
	{rows: "B10", name: "own key, actor without it on the same host", want: 401, fetches: 1, letter: func(b *siege, inbox string) *letter {
		return b.forge(inbox, forgery{by: b.eva, doc: likeBy("$club")})
	}},
	{rows: "B12", name: "our actor", want: 403, letter: sent(`{$as2,"id":"$peer/x","type":"Like","actor":"$anna","object":"$theirs"}`)},
	{rows: "B12", name: "our key", want: 403, letter: forged(forgery{keyID: "$anna#main-key"})},
	{rows: "B12", name: "our object", want: 403, letter: sent(`{$as2,"id":"$peer/x","type":"Create","actor":"$me","object":{"id":"$town/p/1","type":"Note","attributedTo":"$me","content":"x"}}`)},
	{rows: "B12", name: "our activity", want: 403, letter: sent(`{$as2,"id":"$town/act/1","type":"Like","actor":"$me","object":"$theirs"}`)},
	{rows: "B13", name: "our host in capitals", want: 403, letter: func(b *siege, inbox string) *letter {
		return b.forge(inbox, forgery{by: b.eva, doc: like, keyID: "http://" + strings.ToUpper(b.authority()) + "/u/anna#main-key"})
	}},
	{rows: "B13", name: "our host with a dot at its end", want: 401, letter: func(b *siege, inbox string) *letter {
		return b.forge(inbox, forgery{by: b.eva, doc: like, keyID: strings.Replace(b.origin, "stad.test", "stad.test.", 1) + "/u/anna#main-key"})
	}},
	{rows: "B13", name: "slash in the host", want: 401, letter: forged(forgery{keyID: "http://st/ad.test/u/anna#main-key"})},
	{rows: "B13", name: "fullwidth dot", want: 401, letter: func(b *siege, inbox string) *letter {
		return b.forge(inbox, forgery{by: b.eva, doc: like, keyID: strings.Replace(b.origin, "stad.test", "stad\uff0etest", 1) + "/u/anna#main-key"})
	}},
	{rows: "B13", name: "homograph", want: 401, letter: func(b *siege, inbox string) *letter {
		return b.forge(inbox, forgery{by: b.eva, doc: like, keyID: strings.Replace(b.origin, "stad.test", "st\u0430d.test", 1) + "/u/anna#main-key"})
	}},
	{rows: "B14", name: "no request-target", want: 401, letter: forged(forgery{covers: "host date digest"})},
	{rows: "B14", name: "no host", want: 401, letter: forged(forgery{covers: "(request-target) date digest"})},
	{rows: "B14", name: "no date", want: 401, letter: forged(forgery{covers: "(request-target) host digest"})},
	{rows: "B14", name: "date not sent", want: 401, letter: forged(forgery{covers: "(request-target) host digest", headers: map[string]string{"Date": ""}})},
	{rows: "B14", name: "too old", want: 401, letter: func(b *siege, inbox string) *letter {
		return b.forge(inbox, forgery{by: b.eva, doc: like, headers: map[string]string{"Date": ago(13 * time.Hour)}})
	}},
	{rows: "B14", name: "from the future", want: 401, letter: func(b *siege, inbox string) *letter {
		return b.forge(inbox, forgery{by: b.eva, doc: like, headers: map[string]string{"Date": ago(-2 * time.Hour)}})
	}},
	{rows: "B14", name: "expired", want: 401, letter: func(b *siege, inbox string) *letter {
		return b.forge(inbox, forgery{by: b.eva, doc: like, created: unix(-time.Hour), expires: unix(-time.Minute), algo: "hs2019", covers: "(request-target) (created) (expires) host date digest"})
	}},
	{rows: "B15", name: "date alone, of 2015", want: 401, letter: forged(forgery{covers: "date", headers: map[string]string{"Date": "Sun, 01 Mar 2015 10:00:00 GMT"}})},
	{rows: "B15", name: "date alone, of today", want: 401, letter: forged(forgery{covers: "date"})},
	{rows: "B16", name: "hmac", want: 401, letter: forged(forgery{algo: "hmac-sha256"})},
	{rows: "B16", name: "no algorithm", want: 401, letter: forged(forgery{algo: "none"})},
	{rows: "B16", name: "SHA-1", want: 401, letter: forged(forgery{algo: "rsa-sha1"})},
	{rows: "B16", name: "another key", want: 401, fetches: 1, letter: func(b *siege, inbox string) *letter {
		return b.forge(inbox, forgery{by: b.eva, doc: like, key: otherKey()})
	}},
	{rows: "B18", name: "suspended", want: 403, letter: func(b *siege, inbox string) *letter { return b.signed(b.sally, inbox, like, signature.Cavage) }},
	{rows: "B18", name: "blocked host", want: 403, letter: forged(forgery{doc: likeBy("http://blocked.test/u/x"), keyID: "http://blocked.test/u/x#main-key"})},
	{rows: "B18", name: "below a blocked host", want: 403, letter: forged(forgery{doc: likeBy("http://a.blocked.test/u/x"), keyID: "http://a.blocked.test/u/x#main-key"})},
	{rows: "B19", name: "farewell of somebody who is there", want: 401, fetches: 2, letter: forged(forgery{
		keyID: "$vera#old-key", doc: `{$as2,"id":"$vera#delete","type":"Delete","actor":"$vera","object":"$vera"}`,
	})},
	{rows: "B20", name: "Delete of one of ours", want: 403, letter: sent(`{$as2,"id":"$peer/x","type":"Delete","actor":"$me","object":"$anna"}`)},
	{rows: "B20", name: "Delete of a post of ours", want: 403, letter: sent(`{$as2,"id":"$peer/x","type":"Delete","actor":"$me","object":"$ours"}`)},
	{rows: "B20", name: "Delete of the node", want: 403, letter: sent(`{$as2,"id":"$peer/x","type":"Delete","actor":"$me","object":"$town/"}`)},
	{rows: "B21", name: "two signatures", want: 400, letter: sent(like, func(_ *siege, l *letter) { l.set("Signature", l.get("Signature"), l.get("Signature")) })},
	{rows: "B21", name: "a bad signature before the good", want: 400, letter: sent(like, func(_ *siege, l *letter) { l.set("Signature", `keyId="x"`, l.get("Signature")) })},
	{rows: "B21", name: "two labels", want: 400, letter: func(b *siege, inbox string) *letter {
		l := b.signed(b.eva, inbox, like, signature.RFC9421)
		l.set("Signature-Input", l.get("Signature-Input")+`, sig9=("date");keyid="x"`)
		l.set("Signature", l.get("Signature")+", sig9=:AAAA:")
		return l
	}},
	{rows: "B21", name: "comma within quotes", want: 401, letter: forged(forgery{keyID: `$vera,keyId=$eva`})},
	{rows: "B21", name: "endless header", want: 400, letter: sent(like, func(_ *siege, l *letter) {
		l.set("Signature", l.get("Signature")+`,x="`+strings.Repeat("a", 40<<10)+`"`)
	})},
	{rows: "B21", name: "no end of quotes", want: 400, letter: sent(like, func(_ *siege, l *letter) { l.set("Signature", strings.TrimSuffix(l.get("Signature"), `"`)) })},
	{rows: "B14", name: "unsigned", want: 401, letter: sent(like, func(_ *siege, l *letter) { l.set("Signature") })},
	{rows: "B12", name: "two Hosts", want: 400, letter: sent(like, func(_ *siege, l *letter) { l.headers = append(l.headers, header{"Host", "other.test"}) })},

	{rows: "J1 J2", name: "graph", want: 400, letter: sent(`{$as2,"@graph":[` + likeBy("$vera") + `],"id":"$peer/x","type":"Like","actor":"$me","object":"$theirs"}`)},
	{rows: "J1 J2", name: "included", want: 400, letter: sent(`{$as2,"@included":[],"id":"$peer/x","type":"Like","actor":"$me","object":"$theirs"}`)},
	{rows: "J1 J2", name: "reverse", want: 400, letter: sent(`{$as2,"@reverse":{},"id":"$peer/x","type":"Like","actor":"$me","object":"$theirs"}`)},
	{rows: "J1 J2", name: "graph within", want: 400, letter: sent(`{$as2,"id":"$peer/x","type":"Create","actor":"$me","object":{"@graph":[],"id":"$peer/n","type":"Note","attributedTo":"$me"}}`)},
	{rows: "J1 J3", name: "LD signature of the victim", want: 401, letter: sent(`{$as2,"id":"$vera#like-1","type":"Like","actor":"$vera","object":"$theirs",
		"signature":{"type":"RsaSignature2017","creator":"$vera#main-key","created":"2026-01-01T00:00:00Z","signatureValue":"AAAA"}}`)},
	{rows: "J3", name: "proof of the victim", want: 401, letter: sent(`{$as2,"id":"$vera#like-1","type":"Like","actor":"$vera","object":"$theirs",
		"proof":{"type":"DataIntegrityProof","cryptosuite":"eddsa-jcs-2022","verificationMethod":"$vera#ed","proofPurpose":"assertionMethod","created":"2026-01-01T00:00:00Z","proofValue":"z2"}}`)},
	{rows: "J4", name: "a term redefined", want: 400, letter: sent(`{"@context":["https://www.w3.org/ns/activitystreams",{"content":"as:actor"}],"id":"$peer/x","type":"Like","actor":"$me","object":"$theirs"}`)},
	{rows: "J4", name: "context within", want: 400, letter: sent(`{$as2,"id":"$peer/x","type":"Create","actor":"$me","object":{"@context":{"actor":"as:content"},"id":"$peer/n","type":"Note","attributedTo":"$me"}}`)},
	{rows: "J7", name: "duplicate key", want: 400, letter: sent(`{$as2,"id":"$peer/x","type":"Like","actor":"$me","actor":"$vera","object":"$theirs"}`)},
	{rows: "J7", name: "key in another case", want: 400, letter: sent(`{$as2,"id":"$peer/x","type":"Like","actor":"$me","ACTOR":"$vera","object":"$theirs"}`)},
	{rows: "J7", name: "key in another case, by Unicode", want: 400, letter: sent(`{$as2,"id":"$peer/x","type":"Like","actor":"$me","object":"$theirs","summary":"a","\u017fummary":"b"}`)},
	{rows: "J7", name: "key written with an escape", want: 400, letter: sent(`{$as2,"id":"$peer/x","type":"Like","actor":"$me","\u0061ctor":"$vera","object":"$theirs"}`)},

	{rows: "S22 S23", name: "nonsense with a key inside", want: 401, letter: forged(forgery{doc: "nonsense", covers: "date", keyID: "$canary/"})},
	{rows: "S22 S23", name: "key inside", want: 401, letter: forged(forgery{doc: likeBy("$canary/u/x"), keyID: "$canary/u/x#main-key"})},
	{rows: "S22 S23", name: "key at a private address", want: 401, letter: forged(forgery{doc: likeBy("http://10.0.0.1/u/x"), keyID: "http://10.0.0.1/"})},
	{rows: "S23", name: "stale, by somebody unknown", want: 401, letter: forged(forgery{doc: likeBy("$evil/u/nobody"), keyID: "$evil/u/nobody#main-key", headers: map[string]string{"Date": "Sun, 01 Mar 2015 10:00:00 GMT"}})},
	{rows: "S23", name: "wrong digest, by somebody unknown", want: 401, letter: func(b *siege, inbox string) *letter {
		l := b.forge(inbox, forgery{by: b.eva, doc: likeBy("$evil/u/nobody"), keyID: "$evil/u/nobody#main-key"})
		l.body += " "
		return l
	}},

	{rows: "D7", name: "nested ten thousand deep", want: 400, letter: sent(`{$as2,"id":"$peer/x","type":"Like","actor":"$me","object":` + strings.Repeat(`{"object":`, 10_000) + `1` + strings.Repeat(`}`, 10_000) + `}`)},
	{rows: "D7", name: "a hundred thousand arrays", want: 400, letter: sent(`{$as2,"id":"$peer/x","type":"Like","actor":"$me","object":` + strings.Repeat(`[`, 100_000) + `1` + strings.Repeat(`]`, 100_000) + `}`)},
	{rows: "D25", name: "huge number", want: 400, letter: sent(`{$as2,"id":"$peer/x","type":"Like","actor":"$me","object":"$theirs","n":1e400}`)},
	{rows: "D25", name: "number of a million digits", want: 400, letter: sent(`{$as2,"id":"$peer/x","type":"Like","actor":"$me","object":"$theirs","n":` + strings.Repeat("9", 900_000) + `}`)},
	{rows: "D25", name: "a hundred thousand keys", want: 400, letter: sent(`{$as2,"id":"$peer/x","type":"Like","actor":"$me","object":"$theirs"` + manyKeys(100_000) + `}`)},
	{rows: "D10", name: "no JSON", want: 400, letter: sent(`nonsense`)},
	{rows: "D10", name: "an array", want: 400, letter: sent(`[]`)},
	{rows: "D10", name: "nothing", want: 400, letter: sent(``)},
	{rows: "D10", name: "no object", want: 400, letter: sent(`{$as2,"id":"$peer/x","type":"Create","actor":"$me"}`)},
	{rows: "D10", name: "no activity", want: 400, letter: sent(`{$as2,"id":"$peer/x","type":"Note","content":"x"}`)},
	{rows: "D10", name: "not UTF-8", want: 400, letter: sent("{$as2,\"id\":\"$peer/x\",\"type\":\"Like\",\"actor\":\"$me\",\"object\":\"$theirs\",\"x\":\"\xff\"}")},
	{rows: "D21", name: "one byte too many", want: 413, letter: func(b *siege, inbox string) *letter {
		return b.signed(b.eva, inbox, b.sized(maxBody+1), signature.Cavage)
	}},
	{rows: "D21", name: "too many, length not said", want: 413, letter: func(b *siege, inbox string) *letter {
		l := b.signed(b.eva, inbox, b.sized(maxBody+1), signature.Cavage)
		l.chunked = true
		return l
	}},
}

func manyKeys(n int) string {
	var out strings.Builder
	for i := range n {
		out.WriteString(`,"` + strconv.Itoa(i) + `":1`)
	}
	return out.String()
}

func quoted(text string) string { return strconv.Quote(text) }

// sized pads a Like of Eva's to a length.
func (b *siege) sized(length int) string {
	doc := b.fill(b.eva, like)
	return strings.TrimSuffix(doc, "}") + `,"x":"` + strings.Repeat("a", length-len(doc)-len(`,"x":""`)) + `"}`
}

// TestDoors knocks in every wrong way at every inbox (SECURITY B9): nothing is let in, nothing changes, and nobody is asked anything
// before the cheap checks have passed.
func TestDoors(t *testing.T) {
	onBoth(t, func(b *siege) {
		face, figures, before := b.face(), b.received(), b.state()
		for _, inbox := range b.inboxes {
			for _, k := range knocks {
				b.forget()
				if got := b.send(k.letter(b, inbox)); got != k.want {
					b.t.Errorf("%s %s, %s: status %d, want %d", inbox, k.rows, k.name, got, k.want)
				}
				if n := b.fetches(); n > k.fetches {
					b.t.Errorf("%s %s, %s: %d requests to others, at most %d", inbox, k.rows, k.name, n, k.fetches)
				}
				if n := b.count("received") - before.arrived; n != 0 {
					b.t.Fatalf("%s %s, %s: was let in", inbox, k.rows, k.name)
				}
			}
		}
		b.quiet()
		if err := b.unchanged(before); err != nil {
			b.t.Error(err)
		}
		if after := b.face(); after != face {
			b.t.Errorf("the node shows something else:\n%s", news(face, after))
		}
		if after := b.received(); !maps.Equal(after, figures) {
			b.t.Errorf("the node counts %v, before %v", after, figures)
		}
	})
}

// TestLimitOfABody: exactly as much as is allowed is let in (SECURITY D21).
func TestLimitOfABody(t *testing.T) {
	onBoth(t, func(b *siege) {
		if status := b.post(b.eva, "/inbox", b.sized(maxBody)); status != http.StatusAccepted {
			b.t.Errorf("status %d for %d bytes", status, maxBody)
		}
	})
}

// TestEveryMutation changes one thing about a request that was rightly signed, at every inbox, in both schemes (SECURITY X6).
func TestEveryMutation(t *testing.T) {
	onBoth(t, func(b *siege) {
		before := b.state()
		for scheme, own := range map[signature.Scheme][]mutation{signature.Cavage: draftMutations(), signature.RFC9421: messageMutations()} {
			all := slices.Concat(anyMutations(), own)
			if len(all) < 60 {
				b.t.Errorf("%s: %d mutations, want 60", scheme, len(all))
			}
			for _, inbox := range b.inboxes {
				b.mutate(scheme, inbox, all)
			}
		}
		b.quiet()
		if err := b.unchanged(before); err != nil {
			b.t.Error(err)
		}
		if n := b.count("received") - before.arrived; n != 0 {
			b.t.Errorf("%d were let in", n)
		}
	})
}

func (b *siege) mutate(scheme signature.Scheme, inbox string, all []mutation) {
	b.t.Helper()
	for _, m := range all {
		l := b.signed(b.eva, inbox, like, scheme)
		whole := string(l.bytes())
		m.change(b, l)
		if string(l.bytes()) == whole {
			b.t.Errorf("%s %s: nothing was changed", scheme, m.name)
		}
		if status := b.send(l); status >= 200 && status < 300 {
			b.t.Errorf("%s %s %s: status %d", inbox, scheme, m.name, status)
		}
	}
}
