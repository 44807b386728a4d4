package federation

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"database/sql"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"meent/communities"
	"meent/federation/fetch"
	"meent/federation/signature"
	"meent/storage"
	"meent/storage/storagetest"
)

// world is a town with a real archive, and other servers around it, which it reaches over TLS on the loopback.
type world struct {
	t       testing.TB
	road    *Road
	town    *communities.Town
	archive *storage.DB
	routes  *http.ServeMux
	tasks   *tasksKept
	peers   map[string]*peer

	anna, kees, node *communities.Actor // an owner, a resident, the node itself
	group            *communities.Actor
}

const townBase = "https://stad.test"

// peerHosts are the other servers that may be there.
var peerHosts = []string{"elders.test", "lemmy.test", "victim.test", "evil.test"}

// onBoth runs a test in a fresh world on each database.
func onBoth(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, dsn string) { test(t, newWorld(t, dsn)) })
}

func newWorld(t testing.TB, dsn string) *world {
	t.Helper()
	w := &world{t: t, tasks: &tasksKept{}, peers: map[string]*peer{}}
	var err error
	if w.archive, err = storage.Open(t.Context(), dsn, storage.Options{Queue: w.tasks}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.archive.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := w.archive.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	hosts := map[string]netip.Addr{}
	for _, host := range peerHosts {
		hosts[host] = netip.MustParseAddr("127.0.0.1")
	}
	client, err := fetch.New(fetch.Config{
		UserAgent: "meent test", Timeout: 2 * time.Second,
		Development: fetch.Development{Loopback: true, Hosts: hosts, RootCAs: authority().pem},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	address := communities.Address{Base: townBase}
	w.road = New(w.archive, client, Options{
		Address: address, Name: "Stad", Development: true, Log: slog.New(slog.DiscardHandler), Now: time.Now,
	})
	w.town = communities.NewTown(w.archive, w.road, w.archive.IDs(), address, time.Now)
	w.road.Connect(w.town)
	w.routes = http.NewServeMux()
	for _, route := range w.road.Routes() {
		w.routes.HandleFunc(route.Pattern, route.Handler)
	}
	w.settle()
	return w
}

// settle founds the town: a node, two people, and an open group that one of them owns.
func (w *world) settle() {
	w.t.Helper()
	w.write(func(ctx context.Context, tx communities.Tx) (err error) {
		if w.node, err = w.town.Found(ctx, tx, "Stad"); err != nil {
			return err
		}
		for _, p := range []struct {
			name string
			role communities.NodeRole
			into **communities.Actor
		}{{"anna", communities.RoleAdmin, &w.anna}, {"kees", communities.RoleResident, &w.kees}} {
			person := communities.NewPerson{By: w.node.ID, Name: p.name, Email: p.name + "@stad.test", Role: p.role}
			if *p.into, err = w.town.CreatePerson(ctx, tx, person); err != nil {
				return err
			}
		}
		w.group, err = w.town.CreateGroup(ctx, tx, communities.NewGroup{By: w.anna.ID, Name: "wijkraad", DisplayName: "Wijkraad"})
		return err
	})
	w.giveKey(w.node)
}

// giveKey spares the slow making of an RSA key.
func (w *world) giveKey(a *communities.Actor) {
	key := rsaKey(w.t, a.URI+rsaFragment, 0)
	w.write(func(ctx context.Context, tx communities.Tx) error {
		return w.road.keys.put(ctx, storage.Of(tx), a, key)
	})
}

func (w *world) write(fn func(ctx context.Context, tx communities.Tx) error) {
	w.t.Helper()
	ctx := context.Background()
	if err := w.archive.Write(ctx, func(tx communities.Tx) error { return fn(ctx, tx) }); err != nil {
		w.t.Fatal(err)
	}
}

// tasksKept is the queue of tasks, worked on by hand.
type tasksKept struct {
	mu   sync.Mutex
	kept []communities.Task
}

func (q *tasksKept) Insert(_ context.Context, _ *sql.Tx, tasks []communities.Task) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.kept = append(q.kept, tasks...)
	return nil
}

func (q *tasksKept) Nudge() {}

func (q *tasksKept) take() []communities.Task {
	q.mu.Lock()
	defer q.mu.Unlock()
	taken := q.kept
	q.kept = nil
	return taken
}

// doTasks works on all tasks, and on those that they bring about.
func (w *world) doTasks() {
	w.t.Helper()
	for range 100 {
		tasks := w.tasks.take()
		if len(tasks) == 0 {
			return
		}
		for _, task := range tasks {
			if _, files := task.(communities.ForgetMedia); files {
				continue // the depot's
			}
			work, known := w.road.Tasks()[task.Kind()]
			if !known {
				w.t.Fatalf("nobody does the task %s", task.Kind())
			}
			raw, err := json.Marshal(task)
			if err != nil {
				w.t.Fatal(err)
			}
			if err := work(w.t.Context(), raw); err != nil {
				w.t.Logf("task %s %s: %v", task.Kind(), raw, err)
			}
		}
	}
	w.t.Fatal("the tasks never end")
}

// peer is another server. It serves what is put on it and counts who asks.
type peer struct {
	w    *world
	host string
	base string

	mu   sync.Mutex
	docs map[string]string // path -> document
	gone map[string]bool
	down map[string]bool
	slow map[string]chan struct{}
	hits map[string]int
}

// peer starts a server under one of the peerHosts.
func (w *world) peer(host string) *peer {
	w.t.Helper()
	if p := w.peers[host]; p != nil {
		return p
	}
	p := &peer{w: w, docs: map[string]string{}, gone: map[string]bool{}, down: map[string]bool{}, slow: map[string]chan struct{}{}, hits: map[string]int{}}
	server := httptest.NewUnstartedServer(http.HandlerFunc(p.serve))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{authority().leaf}}
	server.StartTLS()
	w.t.Cleanup(func() { p.release(); server.Close() })
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		w.t.Fatal(err)
	}
	p.host = host + ":" + port
	p.base = "https://" + p.host
	w.peers[host] = p
	return p
}

