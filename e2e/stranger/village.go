// Package stranger is a village of foreign servers for storms and measurements: thousands of hosts behind one listener, each with an actor,
// a key and an inbox, which follow, write and take in what they are sent, and which can be told to hang or to refuse. What they speak
// is our own signature code's draft-cavage; a truly foreign server is the Fedify peer.
package stranger

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"meent/federation/signature"
)

// Mood is how a host answers deliveries.
type Mood int32

const (
	Well    Mood = iota // takes in
	Hanging             // never answers
	Failing             // answers 503
	Gone                // answers 410
)

// Arrival is a delivery that a host took in.
type Arrival struct {
	ID     string // of the activity
	Type   string
	Object string // id at the heart of it, such as that of the note in Announce{Create{Note}}
}

// Village is many hosts. Safe for concurrent use.
type Village struct {
	Addr string // where it listens

	listener net.Listener
	server   *http.Server
	key      signature.PrivateKey
	pem      string
	client   *http.Client

	mu       sync.Mutex
	moods    map[string]Mood
	received map[string][]Arrival // by host
	said     map[string]any       // notes by id
	clients  map[string]*http.Client
	software string
	total    atomic.Int64
	wake     chan struct{} // closed when a hanging host may go on
}

// Found opens a village on a free port of loopback. Its hosts say in NodeInfo that they run software.
func Found(software string) (*Village, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // lives until Close
	if err != nil {
		return nil, fmt.Errorf("open a village: %w", err)
	}
	key, err := signature.GenerateRSA("")
	if err != nil {
		return nil, err
	}
	text, err := signature.EncodePublic(key.Public())
	if err != nil {
		return nil, err
	}
	v := &Village{
		Addr: listener.Addr().String(), listener: listener, key: key, pem: text, software: software,
		moods: map[string]Mood{}, received: map[string][]Arrival{}, said: map[string]any{}, clients: map[string]*http.Client{}, wake: make(chan struct{}),
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: time.Minute},
	}
	v.server = &http.Server{Handler: v.routes(), ReadHeaderTimeout: time.Minute}
	go func() { _ = v.server.Serve(listener) }()
	return v, nil
}

// Close drops all connections.
func (v *Village) Close() error { return v.server.Close() }

// Host is the name of the i-th host, with its port. Each is a domain of its own: servers count requests by registrable domain.
func (v *Village) Host(i int) string {
	_, port, _ := net.SplitHostPort(v.Addr)
	return fmt.Sprintf("dorp%d.test:%s", i, port)
}

// Software is what the hosts say that they run.
func (v *Village) Software() string { return v.software }

// Actor is the id of the one person on a host.
func (v *Village) Actor(i int) string { return "http://" + v.Host(i) + "/u/ida" }

// HostsFile writes lines for n hosts, beside those given, and returns the file's path.
func (v *Village) HostsFile(dir string, n int, more ...string) (string, error) {
	var text strings.Builder
	for i := range n {
		name, _, _ := strings.Cut(v.Host(i), ":")
		fmt.Fprintf(&text, "127.0.0.1 %s\n", name)
	}
	for _, line := range more {
		text.WriteString(line + "\n")
	}
	path := filepath.Join(dir, "village-hosts")
	return path, os.WriteFile(path, []byte(text.String()), 0o600)
}

// SetMood says how a host answers from now on.
func (v *Village) SetMood(i int, mood Mood) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.moods[v.Host(i)] = mood
	close(v.wake) // those that hang look again
	v.wake = make(chan struct{})
}

// Total is how many deliveries were taken in.
func (v *Village) Total() int64 { return v.total.Load() }

// Received lists what a host took in, in the order of arrival and repetitions too, from a number on.
func (v *Village) Received(i, from int) []Arrival {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.received[v.Host(i)][from:])
}

func (v *Village) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /u/ida", v.actor)
	mux.HandleFunc("GET /n/{id}", v.note)
	mux.HandleFunc("POST /inbox", v.inbox)
	mux.HandleFunc("GET /.well-known/nodeinfo", v.nodeInfoLinks)
	mux.HandleFunc("GET /nodeinfo/2.0", v.nodeInfo)
	mux.HandleFunc("GET /.well-known/webfinger", v.webfinger)
	mux.HandleFunc("GET /u/ida/{collection}", v.empty)
	return mux
}

func (v *Village) actor(w http.ResponseWriter, req *http.Request) {
	base := "http://" + req.Host
	id := base + "/u/ida"
	v.answer(w, "application/activity+json", map[string]any{
		"@context": []string{"https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"},
		"id":       id, "type": "Person", "preferredUsername": "ida", "name": "Ida", "inbox": base + "/inbox", "outbox": id + "/outbox",
		"followers": id + "/followers", "following": id + "/following", "endpoints": map[string]string{"sharedInbox": base + "/inbox"},
		"publicKey": map[string]string{"id": id + "#main-key", "owner": id, "publicKeyPem": v.pem},
	})
}

// note is what somebody wrote, for those who heard of it from others and ask its own server.
func (v *Village) note(w http.ResponseWriter, req *http.Request) {
	v.mu.Lock()
	note, ok := v.said["http://"+req.Host+req.URL.Path]
	v.mu.Unlock()
	if !ok {
		http.NotFound(w, req)
		return
	}
	v.answer(w, "application/activity+json", note)
}

func (v *Village) empty(w http.ResponseWriter, req *http.Request) {
	v.answer(w, "application/activity+json", map[string]any{
		"@context": "https://www.w3.org/ns/activitystreams", "id": "http://" + req.Host + req.URL.Path, "type": "OrderedCollection",
		"totalItems": 0, "orderedItems": []string{},
	})
}

