package federation

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"meent/communities"
	"meent/federation/signature"
)

// besieged is a world with a victim, whose post is known here, and an attacker, who is known as well.
type besieged struct {
	*world
	victim, evil *peer
	vera, eva    *stranger
	sally        *stranger // suspended
	inbox        string
}

func newBesieged(t *testing.T, w *world) *besieged {
	t.Helper()
	b := &besieged{world: w, victim: w.peer("victim.test"), evil: w.peer("evil.test"), inbox: "/inbox"}
	b.vera, b.eva, b.sally = b.victim.person("vera"), b.evil.person("eva"), b.victim.person("sally")
	for _, s := range []*stranger{b.vera, b.eva, b.sally} {
		s.does(`{` + as2 + `,"id":"` + s.uri + `/hi/create","type":"Create","actor":"` + s.uri + `","to":["PUBLIC"],"cc":["GROUP"],"object":{"id":"` + s.uri + `/hi","type":"Note",
			"attributedTo":"` + s.uri + `","content":"<p>Dag</p>","to":["PUBLIC"],"cc":["GROUP"]}}`)
	}
	w.thread(w.anna, "Van ons")
	w.write(func(ctx ctx, tx communities.Tx) error {
		a, err := tx.ActorByURI(ctx, b.sally.uri)
		if err != nil {
			return err
		}
		return w.town.Suspend(ctx, tx, communities.Standing{Actor: a.ID, By: w.anna.ID})
	})
	w.road.witnesses.forget(b.sally.uri)
	b.victim.asked()
	b.evil.asked()
	return b
}

// crafted signs a request in ways that [signature.Sign] refuses to.
type crafted struct {
	actor   *stranger
	doc     string
	keyID   string            // default: the actor's
	covers  string            // default: all that is demanded
	header  map[string]string // set before signing
	after   func(*http.Request)
	algo    string
	created string
}

func (b *besieged) send(c crafted) int {
	b.t.Helper()
	body := c.actor.fill(c.doc)
	req := httptest.NewRequest(http.MethodPost, townBase+b.inbox, strings.NewReader(body))
	sum := sha256.Sum256([]byte(body))
	req.Header.Set("Content-Type", "application/activity+json")
	req.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	req.Header.Set("Digest", "SHA-256="+base64.StdEncoding.EncodeToString(sum[:]))
	for name, value := range c.header {
		req.Header.Set(name, value)
		if value == "" {
			req.Header.Del(name)
		}
	}
	if c.covers == "" {
		c.covers = "(request-target) host date digest"
	}
	if c.keyID == "" {
		c.keyID = c.actor.key.ID
	}
	if c.algo == "" {
		c.algo = "rsa-sha256"
	}
	lines := make([]string, 0, 4)
	for _, name := range strings.Fields(c.covers) {
		switch name {
		case "(request-target)":
			lines = append(lines, name+": post "+b.inbox)
		case "host":
			lines = append(lines, "host: stad.test")
		case "(created)":
			lines = append(lines, name+": "+c.created)
		default:
			lines = append(lines, name+": "+req.Header.Get(name))
		}
	}
	made := signPlain(b.t, c.actor.key, strings.Join(lines, "\n"))
	params := `keyId="` + c.actor.fill(c.keyID) + `",algorithm="` + c.algo + `",headers="` + c.covers + `",signature="` + made + `"`
	if c.created != "" {
		params = "created=" + c.created + "," + params
	}
	req.Header.Set("Signature", params)
	if c.after != nil {
		c.after(req)
	}
	return b.answer(req)
}

func signPlain(t testing.TB, key signature.PrivateKey, text string) string {
	t.Helper()
	return base64.StdEncoding.EncodeToString(signBytes(t, key, []byte(text)))
}

