//go:build unix

// Package fedify drives the independent foreign server of the end-to-end tests from Go. Our own understanding of
// ActivityPub is on trial there, so the other side is a program that shares no line with ours: Fedify, on Node.
package fedify

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"meent/e2e/townca"
)

// Scheme is a way to sign HTTP requests.
type Scheme string

// The schemes that Fedify knows. When the first one is refused, it tries the other.
const (
	RFC9421 Scheme = "rfc9421"
	Cavage  Scheme = "cavage"
)

// Options says what kind of server to start. Host and Town are required.
type Options struct {
	Host           string            // public name, as in @bob@Host
	Town           *townca.Authority // gives the address and the certificate, and knows the other hosts
	Persons        []string          // who lives there; "bob" if empty
	Knock          Scheme            // what to try first; RFC9421 if empty
	Software       string            // NAME/VERSION for NodeInfo; its own if empty
	ManualApproval bool              // Follows wait for Accept or Reject
}

// Peer is a running foreign server. It is safe for concurrent use.
type Peer struct {
	Host    string
	Addr    netip.Addr
	Persons []Person // in the order of the options

	control string
	client  *http.Client
}

// Person is someone who lives on the peer.
type Person struct {
	Name   string `json:"name"`
	Handle string `json:"handle"`
	ID     string `json:"id"`
	Inbox  string `json:"inbox"`
}

// startTimeout covers the start of Node and the making of the keys on a machine that is busy with other tests.
const startTimeout = 30 * time.Second

// stopTimeout is how long a peer may take to stop by itself.
const stopTimeout = 5 * time.Second

// Start runs a peer until the test ends, and installs Fedify before if need be. What this machine lacks (Node, npm,
// the right to listen on port 443) skips the test, or fails it if MEENT_REQUIRE_ALL is 1.
func Start(t testing.TB, options Options) *Peer {
	t.Helper()
	dir := install(t)
	addr, err := options.Town.Settle(options.Host)
	townca.Check(t, err)
	certificate, err := options.Town.Issue(options.Host)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command("node", append([]string{"peer.mjs"}, options.flags(addr, certificate)...)...) //nolint:noctx // ends with the test, by its tether
	command.Dir = dir
	command.Env = append(os.Environ(), "NODE_EXTRA_CA_CERTS="+certificate.CAFile)
	ready, err := run(t, command)
	if err != nil {
		t.Fatalf("start the peer %s: %v", options.Host, err)
	}
	// A control call may wait for a delivery or for an arrival; the peer itself bounds both.
	client := &http.Client{Timeout: 2 * time.Minute}
	return &Peer{Host: options.Host, Addr: addr, Persons: ready.Persons, control: ready.Control, client: client}
}

func (o Options) flags(addr netip.Addr, certificate townca.Certificate) []string {
	flags := []string{
		"--tethered",
		"--host", o.Host,
		"--listen", netip.AddrPortFrom(addr, 443).String(),
		"--control", netip.AddrPortFrom(addr, 0).String(),
		"--tls-cert", certificate.CertFile,
		"--tls-key", certificate.KeyFile,
		"--hosts", o.Town.HostsFile(),
	}
	for _, name := range o.Persons {
		flags = append(flags, "--person", name)
	}
	if o.Knock != "" {
		flags = append(flags, "--knock", string(o.Knock))
	}
	if o.Software != "" {
		flags = append(flags, "--software", o.Software)
	}
	if o.ManualApproval {
		flags = append(flags, "--approve", "manual")
	}
	return flags
}

// readyLine is what the peer prints when it is up.
type readyLine struct {
	Control string   `json:"control"`
	Persons []Person `json:"persons"`
}

// run starts the command, waits until it is ready, and stops it when the test ends. The peer is tethered: it stops when
// its standard input closes, also when this test process is killed.
func run(t testing.TB, command *exec.Cmd) (readyLine, error) {
	t.Helper()
	stdin, err := command.StdinPipe()
	if err != nil {
		return readyLine{}, err
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		return readyLine{}, err
	}
	complaints := new(lockedBuffer)
	command.Stderr = complaints
	if err := command.Start(); err != nil {
		return readyLine{}, err
	}
	t.Cleanup(func() { stop(t, command, stdin, complaints) })
	return awaitReady(stdout, complaints)
}

func awaitReady(stdout io.Reader, complaints fmt.Stringer) (readyLine, error) {
	type outcome struct {
		line []byte
		err  error
	}
	first := make(chan outcome, 1)
	go func() {
		line, err := bufio.NewReader(stdout).ReadBytes('\n')
		first <- outcome{line, err}
	}()
	var ready readyLine
	select {
	case got := <-first:
		if got.err != nil {
			return ready, fmt.Errorf("it stopped before it was ready: %s", complaints)
		}
		return ready, json.Unmarshal(got.line, &ready)
	case <-time.After(startTimeout):
		return ready, fmt.Errorf("not ready after %v: %s", startTimeout, complaints)
	}
}

func stop(t testing.TB, command *exec.Cmd, stdin io.Closer, complaints fmt.Stringer) {
	t.Helper()
	if err := stdin.Close(); err != nil {
		t.Logf("close the tether of the peer: %v", err)
	}
	late := time.AfterFunc(stopTimeout, func() { _ = command.Process.Kill() })
	defer late.Stop()
	if err := command.Wait(); err != nil {
		t.Logf("the peer ended with %v", err)
	}
	if text := complaints.String(); text != "" {
		t.Logf("the peer %s complained:\n%s", command.Args, text)
	}
}

// lockedBuffer can be read while a process still writes to it.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(text []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(text)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}
