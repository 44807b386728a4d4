package fetch

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"syscall"
	"time"
)

// call sends a request over a line and reads the head of the answer, whose body gives the line back when it was read to its end. silent
// says that the host said nothing at all.
func (ls *lines) call(l *line, r *http.Request) (response *http.Response, silent bool, err error) {
	release := context.AfterFunc(r.Context(), func() { _ = l.SetDeadline(time.Unix(1, 0)) }) // wakes whoever reads or writes
	from := &io.LimitedReader{R: l, N: maxHeaderBytes}
	reader := ls.reader(from)
	failed := ls.write(l, r)
	if response, err = readHead(reader, r); err != nil {
		release()
		ls.shelve(reader)
		return nil, from.N == maxHeaderBytes, errors.Join(failed, err, l.Close())
	}
	from.N = math.MaxInt64 // whoever reads the body knows how much they want
	response.Body = &answerBody{
		body: response.Body, reader: reader, lines: ls, line: l, release: release, spent: response.Close || failed != nil,
	}
	return response, false, nil
}

// write sends the request. A host may answer, and hang up, before it has read all of it: then its answer counts.
func (ls *lines) write(l *line, r *http.Request) error {
	writer := ls.writer(l)
	defer func() {
		writer.Reset(nil)
		ls.writers.Put(writer)
	}()
	if err := r.Write(writer); err != nil {
		return err
	}
	return writer.Flush()
}

func (ls *lines) reader(from io.Reader) *bufio.Reader {
	if r, ok := ls.readers.Get().(*bufio.Reader); ok {
		r.Reset(from)
		return r
	}
	return bufio.NewReaderSize(from, connBuffer)
}

// shelve keeps a reader for another line.
func (ls *lines) shelve(r *bufio.Reader) {
	r.Reset(nil)
	ls.readers.Put(r)
}

func (ls *lines) writer(to io.Writer) *bufio.Writer {
	if w, ok := ls.writers.Get().(*bufio.Writer); ok {
		w.Reset(to)
		return w
	}
	return bufio.NewWriterSize(to, requestBuffer)
}

// maxInterim bounds the interim answers (RFC 9110 15.2), which say nothing to us.
const maxInterim = 5

func readHead(reader *bufio.Reader, r *http.Request) (*http.Response, error) {
	for range maxInterim {
		response, err := http.ReadResponse(reader, r)
		if err != nil {
			return nil, fmt.Errorf("read answer: %w", err)
		}
		if response.StatusCode >= http.StatusOK {
			return response, nil
		}
		if response.StatusCode == http.StatusSwitchingProtocols {
			return nil, errors.New("read answer: nobody asked for another protocol")
		}
	}
	return nil, errors.New("read answer: too many interim answers")
}

// answerBody is the body of an answer, and the line that it comes by. It must be closed.
type answerBody struct {
	body    io.Reader
	reader  *bufio.Reader
	lines   *lines
	line    *line
	release func() bool
	spent   bool // the line serves no other request
	ended   bool
}

func (b *answerBody) Read(p []byte) (int, error) {
	n, err := b.body.Read(p)
	b.ended = b.ended || errors.Is(err, io.EOF)
	return n, err
}

// Close keeps the line for another request, if nothing is left on it.
func (b *answerBody) Close() error {
	if b.line == nil {
		return nil
	}
	l, clean := b.line, b.ended && !b.spent && b.reader.Buffered() == 0
	b.line = nil
	b.lines.shelve(b.reader)
	if !b.release() || !clean { // once the deadline was set, or is being set, nobody knows for whom
		return l.Close()
	}
	b.lines.keep(l)
	return nil
}

// hungUp tells whether a line that waited is of no more use: its other end is closed, or has said what nobody asked for. Where that cannot
// be seen, the first request will show it.
func hungUp(conn net.Conn) bool {
	if guarded, ok := conn.(interface{ NetConn() net.Conn }); ok { // *tls.Conn
		conn = guarded.NetConn()
	}
	socket, ok := conn.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return true
	}
	heard := true
	err = raw.Read(func(fd uintptr) bool {
		heard = hears(fd)
		return true // do not wait
	})
	return err != nil || heard
}