func signBytes(t testing.TB, key signature.PrivateKey, text []byte) []byte {
	t.Helper()
	encoded, err := key.EncodePEM()
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(encoded)
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(text)
	made, err := rsa.SignPKCS1v15(rand.Reader, parsed.(*rsa.PrivateKey), crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func verifyBytes(key signature.PrivateKey, sum [sha256.Size]byte, made []byte) error {
	return rsa.VerifyPKCS1v15(key.Public().(*rsa.PublicKey), crypto.SHA256, sum[:], made)
}

// like is a harmless activity of an actor, with an id of its own.
func like(by *stranger, id string) string {
	return `{` + as2 + `,"id":"` + by.uri + `#` + id + `","type":"Like","actor":"` + by.uri + `","object":"` + by.w.peers["victim.test"].base + `/u/vera/hi"}`
}

// attacks on the inbox, by row of SECURITY.md. None may be remembered, have an effect, or make us fetch more than it says.
var attacks = map[string]struct {
	want  int
	fetch int // requests that it may cause
	send  func(b *besieged) int
}{
	"B1 body swapped": {http.StatusUnauthorized, 0, func(b *besieged) int {
		return b.send(crafted{actor: b.eva, doc: like(b.eva, "1"), after: func(r *http.Request) {
			swapped := b.eva.fill(like(b.eva, "2"))
			*r = *r.WithContext(r.Context())
			r.Body, r.ContentLength = httptest.NewRequest(http.MethodPost, "/", strings.NewReader(swapped)).Body, int64(len(swapped))
		}})
	}},
	"B1 Host of another site": {http.StatusUnauthorized, 0, func(b *besieged) int {
		return b.eva.post(b.inbox, like(b.eva, "1"), func(r *http.Request) { r.Host = "other.test" })
	}},
	"B2 no Digest": {http.StatusUnauthorized, 0, func(b *besieged) int {
		return b.send(crafted{actor: b.eva, doc: like(b.eva, "1"), covers: "(request-target) host date", header: map[string]string{"Digest": ""}})
	}},
	"B2 Digest not signed": {http.StatusUnauthorized, 0, func(b *besieged) int {
		return b.send(crafted{actor: b.eva, doc: like(b.eva, "1"), covers: "(request-target) host date"})
	}},
	"B3 B4 key of one, actor another": {http.StatusUnauthorized, 0, func(b *besieged) int {
		return b.eva.post(b.inbox, like(b.vera, "1"))
	}},
	"B5 key that names the victim as owner": {http.StatusUnauthorized, 0, func(b *besieged) int {
		b.evil.put("/key", `{`+as2+`,"id":"PEER/key","type":"Key","owner":"`+b.vera.uri+`","publicKeyPem":`+pemOf(b.t, b.eva.key)+`}`)
		return b.send(crafted{actor: b.eva, doc: like(b.vera, "1"), keyID: "PEER/key"})
	}},
	"B5 B7 B10 key of another actor on the same host": {http.StatusUnauthorized, 1, func(b *besieged) int {
		mallory := b.victim.person("mallory")
		return b.send(crafted{actor: mallory, doc: like(b.vera, "1"), keyID: mallory.key.ID})
	}},
	"B6 actor whose id is another": {http.StatusUnauthorized, 2, func(b *besieged) int {
		b.evil.put("/u/twin"+b.fresh(), replace(b.evil.docs["/u/eva"], b.eva.uri, b.evil.base+"/u/other"))
		twin := &stranger{peer: b.evil, uri: b.evil.base + "/u/twin" + b.fresh(), key: b.eva.key}
		return b.send(crafted{actor: twin, doc: like(twin, "1"), keyID: twin.uri + "#main-key"})
	}},
	"B8 acct: key id": {http.StatusUnauthorized, 0, func(b *besieged) int {
		return b.send(crafted{actor: b.eva, doc: like(b.vera, "1"), keyID: "acct:vera@victim.test"})
	}},
	"B12 our actor": {http.StatusForbidden, 0, func(b *besieged) int {
		return b.eva.post(b.inbox, `{`+as2+`,"id":"PEER/x","type":"Like","actor":"TOWN/u/anna","object":"PEER/y"}`)
	}},
	"B12 our key": {http.StatusForbidden, 0, func(b *besieged) int {
		return b.send(crafted{actor: b.eva, doc: like(b.eva, "1"), keyID: "TOWN/u/anna#main-key"})
	}},
	"B12 our object": {http.StatusForbidden, 0, func(b *besieged) int {
		return b.eva.post(b.inbox, `{`+as2+`,"id":"PEER/x","type":"Create","actor":"PEER/u/eva","object":{"id":"TOWN/p/1","type":"Note","attributedTo":"PEER/u/eva"}}`)
	}},
	"B12 activity with our id": {http.StatusForbidden, 0, func(b *besieged) int {
		return b.eva.post(b.inbox, `{`+as2+`,"id":"TOWN/act/1","type":"Like","actor":"PEER/u/eva","object":"PEER/y"}`)
	}},
	"B13 our host in capitals": {http.StatusForbidden, 0, func(b *besieged) int {
		return b.send(crafted{actor: b.eva, doc: like(b.eva, "1"), keyID: "https://STAD.test/u/anna#main-key"})
	}},
	"B13 our host with a dot": {http.StatusUnauthorized, 0, func(b *besieged) int {
		return b.send(crafted{actor: b.eva, doc: like(b.eva, "1"), keyID: "https://stad.test./u/anna#main-key"})
	}},
	"B13 fullwidth dot": {http.StatusUnauthorized, 0, func(b *besieged) int {
		return b.send(crafted{actor: b.eva, doc: like(b.eva, "1"), keyID: "https://stad\uff0etest/u/anna#main-key"})
	}},
	"B14 no date": {http.StatusUnauthorized, 0, func(b *besieged) int {
		return b.send(crafted{actor: b.eva, doc: like(b.eva, "1"), covers: "(request-target) host digest"})
	}},
	"B14 too old": {http.StatusUnauthorized, 0, func(b *besieged) int {
		return b.send(crafted{actor: b.eva, doc: like(b.eva, "1"), header: map[string]string{"Date": time.Now().Add(-13 * time.Hour).UTC().Format(http.TimeFormat)}})
	}},
	"B14 from the future": {http.StatusUnauthorized, 0, func(b *besieged) int {
		return b.send(crafted{actor: b.eva, doc: like(b.eva, "1"), header: map[string]string{"Date": time.Now().Add(2 * time.Hour).UTC().Format(http.TimeFormat)}})
	}},
	"B14 no request-target": {http.StatusUnauthorized, 0, func(b *besieged) int {
		return b.send(crafted{actor: b.eva, doc: like(b.eva, "1"), covers: "host date digest"})
	}},
	"B15 date alone, of 2015": {http.StatusUnauthorized, 0, func(b *besieged) int {
		return b.send(crafted{actor: b.eva, doc: like(b.eva, "1"), covers: "date", header: map[string]string{"Date": "Sun, 01 Mar 2015 10:00:00 GMT"}})
	}},
	"B16 hmac": {http.StatusUnauthorized, 0, func(b *besieged) int {
		return b.send(crafted{actor: b.eva, doc: like(b.eva, "1"), algo: "hmac-sha256"})
	}},
	"B16 no algorithm at all": {http.StatusUnauthorized, 0, func(b *besieged) int {
		return b.send(crafted{actor: b.eva, doc: like(b.eva, "1"), algo: "none"})
	}},
	"B18 suspended": {http.StatusForbidden, 0, func(b *besieged) int {
		return b.sally.post(b.inbox, like(b.sally, "1"))
	}},
	"B19 farewell of somebody who is there": {http.StatusUnauthorized, 2, func(b *besieged) int {
		return b.send(crafted{actor: b.eva, keyID: b.vera.uri + "#old-key", doc: `{` + as2 + `,"id":"` + b.vera.uri + `#delete","type":"Delete","actor":"` + b.vera.uri + `","object":"` + b.vera.uri + `"}`})
	}},
	"B20 Delete of one of ours": {http.StatusForbidden, 0, func(b *besieged) int {
		return b.eva.post(b.inbox, `{`+as2+`,"id":"PEER/x","type":"Delete","actor":"PEER/u/eva","object":"TOWN/u/anna"}`)
	}},
	"B21 two signatures": {http.StatusBadRequest, 0, func(b *besieged) int {
		return b.eva.post(b.inbox, like(b.eva, "1"), func(r *http.Request) { r.Header.Add("Signature", r.Header.Get("Signature")) })
	}},
	"B21 endless header": {http.StatusBadRequest, 0, func(b *besieged) int {
		return b.eva.post(b.inbox, like(b.eva, "1"), func(r *http.Request) {
			r.Header.Set("Signature", r.Header.Get("Signature")+`,x="`+strings.Repeat("a", 64<<10)+`"`)
		})
	}},
	"unsigned": {http.StatusUnauthorized, 0, func(b *besieged) int {
		return b.eva.post(b.inbox, like(b.eva, "1"), func(r *http.Request) { r.Header.Del("Signature") })
	}},
	"J1 J2 graph": {http.StatusBadRequest, 0, func(b *besieged) int {
		return b.eva.post(b.inbox, `{`+as2+`,"@graph":[`+like(b.vera, "1")+`],"id":"PEER/x","type":"Like","actor":"PEER/u/eva","object":"PEER/y"}`)
	}},
	"J1 included": {http.StatusBadRequest, 0, func(b *besieged) int {
		return b.eva.post(b.inbox, `{`+as2+`,"@included":[],"id":"PEER/x","type":"Like","actor":"PEER/u/eva","object":"PEER/y"}`)
	}},
	"J1 reverse": {http.StatusBadRequest, 0, func(b *besieged) int {
		return b.eva.post(b.inbox, `{`+as2+`,"@reverse":{},"id":"PEER/x","type":"Like","actor":"PEER/u/eva","object":"PEER/y"}`)
	}},
	"J1 J3 LD signature of the victim": {http.StatusUnauthorized, 0, func(b *besieged) int {
		return b.eva.post(b.inbox, strings.TrimSuffix(like(b.vera, "1"), "}")+`,"signature":{"type":"RsaSignature2017","creator":"`+b.vera.key.ID+`","created":"2026-01-01T00:00:00Z","signatureValue":"AAAA"}}`)
	}},
	"J4 a term redefined": {http.StatusBadRequest, 0, func(b *besieged) int {
		return b.eva.post(b.inbox, `{"@context":["https://www.w3.org/ns/activitystreams",{"content":"as:actor"}],"id":"PEER/x","type":"Like","actor":"PEER/u/eva","object":"PEER/y"}`)
	}},
	"J7 duplicate key": {http.StatusBadRequest, 0, func(b *besieged) int {
		return b.eva.post(b.inbox, `{`+as2+`,"id":"PEER/x","type":"Like","actor":"PEER/u/eva","actor":"`+b.vera.uri+`","object":"PEER/y"}`)
	}},
	"J7 key in another case": {http.StatusBadRequest, 0, func(b *besieged) int {
		return b.eva.post(b.inbox, `{`+as2+`,"id":"PEER/x","type":"Like","actor":"PEER/u/eva","ACTOR":"`+b.vera.uri+`","object":"PEER/y"}`)
	}},
	"S22 S23 key at an internal address": {http.StatusUnauthorized, 0, func(b *besieged) int {
		return b.send(crafted{actor: b.eva, doc: like(b.eva, "1"), keyID: "http://10.0.0.1/"})
	}},
	"S23 nonsense": {http.StatusUnauthorized, 0, func(b *besieged) int {
		return b.send(crafted{actor: &stranger{peer: b.evil, uri: b.evil.base + "/u/nobody", key: b.eva.key}, doc: "nonsense", covers: "date", keyID: "PEER/u/nobody#main-key"})
	}},
	"D7 nested ten thousand deep": {http.StatusBadRequest, 0, func(b *besieged) int {
		return b.eva.post(b.inbox, `{`+as2+`,"id":"PEER/x","type":"Like","actor":"PEER/u/eva","object":`+strings.Repeat(`{"object":`, 10_000)+`1`+strings.Repeat(`}`, 10_000)+`}`)
	}},
	"D25 huge number": {http.StatusBadRequest, 0, func(b *besieged) int {
		return b.eva.post(b.inbox, `{`+as2+`,"id":"PEER/x","type":"Like","actor":"PEER/u/eva","object":"PEER/y","n":1e400}`)
	}},
	"D25 number of a million digits": {http.StatusBadRequest, 0, func(b *besieged) int {
		return b.eva.post(b.inbox, `{`+as2+`,"id":"PEER/x","type":"Like","actor":"PEER/u/eva","object":"PEER/y","n":`+strings.Repeat("9", 900_000)+`}`)
	}},
	"not JSON":     {http.StatusBadRequest, 0, func(b *besieged) int { return b.eva.post(b.inbox, `nonsense`) }},
	"an array":     {http.StatusBadRequest, 0, func(b *besieged) int { return b.eva.post(b.inbox, `[]`) }},
	"not activity": {http.StatusBadRequest, 0, func(b *besieged) int { return b.eva.post(b.inbox, `{`+as2+`,"id":"PEER/x","type":"Note"}`) }},
	"wrong type": {http.StatusUnsupportedMediaType, 0, func(b *besieged) int {
		return b.eva.post(b.inbox, like(b.eva, "1"), func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") })
	}},
	"D21 one byte too many": {http.StatusRequestEntityTooLarge, 0, func(b *besieged) int {
		return b.eva.post(b.inbox, sized(like(b.eva, "1"), maxBody+1, b.eva))
	}},
	"D21 too many, length unknown": {http.StatusRequestEntityTooLarge, 0, func(b *besieged) int {
		return b.eva.post(b.inbox, sized(like(b.eva, "1"), maxBody+1, b.eva), func(r *http.Request) { r.ContentLength = -1 })
	}},
}

// fresh is a number that no other attack has, since fetches that fail are remembered.
func (b *besieged) fresh() string { return strconv.Itoa(len(b.inbox)) }

func pemOf(t testing.TB, key signature.PrivateKey) string {
	t.Helper()
	public, err := signature.EncodePublic(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	quoted, _ := json.Marshal(public)
	return string(quoted)
}

// sized pads a document to a length.
func sized(doc string, length int, by *stranger) string {
	doc = by.fill(doc)
	return strings.TrimSuffix(doc, "}") + `,"x":"` + strings.Repeat("a", length-len(doc)-len(`,"x":""`)) + `"}`
}

// TestHostileRequests makes every attack on every inbox (SECURITY B9), which are found among the routes.
func TestHostileRequests(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		b := newBesieged(t, w)
		inboxes := 0
		for _, route := range w.road.Routes() {
			path, isInbox := strings.CutPrefix(route.Pattern, "POST ")
			if !isInbox {
				continue
			}
			inboxes++
			b.inbox = strings.NewReplacer("/u/{name}", "/u/anna", "/g/{name}", "/g/wijkraad").Replace(path)
			for name, attack := range attacks {
				b.attack(name, attack.want, attack.fetch, attack.send)
			}
		}
		if inboxes < 4 {
			t.Errorf("only %d inboxes", inboxes)
		}
	})
}

func (b *besieged) attack(name string, want, fetches int, send func(*besieged) int) {
	b.t.Helper()
	before, remembered := b.dump(), b.count("received")
	b.victim.asked()
	b.evil.asked()
	if got := send(b); got != want {
		b.t.Errorf("%s, %s: status %d, want %d", b.inbox, name, got, want)
	}
	if n := b.victim.asked() + b.evil.asked(); n > fetches {
		b.t.Errorf("%s, %s: %d requests to others, at most %d", b.inbox, name, n, fetches)
	}
	if n := b.count("received") - remembered; n != 0 {
		b.t.Errorf("%s, %s: was remembered", b.inbox, name)
	}
	b.work()
	if after := b.dump(); after != before {
		b.t.Errorf("%s, %s: had an effect:\n%s", b.inbox, name, difference(before, after))
	}
}

// TestBodyLimit: exactly as much as is allowed passes (SECURITY D21).
func TestBodyLimit(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		b := newBesieged(t, w)
		if status := b.eva.post("/inbox", sized(like(b.eva, "1"), maxBody, b.eva)); status != http.StatusAccepted {
			t.Errorf("status %d for %d bytes", status, maxBody)
		}
	})
}

