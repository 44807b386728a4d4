package signature

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// mutation changes one thing about a signed request on its way to us.
type mutation struct {
	name   string
	change func(r *http.Request, body *[]byte)
}

func replace(header, old, replacement string) mutation {
	name := fmt.Sprintf("%s: %.24q for %.24q", header, replacement, old)
	return mutation{name, func(r *http.Request, _ *[]byte) {
		r.Header.Set(header, strings.Replace(r.Header.Get(header), old, replacement, 1))
	}}
}

func set(header string, lines ...string) mutation {
	name := fmt.Sprintf("%s: %.40q", header, lines)
	return mutation{name, func(r *http.Request, _ *[]byte) { r.Header[header] = lines }}
}

// anyMutations concern what both schemes must bind.
func anyMutations() []mutation {
	var all []mutation
	for _, method := range []string{"GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "POSt", ""} {
		all = append(all, mutation{"method " + method, func(r *http.Request, _ *[]byte) { r.Method = method }})
	}
	for _, uri := range []string{
		"/", "/inbo", "/inbox/", "/Inbox", "/inboxx", "//inbox", "/./inbox", "/%69nbox", "/u/bob/inbox", "/inbox?", "/inbox?a=b",
		"/inbox#x", "/inbox%20", "/inbox;a", "/inbox%00", "/inbox ",
	} {
		all = append(all, mutation{"path " + uri, func(r *http.Request, _ *[]byte) { r.RequestURI = uri }})
	}
	for _, host := range []string{
		"", "dorp.example", "stad.example.", "stad.example:8443", "stad.example:80", "xstad.example", "stad.example@evil.example",
		"stad.exampl", "ｓtad.example", "stad.example,evil.example", "127.0.0.1",
	} {
		all = append(all, mutation{"host " + host, func(r *http.Request, _ *[]byte) { r.Host = host }})
	}
	for name, change := range map[string]func([]byte) []byte{
		"empty":         func([]byte) []byte { return nil },
		"byte added":    func(b []byte) []byte { return append(b, ' ') },
		"byte in front": func(b []byte) []byte { return append([]byte(" "), b...) },
		"cut":           func(b []byte) []byte { return b[:len(b)-1] },
		"bit":           func(b []byte) []byte { b[len(b)/2] ^= 1; return b },
		"doubled":       func(b []byte) []byte { return append(b, b...) },
		"other":         func([]byte) []byte { return []byte(`{"type":"Delete"}`) },
	} {
		all = append(all, mutation{"body " + name, func(_ *http.Request, body *[]byte) { *body = change(slices.Clone(*body)) }})
	}
	all = append(all, set("Signature"), set("Signature", ""), set("Signature", "keyId"), set("Signature", "sig1=::"))
	return all
}

func draftMutations() []mutation {
	other := NewBody([]byte("other")).digest
	right := NewBody(note).digest
	return []mutation{
		set("Date"),
		set("Date", now.Add(time.Second).Format(http.TimeFormat)),
		set("Date", now.Add(-time.Minute).Format(http.TimeFormat)),
		set("Date", now.Add(-24*time.Hour).Format(http.TimeFormat)),
		set("Date", now.Format(time.RFC850)),
		set("Date", now.Format(http.TimeFormat), now.Format(http.TimeFormat)),
		set("Digest"),
		set("Digest", other),
		set("Digest", other, right),
		set("Digest", right, other),
		set("Digest", strings.ToLower(right[:8])+right[8:]),
		set("Digest", right+","+other),
		set("Digest", right+",unixsum=1"),
		set("Digest", right[:len(right)-1]),
		set("Content-Type"),
		set("Content-Type", "text/plain"),
		set("Content-Type", "application/activity+json", "application/activity+json"),
		replace("Signature", "(request-target) ", ""),
		replace("Signature", " host", ""),
		replace("Signature", " date", ""),
		replace("Signature", " digest", ""),
		replace("Signature", " content-type", ""),
		replace("Signature", "host date", "date host"),
		replace("Signature", " content-type", " content-type user-agent"),
		replace("Signature", "date", "(created)"),
		replace("Signature", "headers=", `Headers=`),
		replace("Signature", "rsa-sha256", "hmac-sha256"),
		replace("Signature", "rsa-sha256", "rsa-sha1"),
		replace("Signature", "rsa-sha256", "rsa-sha512"),
		replace("Signature", keyID, foreignRSA().ID),
		replace("Signature", keyID, edID),
		replace("Signature", "https://dorp", "http://dorp"),
		replace("Signature", "#main-key", ""),
		replace("Signature", "#main-key", "#main-key2"),
		replace("Signature", "dorp", "elders"),
		replace("Signature", "signature=", "expires=1,signature="),
		replace("Signature", "signature=", `signature="AAAA",signature=`),
	}
}

