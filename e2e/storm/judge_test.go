//go:build unix

package storm_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"meent/e2e/node"
	"meent/e2e/workshop"
)

// verdict is a line of build/storm.json.
type verdict struct {
	Storm        string  `json:"storm"`
	Test         string  `json:"test"`
	Rounds       int     `json:"rounds"`
	Acknowledged int     `json:"acknowledged"`    // replies and threads
	Repeats      int64   `json:"repeats"`         // sent again
	Lost         int     `json:"lost"`            // acknowledged and not in the thread
	Duplicated   int     `json:"duplicated"`      // more than once in a thread, or announced under two ids
	Undelivered  int     `json:"undelivered"`     // of what each follower must have, a minute after the last start
	Again        int     `json:"again"`           // deliveries that came twice under one id: allowed
	Settled      float64 `json:"settled_seconds"` // the longest that it took after a last start
	Seconds      float64 `json:"seconds"`
}

// judge waits until all is settled, counts, and fails the test unless nothing is lost, doubled or undelivered.
func (s *storm) judge(t *testing.T, name string) {
	t.Helper()
	s.settle(t)
	v := &s.verdict
	v.Storm, v.Test, v.Rounds, v.Repeats = name, t.Name(), len(s.threads), s.repeats.Load()
	v.Acknowledged = len(s.messages) + len(s.threads)
	for _, thread := range s.threads {
		s.judgeThread(t, thread)
		s.judgeNeighbour(t, thread)
	}
	for i := range s.hosts {
		s.judgeHost(t, i)
	}
	v.Seconds = time.Since(s.started).Seconds()
	if v.Lost+v.Duplicated+v.Undelivered > 0 {
		t.Errorf("%d lost, %d duplicated, %d undelivered", v.Lost, v.Duplicated, v.Undelivered)
	}
	report(t, *v)
}

// settle gives the nodes a minute from the last start to bring on what they took since the weather was last calm.
func (s *storm) settle(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithDeadline(t.Context(), s.lastBlow.Add(patience))
	defer cancel()
	err := node.Await(ctx, "all is delivered", func() bool {
		for i := range s.hosts {
			if len(s.missing(i)) > 0 {
				return false
			}
		}
		return s.neighbourHasAll(ctx)
	})
	if err != nil {
		t.Error(err)
		s.countMissing(t)
	}
	s.verdict.Settled = max(s.verdict.Settled, time.Since(s.lastBlow).Seconds())
	s.calm.threads, s.calm.messages = len(s.threads), len(s.messages)
}

func (s *storm) countMissing(t *testing.T) {
	t.Helper()
	for i := range s.hosts {
		for _, uri := range s.missing(i) {
			t.Errorf("host %d was not told of %s in time", i, uri)
			s.verdict.Undelivered++
		}
	}
}

// book is what a host was told: objects by id, each with the ids of its announces and how often each came.
type book struct {
	read int
	told map[string]map[string]int
}

// open brings the book of a host up to date.
func (s *storm) open(i int) *book {
	if s.books == nil {
		s.books = make([]book, s.hosts)
	}
	b := &s.books[i]
	if b.told == nil {
		b.told = map[string]map[string]int{}
	}
	arrivals := s.village.Received(i, b.read)
	b.read += len(arrivals)
	for _, arrival := range arrivals {
		if arrival.Type != "Announce" {
			continue
		}
		if b.told[arrival.Object] == nil {
			b.told[arrival.Object] = map[string]int{}
		}
		b.told[arrival.Object][arrival.ID]++
	}
	return b
}

// missing lists what a host should have been told of since the last calm and was not. What its own person wrote it knows.
func (s *storm) missing(i int) []string {
	book := s.open(i)
	var missing []string
	for _, thread := range s.threads[s.calm.threads:] {
		if book.told[thread.uri] == nil {
			missing = append(missing, thread.uri)
		}
	}
	for _, m := range s.messages[s.calm.messages:] {
		if m.author != i && book.told[m.uri] == nil {
			missing = append(missing, m.uri)
		}
	}
	return missing
}

