//go:build unix

package limits_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"meent/e2e/node"
	"meent/e2e/townca"
)

const resets = 5000 // streams opened and thrown away by one connection

// SECURITY D26: a connection that opens streams and resets them at once (CVE-2023-44487) keeps nobody else waiting.
func TestRapidResetsSlowNobodyDown(t *testing.T) { //nolint:paralleltest // it measures time
	town, err := townca.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	n := node.ForTest(t, node.Options{Host: "middelstad.example", Dir: t.TempDir(), Town: town}, (*node.Node).Kill)
	attacked := make(chan error, 1)
	go func() { attacked <- reset(n, town) }()
	for range askings {
		began := time.Now()
		status, _, err := n.Read(t.Context(), n.Base+"/", "text/html")
		if err != nil || status != http.StatusOK {
			t.Fatalf("among resets: %d, %v", status, err)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("an answer took %v among resets", took)
		}
	}
	if err := <-attacked; err != nil {
		t.Logf("the attacker was thrown out: %v", err) // as good as being borne
	}
}

// reset opens one HTTP/2 connection and misuses it.
func reset(n *node.Node, town *townca.Authority) (err error) {
	conn, err := tls.Dial("tcp", n.Listen, &tls.Config{RootCAs: town.Pool(), ServerName: n.Host, NextProtos: []string{"h2"}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if conn.ConnectionState().NegotiatedProtocol != "h2" {
		return nil // no HTTP/2, no such attack
	}
	go func() { _, _ = io.Copy(io.Discard, conn) }()
	if _, err := io.WriteString(conn, http2.ClientPreface); err != nil {
		return err
	}
	framer := http2.NewFramer(conn, nil)
	if err := framer.WriteSettings(); err != nil {
		return err
	}
	header := requestHeader(n.Host)
	for i := range uint32(resets) {
		stream := 2*i + 1
		err := framer.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: header, EndStream: true, EndHeaders: true})
		if err != nil {
			return err
		}
		if err := framer.WriteRSTStream(stream, http2.ErrCodeCancel); err != nil {
			return err
		}
	}
	return nil
}

func requestHeader(host string) []byte {
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	for _, field := range [][2]string{{":method", "GET"}, {":scheme", "https"}, {":authority", host}, {":path", "/"}} {
		_ = encoder.WriteField(hpack.HeaderField{Name: field[0], Value: field[1], Sensitive: true}) // into memory; not indexed, so that it can be sent again
	}
	return block.Bytes()
}
