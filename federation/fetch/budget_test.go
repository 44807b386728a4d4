package fetch

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestBudget is rows D4 and D6: what one activity sets off is counted together, redirects included.
func TestBudget(t *testing.T) {
	t.Parallel()
	network := newTowns(t)
	a := network.found("a.test", func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/old") {
			http.Redirect(w, r, "/new"+r.URL.Path, http.StatusFound)
			return
		}
		serve(TypeActivity, "{}")(w, r)
	})
	c := network.client()
	ctx := WithBudget(t.Context(), ActivityBudget, 0)
	var children sync.WaitGroup
	for i := range 50 {
		children.Go(func() {
			if _, err := c.Get(ctx, fmt.Sprintf("%s/old/%d", a.URL, i), "*/*", nil); err != nil && !errors.Is(err, ErrBudget) && !errors.Is(err, ErrBusy) {
				t.Error(err)
			}
		})
	}
	children.Wait()
	if _, err := c.Get(ctx, a.URL+"/late", "*/*", nil); !errors.Is(err, ErrBudget) {
		t.Errorf("late: %v", err)
	}
	if got := a.requests(); got > ActivityBudget || got < 2 {
		t.Errorf("%d requests", got)
	}
	if _, err := c.Get(t.Context(), a.URL+"/late", "*/*", nil); err != nil {
		t.Errorf("an empty budget was remembered: %v", err)
	}
}

// TestDomainBudget is row D5: ten thousand subdomains are one domain.
func TestDomainBudget(t *testing.T) {
	t.Parallel()
	network := newTowns(t)
	a := network.found("troll.example.com", serve(TypeActivity, "{}"))
	b := network.found("b.test", serve(TypeActivity, "{}"))
	for i := range 10_000 {
		network.hosts[fmt.Sprintf("n%d.troll.example.com", i)] = netip.MustParseAddr("127.0.0.1")
	}
	c := network.client()
	ctx := WithBudget(WithBudget(t.Context(), 1000, 0), ActivityBudget, 5)
	for i := range 10_000 {
		u := strings.Replace(a.URL, "troll", fmt.Sprintf("n%d.troll", i), 1)
		if _, err := c.Get(ctx, u, "*/*", nil); i >= 5 && !errors.Is(err, ErrBudget) {
			t.Fatalf("no. %d: %v", i, err)
		}
	}
	if _, err := c.Get(ctx, b.URL, "*/*", nil); err != nil {
		t.Errorf("another domain: %v", err)
	}
}

// TestBusy is row D5: one domain holds no more than its share of workers, and others do not notice.
func TestBusy(t *testing.T) {
	t.Parallel()
	network := newTowns(t)
	const share = 3
	arrived, release := make(chan struct{}, share), make(chan struct{})
	a := network.found("a.test", func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		<-release
		serve(TypeActivity, "{}")(w, r)
	})
	b := network.found("b.test", serve(TypeActivity, "{}"))
	c := network.client(func(config *Config) { config.PerDomain = share })
	var slow sync.WaitGroup
	for i := range share {
		slow.Go(func() {
			if _, err := c.Get(t.Context(), fmt.Sprintf("%s/%d", a.URL, i), "*/*", nil); err != nil {
				t.Error(err)
			}
		})
	}
	for range share {
		<-arrived
	}
	if _, err := c.Get(t.Context(), a.URL+"/more", "*/*", nil); !errors.Is(err, ErrBusy) {
		t.Errorf("got %v", err)
	}
	if _, err := c.Get(t.Context(), b.URL, "*/*", nil); err != nil {
		t.Errorf("other host: %v", err)
	}
	close(release)
	slow.Wait()
	if len(c.flying) != 0 || len(c.gates) != 0 {
		t.Errorf("left behind: %v %v", c.flying, c.gates)
	}
}

// TestMemoryBounded is row D9.
func TestMemoryBounded(t *testing.T) {
	t.Parallel()
	m := newMemory(100)
	last := errand{}
	for i := range 100_000 {
		last = errand{url: fmt.Sprint(i)}
		m.note(last, &StatusError{Status: http.StatusGone})
	}
	if held := len(m.young) + len(m.old); held > 100 {
		t.Errorf("%d held", held)
	}
	if err := m.recall(last); !Gone(err) {
		t.Errorf("the last: %v", err)
	}
	if err := m.recall(errand{url: "0"}); err != nil {
		t.Errorf("the first: %v", err)
	}
}

func TestMemoryForgets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMemory(100)
		key := errand{url: "https://a.test/"}
		tests := []struct {
			err  error
			hold time.Duration
		}{
			{&StatusError{Status: 404}, goneFor},
			{&StatusError{Status: 503}, downFor},
			{&StatusError{Status: 429, RetryAfter: 30 * time.Second}, 30 * time.Second},
			{&StatusError{Status: 429, RetryAfter: time.Hour}, goneFor},
			{&StatusError{Status: 403}, 0},
			{errors.New("connection refused"), downFor},
			{ErrDeadline, downFor},
			{ErrAddress, goneFor},
			{ErrBudget, 0},
			{errSign, 0},
			{nil, 0},
		}
		for _, test := range tests {
			m.note(key, test.err)
			if got := m.recall(key); (got != nil) != (test.hold > 0) || test.hold > 0 && !errors.Is(got, test.err) {
				t.Errorf("%v: recalled %v", test.err, got)
			}
			time.Sleep(test.hold + 1)
			if got := m.recall(key); got != nil {
				t.Errorf("%v: still there after %v", test.err, test.hold)
			}
		}
		m.note(key, &StatusError{Status: 404})
		m.note(key, nil) // it answered after all
		if err := m.recall(key); err != nil {
			t.Error(err)
		}
	})
}

func TestRegistrable(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"a.b.town.nl": "town.nl", "town.nl": "town.nl", "a.town.co.uk": "town.co.uk", "localhost": "localhost", "nl": "nl", "x.github.io": "x.github.io",
	} {
		if got := registrable(host); got != want {
			t.Errorf("%s: %s, want %s", host, got, want)
		}
	}
}