func (p *peer) serve(rw http.ResponseWriter, req *http.Request) {
	p.mu.Lock()
	p.hits[req.URL.Path]++
	doc, known := p.docs[req.URL.RequestURI()]
	gone, down, slow := p.gone[req.URL.Path], p.down[req.URL.Path], p.slow[req.URL.Path]
	p.mu.Unlock()
	if slow != nil {
		<-slow
	}
	switch {
	case gone:
		rw.WriteHeader(http.StatusGone)
	case down:
		rw.WriteHeader(http.StatusServiceUnavailable)
	case !known:
		rw.WriteHeader(http.StatusNotFound)
	case strings.HasPrefix(doc, "-> "):
		http.Redirect(rw, req, strings.TrimPrefix(doc, "-> "), http.StatusFound)
	default:
		rw.Header().Set("Content-Type", contentTypeOf(req.URL.Path))
		if _, err := rw.Write([]byte(doc)); err != nil {
			p.w.t.Log(err)
		}
	}
}

func contentTypeOf(path string) string {
	switch {
	case strings.HasPrefix(path, "/.well-known/webfinger"):
		return "application/jrd+json"
	case strings.Contains(path, "nodeinfo"):
		return "application/json"
	case strings.HasSuffix(path, ".html"):
		return "text/html; charset=utf-8"
	case strings.HasSuffix(path, ".json"):
		return "application/json"
	case strings.HasSuffix(path, ".txt"):
		return "text/plain"
	case strings.HasSuffix(path, ".html"):
		return "text/html; charset=utf-8"
	}
	return "application/activity+json"
}

// put serves a document, with PEER, TOWN and GROUP filled in.
func (p *peer) put(path, doc string) { p.set(path, p.fill(doc)) }

func (p *peer) set(path, doc string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.docs[path] = doc
	delete(p.gone, path)
}

// bury answers 410 from now on.
func (p *peer) bury(path string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.docs, path)
	p.gone[path] = true
}

// fail answers 503 from now on.
func (p *peer) fail(path string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down[path] = true
}

// hang answers nothing until release.
func (p *peer) hang(path string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.slow[path] = make(chan struct{})
}

func (p *peer) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for path, wait := range p.slow {
		close(wait)
		delete(p.slow, path)
	}
}

// asked counts the requests since the last call.
func (p *peer) asked() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	total := 0
	for _, n := range p.hits {
		total += n
	}
	clear(p.hits)
	return total
}

// fill replaces the names that documents in tests use for addresses.
func (p *peer) fill(doc string) string {
	return strings.NewReplacer("PEER", p.base, "TOWN", townBase, "GROUP", p.w.group.URI, `"PUBLIC"`, `"https://www.w3.org/ns/activitystreams#Public"`).Replace(doc)
}

// stranger is an actor of a peer.
type stranger struct {
	*peer
	uri string
	key signature.PrivateKey
}

// person puts a person on the peer.
func (p *peer) person(name string) *stranger { return p.actor("Person", "/u/"+name, name, len(name)) }

