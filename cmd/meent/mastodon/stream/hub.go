// Package stream holds the open streams of apps, over WebSocket and as server-sent events, and brings messages to them. It knows who listens
// to which channel, and how to write to thousands at once without one holding another up; what a message says, and who may hear it, is for
// others to know.
package stream

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"meent/communities"
	"meent/communities/auth"
)

// Limits of streams (SECURITY D26).
const (
	MaxPerPerson     = 32 // streams that somebody has open in one process
	MaxSubscriptions = 32 // of one socket
	maxRequest       = 4 << 10
	maxRequests      = 60  // of a socket in requestWindow
	maxQueue         = 256 // messages that wait for a slow reader
	requestWindow    = time.Minute
)

const (
	beatEvery    = 30 * time.Second
	deadAfter    = 75 * time.Second // without a sign of life on a socket
	writeTimeout = 15 * time.Second
	writersUsual = 64                     // that write at once
	stalledAfter = 100 * time.Millisecond // a writer who waits for longer does not count among them
)

// What [Hub.Open] refuses for.
var (
	ErrTooMany = errors.New("too many streams")
	ErrClosed  = errors.New("the node stops")
)

// Hub holds all streams of this process. Safe for concurrent use.
type Hub struct {
	attend  func(open int)
	writers chan struct{}

	mu        sync.RWMutex
	closed    bool
	peers     map[*Peer]struct{}
	owners    map[communities.ActorID]int
	listeners map[Channel]map[communities.ActorID][]*Peer
	turn      int // of the next peer to be beaten

	sent    atomic.Int64
	dropped atomic.Int64
}

// New returns a hub. It tells attend how many streams are open, each time that one opens or closes.
func New(attend func(open int)) *Hub {
	return &Hub{
		attend: attend, writers: make(chan struct{}, writersUsual), peers: map[*Peer]struct{}{},
		owners: map[communities.ActorID]int{}, listeners: map[Channel]map[communities.ActorID][]*Peer{},
	}
}

// Open makes room for a stream of a person, whose token is known by its hash. Whoever called it serves the peer, which ends it.
func (h *Hub) Open(owner communities.ActorID, token string, scopes auth.Scopes) (*Peer, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, ErrClosed
	}
	if h.owners[owner] >= MaxPerPerson {
		return nil, ErrTooMany
	}
	p := &Peer{Owner: owner, Token: token, Scopes: scopes, hub: h, turn: h.turn, done: make(chan struct{})}
	h.turn = (h.turn + 1) % int(beatEvery/time.Second)
	h.owners[owner]++
	h.peers[p] = struct{}{}
	h.attend(len(h.peers))
	return p, nil
}

// remove forgets a peer.
func (h *Hub) remove(p *Peer, channels []Channel) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, here := h.peers[p]; !here {
		return
	}
	delete(h.peers, p)
	if h.owners[p.Owner]--; h.owners[p.Owner] == 0 {
		delete(h.owners, p.Owner)
	}
	for _, c := range channels {
		h.unlisten(p, c)
	}
	h.attend(len(h.peers))
}

func (h *Hub) listen(p *Peer, c Channel) {
	if h.listeners[c] == nil {
		h.listeners[c] = map[communities.ActorID][]*Peer{}
	}
	h.listeners[c][p.Owner] = append(h.listeners[c][p.Owner], p)
}

func (h *Hub) unlisten(p *Peer, c Channel) {
	rest := slices.DeleteFunc(h.listeners[c][p.Owner], func(other *Peer) bool { return other == p })
	if h.listeners[c][p.Owner] = rest; len(rest) == 0 {
		delete(h.listeners[c], p.Owner)
	}
	if len(h.listeners[c]) == 0 {
		delete(h.listeners, c)
	}
}

// Listeners tells whose apps listen to a channel.
func (h *Hub) Listeners(c Channel) []communities.ActorID {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return slices.Collect(maps.Keys(h.listeners[c]))
}