// TestDeadKey: a hundred requests with one dead key cost its host one request (SECURITY S4, S23).
func TestDeadKey(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		b := newBesieged(t, w)
		nobody := &stranger{peer: b.evil, uri: b.evil.base + "/u/nobody"}
		nobody.key = rsaKey(t, nobody.uri+"#main-key", 2)
		for i := range 100 {
			if status := nobody.post("/inbox", like(nobody, itoa(i))); status == http.StatusAccepted {
				t.Fatalf("accepted")
			}
		}
		if n := b.evil.asked(); n > 1 {
			t.Errorf("%d requests", n)
		}
		b.evil.put("/loop", "-> PEER/loop")
		loop := &stranger{peer: b.evil, uri: b.evil.base + "/loop", key: rsaKey(t, b.evil.base+"/loop#main-key", 2)}
		loop.post("/inbox", like(loop, "x"))
		if n := b.evil.asked(); n > 4 {
			t.Errorf("%d requests for a key that leads to itself", n)
		}
	})
}

// TestManyDeadKeys: a host whose actors cannot be found again and again has to wait (SECURITY S23).
func TestManyDeadKeys(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		b := newBesieged(t, w)
		for i := range 50 {
			uri := b.evil.base + "/u/nobody" + itoa(i)
			nobody := &stranger{peer: b.evil, uri: uri, key: rsaKey(t, uri+"#main-key", 2)}
			nobody.post("/inbox", like(nobody, "1"))
		}
		if n := b.evil.asked(); n > maxMissed {
			t.Errorf("%d requests", n)
		}
	})
}

