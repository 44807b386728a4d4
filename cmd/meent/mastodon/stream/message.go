package stream

import (
	"bytes"
	"encoding/json"
	"sync"

	"github.com/gorilla/websocket"
)

// Message is an event as it goes to everybody for whom it looks the same.
type Message struct {
	Event   string
	Payload []byte // JSON, or an id; nil: none
}

// frame is a message on one channel, ready for the wire: made once, when first needed, and shared by all who get it.
type frame struct {
	socket func() (*websocket.PreparedMessage, error)
	lines  func() []byte
}

func (m *Message) on(c Channel) *frame {
	return &frame{
		socket: sync.OnceValues(func() (*websocket.PreparedMessage, error) {
			body, err := m.envelope(c)
			if err != nil {
				return nil, err
			}
			return websocket.NewPreparedMessage(websocket.TextMessage, body)
		}),
		lines: sync.OnceValue(m.asLines),
	}
}

// envelope is the message as a socket carries it (Mastodon API, streaming: WebSocket): the payload is a string of JSON.
func (m *Message) envelope(c Channel) ([]byte, error) {
	envelope := struct {
		Stream  []string `json:"stream"`
		Event   string   `json:"event"`
		Payload *string  `json:"payload,omitempty"`
	}{Stream: c.names(), Event: m.Event}
	if m.Payload != nil {
		payload := string(m.Payload)
		envelope.Payload = &payload
	}
	return encode(envelope)
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// asLines is the message as a server-sent event (HTML, server-sent events). One without payload has an empty line of data: a reader drops
// events that have none.
func (m *Message) asLines() []byte {
	var b bytes.Buffer
	b.WriteString("event: " + m.Event + "\ndata: ")
	b.Write(m.Payload)
	b.WriteString("\n\n")
	return b.Bytes()
}

// beat keeps proxies from closing a stream on which nothing happens, and finds out whose reader has gone.
var beat = &frame{
	socket: sync.OnceValues(func() (*websocket.PreparedMessage, error) {
		return websocket.NewPreparedMessage(websocket.PingMessage, nil)
	}),
	lines: func() []byte { return []byte(":thump\n\n") },
}

// complaint tells a socket why a request was refused, in the words of Mastodon's own server.
func complaint(message string, status int) *frame {
	return &frame{
		socket: func() (*websocket.PreparedMessage, error) {
			body, err := encode(struct {
				Error  string `json:"error"`
				Status int    `json:"status"`
			}{message, status})
			if err != nil {
				return nil, err
			}
			return websocket.NewPreparedMessage(websocket.TextMessage, body)
		},
		lines: func() []byte { return nil },
	}
}

func unquote(word string) (string, bool) {
	var s string
	err := json.Unmarshal([]byte(word), &s)
	return s, err == nil
}