func messageMutations() []mutation {
	other, right := NewBody([]byte("other")).contentDigest, NewBody(note).contentDigest
	return []mutation{
		set("Content-Digest"),
		set("Content-Digest", other),
		set("Content-Digest", other, right),
		set("Content-Digest", right, other),
		set("Content-Digest", right+", "+other),
		set("Content-Digest", right+", unixsum=1"),
		set("Content-Digest", right[:len(right)-2]),
		set("Content-Digest", strings.ToUpper(right[:8])+right[8:]),
		set("Signature-Input"),
		set("Signature-Input", ""),
		set("Signature-Input", "sig1"),
		replace("Signature-Input", `"@method" `, ""),
		replace("Signature-Input", `"@target-uri" `, ""),
		replace("Signature-Input", ` "content-digest"`, ""),
		replace("Signature-Input", `"@method" "@target-uri"`, `"@target-uri" "@method"`),
		replace("Signature-Input", `"@target-uri"`, `"@authority" "@path"`),
		replace("Signature-Input", `"@target-uri"`, `"@target-uri" "@authority"`),
		replace("Signature-Input", `"@method"`, `"@method";req`),
		replace("Signature-Input", `"content-digest"`, `"content-digest";sf`),
		replace("Signature-Input", "created="+created(0), "created="+created(time.Second)),
		replace("Signature-Input", "created="+created(0), "created="+created(-time.Second)),
		replace("Signature-Input", "created="+created(0), "created=1"),
		replace("Signature-Input", ";created="+created(0), ""),
		replace("Signature-Input", ";created", ";expires=1;created"),
		replace("Signature-Input", ";created", ";expires="+created(time.Hour)+";created"),
		replace("Signature-Input", ";created", `;nonce="x";created`),
		replace("Signature-Input", ";created", `;tag="x";created`),
		replace("Signature-Input", algRSA, algEd25519),
		replace("Signature-Input", algRSA, "hmac-sha256"),
		replace("Signature-Input", `;alg="`+algRSA+`"`, ""),
		replace("Signature-Input", keyID, foreignRSA().ID),
		replace("Signature-Input", keyID, edID),
		replace("Signature-Input", "https://dorp", "http://dorp"),
		replace("Signature-Input", "#main-key", ""),
		replace("Signature-Input", "sig1", "sig2"),
		replace("Signature", "sig1", "sig2"),
		replace("Signature", "sig1=:", "sig1=:AAAA"),
		replace("Signature-Input", "sig1=", `sig0=("date"), sig1=`),
	}
}

// X6: nothing about a signed request can change and be accepted.
func TestMutations(t *testing.T) {
	t.Parallel()
	const atLeast = 60
	for scheme, own := range map[Scheme][]mutation{Cavage: draftMutations(), RFC9421: messageMutations()} {
		mutations := append(anyMutations(), own...)
		if len(mutations) < atLeast {
			t.Errorf("%s: only %d mutations", scheme, len(mutations))
		}
		for _, m := range mutations {
			t.Run(fmt.Sprintf("X6 %s %s", scheme, m.name), func(t *testing.T) {
				t.Parallel()
				r, body := signed(t, "/inbox", note, rsaKey(), scheme, now)
				if err := judge(r, body); err != nil {
					t.Fatalf("unchanged: %v", err)
				}
				before := fmt.Sprint(r.Method, r.RequestURI, r.Host, r.Header, string(body))
				m.change(r, &body)
				if before == fmt.Sprint(r.Method, r.RequestURI, r.Host, r.Header, string(body)) {
					t.Fatal("nothing was changed")
				}
				if err := judge(r, body); err == nil {
					t.Error("accepted")
				}
			})
		}
	}
}

// X6: no bit of the signature, and no character of its text, can change.
func TestSignatureMutations(t *testing.T) {
	t.Parallel()
	for scheme, key := range map[Scheme]PrivateKey{Cavage: rsaKey(), RFC9421: edKey()} {
		r, body := signed(t, "/inbox", note, key, scheme, now)
		line := r.Header.Get("Signature")
		start := strings.LastIndexAny(strings.TrimRight(line, `":=`), `":`) + 1
		text := strings.TrimRight(line[start:], `":`)
		raw := must(base64.StdEncoding.DecodeString(text))
		for i := range raw {
			changed := slices.Clone(raw)
			changed[i] ^= 1 << (i % 8)
			r.Header.Set("Signature", strings.Replace(line, text, base64.StdEncoding.EncodeToString(changed), 1))
			if judge(r, body) == nil {
				t.Errorf("%s: byte %d changed, accepted", scheme, i)
			}
		}
		for i := range text {
			for _, char := range "A/=+ " {
				changed := text[:i] + string(char) + text[i+1:]
				r.Header.Set("Signature", strings.Replace(line, text, changed, 1))
				if changed != text && judge(r, body) == nil {
					t.Errorf("%s: %q for character %d, accepted", scheme, char, i)
				}
			}
		}
	}
}
