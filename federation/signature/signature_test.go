package signature

import (
	"bufio"
	"bytes"
	"crypto"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"
)

const (
	origin = "https://stad.example"
	keyID  = "https://dorp.example/u/anna#main-key"
	edID   = "https://dorp.example/u/anna#ed25519-key"
)

// now is the real time, since httpsig holds (created) and (expires) against the wall clock.
var now = time.Now().UTC().Truncate(time.Second)

// Making RSA keys is slow: one of ours, and one of a stranger, for all tests.
var (
	rsaKey     = sync.OnceValue(func() PrivateKey { return must(GenerateRSA(keyID)) })
	foreignRSA = sync.OnceValue(func() PrivateKey { return must(GenerateRSA("https://elders.example/u/piet#main-key")) })
	edKey      = sync.OnceValue(func() PrivateKey { return must(GenerateEd25519(edID)) })
	foreignEd  = sync.OnceValue(func() PrivateKey { return must(GenerateEd25519("https://elders.example/u/piet#ed25519-key")) })
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func testPolicy() Policy {
	return must(NewPolicy(origin, func() time.Time { return now }))
}

var note = []byte(`{"type":"Create","actor":"https://dorp.example/u/anna","object":{"type":"Note","content":"Wie doet mee?"}}`)

// outgoing is a request as a sender builds it: a POST when there is a body, else a GET.
func outgoing(uri string, body []byte) *http.Request {
	method := http.MethodGet
	if body != nil {
		method = http.MethodPost
	}
	req := must(http.NewRequest(method, origin+uri, bytes.NewReader(body)))
	if body == nil {
		req.Header.Set("Accept", "application/activity+json")
	} else {
		req.Header.Set("Content-Type", "application/activity+json")
	}
	return req
}

// received sends a request over a wire and reads it as a server does.
func received(t testing.TB, req *http.Request) (*http.Request, []byte) {
	t.Helper()
	var wire bytes.Buffer
	if err := req.Write(&wire); err != nil {
		t.Fatal(err)
	}
	r, err := http.ReadRequest(bufio.NewReader(&wire))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r, body
}

// signed is a request that was signed, sent and received.
func signed(t testing.TB, uri string, body []byte, key PrivateKey, scheme Scheme, at time.Time) (*http.Request, []byte) {
	t.Helper()
	req := outgoing(uri, body)
	digests := Body{}
	if body != nil {
		digests = NewBody(body)
	}
	if err := Sign(req, digests, key, scheme, at); err != nil {
		t.Fatal(err)
	}
	return received(t, req)
}

// judge is what an inbox does: parse, look the key up, verify.
func judge(r *http.Request, body []byte) error {
	claim, err := Parse(r, body, testPolicy())
	if err != nil {
		return err
	}
	for _, key := range []PrivateKey{rsaKey(), edKey(), foreignRSA(), foreignEd()} {
		if key.ID == claim.KeyID {
			return claim.Verify(key.Public())
		}
	}
	return fmt.Errorf("no key %q to be found", claim.KeyID)
}

func TestSignedRequestsAreAccepted(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		uri    string
		body   []byte
		key    PrivateKey
		scheme Scheme
	}{
		{"cavage POST", "/inbox", note, rsaKey(), Cavage},
		{"cavage POST empty body", "/inbox", []byte{}, rsaKey(), Cavage},
		{"cavage GET", "/g/wijkraad", nil, rsaKey(), Cavage},
		{"cavage GET query", "/g/wijkraad/outbox?page=2&min=a%20b", nil, rsaKey(), Cavage},
		{"cavage GET escaped path", "/g/caf%C3%A9/a%2Fb", nil, rsaKey(), Cavage},
		{"9421 RSA POST", "/inbox", note, rsaKey(), RFC9421},
		{"9421 Ed25519 POST", "/inbox", note, edKey(), RFC9421},
		{"9421 RSA GET query", "/g/wijkraad/outbox?page=2", nil, rsaKey(), RFC9421},
		{"9421 Ed25519 GET escaped path", "/g/caf%C3%A9/a%2Fb", nil, edKey(), RFC9421},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, body := signed(t, tt.uri, tt.body, tt.key, tt.scheme, now)
			claim, err := Parse(r, body, testPolicy())
			if err != nil {
				t.Fatal(err)
			}
			if claim.KeyID != tt.key.ID || claim.Scheme != tt.scheme || !claim.Created.Equal(now) || !claim.Expires.IsZero() {
				t.Errorf("claim = %+v", claim)
			}
			if err := claim.Verify(tt.key.Public()); err != nil {
				t.Error(err)
			}
			for _, other := range []crypto.PublicKey{foreignRSA().Public(), foreignEd().Public()} {
				if got := KindOf(claim.Verify(other)); got != Mismatch {
					t.Errorf("foreign %T: kind %v, want mismatch", other, got)
				}
			}
		})
	}
}

// A request that was refused in one scheme is signed again in the other.
func TestSignReplacesAnEarlierSignature(t *testing.T) {
	t.Parallel()
	req := outgoing("/inbox", note)
	for _, scheme := range []Scheme{Cavage, RFC9421, Cavage} {
		if err := Sign(req, NewBody(note), rsaKey(), scheme, now); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"Signature-Input", "Content-Digest"} {
		if got := req.Header.Values(name); len(got) != 0 {
			t.Errorf("%s is left over: %q", name, got)
		}
	}
	req.Body = io.NopCloser(bytes.NewReader(note))
	if err := judge(received(t, req)); err != nil {
		t.Error(err)
	}
}

func TestSignRefuses(t *testing.T) {
	t.Parallel()
	quoted := rsaKey()
	quoted.ID = `https://dorp.example/",headers="date`
	for name, sign := range map[string]func(*http.Request) error{
		"no key":             func(r *http.Request) error { return Sign(r, NewBody(note), PrivateKey{}, Cavage, now) },
		"key id with quote":  func(r *http.Request) error { return Sign(r, NewBody(note), quoted, Cavage, now) },
		"cavage and Ed25519": func(r *http.Request) error { return Sign(r, NewBody(note), edKey(), Cavage, now) },
		"unknown scheme":     func(r *http.Request) error { return Sign(r, NewBody(note), rsaKey(), "ld", now) },
		"cavage without Content-Type": func(r *http.Request) error {
			r.Header.Del("Content-Type")
			return Sign(r, NewBody(note), rsaKey(), Cavage, now)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := outgoing("/inbox", note)
			if err := sign(req); err == nil {
				t.Error("signed")
			}
			if got := req.Header.Get("Signature"); got != "" {
				t.Errorf("left a signature behind: %q", got)
			}
		})
	}
}

// One key and one body serve a whole fan-out from many goroutines.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	digests := NewBody(note)
	policy := testPolicy()
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range 8 {
				scheme := []Scheme{Cavage, RFC9421}[i%2]
				req := outgoing(fmt.Sprintf("/inbox/%d/%d", worker, i), note)
				if err := Sign(req, digests, rsaKey(), scheme, now); err != nil {
					t.Error(err)
					return
				}
				r, body := received(t, req)
				claim, err := Parse(r, body, policy)
				if err != nil {
					t.Error(err)
					return
				}
				if err := claim.Verify(rsaKey().Public()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}
