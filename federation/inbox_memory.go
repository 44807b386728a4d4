package federation

import (
	"sync"
	"time"
)

// lately remembers for a while what was done, in bounded memory: two generations, of which the older is dropped when the younger is
// full. What is forgotten early is merely done once more. Safe for concurrent use.
type lately[K comparable] struct {
	keep time.Duration
	size int

	mu         sync.Mutex
	young, old map[K]time.Time
}

func newLately[K comparable](keep time.Duration, size int) *lately[K] {
	return &lately[K]{keep: keep, size: size, young: map[K]time.Time{}}
}

// first tells whether key was not seen within the time to keep, and notes it then.
func (l *lately[K]) first(key K, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	at, seen := l.young[key]
	if !seen {
		at, seen = l.old[key]
	}
	if seen && now.Sub(at) < l.keep {
		return false
	}
	if len(l.young) >= l.size/2 {
		l.young, l.old = map[K]time.Time{}, l.young
	}
	l.young[key] = now
	return true
}

// tallies count failures per host within a window, in bounded memory. Safe for concurrent use.
type tallies struct {
	window time.Duration
	size   int

	mu     sync.Mutex
	counts map[string]tally
}

type tally struct {
	since time.Time
	count int
}

func newTallies(window time.Duration, size int) *tallies {
	return &tallies{window: window, size: size, counts: map[string]tally{}}
}

func (t *tallies) add(host string, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c, ok := t.counts[host]
	if !ok && len(t.counts) >= t.size {
		clear(t.counts)
	}
	if now.Sub(c.since) >= t.window {
		c = tally{since: now}
	}
	c.count++
	t.counts[host] = c
}

// of returns how many there were in the window that is open now.
func (t *tallies) of(host string, now time.Time) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.counts[host]
	if now.Sub(c.since) >= t.window {
		return 0
	}
	return c.count
}