// TestWeakKey: RSA below 2048 bits is no key (SECURITY B16).
func TestWeakKey(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		b := newBesieged(t, w)
		weak := b.evil.person("weak")
		b.evil.put("/u/weak", replace(b.evil.docs["/u/weak"], strings.Trim(pemOf(t, weak.key), `"`), weakPEM(t)))
		if status := weak.post("/inbox", like(weak, "1")); status != http.StatusUnauthorized {
			t.Errorf("status %d", status)
		}
	})
}

// weakPEM is a public RSA key of 1024 bits, as text in JSON: no private half is needed, since it is refused unseen.
func weakPEM(t *testing.T) string {
	t.Helper()
	key := rsa.PublicKey{N: new(big.Int).SetBit(big.NewInt(1), 1023, 1), E: 65537}
	der, err := x509.MarshalPKIXPublicKey(&key)
	if err != nil {
		t.Fatal(err)
	}
	quoted, _ := json.Marshal(string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})))
	return strings.Trim(string(quoted), `"`)
}

// TestBlockedHost: what a blocked host signs is refused before anything is fetched, below its name too (SECURITY B18).
func TestBlockedHost(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		b := newBesieged(t, w)
		b.block("evil.test")
		if status := b.eva.post("/inbox", like(b.eva, "1")); status != http.StatusForbidden {
			t.Errorf("status %d", status)
		}
		if n := b.evil.asked(); n != 0 {
			t.Errorf("%d requests", n)
		}
	})
}

