//go:build unix

package hostile_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"meent/e2e/node"
)

// TestAppetite lets hostile servers offer more than anybody can eat: what the node asks of them, waits for and keeps has a bound.
func TestAppetite(t *testing.T) {
	onBoth(t, func(b *siege) {
		for _, story := range []struct {
			rows string
			play func()
		}{
			{rows: "S4 S23", play: b.deadKeys},
			{rows: "S3", play: b.endlessWebFinger},
			{rows: "S7", play: b.nodeInfoInside},
			{rows: "S14", play: b.smuggling},
			{rows: "S28", play: b.bombs},
			{rows: "D3", play: b.endlessPages},
			{rows: "D4", play: b.forkbomb},
			{rows: "D6", play: b.endlessThread},
			{rows: "D1", play: b.caps},
			{rows: "D24", play: b.mentions},
			{rows: "D8", play: b.pathological},
			{rows: "D10 J6", play: b.wrongFields},
		} {
			b.quiet()
			b.forget()
			b.t.Log(story.rows)
			story.play()
		}
		if n := b.canary.knocks.Load(); n != 0 {
			b.t.Errorf("the canary was called %d times", n)
		}
	})
}

// deadKeys: a hundred requests by somebody who is not there cost their host one, a key that leads to itself four, and many keys that
// nobody has a few.
func (b *siege) deadKeys() {
	p := newPeer(b.t, "other.test")
	nobody := func(path string) *stranger {
		return &stranger{peer: p, uri: p.base + path, keyID: p.base + path + "#main-key", key: otherKey()}
	}
	for i := range 100 {
		if status := b.post(nobody("/u/nobody"), "/inbox", strings.Replace(like, "like-1", strconv.Itoa(i), 1)); status == http.StatusAccepted {
			b.t.Fatal("let in")
		}
	}
	if n := len(p.requests()); n > 1 {
		b.t.Errorf("a dead key cost %d requests", n)
	}
	p.redirect("/u/loop", "PEER/u/loop")
	b.post(nobody("/u/loop"), "/inbox", like)
	if n := len(p.requests()); n > 4 {
		b.t.Errorf("a key that leads to itself cost %d requests", n)
	}
	for i := range 50 {
		b.post(nobody("/u/nobody"+strconv.Itoa(i)), "/inbox", like)
	}
	if n := len(p.requests()); n > 10 {
		b.t.Errorf("fifty dead keys cost %d requests", n)
	}
}

// endlessWebFinger: an actor whose handle is asked for at a WebFinger that leads on and on, and inside.
func (b *siege) endlessWebFinger() {
	for _, to := range []string{"PEER/.well-known/webfinger", b.canary.url() + "/", "gopher://zero.test:" + b.canary.port + "/"} {
		p := newPeer(b.t, "other.test")
		p.redirect("/.well-known/webfinger", to)
		s := p.actorWith("Person", "/u/fred", "fred", nil)
		b.does(s, like)
		b.quiet()
		asked := 0
		for _, r := range p.requests() {
			if strings.HasSuffix(r.URL.Path, "webfinger") {
				asked++
			}
		}
		if asked == 0 || asked > 4 {
			b.t.Errorf("WebFinger that leads to %s: %d requests", to, asked)
		}
	}
}

// nodeInfoInside: a host that says its NodeInfo is somewhere else.
func (b *siege) nodeInfoInside() {
	for i, href := range []string{b.canary.url() + "/nodeinfo", "data:application/json,{}", "http://10.0.0.1/nodeinfo", b.victim.base + "/nodeinfo"} {
		p := newPeer(b.t, "sub.evil.test")
		p.putAs("/.well-known/nodeinfo", "application/json", `{"links":[{"rel":"http://nodeinfo.diaspora.software/ns/schema/2.1","href":`+quoted(href)+`}]}`)
		s := p.actor("Person", "/u/nora", "nora")
		b.does(s, strings.Replace(like, "like-1", "like-"+strconv.Itoa(i), 1))
		b.quiet()
	}
	for _, r := range b.victim.requests() {
		if strings.Contains(r.URL.Path, "nodeinfo") {
			b.t.Errorf("the NodeInfo of one host was read at another: %s", r.URL)
		}
	}
}

// smuggling: what could end a request line early is never sent.
func (b *siege) smuggling() {
	for i, odd := range []string{"\r\n", "%0d%0a", "%0D%0A", " ", "\t", "\\", "\x00", "%00", "\x7f", "%0a", "\u2028", "\r"} {
		object, err := json.Marshal(b.evil.base + "/a" + odd + "GET /smuggled HTTP/1.1")
		if err != nil {
			b.t.Fatal(err)
		}
		if status := b.post(b.eva, "/inbox", `{$as2,"id":"$me/odd/`+strconv.Itoa(i)+`","type":"Announce","actor":"$me","to":["$all"],"object":`+string(object)+`}`); status >= 500 {
			b.t.Errorf("%q: status %d", odd, status)
		}
	}
	b.quiet()
	for _, r := range b.evil.requests() {
		if strings.HasPrefix(r.URL.Path, "/smuggled") || strings.ContainsAny(r.RequestURI, "\r\n \x00") {
			b.t.Errorf("smuggled: %q", r.RequestURI)
		}
	}
}

const (
	bombSize   = 256 << 20 // decoded bytes
	mostMemory = 48 << 20  // that the node may grow by; the collector takes its time
)

