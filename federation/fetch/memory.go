package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// How long a failure is believed. A host that is down may be back at once, and those who wait for it should not wait for
// our memory; a document that its host denies seldom comes back.
const (
	goneFor    = time.Minute
	downFor    = 5 * time.Second
	memorySize = 10_000
)

// memory holds recent failures by URL, in two generations: when the young one is full the old one is dropped. That
// bounds it whatever strangers invent, and forgets the oldest first.
type memory struct {
	mu         sync.Mutex
	size       int
	young, old map[errand]failure
}

type failure struct {
	err   error
	until time.Time
}

func newMemory(size int) *memory {
	return &memory{size: size, young: map[errand]failure{}}
}

// recall returns the error of a recent attempt, nil if there is none.
func (m *memory) recall(key errand) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	f, known := m.young[key]
	if !known {
		f, known = m.old[key]
	}
	if !known || time.Now().After(f.until) {
		return nil
	}
	return fmt.Errorf("%w (remembered)", f.err)
}

// note remembers an error that would come again, and forgets the URL otherwise.
func (m *memory) note(key errand, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.young, key)
	delete(m.old, key)
	wait := believe(err)
	if wait == 0 {
		return
	}
	if len(m.young) >= m.size/2 {
		m.young, m.old = map[errand]failure{}, m.young
	}
	m.young[key] = failure{err: err, until: time.Now().Add(wait)}
}

// believe says for how long an error holds. What depends on who asks (401, 403) is not remembered.
// budget is not remembered.
func believe(err error) time.Duration {
	var status *StatusError
	switch {
	case err == nil, ours(err):
		return 0
	case errors.As(err, &status):
		return believeStatus(status)
	case Refused(err):
		return goneFor
	default:
		return downFor
	}
}

// ours reports an error that says nothing about the URL.
func ours(err error) bool {
	return errors.Is(err, ErrBudget) || errors.Is(err, ErrBusy) || errors.Is(err, errSign) || errors.Is(err, context.Canceled)
}

func believeStatus(e *StatusError) time.Duration {
	switch {
	case Gone(e):
		return goneFor
	case e.Status == http.StatusTooManyRequests, e.Status >= 500:
		return min(max(e.RetryAfter, downFor), goneFor)
	default:
		return 0
	}
}
