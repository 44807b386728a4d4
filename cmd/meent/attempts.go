package main

import (
	"sync"
	"time"
)

const (
	attemptWindow = time.Minute
	maxClients    = 100_000 // counted at once; beyond it the window starts anew rather than memory growing
)

// attempts counts how often a client knocks at a route. Safe for concurrent use.
type attempts struct {
	mu     sync.Mutex
	since  time.Time
	counts map[attempt]int
}

type attempt struct{ route, client string }

func newAttempts() *attempts { return &attempts{counts: map[attempt]int{}} }

// allow tells whether the client has come no more than most times in this window.
func (a *attempts) allow(route, client string, most int) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if now := time.Now(); now.Sub(a.since) >= attemptWindow || len(a.counts) >= maxClients {
		a.since = now
		clear(a.counts)
	}
	a.counts[attempt{route, client}]++
	return a.counts[attempt{route, client}] <= most
}
