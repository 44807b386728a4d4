//go:build unix

// Package node runs the real program for tests, the demo and the benchmark: it builds the binary once, starts it on loopback under its
// own name, speaks to it as a command and over HTTP, kills it without warning, and reads from the system what it costs.
package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"meent/e2e/townca"
)

// Options say which node to run.
type Options struct {
	Host     string            // its name, such as stad.example
	Dir      string            // for its data and log
	Database string            // default: SQLite in Dir
	Town     *townca.Authority // gives it https under its name. Nil: plain http on a free port of 127.0.0.1, with Host as its name
	Hosts    string            // hosts file of the others, when there is no Town
	Flags    []string          // more flags of serve
	Env      []string
}

// Node is a node that runs, or ran.
type Node struct {
	Options
	Base   string // its public URL
	Listen string
	Client *http.Client

	binary  string
	log     *os.File
	mu      sync.Mutex
	command *exec.Cmd
	done    chan error
}

const (
	startWait = 30 * time.Second
	stopWait  = 15 * time.Second
)

// Start builds the program if need be, and starts a node that answers when Start returns.
func Start(ctx context.Context, o Options) (*Node, error) {
	n, err := New(o)
	if err != nil {
		return nil, err
	}
	return n, n.Start(ctx)
}

// New prepares a node without starting it.
func New(o Options) (*Node, error) {
	binary, err := Build()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the node's directory: %w", err)
	}
	if o.Database == "" {
		o.Database = "sqlite:" + filepath.Join(o.Dir, "meent.db")
	}
	n := &Node{Options: o, binary: binary}
	if err := n.settle(); err != nil {
		return nil, err
	}
	n.log, err = os.OpenFile(filepath.Join(o.Dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	return n, err
}

// settle gives the node its address and name.
func (n *Node) settle() error {
	if n.Town == nil {
		port, err := freePort()
		if err != nil {
			return err
		}
		n.Listen, n.Base = "127.0.0.1:"+port, "http://"+n.Host+":"+port
		n.Client = clientOf(n.Listen)
		return nil
	}
	addr, err := n.Town.Settle(n.Host)
	if err != nil {
		return err
	}
	n.Listen, n.Base, n.Client = net.JoinHostPort(addr.String(), "443"), "https://"+n.Host, n.Town.Client()
	return nil
}

// The ports that a node takes without a Town lie below those that the system gives to outgoing connections (Linux
// ip_local_port_range), so that nobody takes a node's port while the node is down.
const (
	firstPort = 12_000
	lastPort  = 32_000
)

func freePort() (string, error) {
	for {
		port := strconv.Itoa(firstPort + rand.IntN(lastPort-firstPort)) //nolint:gosec // spreads tests, guards nothing
		listener, err := net.Listen("tcp", "127.0.0.1:"+port)           //nolint:noctx // closed at once
		if errors.Is(err, syscall.EADDRINUSE) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("find a port: %w", err)
		}
		return port, listener.Close()
	}
}

// clientOf reaches one address whatever the name.
func clientOf(addr string) *http.Client {
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, addr)
	}
	return &http.Client{Transport: &http.Transport{DialContext: dial, MaxIdleConnsPerHost: 64}, Timeout: time.Minute}
}

// Dial opens a connection to the node, whatever the address.
func (n *Node) Dial(ctx context.Context, network, _ string) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, network, n.Listen)
}

// Twin prepares a second process of a node without a Town: same name and database, an address and a data directory of its own.
func (n *Node) Twin(dir string) (*Node, error) {
	o := n.Options
	o.Dir = dir
	twin, err := New(o)
	if err == nil {
		twin.Base = n.Base
	}
	return twin, err
}

// Start runs serve and waits until the node is ready.
func (n *Node) Start(ctx context.Context) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	args := append([]string{"serve", "--listen", n.Listen}, n.common()...)
	flags, err := n.serving()
	if err != nil {
		return err
	}
	command := exec.Command(n.binary, append(append(args, flags...), n.Flags...)...) //nolint:noctx // it outlives the context of its start
	command.Env = append(os.Environ(), n.Env...)
	command.Stdout, command.Stderr = n.log, n.log
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := command.Start(); err != nil {
		return fmt.Errorf("start %s: %w", n.Host, err)
	}
	n.command, n.done = command, make(chan error, 1)
	go func(done chan<- error) { done <- command.Wait() }(n.done)
	return n.awaitReady(ctx)
}

