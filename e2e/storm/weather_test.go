//go:build unix

package storm_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const (
	writers   = 8
	gust      = 48 // messages in a round
	spell     = 10 // rounds, then all must settle: the storm is to hit often, not to bury the machine
	againOnce = 10 // one message in so many is sent again after it was acknowledged
)

// storm is a region under way, and what it was promised.
type storm struct {
	*region
	doors []string // addresses of the group's node; default: its own

	onNeighbour map[string]string // title of a thread -> its path on the second node
	books       []book            // what each host of the village was told
	verdict     verdict

	started  time.Time
	lastBlow time.Time // the end of the last strike

	mu       sync.Mutex
	threads  []thread
	messages []message
	calm     struct{ threads, messages int } // so many of them were everywhere when the weather was last calm

	repeats atomic.Int64 // sent again: unanswered, refused for now, or just so
}

// thread is what anna started, which the node had confirmed.
type thread struct{ uri, title string }

// message is a reply that was acknowledged.
type message struct {
	uri, text, thread string
	author            int // host of the village
}

// blow lets villagers write to a new thread while strike does its harm. It returns when all is acknowledged.
func (s *storm) blow(t *testing.T, round int, strike func()) {
	t.Helper()
	if s.started.IsZero() {
		s.started = time.Now()
	}
	root := s.begin(t, round)
	s.threads = append(s.threads, root)

	todo := make(chan message, gust)
	for i := range gust {
		todo <- s.draft(root, round, i)
	}
	close(todo)
	var writing sync.WaitGroup
	for range writers {
		writing.Go(func() {
			for m := range todo {
				s.write(t, m)
			}
		})
	}
	strike()
	s.lastBlow = time.Now()
	writing.Wait()
	if (round+1)%spell == 0 {
		s.settle(t)
	}
}

// begin lets anna start a thread. She tries again when the page says that it failed, under another title, for it might be there.
func (s *storm) begin(t *testing.T, round int) thread {
	t.Helper()
	var err error
	for try := range 10 {
		title := fmt.Sprintf("Storm %d, %d", round, try)
		var path string
		if path, err = s.anna.Start(t.Context(), groupName, title, "Hier begint het."); err == nil {
			return thread{uri: s.a.Base + path, title: title}
		}
		t.Logf("start a thread: %.200v", err)
		s.repeats.Add(1)
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal(err)
	return thread{}
}

func (s *storm) draft(root thread, round, i int) message {
	author := i % s.hosts
	id := fmt.Sprintf("%d-%d", round, i)
	return message{
		uri: "http://" + s.village.Host(author) + "/n/" + id, text: "Antwoord " + id, thread: root.uri, author: author,
	}
}

// write sends a message until it is acknowledged, as every server does, and now and then once more.
func (s *storm) write(t *testing.T, m message) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	for !s.knock(ctx, t, m) {
		if ctx.Err() != nil {
			t.Errorf("%s was never acknowledged", m.uri)
			return
		}
		s.repeats.Add(1)
		time.Sleep(20 * time.Millisecond)
	}
	s.mu.Lock()
	s.messages = append(s.messages, m)
	s.mu.Unlock()
	if rand.IntN(againOnce) == 0 {
		s.repeats.Add(1)
		s.knock(ctx, t, m) // whatever comes of it
	}
}

// knock tells whether the node acknowledged the message.
func (s *storm) knock(ctx context.Context, t *testing.T, m message) bool {
	doors := s.doors
	if doors == nil {
		doors = []string{s.a.Listen}
	}
	door := doors[rand.IntN(len(doors))]
	status, err := s.village.Send(ctx, m.author, s.group+"/inbox", door, s.village.Note(m.author, path.Base(m.uri), s.group, m.thread, m.text))
	if err != nil {
		return false // nobody there
	}
	if status >= 400 && status < 500 && status != http.StatusTooManyRequests {
		t.Errorf("%s was refused: %d", m.uri, status)
	}
	return status == http.StatusAccepted || status == http.StatusOK
}
