package signature

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-fed/httpsig"
)

// draftWith signs a request as a stranger may: covering what it likes, with parameters as it likes.
func draftWith(t testing.TB, r *http.Request, key PrivateKey, covered []string, extra string) {
	t.Helper()
	var created, expires string
	for _, parameter := range strings.Split(extra, ",") {
		name, value, _ := strings.Cut(parameter, "=")
		switch name {
		case "created":
			created = value
		case "expires":
			expires = value
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
			value = created
		case expiresField:
			value = expires
		}
		lines = append(lines, name+": "+value)
	}
	value := must(key.signBytes([]byte(strings.Join(lines, "\n"))))
	header := `keyId="` + key.ID + `"`
	if extra != "" {
		header += "," + extra
	}
	header += `,headers="` + strings.Join(covered, " ") + `",signature="` + base64.StdEncoding.EncodeToString(value) + `"`
	r.Header.Set("Signature", header)
}

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
			draftWith(t, r, rsaKey(), tt.covered, tt.extra)
			if err := judge(r, body); KindOf(err) != tt.want || (tt.want == 0) != (err == nil) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

// B15: the probe that the bare library accepts: covering the date only, in 2015, then sent elsewhere with another body.
func TestDateOnlySignatureOf2015(t *testing.T) {
	t.Parallel()
	r, body := unsigned(t, "/g/wijkraad/inbox", note)
	r.Header.Set("Date", "Sun, 05 Apr 2015 10:00:00 GMT")
	draftWith(t, r, rsaKey(), []string{"date"}, "")

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
	draftWith(t, r, rsaKey(), []string{requestTarget, "host", "date", "digest"}, "")
	if err := judge(r, body); KindOf(err) != Stale {
		t.Errorf("all covered, but of 2015: got %v, want stale", err)
	}
}

// Older Mastodon leaves the query out when it signs. On a POST nobody honest adds one.
func TestQueryLeftOut(t *testing.T) {
	t.Parallel()
	r, body := unsigned(t, "/g/wijkraad/outbox", nil)
	draftWith(t, r, rsaKey(), []string{requestTarget, "host", "date"}, "")
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

// The kind of the key decides, whatever the header says.
func TestDraftByEd25519(t *testing.T) {
	t.Parallel()
	for _, hint := range []string{"", `algorithm="ed25519"`, `algorithm="hs2019"`, `algorithm="rsa-sha256"`} {
		r, body := unsigned(t, "/inbox", note)
		draftWith(t, r, edKey(), []string{requestTarget, "host", "date", "digest"}, hint)
		if err := judge(r, body); err != nil {
			t.Errorf("hint %q: %v", hint, err)
		}
	}
}
