package stream

import (
	"errors"
	"slices"
	"sync"

	"github.com/gorilla/websocket"

	"meent/communities"
	"meent/communities/auth"
)

// Peer is one open stream. Safe for concurrent use.
type Peer struct {
	Owner  communities.ActorID
	Token  string // as its hash
	Scopes auth.Scopes

	hub  *Hub
	turn int // second of the round in which it is beaten
	done chan struct{}

	mu       sync.Mutex
	line     line // nil: not connected yet
	channels []Channel
	queue    []*frame
	writing  bool
	ended    bool
}

// line is the connection of a peer. Only one goroutine sends at a time; hangUp may come at any time.
type line interface {
	send(f *frame) error
	hangUp(code int, reason string)
}

var errSubscriptions = errors.New("too many subscriptions")

// Subscribe has the peer hear channels, from now on.
func (p *Peer) Subscribe(channels ...Channel) error {
	p.hub.mu.Lock()
	defer p.hub.mu.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range channels {
		switch {
		case p.ended || slices.Contains(p.channels, c):
			continue
		case len(p.channels) >= MaxSubscriptions:
			return errSubscriptions
		}
		p.channels = append(p.channels, c)
		p.hub.listen(p, c)
	}
	return nil
}

// Unsubscribe has the peer hear channels no longer.
func (p *Peer) Unsubscribe(channels ...Channel) {
	p.hub.mu.Lock()
	defer p.hub.mu.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range channels {
		if i := slices.Index(p.channels, c); i >= 0 {
			p.channels = slices.Delete(p.channels, i, i+1)
			p.hub.unlisten(p, c)
		}
	}
}

// connect gives the peer its line. What came in the meantime is written now.
func (p *Peer) connect(l line) {
	p.mu.Lock()
	ended := p.ended
	p.line = l
	p.writing = len(p.queue) > 0 && !ended
	start := p.writing
	p.mu.Unlock()
	if ended {
		l.hangUp(websocket.CloseGoingAway, "")
	}
	if start {
		p.hub.start(p)
	}
}

// push puts a frame in the queue, and never waits for the reader. Who lets it run full is dropped: they read again when they come back.
func (p *Peer) push(f *frame) {
	p.mu.Lock()
	full := len(p.queue) >= maxQueue
	if !p.ended && !full {
		p.queue = append(p.queue, f)
	}
	start := p.line != nil && !p.writing && !p.ended && !full
	p.writing = p.writing || start
	p.mu.Unlock()
	if full {
		p.hub.dropped.Add(1)
		p.end(websocket.CloseTryAgainLater, "You read too slowly")
	}
	if start {
		p.hub.start(p)
	}
}

// drain writes what waits, until nothing does.
func (p *Peer) drain() {
	for {
		p.mu.Lock()
		batch := p.queue
		p.queue = nil
		if len(batch) == 0 || p.ended {
			p.writing = false
			p.mu.Unlock()
			return
		}
		p.mu.Unlock()
		for _, f := range batch {
			if err := p.line.send(f); err != nil {
				p.end(websocket.CloseAbnormalClosure, "")
				break
			}
		}
	}
}

// Close ends a stream that was opened and is not served.
func (p *Peer) Close() { p.leave() }

// end closes the stream, without waiting for the reader.
func (p *Peer) end(code int, reason string) {
	if l := p.leave(); l != nil {
		go l.hangUp(code, reason)
	}
}

// endNow closes the stream, and waits until the reader has heard why, or does not want to.
func (p *Peer) endNow(code int, reason string) {
	if l := p.leave(); l != nil {
		l.hangUp(code, reason)
	}
}

// leave takes the peer out of the hub; it returns the line that is to be hung up, once.
func (p *Peer) leave() line {
	p.mu.Lock()
	if p.ended {
		p.mu.Unlock()
		return nil
	}
	p.ended = true
	p.queue = nil
	channels, l := p.channels, p.line
	p.channels = nil
	p.mu.Unlock()
	close(p.done)
	p.hub.remove(p, channels)
	return l
}
