package mastodon

import (
	"sync"
	"time"
)

const (
	perService   = 8                // calls under way to one push service
	busyPause    = time.Second      // for who finds it busy
	servicePause = 5 * time.Second  // after the first failure; then twice as long each time
	longestPause = 10 * time.Minute // then one call at a time asks again
	maxServices  = 1000             // that are remembered
)

// services remembers how push services fare, so that one that is slow or gone holds up nobody but its own. Safe for concurrent use.
type services struct {
	mu    sync.Mutex
	hosts map[string]*service
}

type service struct {
	busy     int
	failures int // in a row
	until    time.Time
}

func newServices() *services { return &services{hosts: map[string]*service{}} }

// enter begins a call, or says how long to wait. Who entered leaves again.
func (s *services) enter(host string, now time.Time) (wait time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.hosts[host]
	if known == nil {
		s.tidy(now)
		known = &service{}
		s.hosts[host] = known
	}
	switch {
	case now.Before(known.until):
		return known.until.Sub(now)
	case known.busy >= perService, known.failures > 0 && known.busy > 0: // one asks for all whether it is back
		return busyPause
	}
	known.busy++
	return 0
}

func (s *services) leave(host string, failed bool, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.hosts[host]
	known.busy--
	if !failed {
		known.failures, known.until = 0, time.Time{}
		return
	}
	pause := longestPause
	if known.failures < 10 {
		pause = min(servicePause<<known.failures, longestPause)
	}
	known.failures++
	known.until = now.Add(pause)
}

// tidy forgets those that nobody calls, once there are many.
func (s *services) tidy(now time.Time) {
	if len(s.hosts) < maxServices {
		return
	}
	for host, known := range s.hosts {
		if known.busy == 0 && now.After(known.until) {
			delete(s.hosts, host)
		}
	}
}
