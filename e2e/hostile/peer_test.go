//go:build unix

package hostile_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"maps"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"meent/federation/signature"
)

const activityJSON = "application/activity+json"

// peer is another server. It serves what is put on it, takes in what it is sent, and keeps book of both.
type peer struct {
	t    testing.TB
	host string // with its port
	base string

	mu    sync.Mutex
	pages map[string]http.HandlerFunc // by path
	asked []*http.Request
	got   []string // bodies sent to an inbox
}

func newPeer(t testing.TB, name string) *peer {
	t.Helper()
	p := &peer{t: t, pages: map[string]http.HandlerFunc{}}
	server := httptest.NewServer(http.HandlerFunc(p.answer))
	t.Cleanup(server.Close)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	p.host = name + ":" + port
	p.base = "http://" + p.host
	return p
}

func (p *peer) answer(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	if r.Method == http.MethodPost {
		body, _ := io.ReadAll(r.Body) // what was cut off is seen as it came
		p.got = append(p.got, string(body))
		p.mu.Unlock()
		w.WriteHeader(http.StatusAccepted)
		return
	}
	p.asked = append(p.asked, r.Clone(r.Context()))
	page, known := p.pages[r.URL.Path]
	p.mu.Unlock()
	if !known {
		http.NotFound(w, r)
		return
	}
	page(w, r)
}

// handle answers a path from now on.
func (p *peer) handle(path string, page http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pages[path] = page
}

// put serves a document, in which PEER is the peer's own address.
func (p *peer) put(path, doc string) { p.putAs(path, activityJSON, doc) }

func (p *peer) putAs(path, mediaType, doc string) {
	doc = strings.ReplaceAll(doc, "PEER", p.base)
	p.handle(path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", mediaType)
		_, _ = io.WriteString(w, doc) // the asker may have gone
	})
}

func (p *peer) redirect(path, to string) {
	to = strings.ReplaceAll(to, "PEER", p.base)
	p.handle(path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusFound)
	})
}

// requests lists what was asked for since the last call.
func (p *peer) requests() []*http.Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	asked := p.asked
	p.asked = nil
	return asked
}

// deliveries lists what was sent here since the last call.
func (p *peer) deliveries() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	got := p.got
	p.got = nil
	return got
}

// stranger is an actor of a peer, with a key of its own.
type stranger struct {
	*peer
	uri   string
	keyID string
	key   *rsa.PrivateKey
	doc   string // its document
}

// actor puts an actor on the peer. Its fields are those that every platform sends.
func (p *peer) actor(kind, path, name string) *stranger {
	uri := p.base + path
	return p.actorWith(kind, path, name, map[string]any{
		"webfinger": name + "@" + p.host, "outbox": uri + "/outbox", "followers": uri + "/followers", "featured": uri + "/featured",
	})
}

// actorWith puts an actor on the peer that says more of itself, or other things.
func (p *peer) actorWith(kind, path, name string, more map[string]any) *stranger {
	p.t.Helper()
	s := &stranger{peer: p, uri: p.base + path, keyID: p.base + path + "#main-key", key: keyOf(path)}
	fields := map[string]any{
		"@context": []string{"https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"}, "id": s.uri, "type": kind,
		"preferredUsername": name, "name": name, "inbox": s.uri + "/inbox",
		"publicKey": map[string]string{"id": s.keyID, "owner": s.uri, "publicKeyPem": publicPEM(p.t, &s.key.PublicKey)},
	}
	maps.Copy(fields, more)
	raw, err := json.Marshal(fields)
	if err != nil {
		p.t.Fatal(err)
	}
	s.doc = string(raw)
	p.put(path, s.doc)
	return s
}

// with is the actor's document with other values in some places.
func (s *stranger) with(old, replacement string) string {
	return strings.ReplaceAll(s.doc, old, replacement)
}

// private is the key in the form that our own signing takes.
func (s *stranger) private() signature.PrivateKey {
	s.t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(s.key)
	if err != nil {
		s.t.Fatal(err)
	}
	key, err := signature.ParsePrivate(s.keyID, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	if err != nil {
		s.t.Fatal(err)
	}
	return key
}

func publicPEM(t testing.TB, key *rsa.PublicKey) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// keyOf draws one of a few keys, since to make an RSA key takes long. Vera and Eva do not share one.
func keyOf(path string) *rsa.PrivateKey {
	ring := keyRing()
	at := slices.Index([]string{"/u/vera", "/u/eva"}, path)
	if at < 0 {
		at = 2
	}
	return ring[at]
}

// otherKey is a key that no actor has.
func otherKey() *rsa.PrivateKey { return keyRing()[3] }

var keyRing = sync.OnceValue(func() []*rsa.PrivateKey {
	ring := make([]*rsa.PrivateKey, 4)
	for i := range ring {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(fmt.Sprintf("make a key: %v", err))
		}
		ring[i] = key
	}
	return ring
})

// weakDER is a public RSA key of 1024 bits, in base64. It needs no private half: it is refused unseen.
func weakDER(b *siege) string {
	b.t.Helper()
	key := rsa.PublicKey{N: new(big.Int).SetBit(big.NewInt(1), 1023, 1), E: 65537}
	der, err := x509.MarshalPKIXPublicKey(&key)
	if err != nil {
		b.t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}