// neighbourHasAll tells whether the second node has every thread in full length.
func (s *storm) neighbourHasAll(ctx context.Context) bool {
	if s.b == nil {
		return true
	}
	if len(s.onNeighbour) < len(s.threads) && s.lookOnNeighbour(ctx) != nil {
		return false
	}
	for _, thread := range s.threads[s.calm.threads:] {
		page, err := s.readOnNeighbour(ctx, thread)
		if err != nil || len(page.Posts) < 1+s.replies(thread) {
			return false
		}
	}
	return true
}

func (s *storm) replies(of thread) int {
	n := 0
	for _, m := range s.messages {
		if m.thread == of.uri {
			n++
		}
	}
	return n
}

var errNoThread = errors.New("the thread is not there")

// lookOnNeighbour finds the paths of the threads on the second node.
func (s *storm) lookOnNeighbour(ctx context.Context) error {
	lines, err := s.bram.Threads(ctx, groupName+"@"+hostOf(s.a))
	if err != nil {
		return err
	}
	s.onNeighbour = map[string]string{}
	for _, line := range lines {
		s.onNeighbour[line.Title] = line.Path
	}
	return nil
}

// readOnNeighbour reads a thread on the second node as bram does.
func (s *storm) readOnNeighbour(ctx context.Context, of thread) (node.Thread, error) {
	path, ok := s.onNeighbour[of.title]
	if !ok {
		return node.Thread{}, errNoThread
	}
	return s.bram.Thread(ctx, path)
}

// hostOf is a node's host with its port, as it stands in handles.
func hostOf(n *node.Node) string { return n.Base[len("http://"):] }

// judgeThread reads a thread's context on its own node: each reply is there once.
func (s *storm) judgeThread(t *testing.T, of thread) {
	t.Helper()
	v := &s.verdict
	uris, err := s.a.URIs(t.Context(), of.uri+"/context")
	if err != nil {
		t.Error(err)
	}
	times := map[string]int{}
	for _, uri := range uris {
		times[uri]++
	}
	count := func(uri string) {
		switch n := times[uri]; {
		case n == 0:
			t.Errorf("%s was acknowledged and is lost", uri)
			v.Lost++
		case n > 1:
			t.Errorf("%s stands %d times in its thread", uri, n)
			v.Duplicated++
		}
	}
	count(of.uri)
	for _, m := range s.messages {
		if m.thread == of.uri {
			count(m.uri)
		}
	}
}

// judgeNeighbour reads the thread on the second node.
func (s *storm) judgeNeighbour(t *testing.T, of thread) {
	t.Helper()
	v := &s.verdict
	if s.b == nil {
		return
	}
	page, err := s.readOnNeighbour(t.Context(), of)
	if err != nil {
		t.Errorf("read %q on %s: %v", of.title, s.b.Host, err)
		v.Undelivered++
		return
	}
	for _, m := range s.messages {
		if m.thread != of.uri {
			continue
		}
		switch n := page.Says(m.text); {
		case n == 0:
			t.Errorf("%s does not show %s", s.b.Host, m.uri)
			v.Undelivered++
		case n > 1:
			t.Errorf("%s shows %s %d times", s.b.Host, m.uri, n)
			v.Duplicated++
		}
	}
}

// judgeHost reads the book of a village host: nothing was told under two ids. The same again under one id is allowed.
func (s *storm) judgeHost(t *testing.T, i int) {
	t.Helper()
	for object, announces := range s.open(i).told {
		if len(announces) > 1 {
			t.Errorf("host %d was told of %s under %d ids", i, object, len(announces))
			s.verdict.Duplicated++
		}
		for _, times := range announces {
			s.verdict.Again += times - 1
		}
	}
}

// report logs a line and appends it to build/storm.json.
func report(t *testing.T, line any) {
	t.Helper()
	text, err := json.Marshal(line)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s", text)
	root, err := workshop.Root()
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(filepath.Join(root, "build", "storm.json"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	_, err = file.Write(append(text, '\n'))
	if err := errors.Join(err, file.Close()); err != nil {
		t.Error(err)
	}
}
