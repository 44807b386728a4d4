package storagetest

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The two ways in which we run a server. A server of the second kind keeps what it acknowledged, come what may.
const (
	hasty = `
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 400
`
	durable = `
fsync = on
synchronous_commit = on
full_page_writes = on
max_connections = 200
`
)

// startPatience is how long a server may take until it answers, recovery after a crash included.
const startPatience = time.Minute

// linger is how long the shared server waits for the next test process before it ends.
const linger = 20 * time.Second

// Cluster is a PostgreSQL server of a test's own that survives crashes: it waits for the disk before it answers a commit.
// It listens on a socket in its own directory only. Its methods must not be called from several goroutines at once.
type Cluster struct {
	cluster
}

// cluster is a directory with a server's data, its socket, its log and the locks of those who use it.
type cluster struct {
	installation
	dir   string
	users *os.File // locked, shared, by each process that uses the server, for as long as it does
}

// NewDurable starts a server that goes, with all its data, when the test ends.
// Where PostgreSQL cannot be had the test is skipped, or fails if MEENT_REQUIRE_ALL is set.
func NewDurable(t testing.TB) *Cluster {
	t.Helper()
	found, err := findInstallation()
	if err != nil {
		lacking(t, err)
	}
	dir, err := os.MkdirTemp("", "meent-pg-") //nolint:usetesting // a socket's path has about 100 bytes of room, t.TempDir may need more
	if err != nil {
		t.Fatalf("storagetest: %v", err)
	}
	server := &Cluster{cluster{installation: found, dir: dir}}
	t.Cleanup(func() {
		if err := server.end(); err != nil {
			t.Errorf("storagetest: %v", err)
		}
	})
	if err := server.begin(durable); err != nil {
		t.Fatalf("storagetest: %v", err)
	}
	return server
}

// Database returns the connection string of a new, empty database. The server must be running.
func (c *Cluster) Database(t testing.TB) string {
	t.Helper()
	dsn, err := createDatabase(t.Context(), c.dsn())
	if err != nil {
		t.Fatalf("storagetest: %v", err)
	}
	return dsn
}

// Start starts a stopped or crashed server and returns when it answers, its recovery done.
func (c *Cluster) Start(t testing.TB) {
	t.Helper()
	if err := c.start(); err != nil {
		t.Fatalf("storagetest: %v", err)
	}
}

// Stop stops the server in one of the modes of pg_ctl: smart, fast or immediate. The last leaves a crash to recover from.
func (c *Cluster) Stop(t testing.TB, mode string) {
	t.Helper()
	if err := c.stop(mode); err != nil {
		t.Fatalf("storagetest: %v", err)
	}
}

// Kill ends the server with SIGKILL and returns when all its processes are gone.
func (c *Cluster) Kill(t testing.TB) {
	t.Helper()
	if err := c.kill(); err != nil {
		t.Fatalf("storagetest: %v", err)
	}
}

// begin makes the cluster out of an empty directory and starts it.
func (c *cluster) begin(settings string) error {
	if err := c.own(c.dir); err != nil {
		return err
	}
	if err := c.join(); err != nil {
		return err
	}
	if err := c.create(settings); err != nil {
		return err
	}
	if err := c.guard(c.dir, 0); err != nil {
		return err
	}
	return c.start()
}

// end stops the server and removes all of it.
func (c *cluster) end() error {
	err := c.stop("immediate")
	if c.users != nil {
		err = errors.Join(err, c.users.Close())
	}
	return errors.Join(err, os.RemoveAll(c.dir))
}

// join locks the cluster against being ended; the kernel drops the lock with the process.
func (c *cluster) join() error {
	users, err := lock(filepath.Join(c.dir, "users"), syscall.LOCK_SH)
	if err != nil {
		return fmt.Errorf("join the cluster in %s: %w", c.dir, err)
	}
	c.users = users
	return nil
}