// common are the flags that every command takes.
func (n *Node) common() []string {
	return []string{"--data", n.Dir, "--database", n.Database, "--public-url", n.Base}
}

func (n *Node) serving() ([]string, error) {
	flags := []string{"--dev-loopback"}
	if n.Town == nil {
		if n.Hosts != "" {
			flags = append(flags, "--dev-hosts", n.Hosts)
		}
		return flags, nil
	}
	certificate, err := n.Town.Issue(n.Host)
	return append(flags, "--dev-hosts", n.Town.HostsFile(), "--dev-ca", n.Town.CAFile(),
		"--tls-cert", certificate.CertFile, "--tls-key", certificate.KeyFile), err
}

func (n *Node) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startWait)
	defer cancel()
	for {
		if n.ready(ctx) {
			return nil
		}
		select {
		case err := <-n.done:
			n.done <- err
			return fmt.Errorf("%s ended at its start: %w\n%s", n.Host, errors.Join(err), n.Log())
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready after %s\n%s", n.Host, startWait, n.Log())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func (n *Node) ready(ctx context.Context) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, n.Base+"/readyz", nil)
	if err != nil {
		return false
	}
	answer, err := n.Client.Do(request)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// Kill ends the node as kill -9 does.
func (n *Node) Kill() error { return n.end(syscall.SIGKILL) }

// Stop ends the node as an administrator does, and fails when it does not end by itself.
func (n *Node) Stop() error { return n.end(syscall.SIGTERM) }

func (n *Node) end(signal syscall.Signal) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.command == nil {
		return nil
	}
	if err := n.command.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("end %s: %w", n.Host, err)
	}
	n.Client.CloseIdleConnections()
	select {
	case err := <-n.done:
		n.command = nil
		if signal == syscall.SIGTERM && err != nil {
			return fmt.Errorf("%s ended with %w\n%s", n.Host, err, n.Log())
		}
		return nil
	case <-time.After(stopWait):
		return errors.Join(fmt.Errorf("%s did not end within %s", n.Host, stopWait), n.command.Process.Kill())
	}
}

// PID is the process, 0 when the node does not run.
func (n *Node) PID() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.command == nil {
		return 0
	}
	return n.command.Process.Pid
}

// Log is the end of what the node logged.
func (n *Node) Log() string {
	const tail = 4 << 10
	text, err := os.ReadFile(filepath.Join(n.Dir, "log"))
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-tail):])
}

// Run gives the node a command, beside the running server, and returns what it printed on standard output.
func (n *Node) Run(ctx context.Context, args ...string) (string, error) {
	return n.Type(ctx, "", args...)
}

// Type is [Node.Run] of a command that reads what is typed.
func (n *Node) Type(ctx context.Context, typed string, args ...string) (string, error) {
	flags, err := n.serving()
	if err != nil {
		return "", err
	}
	var out, complaints bytes.Buffer
	development := flags[:min(len(flags), 5)] // without the certificate, which only serve takes
	if n.Town == nil {
		development = flags
	}
	command := exec.CommandContext(ctx, n.binary, append(append(args, n.common()...), development...)...)
	command.Env = append(os.Environ(), n.Env...)
	command.Stdin, command.Stdout, command.Stderr = strings.NewReader(typed), &out, &complaints
	if err := command.Run(); err != nil {
		return out.String(), fmt.Errorf("meent %s: %w\n%s", strings.Join(args, " "), err, complaints.String())
	}
	return strings.TrimSpace(out.String()), nil
}

// Read gets a document of the node in a media type.
func (n *Node) Read(ctx context.Context, url, accept string) (status int, body []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Accept", accept)
	answer, err := n.Client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	body, err = io.ReadAll(answer.Body)
	return answer.StatusCode, body, err
}
