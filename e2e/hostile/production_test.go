//go:build unix

package hostile_test

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"meent/communities"
	"meent/e2e/node"
	"meent/federation/signature"
	"meent/storage"
	"meent/storage/storagetest"
)

// publicOrigin is how the world knows a node that stands behind a proxy.
const publicOrigin = "https://echt.test"

// inEarnest starts a node without the settings of development but for names, as behind a proxy that speaks TLS for it: to such a node
// this machine is forbidden.
func inEarnest(t *testing.T, dsn string) *siege {
	t.Helper()
	dir := t.TempDir()
	hosts := filepath.Join(dir, "hosts")
	b := &siege{t: t, canary: newCanary(t), victim: newPeer(t, "victim.test"), evil: newPeer(t, "evil.test"), origin: publicOrigin}
	home := b.canary.watch(t)
	lines := home + " home.test far.test other.test\n0.0.0.0 zero.test\n::1 six.test\n10.0.0.1 ten.test\n"
	if err := os.WriteFile(hosts, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	var err error
	b.Node, err = node.Start(t.Context(), node.Options{
		Host: "echt.test", Dir: filepath.Join(dir, "echt"), Database: dsn, Hosts: hosts,
		Flags: []string{"--dev-loopback=false", "--public-url=" + publicOrigin},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.leave)
	b.open(dsn)
	b.names = map[string]string{"$as2": `"@context":"https://www.w3.org/ns/activitystreams"`, "$town": publicOrigin}
	b.inboxes = []string{"/inbox", "/actor/inbox", "/u/admin/inbox", "/g/welkom/inbox"}
	return b
}

// acquaint has the node know somebody whom it could not look up.
func (b *siege) acquaint(uri string) *stranger {
	b.t.Helper()
	s := &stranger{peer: b.evil, uri: uri, keyID: uri + "#main-key", key: otherKey()}
	err := b.archive.Write(b.t.Context(), func(tx communities.Tx) error {
		a, err := b.town.StoreRemoteActor(b.t.Context(), tx, &communities.Actor{
			Kind: communities.Person, Name: "eva", Host: "far.test", URI: uri, Endpoints: communities.Endpoints{Inbox: uri + "/inbox"},
		})
		if err != nil {
			return err
		}
		key := storage.Key{URI: s.keyID, Actor: a.ID, Kind: storage.KeyRSA, Public: []byte(publicPEM(b.t, &s.key.PublicKey)), CreatedAt: time.Now()}
		return storage.Of(tx).PutKey(b.t.Context(), key)
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

// TestInEarnest: to a node that is not in development, this machine is inside, and it knows itself by its public URL alone.
func TestInEarnest(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, dsn string) {
		b := inEarnest(t, dsn)
		for _, story := range []struct {
			rows string
			play func()
		}{
			{rows: "S1 S5 S6 S10 S11 S12 S16 S22 S23", play: b.keysInside},
			{rows: "S22", play: b.readersInside},
			{rows: "B22", play: b.proxied},
		} {
			t.Log(story.rows)
			story.play()
		}
	})
}

// nearby are addresses of this machine and of networks that are not public, as somebody could write them.
func nearby(port string) []string {
	var all []string
	for _, host := range strings.Fields(`127.0.0.1 127.1 127.255.255.254 0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 169.254.169.254 172.16.0.1 172.31.255.255
		192.0.0.1 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 240.0.0.1 255.255.255.255 2130706433 0x7f.1 017700000001
		127.0.0.1. localhost localhost. LOCALHOST x.localhost ip6-localhost home.test zero.test six.test ten.test [::] [::1] [::127.0.0.1] [::ffff:127.0.0.1]
		[::ffff:0:127.0.0.1] [64:ff9b::7f00:1] [64:ff9b:1::7f00:1] [100::1] [2001::1] [2001:10::1] [2001:20::1] [2001:db8::1] [2002:7f00:1::] [3fff::1] [5f00::1]
		[fc00::1] [fd00::1] [fe80::1] [fe80::1%25lo] [fec0::1] [ff02::1] echt.test user@home.test home.test\@x`) {
		for _, scheme := range []string{"http", "https"} {
			all = append(all, scheme+"://"+host+":"+port+"/", scheme+"://"+host+"/")
		}
	}
	return all
}

// keysInside: whoever is named as the owner of a key, nobody near is asked for it.
func (b *siege) keysInside() {
	me := &stranger{peer: b.evil, uri: "https://far.test/u/x", keyID: "https://far.test/u/x#k", key: otherKey()}
	for i, at := range nearby(b.canary.port) {
		inbox := b.inboxes[i%len(b.inboxes)]
		doc := `{$as2,"id":"` + at + `act","type":"Like","actor":"` + at + `","object":"$town/p/1"}`
		for _, f := range []forgery{{by: me, doc: doc, keyID: at}, {by: me, doc: "nonsense", covers: "date", keyID: at}} {
			if status := b.send(b.forge(inbox, f)); status != http.StatusUnauthorized && status != http.StatusBadRequest && status != http.StatusForbidden && status != http.StatusServiceUnavailable {
				b.t.Errorf("%s %s: status %d", inbox, at, status)
			}
		}
	}
	b.nobodyKnocked()
	if n := b.count("received"); n != 0 {
		b.t.Errorf("%d were let in", n)
	}
}

// readersInside: a GET that claims to be signed by somebody near asks nobody either.
func (b *siege) readersInside() {
	me := &stranger{peer: b.evil, uri: "https://far.test/u/x", keyID: "https://far.test/u/x#k", key: otherKey()}
	for _, at := range nearby(b.canary.port) {
		l := b.forge("/g/welkom", forgery{by: me, keyID: at})
		l.method, l.body = http.MethodGet, ""
		l.set("Accept", activityJSON)
		if status := b.send(l); status == 0 || status >= 500 {
			b.t.Errorf("%s: status %d", at, status)
		}
	}
	b.nobodyKnocked()
}

// watch opens port 443, the one that the node uses outside development, at an address of this machine, where this process may.
func (c *canary) watch(t *testing.T) (addr string) {
	t.Helper()
	addr = fmt.Sprintf("127.%d.%d.%d", 1+rand.IntN(254), rand.IntN(256), 1+rand.IntN(254))
	listener, err := net.Listen("tcp", addr+":443")
	if err != nil {
		t.Logf("port 443 of loopback is not watched: %v", err)
		return addr
	}
	t.Cleanup(func() { _ = listener.Close() })
	go c.count(listener)
	return addr
}

func (b *siege) nobodyKnocked() {
	b.t.Helper()
	if n := b.canary.knocks.Load(); n != 0 {
		b.t.Errorf("the canary was called %d times", n)
	}
}

// proxied: a signature is held against the public URL, whatever the connection and X-Forwarded-* say.
func (b *siege) proxied() {
	s := b.acquaint("https://far.test/u/eva")
	for i, scheme := range []signature.Scheme{signature.Cavage, signature.RFC9421} {
		doc := `{$as2,"id":"$me#like-` + string(rune('a'+i)) + `","type":"Like","actor":"$me","object":"$town/p/1"}`
		right := b.signed(s, "/inbox", doc, scheme)
		right.set("X-Forwarded-Proto", "http")
		right.set("X-Forwarded-Host", "other.test")
		if status := b.send(right); status != http.StatusAccepted {
			b.t.Errorf("%s, for the public URL: status %d", scheme, status)
		}
		for _, origin := range []string{"http://echt.test", "https://other.test", b.Base} {
			if scheme == signature.Cavage && origin == "http://echt.test" {
				continue // this scheme does not sign the scheme
			}
			b.origin = origin
			wrong := b.signed(s, "/inbox", strings.Replace(doc, "like-", "no-", 1), scheme)
			b.origin = publicOrigin
			wrong.set("X-Forwarded-Host", strings.SplitN(origin, "://", 2)[1])
			wrong.set("X-Forwarded-Proto", "http")
			for _, host := range []string{wrong.host, b.authority()} {
				wrong.host = host
				if status := b.send(wrong); status != http.StatusUnauthorized {
					b.t.Errorf("%s, for %s, sent to %s: status %d", scheme, origin, host, status)
				}
			}
		}
	}
}

// TestSlowDocument: whoever sends a document a byte at a time is cut off, and holds nobody else up (SECURITY S27).
func TestSlowDocument(t *testing.T) {
	t.Parallel()
	b := begin(t, storagetest.SQLite(t))
	p := newPeer(t, "other.test")
	p.handle("/u/slow", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", activityJSON)
		for r.Context().Err() == nil {
			if _, err := w.Write([]byte(" ")); err != nil {
				return
			}
			_ = http.NewResponseController(w).Flush()
			time.Sleep(200 * time.Millisecond)
		}
	})
	s := &stranger{peer: p, uri: p.base + "/u/slow", keyID: p.base + "/u/slow#main-key", key: otherKey()}
	b.names = map[string]string{"$as2": `"@context":"https://www.w3.org/ns/activitystreams"`, "$theirs": b.origin + "/p/1"}
	status, began := make(chan int), time.Now()
	go func() { status <- b.send(b.signed(s, "/inbox", like, signature.Cavage)) }()
	for range 20 {
		asked := time.Now()
		if code, _, err := b.Read(t.Context(), b.origin+"/g/welkom", node.Activity); err != nil || code != http.StatusOK || time.Since(asked) > 3*time.Second {
			t.Errorf("others wait %v: %d %v", time.Since(asked), code, err)
		}
	}
	if got := <-status; got != http.StatusServiceUnavailable || time.Since(began) > 12*time.Second {
		t.Errorf("status %d after %v", got, time.Since(began))
	}
}
