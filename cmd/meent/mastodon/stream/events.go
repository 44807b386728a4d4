package stream

import (
	"errors"
	"net/http"
	"sync"
	"time"
)

// events is a line of server-sent events, for apps without WebSocket.
type events struct {
	mu      sync.Mutex
	over    bool
	writer  http.ResponseWriter
	control *http.ResponseController
}

var errOver = errors.New("the answer is over")

// ServeEvents answers the request with the stream, and returns when either side ends it.
func (p *Peer) ServeEvents(w http.ResponseWriter, r *http.Request) error {
	defer p.leave()
	e := &events{writer: w, control: http.NewResponseController(w)}
	if err := e.control.SetReadDeadline(time.Time{}); err != nil { // the server's own ends an answer that takes long
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "private, no-store")
	h.Set("X-Accel-Buffering", "no") // nginx keeps back what comes in small pieces
	w.WriteHeader(http.StatusOK)
	if err := e.send(greeting); err != nil {
		return err
	}
	p.connect(e)
	select {
	case <-r.Context().Done():
	case <-p.done:
	}
	e.hangUp(0, "")
	return nil
}

// greeting lets the app know at once that the stream is open.
var greeting = &frame{lines: func() []byte { return []byte(":)\n\n") }}

func (e *events) send(f *frame) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.over {
		return errOver
	}
	if err := e.control.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	if _, err := e.writer.Write(f.lines()); err != nil {
		return err
	}
	return e.control.Flush()
}

// hangUp waits for what is being written: nothing may be once the answer is over.
func (e *events) hangUp(int, string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.over = true
}