func (w *world) block(host string) {
	w.t.Helper()
	w.write(func(ctx ctx, tx communities.Tx) error {
		return tx.PutHostRule(ctx, &communities.HostRule{ID: 1, Host: host, Policy: communities.HostBlocked, At: time.Now()})
	})
	w.road.blocks.readAt = time.Time{}
}

// TestReplay: the same bytes again are acknowledged and have no effect (SECURITY B17).
func TestReplay(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		b := newBesieged(t, w)
		b.eva.does(like(b.eva, "1"))
		before := w.dump()
		for range 3 {
			if status := b.eva.post("/inbox", like(b.eva, "1")); status != http.StatusAccepted {
				t.Errorf("status %d", status)
			}
			w.work()
		}
		if after := w.dump(); after != before {
			t.Errorf("a replay had an effect:\n%s", difference(before, after))
		}
	})
}

// TestChangedKey: a new key counts once its owner's origin shows it (SECURITY B11), and does not stay refused for good.
func TestChangedKey(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		b := newBesieged(t, w)
		fresh := *b.eva
		fresh.key = rsaKey(t, b.eva.key.ID, 1)
		profile := replace(b.evil.docs["/u/eva"], pemOf(t, b.eva.key), pemOf(t, fresh.key))
		update := `{` + as2 + `,"id":"PEER/up/1","type":"Update","actor":"PEER/u/eva","object":` + profile + `}`
		if status := fresh.post("/inbox", update); status != http.StatusUnauthorized {
			t.Errorf("an Update that brings its own key: status %d", status)
		}
		if n := b.evil.asked(); n != 1 {
			t.Errorf("the origin was asked %d times", n)
		}
		b.evil.put("/u/eva", profile)
		if status := fresh.post("/inbox", like(b.eva, "1")); status != http.StatusUnauthorized {
			t.Errorf("asked again within a minute: status %d", status)
		}
		w.road.refetching = newLately[string](refetchPause, 10)
		fresh.does(like(b.eva, "2"))
		if status := b.eva.post("/inbox", like(b.eva, "3")); status != http.StatusUnauthorized {
			t.Errorf("the old key still counts: status %d", status)
		}
		back := `{` + as2 + `,"id":"PEER/up/2","type":"Update","actor":"PEER/u/eva","object":` + replace(profile, pemOf(t, fresh.key), pemOf(t, b.eva.key)) + `}`
		fresh.does(back) // signed by the key that we know
		b.eva.does(like(b.eva, "4"))
	})
}