// club puts a group on the peer.
func (p *peer) club(name string) *stranger { return p.actor("Group", "/c/"+name, name, len(name)) }

// actor serves the document of an actor. Its fields are those that every platform sends.
func (p *peer) actor(kind, path, name string, nth int) *stranger {
	s := &stranger{peer: p, uri: p.base + path}
	s.key = rsaKey(p.w.t, s.uri+"#main-key", nth)
	public, err := signature.EncodePublic(s.key.Public())
	if err != nil {
		p.w.t.Fatal(err)
	}
	pem, _ := json.Marshal(public)
	p.put(path, `{"@context":["https://www.w3.org/ns/activitystreams","https://w3id.org/security/v1"],"id":"`+s.uri+`","type":"`+kind+`",
		"preferredUsername":"`+name+`","name":"`+name+`","webfinger":"`+name+"@"+p.host+`",
		"inbox":"`+s.uri+`/inbox","outbox":"`+s.uri+`/outbox","followers":"`+s.uri+`/followers","featured":"`+s.uri+`/featured",
		"moderators":"`+s.uri+`/moderators","endpoints":{"sharedInbox":"PEER/inbox"},
		"publicKey":{"id":"`+s.key.ID+`","owner":"`+s.uri+`","publicKeyPem":`+string(pem)+`}}`)
	return s
}

// post signs a document as the stranger and hands it to an inbox of the town.
func (s *stranger) post(inbox, doc string, change ...func(*http.Request)) int {
	req := s.request(inbox, doc)
	for _, c := range change {
		c(req)
	}
	return s.w.answer(req)
}

func (s *stranger) request(inbox, doc string) *http.Request {
	body := s.fill(doc)
	req := httptest.NewRequest(http.MethodPost, townBase+inbox, strings.NewReader(body))
	req.Header.Set("Content-Type", "application/activity+json")
	req.Header.Set("Accept", "application/activity+json")
	if err := signature.Sign(req, signature.NewBody([]byte(body)), s.key, signature.Cavage, time.Now()); err != nil {
		s.w.t.Fatal(err)
	}
	return req
}

func (w *world) answer(req *http.Request) int {
	recorder := httptest.NewRecorder()
	w.routes.ServeHTTP(recorder, req)
	return recorder.Code
}

// sends posts a document, has the town work on it, and returns what became of it.
func (s *stranger) sends(doc string) (outcome storage.Outcome, reason string) {
	s.w.t.Helper()
	if status := s.post("/inbox", doc); status != http.StatusAccepted {
		s.w.t.Fatalf("status %d for %.2000s", status, s.fill(doc))
	}
	s.w.work()
	err := s.w.archive.SQL().QueryRowContext(context.Background(), "SELECT outcome, reason FROM received ORDER BY id DESC LIMIT 1").Scan(&outcome, &reason)
	if err != nil {
		s.w.t.Fatal(err)
	}
	return outcome, reason
}

// does sends what must be taken.
func (s *stranger) does(doc string) {
	s.w.t.Helper()
	if outcome, reason := s.sends(doc); outcome != storage.Done {
		s.w.t.Fatalf("%s (%s): %.2000s", outcome, reason, s.fill(doc))
	}
}

// fails sends what must have no effect, for a reason.
func (s *stranger) fails(want, doc string) {
	s.w.t.Helper()
	before := s.w.dump()
	outcome, reason := s.sends(doc)
	if got := string(outcome) + " " + reason; got != want {
		s.w.t.Errorf("%s, want %s: %s", got, want, s.fill(doc))
	}
	if after := s.w.dump(); after != before {
		s.w.t.Errorf("%s changed the archive:\n%s", s.fill(doc), difference(before, after))
	}
}

// work works on everything that was received.
func (w *world) work() {
	w.t.Helper()
	for {
		rows, err := w.archive.ClaimReceived(w.t.Context(), time.Now(), receiveLease, 10)
		if err != nil {
			w.t.Fatal(err)
		}
		if len(rows) == 0 {
			return
		}
		for _, row := range rows {
			w.road.work(w.t.Context(), row)
		}
	}
}

// effects are the tables in which anybody could see an effect.
var effects = []string{
	"posts", "post_revisions", "reactions", "follows", "memberships", "bans", "blocks", "notifications", "reports", "poll_options",
	"poll_votes", "quotes", "home_entries", "activities", "deliveries", "group_log",
}

// dump shows every row in which an effect would be seen.
func (w *world) dump() string {
	w.t.Helper()
	var out strings.Builder
	for _, table := range effects {
		w.dumpTable(&out, table)
	}
	return out.String()
}