func (v *Village) nodeInfoLinks(w http.ResponseWriter, req *http.Request) {
	v.answer(w, "application/json", map[string]any{"links": []map[string]string{
		{"rel": "http://nodeinfo.diaspora.software/ns/schema/2.0", "href": "http://" + req.Host + "/nodeinfo/2.0"},
	}})
}

func (v *Village) nodeInfo(w http.ResponseWriter, _ *http.Request) {
	v.answer(w, "application/json", map[string]any{
		"version": "2.0", "software": map[string]string{"name": v.software, "version": "1.0"}, "protocols": []string{"activitypub"},
		"usage": map[string]any{"users": map[string]int{}}, "services": map[string]any{"inbound": []string{}, "outbound": []string{}},
		"openRegistrations": false, "metadata": map[string]any{},
	})
}

func (v *Village) webfinger(w http.ResponseWriter, req *http.Request) {
	v.answer(w, "application/jrd+json", map[string]any{
		"subject": "acct:ida@" + req.Host,
		"links":   []map[string]string{{"rel": "self", "type": "application/activity+json", "href": "http://" + req.Host + "/u/ida"}},
	})
}

func (v *Village) answer(w http.ResponseWriter, kind string, doc any) {
	w.Header().Set("Content-Type", kind)
	_ = json.NewEncoder(w).Encode(doc) // the asker may have gone
}

// inbox takes in according to the host's mood.
func (v *Village) inbox(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	for {
		v.mu.Lock()
		mood, wake := v.moods[req.Host], v.wake
		v.mu.Unlock()
		switch mood {
		case Failing:
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		case Gone:
			w.WriteHeader(http.StatusGone)
			return
		case Well:
			v.take(req.Host, body)
			w.WriteHeader(http.StatusAccepted)
			return
		case Hanging:
			select {
			case <-wake:
			case <-req.Context().Done():
				return
			}
		}
	}
}

func (v *Village) take(host string, body []byte) {
	arrival := parse(body)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.received[host] = append(v.received[host], arrival)
	v.total.Add(1)
}

// parse reads an activity as far as the books need. What is no activity is written down empty.
func parse(body []byte) Arrival {
	var activity struct {
		ID, Type string
		Object   json.RawMessage
	}
	_ = json.Unmarshal(body, &activity)
	return Arrival{ID: activity.ID, Type: activity.Type, Object: heart(activity.Object)}
}

// heart is the id of the innermost object.
func heart(object json.RawMessage) string {
	var id string
	if json.Unmarshal(object, &id) == nil {
		return id
	}
	var inner struct {
		ID     string
		Object json.RawMessage
	}
	_ = json.Unmarshal(object, &inner)
	if len(inner.Object) > 0 {
		return heart(inner.Object)
	}
	return inner.ID
}

// Send posts an activity of the i-th host's person to an inbox, dialling to, and returns the status.
func (v *Village) Send(ctx context.Context, i int, inbox string, to string, activity map[string]any) (int, error) {
	request, err := v.Request(ctx, i, inbox, activity)
	if err != nil {
		return 0, err
	}
	client := v.client
	if to != "" {
		client = v.clientTo(to)
	}
	answer, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode, err
}

// Request makes a signed POST, to be sent later: signing is not what is measured.
func (v *Village) Request(ctx context.Context, i int, inbox string, activity map[string]any) (*http.Request, error) {
	activity["@context"] = "https://www.w3.org/ns/activitystreams"
	activity["actor"] = v.Actor(i)
	body, err := json.Marshal(activity)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, inbox, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/activity+json")
	key := v.key
	key.ID = v.Actor(i) + "#main-key"
	return request, signature.Sign(request, signature.NewBody(body), key, signature.Cavage, time.Now())
}

// clientTo dials one address whatever the name.
func (v *Village) clientTo(addr string) *http.Client {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.clients[addr] == nil {
		dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, addr)
		}
		v.clients[addr] = &http.Client{Transport: &http.Transport{DialContext: dial, MaxIdleConnsPerHost: 64}, Timeout: time.Minute}
	}
	return v.clients[addr]
}

// Note is a Create of a Note in a group's thread. The host serves the note from now on.
func (v *Village) Note(i int, id, group, inReplyTo, text string) map[string]any {
	actor := v.Actor(i)
	uri := "http://" + v.Host(i) + "/n/" + id
	to, cc := []string{"https://www.w3.org/ns/activitystreams#Public"}, []string{actor + "/followers", group}
	note := map[string]any{
		"@context": "https://www.w3.org/ns/activitystreams", "id": uri, "type": "Note", "attributedTo": actor,
		"content": "<p>" + text + "</p>", "to": to, "cc": cc, "published": time.Now().UTC().Format(time.RFC3339),
		"tag": []map[string]string{{"type": "Mention", "href": group, "name": "@group"}},
	}
	if inReplyTo != "" {
		note["inReplyTo"] = inReplyTo
	}
	v.mu.Lock()
	v.said[uri] = note
	v.mu.Unlock()
	return map[string]any{"id": uri + "/activity", "type": "Create", "to": to, "cc": cc, "published": note["published"], "object": note}
}

// Follow is a Follow of somebody by the i-th host's person.
func (v *Village) Follow(i int, whom string) map[string]any {
	return map[string]any{"id": fmt.Sprintf("http://%s/follow/%d", v.Host(i), time.Now().UnixNano()), "type": "Follow", "object": whom}
}
