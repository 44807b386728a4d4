package signature

import (
	"encoding/base64"
	"net/http"
	"testing"
	"time"
)

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