// bombs: documents that never end, or that are much larger than they look, are cut off.
func (b *siege) bombs() {
	p := newPeer(b.t, "other.test")
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	if _, err := io.CopyN(z, zeros{}, bombSize); err != nil {
		b.t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		b.t.Fatal(err)
	}
	p.handle("/u/bomb", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", activityJSON)
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bomb.Bytes())
	})
	endless := make(chan int64, 8)
	p.handle("/u/endless", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", activityJSON)
		n, _ := io.CopyN(w, zeros{}, bombSize)
		endless <- n
	})
	before, err := node.RSS(b.PID())
	if err != nil {
		b.t.Fatal(err)
	}
	for _, path := range []string{"/u/bomb", "/u/endless"} {
		s := &stranger{peer: p, uri: p.base + path, keyID: p.base + path + "#main-key", key: otherKey()}
		if status := b.post(s, "/inbox", like); status == http.StatusAccepted || status == 0 {
			b.t.Errorf("%s: status %d", path, status)
		}
	}
	after, err := node.RSS(b.PID())
	if err != nil || after-before > mostMemory {
		b.t.Errorf("grew by %d bytes, %v", after-before, err)
	}
	if n := <-endless; n > 32<<20 { // what the sockets' buffers hold
		b.t.Errorf("%d bytes were taken", n)
	}
}

// zeros never end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// endlessPages: the outboxes of groups that Anna begins to follow have no end.
func (b *siege) endlessPages() {
	p := newPeer(b.t, "other.test")
	page := func(id, next, items string) string {
		return fmt.Sprintf(`{"@context":"https://www.w3.org/ns/activitystreams","id":%q,"type":"OrderedCollectionPage","next":%q,"orderedItems":[%s]}`, id, next, items)
	}
	nexts := map[string]func(path string) string{
		"self": func(path string) string { return path },
		"two": func(path string) string {
			return "/out/two/" + strconv.Itoa(1-len(path)%2) + strings.Repeat("x", 1-len(path)%2)
		},
		"new": func(path string) string { return path + "x" },
	}
	for name, next := range nexts {
		var serve func(path string)
		serve = func(path string) {
			p.handle(path, func(w http.ResponseWriter, _ *http.Request) {
				if then := next(path); !p.serves(then) {
					serve(then)
				}
				w.Header().Set("Content-Type", activityJSON)
				_, _ = io.WriteString(w, page(p.base+path, p.base+next(path), ""))
			})
		}
		serve("/out/" + name + "/0")
		first := p.base + "/out/" + name + "/0"
		group := p.actorWith("Group", "/g/"+name, name, map[string]any{"webfinger": name + "@" + p.host, "outbox": first, "featured": first, "moderators": first})
		p.requests()
		b.befriend("kees", group)
		b.quiet()
		if n := len(p.requests()); n > 60 {
			b.t.Errorf("%s: %d requests", name, n)
		}
	}
}

func (p *peer) serves(path string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pages[path] != nil
}

// mostFetches is what one activity may cause (SECURITY X8), with what is asked of everybody who is new: NodeInfo and WebFinger.
const mostFetches = 24

// forkbomb: a group's moderators are groups, each with moderators that are groups.
func (b *siege) forkbomb() {
	p := newPeer(b.t, "other.test")
	var breed func(path string) *stranger
	breed = func(path string) *stranger {
		s := p.actorWith("Group", path, "g"+strconv.Itoa(len(path)), map[string]any{
			"moderators": p.base + path + "/moderators", "featured": p.base + path + "/moderators", "outbox": p.base + path + "/moderators",
		})
		p.handle(path+"/moderators", func(w http.ResponseWriter, _ *http.Request) {
			var children []string
			for i := range 30 {
				child := path + "-" + strconv.Itoa(i)
				breed(child)
				children = append(children, p.base+child)
			}
			w.Header().Set("Content-Type", activityJSON)
			_ = json.NewEncoder(w).Encode(map[string]any{
				"@context": "https://www.w3.org/ns/activitystreams", "id": p.base + path + "/moderators", "type": "OrderedCollection", "orderedItems": children,
			})
		})
		return s
	}
	bomb := breed("/g/bomb")
	b.does(bomb, `{$as2,"id":"$me#follow","type":"Follow","actor":"$me","object":"$group"}`)
	time.Sleep(time.Second)
	b.quiet()
	if n := len(p.requests()); n > mostFetches {
		b.t.Errorf("%d requests for one Follow", n)
	}
	if n := b.count("actors WHERE uri LIKE '" + p.base + "/%'"); n > mostFetches {
		b.t.Errorf("%d actors came in", n)
	}
}

// endlessThread: a reply to a reply, ten thousand deep, is read a piece at a time, and not for ever.
func (b *siege) endlessThread() {
	p := newPeer(b.t, "other.test")
	s := p.actor("Person", "/u/ruth", "ruth")
	for i := range 10_000 {
		at, above := fmt.Sprintf("/chain/%d", i), fmt.Sprintf("%s/chain/%d", p.base, i+1)
		p.handle(at, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", activityJSON)
			fmt.Fprintf(w, `{"@context":"https://www.w3.org/ns/activitystreams","id":%q,"type":"Note","attributedTo":%q,"content":"x","inReplyTo":%q,"to":["https://www.w3.org/ns/activitystreams#Public"]}`, p.base+at, s.uri, above)
		})
	}
	b.befriend("kees", s)
	b.quiet()
	p.requests()
	b.does(s, `{$as2,"id":"$me#c","type":"Create","actor":"$me","to":["$all"],"object":{"id":"$peer/chain/start","type":"Note","attributedTo":"$me","content":"x","inReplyTo":"$peer/chain/0","to":["$all"]}}`)
	b.quiet()
	if n := len(p.requests()); n == 0 || n > 500 {
		b.t.Errorf("%d requests", n)
	}
}
