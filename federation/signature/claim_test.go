package signature

import (
	"bytes"
	"crypto/rsa"
	"math/big"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

// unsigned is a received request with date and both digests, ready for draftWith and messageWith.
func unsigned(t testing.TB, uri string, body []byte) (*http.Request, []byte) {
	t.Helper()
	req := outgoing(uri, body)
	req.Header.Set("Date", now.Format(http.TimeFormat))
	if body != nil {
		req.Header.Set("Digest", NewBody(body).digest)
		req.Header.Set("Content-Digest", NewBody(body).contentDigest)
	}
	return received(t, req)
}

func created(offset time.Duration) string { return strconv.FormatInt(now.Add(offset).Unix(), 10) }

// B21 and B8: headers that no honest sender writes. Where they are refused, no key is ever looked up.
func TestHeadersThatCannotBeRead(t *testing.T) {
	t.Parallel()
	const message = "Signature-Input"
	long := strings.Repeat("a", 64<<10)
	for _, tt := range []struct {
		row, name   string
		base        Scheme
		header      string
		old, change string
		want        Kind
	}{
		{"B8", "acct key id", Cavage, "Signature", keyID, "acct:anna@dorp.example", Forbidden},
		{"B8", "file key id", Cavage, "Signature", "https:", "file:", Forbidden},
		{"B8", "relative key id", Cavage, "Signature", "https://dorp.example", "", Forbidden},
		{"B8", "key id with user", Cavage, "Signature", "https://", "https://a:b@", Forbidden},
		{"B8", "key id with control character", Cavage, "Signature", "anna", "an\x01na", Forbidden},
		{"B8", "endless key id", Cavage, "Signature", "anna", strings.Repeat("a", maxKeyID), Forbidden},
		{"B8", "acct key id", RFC9421, message, keyID, "acct:anna@dorp.example", Forbidden},
		{"B21", "64 KiB", Cavage, "Signature", "anna", long, Malformed},
		{"B21", "64 KiB", RFC9421, message, "anna", long, Malformed},
		{"B21", "64 KiB of signature", RFC9421, "Signature", ":", ":" + long, Malformed},
		{"B21", "no key id", Cavage, "Signature", "keyId", "keyID", Malformed},
		{"B21", "key id twice", Cavage, "Signature", "keyId=", `keyId="https://elders.example/#k",keyId=`, Malformed},
		{"B21", "signature twice", Cavage, "Signature", "signature=", `signature="AAAA",signature=`, Malformed},
		{"B21", "headers twice", Cavage, "Signature", "headers=", `headers="date",headers=`, Malformed},
		{"B21", "no signature", Cavage, "Signature", "signature=", "sig=", Malformed},
		{"B21", "no headers", Cavage, "Signature", "headers=", "header=", Missing},
		{"B21", "quote left open", Cavage, "Signature", `keyId="`, `keyId="x,algorithm="`, Malformed},
		{"B21", "escaped quote", Cavage, "Signature", "#main-key", `\",headers=\"`, Malformed},
		{"B21", "text after quote", Cavage, "Signature", `,headers`, `;headers`, Malformed},
		{"B21", "trailing comma", Cavage, "Signature", `keyId`, `,keyId`, Malformed},
		{"B21", "value not base64", Cavage, "Signature", `signature="`, `signature="*`, Malformed},
		{"B21", "scheme name in front", Cavage, "Signature", "keyId", "Signature keyId", Malformed},
		{"B21", "labels differ", RFC9421, "Signature", "sig1", "sig2", Malformed},
		{"B21", "two labels", RFC9421, message, "sig1=", `sig0=("date"), sig1=`, Malformed},
		{"B21", "label twice", RFC9421, message, "sig1=", `sig1=("date"), sig1=`, Malformed},
		{"B21", "two signatures in a line", RFC9421, "Signature", "sig1=", `sig1=:AAAA:, sig1=`, Malformed},
		{"B21", "not a list", RFC9421, message, `("@method" "@target-uri" "content-digest")`, `"@method"`, Malformed},
		{"B21", "component a token", RFC9421, message, `"@method"`, `method`, Malformed},
		{"B21", "component in capitals", RFC9421, message, `"content-digest"`, `"Content-Digest"`, Malformed},
		{"B21", "component with line", RFC9421, message, `"content-digest"`, `"a\"b"`, Malformed},
		{"B21", "component parameter", RFC9421, message, `"@method"`, `"@method";req`, Forbidden},
		{"B21", "component of a response", RFC9421, message, `"@method"`, `"@method" "@status"`, Forbidden},
		{"B21", "component not there", RFC9421, message, `"@method"`, `"@method" "x-none"`, Missing},
		{"B21", "created a text", RFC9421, message, `created=`, `created="x";was=`, Malformed},
		{"B21", "keyid a number", RFC9421, message, `;keyid=`, `;keyid=1;was=`, Malformed},
		{"B21", "value without colons", RFC9421, "Signature", `sig1=:`, `sig1=:::`, Malformed},
		{"B21", "value with parameter", RFC9421, "Signature", `sig1=:`, `sig1=:AAAA:;a=:`, Malformed},
		{"B21", "no label", RFC9421, message, `sig1=`, `=`, Malformed},
	} {
		t.Run(tt.row+" "+string(tt.base)+" "+tt.name, func(t *testing.T) {
			t.Parallel()
			r, body := signed(t, "/inbox", note, rsaKey(), tt.base, now)
			line := r.Header.Get(tt.header)
			changed := strings.Replace(line, tt.old, tt.change, 1)
			if changed == line {
				t.Fatalf("no %s in %s", tt.old, line)
			}
			r.Header.Set(tt.header, changed)
			if _, err := Parse(r, body, testPolicy()); KindOf(err) != tt.want {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

// B21: first-wins never.
func TestMoreThanOneSignature(t *testing.T) {
	t.Parallel()
	for _, scheme := range []Scheme{Cavage, RFC9421} {
		for _, header := range []string{"Signature", "Signature-Input"} {
			r, body := signed(t, "/inbox", note, rsaKey(), scheme, now)
			lines := r.Header[header]
			if lines == nil {
				continue
			}
			r.Header[header] = append(lines, lines[0])
			if _, err := Parse(r, body, testPolicy()); KindOf(err) != Malformed {
				t.Errorf("%s with two %s: %v", scheme, header, err)
			}
			r.Header[header] = []string{""}
			if _, err := Parse(r, body, testPolicy()); KindOf(err) != Malformed {
				t.Errorf("%s with empty %s: %v", scheme, header, err)
			}
			r.Header.Del(header)
			if _, err := Parse(r, body, testPolicy()); KindOf(err) == 0 {
				t.Errorf("%s without %s: accepted", scheme, header)
			}
		}
	}
}

// A request may carry one signature of each scheme.
func TestBothSchemes(t *testing.T) {
	t.Parallel()
	both := func(draftKey, messageKey PrivateKey) (*http.Request, []byte) {
		r, body := signed(t, "/inbox", note, messageKey, RFC9421, now)
		d, _ := signed(t, "/inbox", note, draftKey, Cavage, now)
		r.Header.Set("Digest", d.Header.Get("Digest"))
		r.Header["Signature"] = append(r.Header["Signature"], d.Header.Get("Signature"))
		return r, body
	}
	for _, tt := range []struct {
		name   string
		change func(*http.Request)
		scheme Scheme
		want   Kind
	}{
		{"both well", func(*http.Request) {}, RFC9421, 0},
		{"RFC 9421 unreadable", func(r *http.Request) { r.Header.Set("Signature-Input", "sig1=?") }, Cavage, 0},
		{"RFC 9421 without input", func(r *http.Request) { r.Header.Del("Signature-Input") }, Cavage, 0},
		{"both unreadable", func(r *http.Request) {
			r.Header.Del("Signature-Input")
			r.Header["Signature"][1] = `keyId="`
		}, "", Malformed},
		{"RFC 9421 covers too little", func(r *http.Request) {
			r.Header.Set("Signature-Input", strings.Replace(r.Header.Get("Signature-Input"), `"@method" `, "", 1))
		}, "", Missing},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, body := both(rsaKey(), rsaKey())
			tt.change(r)
			claim, err := Parse(r, body, testPolicy())
			if KindOf(err) != tt.want || (tt.want == 0) != (err == nil) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if err == nil && (claim.Scheme != tt.scheme || claim.Verify(rsaKey().Public()) != nil) {
				t.Errorf("claim by %s, want %s", claim.Scheme, tt.scheme)
			}
		})
	}
	r, body := both(rsaKey(), edKey())
	if _, err := Parse(r, body, testPolicy()); KindOf(err) != Malformed {
		t.Errorf("two keys: %v", err)
	}
}

// B16: the public key as the secret of an HMAC, and keys that no actor should have.
func TestKeysThatAreNotForSignatures(t *testing.T) {
	t.Parallel()
	for _, scheme := range []Scheme{Cavage, RFC9421} {
		r, body := signed(t, "/inbox", note, rsaKey(), scheme, now)
		claim := must(Parse(r, body, testPolicy()))
		weak := &rsa.PublicKey{N: new(big.Int).Rsh(rsaKey().Public().(*rsa.PublicKey).N, 1024), E: 65537}
		for name, key := range map[string]any{"secret": []byte("secret"), "text": "secret", "nothing": nil, "RSA 1024": weak, "no RSA": (*rsa.PublicKey)(nil)} {
			if err := claim.Verify(key); KindOf(err) != Forbidden {
				t.Errorf("%s with %s: %v", scheme, name, err)
			}
		}
	}
}

// B22: behind a TLS terminator the request looks like http, and a stranger may write X-Forwarded-*.
func TestOriginIsTheConfiguredOne(t *testing.T) {
	t.Parallel()
	for _, scheme := range []Scheme{Cavage, RFC9421} {
		r, body := signed(t, "/inbox", note, rsaKey(), scheme, now)
		r.Header.Set("X-Forwarded-Proto", "http")
		r.Header.Set("X-Forwarded-Host", "evil.example")
		r.Header.Set("Forwarded", "host=evil.example;proto=http")
		r.URL = &url.URL{Path: "/stripped"} // as middleware leaves it
		if err := judge(r, body); err != nil {
			t.Errorf("%s: %v", scheme, err)
		}
		plain := must(NewPolicy("http://stad.example", func() time.Time { return now }))
		claim, err := Parse(r, body, plain)
		if err != nil {
			t.Fatal(err)
		}
		if err := claim.Verify(rsaKey().Public()); scheme == RFC9421 && KindOf(err) != Mismatch {
			t.Errorf("signed for https, origin http: %v", err)
		}
	}
}

func TestNewPolicyRefuses(t *testing.T) {
	t.Parallel()
	for _, origin := range []string{"", "stad.example", "ftp://stad.example", "https://", "https://stad.example/pad", "https://a@stad.example", "https://stad.example?x", ":"} {
		if _, err := NewPolicy(origin, nil); err == nil {
			t.Errorf("%q accepted", origin)
		}
	}
	p, err := NewPolicy("https://Stad.example:443/", nil)
	if err != nil || p.authority != "stad.example" {
		t.Errorf("authority %q: %v", p.authority, err)
	}
}

func TestParseLeavesTheRequestAlone(t *testing.T) {
	t.Parallel()
	for _, scheme := range []Scheme{Cavage, RFC9421} {
		r, body := signed(t, "/inbox", note, rsaKey(), scheme, now)
		var before, after bytes.Buffer
		if err := r.Header.Write(&before); err != nil {
			t.Fatal(err)
		}
		if err := judge(r, body); err != nil {
			t.Fatal(err)
		}
		if err := r.Header.Write(&after); err != nil || before.String() != after.String() {
			t.Errorf("%s: headers became\n%s", scheme, after.String())
		}
	}
}