// TestPublicOrigin: requests are held against the public origin, whatever the connection was (SECURITY B22).
func TestPublicOrigin(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		b := newBesieged(t, w)
		for scheme, want := range map[string]int{"https": http.StatusAccepted, "http": http.StatusUnauthorized} {
			body := b.eva.fill(like(b.eva, scheme))
			signed := httptest.NewRequest(http.MethodPost, scheme+"://stad.test/inbox", strings.NewReader(body))
			signed.Header.Set("Content-Type", "application/activity+json")
			if err := signature.Sign(signed, signature.NewBody([]byte(body)), b.eva.key, signature.RFC9421, time.Now()); err != nil {
				t.Fatal(err)
			}
			behind := httptest.NewRequest(http.MethodPost, "/inbox", strings.NewReader(body)) // as a proxy passes it on
			behind.Host, behind.Header, behind.TLS = "stad.test", signed.Header, nil
			behind.Header.Set("X-Forwarded-Proto", "http")
			if got := w.answer(behind); got != want {
				t.Errorf("signed for %s: status %d, want %d", scheme, got, want)
			}
		}
	})
}

// TestContextIsNotFetched: SECURITY J5.
func TestContextIsNotFetched(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		b := newBesieged(t, w)
		b.eva.does(replace(like(b.eva, "1"), as2, `"@context":["https://www.w3.org/ns/activitystreams","`+b.evil.base+`/context.json"]`))
		if n := b.evil.asked(); n != 0 {
			t.Errorf("%d requests", n)
		}
	})
}