// create makes the server's data, whatever an earlier run left there.
func (c *cluster) create(settings string) error {
	if err := os.RemoveAll(c.data()); err != nil {
		return err
	}
	arguments := []string{"--pgdata", c.data(), "--username", "postgres", "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"}
	if err := run(c.command(c.dir, c.initdb, arguments...)); err != nil {
		return err
	}
	settings += "listen_addresses = ''\nunix_socket_directories = '" + c.dir + "'\n"
	return appendFile(filepath.Join(c.data(), "postgresql.conf"), settings)
}

// guard leaves a process behind that ends the server once no process uses it any more, even if all were killed, and removes
// rubbish then. It waits for pause after the last user left, and begins anew if another came meanwhile. Only one guardian
// stays; the second waits a moment for its turn, in case the first is just about to go.
func (c *cluster) guard(rubbish string, pause time.Duration) error {
	const watch = `until "$1" -n users sh -c '"$1" stop -D data -m immediate; rm -rf "$2"' end "$2" "$3"
do "$1" users true; sleep "$4"; done`
	arguments := []string{"-w", "5", "guard", "sh", "-c", watch, "guardian", c.flock, c.pgCtl, rubbish, seconds(pause)}
	guardian := c.command(c.dir, c.flock, arguments...)
	if err := guardian.Start(); err != nil {
		return fmt.Errorf("guard the cluster: %w", err)
	}
	return guardian.Process.Release()
}

func (c *cluster) start() error {
	return run(c.command(c.dir, c.pgCtl, "start", "-D", c.data(), "-l", filepath.Join(c.dir, "log"), "-w", "-t", seconds(startPatience)))
}

// stop is content when no server runs.
func (c *cluster) stop(mode string) error {
	if !c.runs() {
		return nil
	}
	return run(c.command(c.dir, c.pgCtl, "stop", "-D", c.data(), "-m", mode, "-w"))
}

func (c *cluster) kill() error {
	process, err := c.serverProcess()
	if err != nil {
		return err
	}
	if err := syscall.Kill(process, syscall.SIGKILL); err != nil {
		return fmt.Errorf("kill the server: %w", err)
	}
	// Its children notice by themselves; a new server refuses to start while one of them is alive.
	for deadline := time.Now().Add(startPatience); c.runs(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			return errors.New("the server was killed and still runs")
		}
	}
	return nil
}

func (c *cluster) runs() bool {
	return c.command(c.dir, c.pgCtl, "status", "-D", c.data()).Run() == nil
}

// serverProcess reads the first line of the file that every server keeps beside its data.
func (c *cluster) serverProcess() (int, error) {
	kept, err := os.ReadFile(filepath.Join(c.data(), "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(kept), "\n")
	return strconv.Atoi(first)
}

func (c *cluster) data() string { return filepath.Join(c.dir, "data") }

// dsn is the connection string of the server's own database.
func (c *cluster) dsn() string {
	address := url.URL{Scheme: "postgres", Path: "/postgres", RawQuery: url.Values{"host": {c.dir}, "user": {"postgres"}}.Encode()}
	return address.String()
}

// lock opens path, creating it, and waits until it has the lock that how (of flock(2)) names. Closing the file unlocks.
func lock(path string, how int) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(file.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

func appendFile(path, text string) (err error) {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, fs.FileMode(0))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	_, err = file.WriteString(text)
	return err
}

// run runs a command to its end; what it said goes into the error. Its output must be a file:
// a pipe would be held open by the server that it leaves behind.
func run(command *exec.Cmd) error {
	said, err := os.CreateTemp("", "meent-pg-said-")
	if err != nil {
		return err
	}
	defer func() { _ = errors.Join(said.Close(), os.Remove(said.Name())) }()
	command.Stdout, command.Stderr = said, said
	if err := command.Run(); err != nil {
		text, _ := os.ReadFile(said.Name())
		return fmt.Errorf("%s: %w\n%s", filepath.Base(command.Path), err, text)
	}
	return nil
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }
