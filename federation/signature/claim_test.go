package signature

import (
	"bytes"
	"crypto/rsa"
	"encoding/base64"
	"math/big"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-fed/httpsig"
)

// draftWith signs a request as a stranger may: covering what it likes, with parameters as it likes.
func draftWith(t testing.TB, r *http.Request, covered []string, extra string) {
	t.Helper()
	s := &draftSignature{covered: covered, request: r}
	for _, parameter := range strings.Split(extra, ",") {
		name, value, _ := strings.Cut(parameter, "=")
		switch name {
		case "created":
			s.created = value
		case "expires":
			s.expires = value
		}
	}
	var lines []string
	for _, name := range covered {
		value := strings.Join(r.Header.Values(name), ", ")
		switch name {
		case requestTarget:
			value = strings.ToLower(r.Method) + " " + requestURI(r)
		case "host":
			value = r.Host
		case createdField:
			value = s.created
		case expiresField:
			value = s.expires
		}
		lines = append(lines, name+": "+value)
	}
	value := must(rsaKey().signBytes([]byte(strings.Join(lines, "\n"))))
	header := `keyId="` + keyID + `"`
	if extra != "" {
		header += "," + extra
	}
	header += `,headers="` + strings.Join(covered, " ") + `",signature="` + base64.StdEncoding.EncodeToString(value) + `"`
	r.Header.Set("Signature", header)
}

// messageWith does the same for RFC 9421; params is the whole value of Signature-Input after the label.
func messageWith(t testing.TB, r *http.Request, params string) {
	t.Helper()
	s, err := readMessage("sig1="+params, "sig1=::")
	if err != nil {
		t.Fatal(err)
	}
	base, err := s.signatureBase(testPolicy().target(r), r.Header, r.Host)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Signature-Input", "sig1="+params)
	r.Header.Set("Signature", "sig1=:"+base64.StdEncoding.EncodeToString(must(rsaKey().signBytes(base)))+":")
}

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

func TestDraftPolicy(t *testing.T) {
	t.Parallel()
	all := []string{requestTarget, "host", "date", "digest"}
	timed := []string{requestTarget, "host", createdField, "digest"}
	expiring := append([]string{expiresField}, timed...)
	date := func(offset time.Duration) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Date", now.Add(offset).Format(http.TimeFormat)) }
	}
	for _, tt := range []struct {
		row, name string
		before    func(*http.Request) // changes the request before it is signed
		covered   []string
		extra     string
		want      Kind // zero: accepted
	}{
		{"B14", "minimum", nil, all, "", 0},
		{"B14", "created for date", nil, timed, `algorithm="hs2019",created=` + created(0), 0},
		{"B14", "created and expires", nil, expiring, "created=" + created(0) + ",expires=" + created(time.Minute), 0},
		{"B14", "no (request-target)", nil, []string{"host", "date", "digest"}, "", Missing},
		{"B14", "no host", nil, []string{requestTarget, "date", "digest"}, "", Missing},
		{"B14", "no date", nil, []string{requestTarget, "host", "digest"}, "", Missing},
		{"B14", "created there but not covered", nil, []string{requestTarget, "host", "digest"}, "created=" + created(0), Missing},
		{"B14", "nearly 12 h old", date(-maxAge), all, "", 0},
		{"B14", "12 h old", date(-maxAge - time.Second), all, "", Stale},
		{"B14", "1 h ahead", date(maxAhead), all, "", 0},
		{"B14", "more than 1 h ahead", date(maxAhead + time.Second), all, "", Stale},
		{"B14", "created 12 h ago", nil, timed, "created=" + created(-maxAge-time.Second), Stale},
		{"B14", "created a little ahead", nil, timed, "created=" + created(5*time.Second), 0},
		{"B14", "created too far ahead", nil, timed, "created=" + created(2*maxCreatedAhead), Stale},
		{"B14", "expired", nil, expiring, "created=" + created(-time.Minute) + ",expires=" + created(-time.Second), Stale},
		{"B14", "expired, not covered", nil, all, "expires=" + created(-time.Second), Stale},
		{"B14", "expires but too old", nil, expiring, "created=" + created(-13*time.Hour) + ",expires=" + created(time.Hour), Stale},
		{"B14", "two dates", func(r *http.Request) { r.Header.Add("Date", now.Format(http.TimeFormat)) }, all, "", Malformed},
		{"B14", "date unreadable", func(r *http.Request) { r.Header.Set("Date", "now") }, all, "", Malformed},
		{"B2", "digest not covered", nil, []string{requestTarget, "host", "date"}, "", Missing},
		{"B2", "no digest", func(r *http.Request) { r.Header.Del("Digest") }, all, "", Missing},
		{"B2", "digest unknown", func(r *http.Request) { r.Header.Set("Digest", "MD5=rL0Y20zC+Fzt72VPzMSk2A==") }, all, "", Missing},
		{"B2", "two digests", func(r *http.Request) { r.Header.Add("Digest", NewBody(nil).digest) }, all, "", Malformed},
		{"B3", "stale digest", func(r *http.Request) { r.Header.Set("Digest", NewBody([]byte("old")).digest) }, all, "", Mismatch},
		{"B1", "other host", func(r *http.Request) { r.Host = "dorp.example" }, all, "", Mismatch},
		{"B1", "host in capitals with port", func(r *http.Request) { r.Host = "STAD.example:443" }, all, "", 0},
		{"B1", "host with another port", func(r *http.Request) { r.Host = "stad.example:8443" }, all, "", Mismatch},
		{"B1", "host as part", func(r *http.Request) { r.Host = "stad.example.evil.example" }, all, "", Mismatch},
		{"B16", "hmac", nil, all, `algorithm="hmac-sha256"`, Forbidden},
		{"B16", "none", nil, all, `algorithm="none"`, Forbidden},
		{"B16", "rsa-sha1", nil, all, `algorithm="rsa-sha1"`, Forbidden},
		{"B16", "RSA-SHA1", nil, all, `algorithm="RSA-SHA1"`, Forbidden},
		{"B16", "a wrong hint does not matter", nil, all, `algorithm="ed25519"`, 0},
		{"B21", "covered twice", nil, append([]string{"date"}, all...), "", Malformed},
		{"B21", "covers too much", nil, append(strings.Fields(strings.Repeat("date ", maxCovered)), all...), "", Malformed},
		{"B21", "covers itself", nil, append([]string{"signature"}, all...), "", Forbidden},
		{"B21", "unknown pseudo-header", nil, append([]string{"(body)"}, all...), "", Forbidden},
		{"B21", "covers what is not there", nil, append([]string{"x-none"}, all...), "", Missing},
		{"B21", "created not a number", nil, timed, "created=soon", Malformed},
		{"B21", "expires not a number", nil, all, "expires=1e9", Malformed},
		{"B21", "created covered, not there", nil, timed, "", Malformed},
	} {
		t.Run(tt.row+" "+tt.name, func(t *testing.T) {
			t.Parallel()
			r, body := unsigned(t, "/inbox", note)
			if tt.before != nil {
				tt.before(r)
			}
			draftWith(t, r, tt.covered, tt.extra)
			if err := judge(r, body); KindOf(err) != tt.want || (tt.want == 0) != (err == nil) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestMessagePolicy(t *testing.T) {
	t.Parallel()
	by := ";created=" + created(0) + `;keyid="` + keyID + `"`
	at := func(parameters string) string {
		return `("@method" "@target-uri" "content-digest")` + parameters + `;keyid="` + keyID + `"`
	}
	for _, tt := range []struct {
		row, name string
		before    func(*http.Request)
		uri       string
		params    string
		want      Kind
	}{
		{"B14", "minimum", nil, "/inbox", `("@method" "@target-uri" "content-digest")` + by, 0},
		{"B14", "more covered", nil, "/inbox", `("@method" "@target-uri" "@authority" "host" "date" "content-digest")` + by, 0},
		{"B14", "nonce and tag", nil, "/inbox", `("@method" "@target-uri" "content-digest")` + by + `;nonce="n";tag="t"`, 0},
		{"B14", "parts for the target", nil, "/inbox", `("@method" "@authority" "@path" "content-digest")` + by, 0},
		{"B14", "parts and query", nil, "/inbox?a=b", `("@method" "@authority" "@path" "@query" "content-digest")` + by, 0},
		{"B14", "parts without query", nil, "/inbox?a=b", `("@method" "@authority" "@path" "content-digest")` + by, Missing},
		{"B14", "request target and authority", nil, "/inbox?a=b", `("@method" "@authority" "@request-target" "content-digest")` + by, 0},
		{"B14", "request target alone", nil, "/inbox", `("@method" "@request-target" "content-digest")` + by, Missing},
		{"B14", "no method", nil, "/inbox", `("@target-uri" "content-digest")` + by, Missing},
		{"B14", "no target", nil, "/inbox", `("@method" "content-digest")` + by, Missing},
		{"B14", "no authority", nil, "/inbox", `("@method" "@path" "content-digest")` + by, Missing},
		{"B14", "nothing", nil, "/inbox", `()` + by, Missing},
		{"B14", "no created", nil, "/inbox", at(""), Missing},
		{"B14", "no keyid", nil, "/inbox", `("@method" "@target-uri" "content-digest");created=` + created(0), Missing},
		{"B14", "nearly 12 h old", nil, "/inbox", at(";created=" + created(-maxAge)), 0},
		{"B14", "12 h old", nil, "/inbox", at(";created=" + created(-maxAge-time.Second)), Stale},
		{"B14", "1 h ahead", nil, "/inbox", at(";created=" + created(maxAhead)), 0},
		{"B14", "more than 1 h ahead", nil, "/inbox", at(";created=" + created(maxAhead+time.Second)), Stale},
		{"B14", "expires", nil, "/inbox", at(";created=" + created(0) + ";expires=" + created(time.Second)), 0},
		{"B14", "expired", nil, "/inbox", at(";created=" + created(-time.Minute) + ";expires=" + created(-time.Second)), Stale},
		{"B14", "expired before all time", nil, "/inbox", at(";created=" + created(0) + ";expires=-1"), Stale},
		{"B2", "digest not covered", nil, "/inbox", `("@method" "@target-uri")` + by, Missing},
		{"B2", "draft digest covered instead", nil, "/inbox", `("@method" "@target-uri" "digest")` + by, Missing},
		{"B3", "stale digest", func(r *http.Request) { r.Header.Set("Content-Digest", NewBody(nil).contentDigest) }, "/inbox", at(";created=" + created(0)), Mismatch},
		{"B2", "digest unknown", func(r *http.Request) { r.Header.Set("Content-Digest", "md5=:AAAA:") }, "/inbox", at(";created=" + created(0)), Missing},
		{"B21", "digest without colons", func(r *http.Request) { r.Header.Set("Content-Digest", "sha-256=AAAA") }, "/inbox", at(";created=" + created(0)), Malformed},
		{"B21", "digest twice", func(r *http.Request) {
			r.Header.Set("Content-Digest", NewBody(note).contentDigest+","+NewBody(note).contentDigest)
		}, "/inbox", at(";created=" + created(0)), Malformed},
		{"B1", "other host", func(r *http.Request) { r.Host = "dorp.example" }, "/inbox", at(";created=" + created(0)), Mismatch},
		{"B16", "hmac", nil, "/inbox", at(";created=" + created(0) + `;alg="hmac-sha256"`), Forbidden},
		{"B16", "none", nil, "/inbox", at(";created=" + created(0) + `;alg="none"`), Forbidden},
		{"B16", "rsa-pss", nil, "/inbox", at(";created=" + created(0) + `;alg="rsa-pss-sha512"`), Forbidden},
		{"B16", "algorithm of another key", nil, "/inbox", at(";created=" + created(0) + `;alg="ed25519"`), Mismatch},
		{"B21", "covered twice", nil, "/inbox", `("@method" "@method" "@target-uri" "content-digest")` + by, Malformed},
	} {
		t.Run(tt.row+" "+tt.name, func(t *testing.T) {
			t.Parallel()
			r, body := unsigned(t, tt.uri, note)
			if tt.before != nil {
				tt.before(r)
			}
			messageOrRaw(t, r, tt.params)
			if err := judge(r, body); KindOf(err) != tt.want || (tt.want == 0) != (err == nil) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

// messageOrRaw signs, unless even a stranger's reading fails: then some signature will do.
func messageOrRaw(t testing.TB, r *http.Request, params string) {
	t.Helper()
	if _, err := readMessage("sig1="+params, "sig1=::"); err == nil {
		messageWith(t, r, params)
		return
	}
	r.Header.Set("Signature-Input", "sig1="+params)
	r.Header.Set("Signature", "sig1=:AAAA:")
}

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

// B15: the probe that the bare library accepts: covering the date only, in 2015, then sent elsewhere with another body.
func TestDateOnlySignatureOf2015(t *testing.T) {
	t.Parallel()
	r, body := unsigned(t, "/g/wijkraad/inbox", note)
	r.Header.Set("Date", "Sun, 05 Apr 2015 10:00:00 GMT")
	draftWith(t, r, []string{"date"}, "")

	library := r.Clone(t.Context())
	verifier, err := httpsig.NewVerifier(library)
	if err != nil {
		t.Fatal(err)
	}
	if err := verifier.Verify(rsaKey().Public(), httpsig.RSA_SHA256); err != nil {
		t.Fatalf("the probe no longer passes the bare library: %v", err)
	}
	if err := judge(r, body); KindOf(err) != Missing {
		t.Errorf("got %v, want missing", err)
	}
	draftWith(t, r, []string{requestTarget, "host", "date", "digest"}, "")
	if err := judge(r, body); KindOf(err) != Stale {
		t.Errorf("all covered, but of 2015: got %v, want stale", err)
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

// Older Mastodon leaves the query out when it signs. On a POST nobody honest adds one.
func TestQueryLeftOut(t *testing.T) {
	t.Parallel()
	r, body := unsigned(t, "/g/wijkraad/outbox", nil)
	draftWith(t, r, []string{requestTarget, "host", "date"}, "")
	r.RequestURI += "?page=2"
	if err := judge(r, body); err != nil {
		t.Error(err)
	}
	r.RequestURI = "/g/elders/outbox?page=2"
	if err := judge(r, body); KindOf(err) != Mismatch {
		t.Errorf("other path: %v", err)
	}
	r, body = signed(t, "/inbox", note, rsaKey(), Cavage, now)
	r.RequestURI += "?page=2"
	if err := judge(r, body); KindOf(err) != Mismatch {
		t.Errorf("POST: %v", err)
	}
}

// An outside judge: what we send must also pass the bare library.
func TestLibraryVerifiesWhatWeSign(t *testing.T) {
	t.Parallel()
	r, _ := signed(t, "/inbox?a=b", note, rsaKey(), Cavage, now)
	if got := r.Header.Get("Signature"); !strings.Contains(got, `algorithm="rsa-sha256"`) {
		t.Error(got)
	}
	verifier, err := httpsig.NewVerifier(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := verifier.Verify(rsaKey().Public(), httpsig.RSA_SHA256); err != nil || verifier.KeyId() != keyID {
		t.Errorf("%s: %v", verifier.KeyId(), err)
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