// TestMissingFields: every field absent, null or of a wrong type is refused or does nothing, without a panic (SECURITY D10, J6).
func TestMissingFields(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		b := newBesieged(t, w)
		docs := []string{like(b.eva, "1"), replace(mastodonThread, "u/bo", "u/eva"), replies["Lemmy 0.19"], replace(follows["Lemmy"], "u/bo", "u/eva")}
		nth := 0
		for _, doc := range docs {
			var fields map[string]any
			if err := json.Unmarshal([]byte(b.eva.fill(replace(doc, "u/bo", "u/eva"))), &fields); err != nil {
				t.Fatal(err)
			}
			for _, path := range pathsOf(fields, nil) {
				for _, value := range []any{absent{}, nil, 1, true, "", "x", []any{}, []any{nil, 1}, map[string]any{}, map[string]any{"id": 1}} {
					nth++
					changed := changedAt(fields, path, value)
					if id, ok := changed["id"].(string); ok && id != "" && id != "x" {
						changed["id"] = b.evil.base + "/field/" + itoa(nth)
					}
					raw, err := json.Marshal(changed)
					if err != nil {
						t.Fatal(err)
					}
					switch status := b.eva.post("/inbox", string(raw)); status {
					case http.StatusAccepted, http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden:
					default:
						t.Errorf("status %d for %s", status, raw)
					}
				}
			}
		}
		w.work()
		if n := w.count("received WHERE outcome = '' OR outcome = 'failed'"); n != 0 {
			t.Errorf("%d activities were not settled", n)
		}
	})
}

type absent struct{}

// pathsOf lists the paths of all members.
func pathsOf(value any, at []string) (paths [][]string) {
	fields, ok := value.(map[string]any)
	if !ok {
		return nil
	}
	for name, member := range fields {
		if name == "@context" {
			continue
		}
		path := append(at[:len(at):len(at)], name)
		paths = append(append(paths, path), pathsOf(member, path)...)
	}
	return paths
}

// changedAt copies the document with one member changed.
func changedAt(fields map[string]any, path []string, value any) map[string]any {
	copied := make(map[string]any, len(fields))
	for name, member := range fields {
		copied[name] = member
	}
	if inner, ok := copied[path[0]].(map[string]any); ok && len(path) > 1 {
		copied[path[0]] = changedAt(inner, path[1:], value)
		return copied
	}
	copied[path[0]] = value
	if _, gone := value.(absent); gone {
		delete(copied, path[0])
	}
	return copied
}