// HasListeners tells whether anybody listens to a channel.
func (h *Hub) HasListeners(c Channel) bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return len(h.listeners[c]) > 0
}

// Hears tells whether some app of a person listens to a channel.
func (h *Hub) Hears(c Channel, person communities.ActorID) bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return len(h.listeners[c][person]) > 0
}

// Among tells which of some persons listen to a channel.
func (h *Hub) Among(c Channel, persons []communities.ActorID) []communities.ActorID {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return slices.DeleteFunc(slices.Clone(persons), func(person communities.ActorID) bool { return len(h.listeners[c][person]) == 0 })
}

// Channels lists the channels of a kind to which somebody listens.
func (h *Hub) Channels(kind Kind) []Channel {
	h.mu.RLock()
	defer h.mu.RUnlock()
	var list []Channel
	for c := range h.listeners {
		if c.Kind == kind {
			list = append(list, c)
		}
	}
	return list
}

// Send brings a message to those of some persons who listen to a channel.
func (h *Hub) Send(c Channel, to []communities.ActorID, m *Message) {
	var peers []*Peer
	h.mu.RLock()
	for _, person := range to {
		peers = append(peers, h.listeners[c][person]...)
	}
	h.mu.RUnlock()
	f := m.on(c)
	for _, p := range peers {
		p.push(f)
	}
	h.sent.Add(int64(len(peers)))
}

// HasPublic tells whether somebody listens to more than what is their own.
func (h *Hub) HasPublic() bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for c := range h.listeners {
		if !slices.Contains([]Kind{User, UserNotices, UserNotification, Direct}, c.Kind) {
			return true
		}
	}
	return false
}

// Tokens lists the tokens of open streams, of one person or, with 0, of all.
func (h *Hub) Tokens(of communities.ActorID) []string {
	h.mu.RLock()
	defer h.mu.RUnlock()
	tokens := map[string]bool{}
	for p := range h.peers {
		if of == 0 || p.Owner == of {
			tokens[p.Token] = true
		}
	}
	return slices.Collect(maps.Keys(tokens))
}

// End closes every stream with one of the tokens.
func (h *Hub) End(tokens map[string]bool) {
	for _, p := range h.all() {
		if tokens[p.Token] {
			p.end(websocket.ClosePolicyViolation, "Access token was revoked")
		}
	}
}

func (h *Hub) all() []*Peer {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return slices.Collect(maps.Keys(h.peers))
}

// Run looks after the streams until ctx ends, and then closes them all.
func (h *Hub) Run(ctx context.Context) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for turn := 0; ; turn = (turn + 1) % int(beatEvery/time.Second) {
		select {
		case <-ctx.Done():
			h.close()
			return
		case <-ticker.C:
			for _, p := range h.all() {
				if p.turn == turn {
					p.push(beat)
				}
			}
		}
	}
}

// close says goodbye to all (RFC 6455 7.4.1: 1001, going away), and waits until they have heard it, for a moment.
func (h *Hub) close() {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	var closing sync.WaitGroup
	for _, p := range h.all() {
		closing.Go(func() { p.endNow(websocket.CloseGoingAway, "The node stops") })
	}
	closing.Wait()
}

// Figures are for the metrics: streams open now; messages that were sent, and streams dropped for being slow, since the start.
func (h *Hub) Figures() (open int, sent, dropped int64) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return len(h.peers), h.sent.Load(), h.dropped.Load()
}

// start has a peer's queue written. Only so many write at once, not counting those whose reader keeps them waiting: so a message to
// thousands needs few stacks, and those who do not read hold up nobody else.
func (h *Hub) start(p *Peer) {
	h.writers <- struct{}{}
	release := sync.OnceFunc(func() { <-h.writers })
	timer := time.AfterFunc(stalledAfter, release)
	go func() {
		p.drain()
		timer.Stop()
		release()
	}()
}
