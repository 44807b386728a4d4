// Package postoffice is a mail server for tests, so that what is sent goes over a real connection to somebody who reads it.
package postoffice

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
)

// Office is a small mail server on a loopback address: it takes every letter, or refuses all.
type Office struct {
	URL     string      // for the settings of who sends
	Letters chan string // that were taken, as they came
	refuses bool
}

// Open opens one until the end of the test.
func Open(t *testing.T, refuses bool) *Office {
	t.Helper()
	socket, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := &Office{URL: "smtp://" + socket.Addr().String(), Letters: make(chan string, room), refuses: refuses}
	t.Cleanup(func() { _ = socket.Close() })
	go func() {
		for {
			conn, err := socket.Accept()
			if err != nil {
				return
			}
			go o.serve(conn)
		}
	}()
	return o
}

const room = 64 // letters that nobody has read

// serve speaks as much of RFC 5321 as a sender needs.
func (o *Office) serve(conn net.Conn) {
	defer conn.Close() //nolint:errcheck // whoever sends has gone
	lines := bufio.NewReader(conn)
	say := func(line string) { fmt.Fprintf(conn, "%s\r\n", line) }
	say("220 office.example")
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		switch command, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(line)), " "); command {
		case "EHLO":
			say("250-office.example")
			say("250 8BITMIME")
		case "DATA":
			say("354 go on")
			var letter strings.Builder
			for {
				line, err := lines.ReadString('\n')
				if err != nil || line == ".\r\n" {
					break
				}
				letter.WriteString(line)
			}
			o.Letters <- letter.String()
			say("250 taken")
		case "RCPT":
			if o.refuses {
				say("450 come back later")
				continue
			}
			say("250 fine")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 fine")
		}
	}
}

// patience is how long a letter may take: far longer than it does.
const patience = 30 * time.Second

// Next returns the next letter, with its lines as they were before they were folded for the road (RFC 2045 6.7).
func (o *Office) Next(t *testing.T) string {
	t.Helper()
	select {
	case letter := <-o.Letters:
		return strings.ReplaceAll(strings.ReplaceAll(letter, "=\r\n", ""), "=3D", "=")
	case <-time.After(patience):
		t.Fatal("no letter came")
		return ""
	}
}
