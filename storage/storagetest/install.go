package storagetest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

var errNotInstalled = errors.New("no PostgreSQL here: install it (on Debian: apt-get install postgresql), or set " + adminDSN +
	" to the connection string of a superuser")

// installation is PostgreSQL as it lies on this machine.
type installation struct {
	version  int
	initdb   string
	pgCtl    string
	flock    string // util-linux; the guardian waits on it
	identity *identity
}

// identity is whom the server runs as: nil for ourselves. The server refuses to run as root.
type identity struct{ uid, gid uint32 }

func findInstallation() (installation, error) {
	pgCtl := findProgram("pg_ctl")
	flock, err := exec.LookPath("flock")
	if pgCtl == "" || err != nil {
		return installation{}, errNotInstalled
	}
	version, err := majorVersion(pgCtl)
	if err != nil {
		return installation{}, err
	}
	found := installation{version: version, initdb: filepath.Join(filepath.Dir(pgCtl), "initdb"), pgCtl: pgCtl, flock: flock}
	if os.Geteuid() == 0 {
		found.identity, err = serverIdentity()
	}
	return found, err
}

// findProgram looks where Debian keeps the programs of each version (newest first), then on the PATH.
func findProgram(name string) string {
	paths, err := filepath.Glob(filepath.Join("/usr/lib/postgresql", "*", "bin", name))
	if err == nil && len(paths) > 0 {
		return slices.MaxFunc(paths, func(a, b string) int { return debianVersion(a) - debianVersion(b) })
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return ""
	}
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		return resolved // initdb lies beside the real one
	}
	return path
}

// debianVersion reads 15 from /usr/lib/postgresql/15/bin/pg_ctl.
func debianVersion(path string) int {
	version, err := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
	if err != nil {
		return 0
	}
	return version
}

// majorVersion reads 15 from "pg_ctl (PostgreSQL) 15.14 (Debian 15.14-1)".
func majorVersion(pgCtl string) (int, error) {
	said, err := exec.Command(pgCtl, "--version").Output()
	if err != nil {
		return 0, fmt.Errorf("ask %s for its version: %w", pgCtl, err)
	}
	words := strings.Fields(string(said))
	if len(words) < 3 {
		return 0, fmt.Errorf("%s calls its version %q", pgCtl, said)
	}
	major, _, _ := strings.Cut(words[2], ".")
	return strconv.Atoi(major)
}

// serverIdentity is the account that Debian's package makes for the server.
func serverIdentity() (*identity, error) {
	account, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL refuses to run as root, and there is no account postgres to run it: %w", err)
	}
	uid, err := strconv.ParseUint(account.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(account.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &identity{uid: uint32(uid), gid: uint32(gid)}, nil
}

// command prepares a program to run as the server's account, in a directory that this account may enter.
func (i installation) command(dir, program string, arguments ...string) *exec.Cmd {
	command := exec.Command(program, arguments...)
	command.Dir = dir
	// A group of its own: an interrupt at the keyboard is for the test, whose end then ends the server in order.
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if i.identity != nil {
		command.SysProcAttr.Credential = &syscall.Credential{Uid: i.identity.uid, Gid: i.identity.gid}
	}
	return command
}

// own gives a directory to the server's account.
func (i installation) own(path string) error {
	if i.identity == nil {
		return nil
	}
	return os.Chown(path, int(i.identity.uid), int(i.identity.gid))
}