func (w *world) dumpTable(out *strings.Builder, table string) {
	w.t.Helper()
	rows, err := w.archive.SQL().QueryContext(context.Background(), "SELECT * FROM "+table+" ORDER BY 1, 2")
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		w.t.Fatal(err)
	}
	for rows.Next() {
		cells, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			w.t.Fatal(err)
		}
		fmt.Fprintf(out, "%s %s\n", table, cells)
	}
	if err := rows.Err(); err != nil {
		w.t.Fatal(err)
	}
}

func difference(before, after string) string {
	old := map[string]bool{}
	for line := range strings.Lines(before) {
		old[line] = true
	}
	var news strings.Builder
	for line := range strings.Lines(after) {
		if !old[line] {
			news.WriteString(line)
		}
	}
	return news.String()
}

// count counts rows.
func (w *world) count(query string, args ...any) int {
	w.t.Helper()
	for i := range args {
		query = strings.Replace(query, "?", fmt.Sprintf("'%v'", args[i]), 1)
	}
	var n int
	if err := w.archive.SQL().QueryRowContext(context.Background(), "SELECT count(*) FROM "+query).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// bodies lists what the town said of a type.
func (w *world) bodies(kind string) (list []string) {
	w.t.Helper()
	rows, err := w.archive.SQL().QueryContext(context.Background(), "SELECT body FROM activities WHERE kind = '"+kind+"' ORDER BY id")
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var body []byte
		if err := rows.Scan(&body); err != nil {
			w.t.Fatal(err)
		}
		list = append(list, string(body))
	}
	if err := rows.Err(); err != nil {
		w.t.Fatal(err)
	}
	return list
}

// postAt reads a post by its id.
func (w *world) postAt(uri string) *communities.Post {
	w.t.Helper()
	p, err := w.archive.PostByURI(w.t.Context(), uri)
	if err != nil {
		w.t.Fatalf("post %s: %v", uri, err)
	}
	return p
}

// thread starts a thread in the town's group.
func (w *world) thread(by *communities.Actor, title string) *communities.Post {
	w.t.Helper()
	var post *communities.Post
	w.write(func(ctx context.Context, tx communities.Tx) (err error) {
		post, err = w.town.Publish(ctx, tx, communities.Draft{Author: by.ID, Group: w.group.ID, Title: title, Source: "Wat vindt u?"})
		return err
	})
	return post
}

// follows lets somebody of the town follow a stranger, who accepts.
func (w *world) follows(who *communities.Actor, whom *stranger) {
	w.t.Helper()
	a, err := w.road.ActorByURI(w.t.Context(), whom.uri)
	if err != nil {
		w.t.Fatal(err)
	}
	w.write(func(ctx context.Context, tx communities.Tx) error {
		f := communities.Following{Follower: who.ID, Followee: a.ID}
		if _, err := w.town.Follow(ctx, tx, f); err != nil {
			return err
		}
		_, err := w.town.AcceptFollow(ctx, tx, f)
		return err
	})
}

// rsaKey returns one of a few keys, which all tests share, under an id.
func rsaKey(t testing.TB, id string, nth int) signature.PrivateKey {
	t.Helper()
	key, err := signature.ParsePrivate(id, testKeys()[nth%len(testKeys())])
	if err != nil {
		t.Fatal(err)
	}
	return key
}

var testKeys = sync.OnceValue(func() [][]byte {
	keys := make([][]byte, 5)
	for i := range keys {
		key, err := signature.GenerateRSA("key")
		if err != nil {
			panic(err)
		}
		if keys[i], err = key.EncodePEM(); err != nil {
			panic(err)
		}
	}
	return keys
})

type testAuthority struct {
	pem  []byte
	leaf tls.Certificate
}

// authority makes a certificate authority and a certificate for all peers.
var authority = sync.OnceValue(func() testAuthority {
	must := func(err error) {
		if err != nil {
			panic(err)
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, DNSNames: peerHosts,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(err)
	return testAuthority{
		pem:  pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		leaf: tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key},
	}
})

// ctx shortens signatures in tests.
type ctx = context.Context

func replace(doc, old, with string) string { return strings.ReplaceAll(doc, old, with) }

// idOf reads the id of a document.
func idOf(doc string) string {
	var d struct{ ID string }
	if err := json.Unmarshal([]byte(doc), &d); err != nil {
		panic(err)
	}
	return d.ID
}

func agent(name string) func(*http.Request) {
	return func(req *http.Request) { req.Header.Set("User-Agent", name) }
}
