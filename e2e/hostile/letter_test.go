//go:build unix

package hostile_test

import (
	"bufio"
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"meent/federation/signature"
)

// letter is a POST to an inbox as it goes over the wire, byte by byte of our own making: no HTTP client mends it on its way.
type letter struct {
	method  string
	target  string
	host    string
	headers []header
	body    string
	chunked bool
}

type header struct{ name, value string }

func (l *letter) get(name string) string {
	for _, h := range l.headers {
		if h.name == name {
			return h.value
		}
	}
	return ""
}

// set gives a header these lines, none to drop it.
func (l *letter) set(name string, values ...string) {
	l.headers = slices.DeleteFunc(slices.Clone(l.headers), func(h header) bool { return h.name == name })
	for _, value := range values {
		l.headers = append(l.headers, header{name, value})
	}
}

func (l *letter) replace(name, old, replacement string) {
	l.set(name, strings.Replace(l.get(name), old, replacement, 1))
}

// bytes is the request on the wire.
func (l *letter) bytes() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n", l.method, l.target, l.host)
	for _, h := range l.headers {
		fmt.Fprintf(&b, "%s: %s\r\n", h.name, h.value)
	}
	if l.chunked {
		fmt.Fprintf(&b, "Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(l.body), l.body)
	} else {
		fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(l.body), l.body)
	}
	return b.Bytes()
}

// answerTime is how long the node may take for an answer.
const answerTime = 20 * time.Second

// send hands the letter in and returns the status, 0 when the node hung up instead.
func (b *siege) send(l *letter) int {
	b.t.Helper()
	conn, err := (&net.Dialer{}).DialContext(b.t.Context(), "tcp", b.Listen)
	if err != nil {
		b.t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(answerTime)); err != nil {
		b.t.Fatal(err)
	}
	written := make(chan struct{})
	go func() {
		defer close(written)
		_, _ = conn.Write(l.bytes()) // the node may hang up before it has read all
	}()
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, answer.Body)
	_ = conn.Close()
	<-written
	return answer.StatusCode
}

// post hands in a document that is rightly signed.
func (b *siege) post(s *stranger, inbox, doc string) int {
	b.t.Helper()
	return b.send(b.signed(s, inbox, doc, signature.Cavage))
}

// signed is a letter as an honest server writes it.
func (b *siege) signed(s *stranger, inbox, doc string, scheme signature.Scheme) *letter {
	b.t.Helper()
	body := b.fill(s, doc)
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.origin+inbox, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", activityJSON)
	r.Header.Set("User-Agent", "hostile")
	if err := signature.Sign(r, signature.NewBody([]byte(body)), s.private(), scheme, time.Now()); err != nil {
		b.t.Fatal(err)
	}
	l := &letter{method: r.Method, target: inbox, host: r.Host, body: body}
	for name, values := range r.Header {
		for _, value := range values {
			l.headers = append(l.headers, header{name, value})
		}
	}
	return l
}

// forgery says how to sign a letter in ways that our own code refuses to. Nothing said is as it should be.
type forgery struct {
	by      *stranger
	doc     string
	key     *rsa.PrivateKey
	keyID   string
	covers  string
	algo    string
	created string
	expires string
	headers map[string]string // before signing; "" drops one
}

// forge signs a letter by hand (draft-cavage-http-signatures-12 2.3).
func (b *siege) forge(inbox string, f forgery) *letter {
	b.t.Helper()
	body := b.fill(f.by, f.doc)
	sum := sha256.Sum256([]byte(body))
	l := &letter{method: http.MethodPost, target: inbox, host: b.authority(), body: body}
	l.set("Content-Type", activityJSON)
	l.set("Date", time.Now().UTC().Format(http.TimeFormat))
	l.set("Digest", "SHA-256="+base64.StdEncoding.EncodeToString(sum[:]))
	for name, value := range f.headers {
		l.set(name, value)
		if value == "" {
			l.set(name)
		}
	}
	f.complete()
	f.keyID = b.fill(f.by, f.keyID)
	l.set("Signature", f.sign(b, l))
	return l
}

func (f *forgery) complete() {
	if f.key == nil {
		f.key = f.by.key
	}
	if f.keyID == "" {
		f.keyID = f.by.keyID
	}
	if f.covers == "" {
		f.covers = "(request-target) host date digest"
	}
	if f.algo == "" {
		f.algo = "rsa-sha256"
	}
}

func (f *forgery) sign(b *siege, l *letter) string {
	var lines []string
	for _, name := range strings.Fields(f.covers) {
		value := l.get(http.CanonicalHeaderKey(name))
		switch name {
		case "(request-target)":
			value = "post " + l.target
		case "(created)":
			value = f.created
		case "(expires)":
			value = f.expires
		case "host":
			value = l.host
		}
		lines = append(lines, name+": "+value)
	}
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	made, err := rsa.SignPKCS1v15(rand.Reader, f.key, crypto.SHA256, sum[:])
	if err != nil {
		b.t.Fatal(err)
	}
	params := fmt.Sprintf(`keyId="%s",algorithm="%s",headers="%s"`, f.keyID, f.algo, f.covers)
	if f.created != "" {
		params += ",created=" + f.created
	}
	if f.expires != "" {
		params += ",expires=" + f.expires
	}
	return params + `,signature="` + base64.StdEncoding.EncodeToString(made) + `"`
}

func (b *siege) authority() string { return strings.SplitN(b.origin, "://", 2)[1] }
