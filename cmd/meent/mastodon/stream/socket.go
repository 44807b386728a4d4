package stream

import (
	"bufio"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// socket is a line over WebSocket (RFC 6455).
type socket struct{ conn *websocket.Conn }

// upgrader takes no buffers of its own: what is written is framed already, and what is read is short. A page of any site may open a socket:
// it has to bring a token, and no cookie helps it.
var upgrader = &websocket.Upgrader{
	ReadBufferSize: 256, WriteBufferPool: &sync.Pool{}, HandshakeTimeout: writeTimeout,
	CheckOrigin: func(*http.Request) bool { return true },
}

// Hearer does what an app asks for over its socket. What it returns is told to the app.
type Hearer func(p *Peer, r Request) error

// ServeSocket upgrades the request and returns; the stream goes on by itself until either side ends it.
func (p *Peer) ServeSocket(w http.ResponseWriter, r *http.Request, hear Hearer) error {
	header := http.Header{}
	if protocol := r.Header.Get("Sec-WebSocket-Protocol"); protocol != "" {
		header.Set("Sec-WebSocket-Protocol", protocol)
	}
	conn, err := upgrader.Upgrade(hijacker{w}, r, header)
	if err != nil {
		p.leave()
		return err
	}
	conn.SetReadLimit(maxRequest)
	s := socket{conn}
	p.connect(s)
	go p.read(s, hear)
	return nil
}

// hijacker finds the connection below the writers that are laid around an answer.
type hijacker struct{ http.ResponseWriter }

// Hijack implements [http.Hijacker].
func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(h.ResponseWriter).Hijack()
}

// read hears the app, and sees when it goes.
func (p *Peer) read(s socket, hear Hearer) {
	alive := func(string) error { return s.conn.SetReadDeadline(time.Now().Add(deadAfter)) }
	s.conn.SetPongHandler(alive)
	var window time.Time
	for heard := 0; ; heard++ {
		if alive("") != nil {
			break
		}
		_, body, err := s.conn.ReadMessage()
		if err != nil {
			break
		}
		if now := time.Now(); now.Sub(window) > requestWindow {
			window, heard = now, 0
		}
		if heard > maxRequests {
			p.endNow(websocket.ClosePolicyViolation, "Too many requests")
			return
		}
		p.hear(body, hear)
	}
	p.endNow(websocket.CloseNormalClosure, "")
}

// hear takes one request. What is no JSON is ignored, as Mastodon does.
func (p *Peer) hear(body []byte, hear Hearer) {
	var r Request
	if json.Unmarshal(body, &r) != nil {
		return
	}
	if err := hear(p, r); err != nil {
		p.push(complaint(err.Error(), statusOf(err)))
	}
}

// statusOf is the number that goes with an error; one that does not say is the app's own fault.
func statusOf(err error) int {
	var known interface{ Status() int }
	if errors.As(err, &known) {
		return known.Status()
	}
	return http.StatusBadRequest
}

func (s socket) send(f *frame) error {
	prepared, err := f.socket()
	if err != nil {
		return err
	}
	if err := s.conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	return s.conn.WritePreparedMessage(prepared)
}

const goodbye = time.Second // to take the last frame

// hangUp says why, to who still listens. Nothing can be done about who does not.
func (s socket) hangUp(code int, reason string) {
	if code != websocket.CloseAbnormalClosure {
		_ = s.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), time.Now().Add(goodbye))
	}
	_ = s.conn.Close()
}
