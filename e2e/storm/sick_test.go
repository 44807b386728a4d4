//go:build unix

package storm_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"meent/e2e/node"
	"meent/e2e/stranger"
	"meent/storage/storagetest"
)

const (
	allHosts = 200
	hanging  = 20 // the first ones
	failing  = 20 // those after them
	sick     = hanging + failing
	posts    = 10 // threads in one measurement
	tries    = 3  // the best of so many counts: other tests share the machine
	mostSlow = 1.5
)

// sickLine is a line of build/storm.json.
type sickLine struct {
	Storm     string  `json:"storm"`
	Test      string  `json:"test"`
	Hosts     int     `json:"hosts"`
	Sick      int     `json:"sick"`
	Well      float64 `json:"well_seconds"` // until the healthy hosts had all, nobody being sick
	Among     float64 `json:"among_sick_seconds"`
	Ratio     float64 `json:"ratio"`
	Recovered float64 `json:"recovered_seconds"` // until the sick had all, once they were well
}

// Hosts that hang or refuse hold nobody else up, and get everything once they are well.
func TestSickHostsHoldNobodyUp(t *testing.T) { //nolint:paralleltest // it measures time
	s := &storm{region: foundAlone(t, storagetest.SQLite(t), allHosts)}
	line := sickLine{Storm: "sick hosts", Test: t.Name(), Hosts: allHosts, Sick: sick}
	s.time(t, "warm") // connections, keys and what the hosts run are known from here on
	for try := range tries {
		line.Well = best(line.Well, s.time(t, fmt.Sprintf("well %d", try)))
	}
	for i := range sick {
		s.village.SetMood(i, map[bool]stranger.Mood{true: stranger.Hanging, false: stranger.Failing}[i < hanging])
	}
	for try := range tries {
		line.Among = best(line.Among, s.time(t, fmt.Sprintf("sick %d", try)))
	}
	line.Ratio = line.Among / line.Well
	for i := range sick {
		s.village.SetMood(i, stranger.Well)
	}
	line.Recovered = s.awaitHosts(t, 0, allHosts, 2*patience)
	report(t, line)
	if line.Ratio > mostSlow {
		t.Errorf("the healthy hosts took %.2f s among the sick, %.2f s without: %.2f times", line.Among, line.Well, line.Ratio)
	}
}

func best(so, now float64) float64 {
	if so == 0 {
		return now
	}
	return min(so, now)
}

// time publishes threads and returns the seconds until the hosts that never fall sick have them all.
func (s *storm) time(t *testing.T, name string) float64 {
	t.Helper()
	begin := time.Now()
	for i := range posts {
		thread := thread{title: fmt.Sprintf("%s %d", name, i)}
		path, err := s.anna.Start(t.Context(), groupName, thread.title, "Voor iedereen.")
		if err != nil {
			t.Fatal(err)
		}
		thread.uri = s.a.Base + path
		s.threads = append(s.threads, thread)
	}
	s.awaitHosts(t, sick, allHosts, patience)
	return time.Since(begin).Seconds()
}

// awaitHosts waits until hosts have everything, and returns the seconds that it took.
func (s *storm) awaitHosts(t *testing.T, from, to int, atMost time.Duration) float64 {
	t.Helper()
	begin := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), atMost)
	defer cancel()
	done := from
	err := node.Await(ctx, "the hosts have everything", func() bool {
		for done < to && len(s.missing(done)) == 0 {
			done++
		}
		return done == to
	})
	if err != nil {
		t.Errorf("host %d misses %d of %d threads: %v", done, len(s.missing(done)), len(s.threads), err)
	}
	return time.Since(begin).Seconds()
}
