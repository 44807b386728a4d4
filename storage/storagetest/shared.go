package storagetest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// joinShared makes this process a user of the server that the machine's test processes share, starting it if need be.
// It stays a user until it ends.
func joinShared() (*cluster, error) {
	found, err := findInstallation()
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf("meent-test-postgres-%d-%d", os.Getuid(), found.version)
	shared := &cluster{installation: found, dir: filepath.Join(os.TempDir(), name)}
	if err := shared.claim(); err != nil {
		return nil, err
	}
	if err := shared.join(); err != nil {
		return nil, err
	}
	return shared, shared.startOnce()
}

// claim makes the directory, and refuses one that somebody else laid in our way.
func (c *cluster) claim() error {
	if err := os.Mkdir(c.dir, 0o700); err == nil {
		return c.own(c.dir)
	} else if !errors.Is(err, os.ErrExist) {
		return err
	}
	there, err := os.Lstat(c.dir)
	if err != nil {
		return err
	}
	owner, known := there.Sys().(*syscall.Stat_t)
	if !known || !there.IsDir() || !c.ours(owner.Uid) {
		return fmt.Errorf("%s belongs to somebody else: remove it, or point TMPDIR elsewhere", c.dir)
	}
	return nil
}

func (c *cluster) ours(uid uint32) bool {
	return int(uid) == os.Geteuid() || c.identity != nil && uid == c.identity.uid
}

// startOnce starts the server unless another process did, one process at a time.
func (c *cluster) startOnce() (err error) {
	turn, err := lock(filepath.Join(c.dir, "turn"), syscall.LOCK_EX)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, turn.Close()) }()
	if c.runs() {
		return nil
	}
	// A process that was killed after Mkdir and before Chown leaves the directory with the wrong owner.
	if err := c.own(c.dir); err != nil {
		return err
	}
	if err := c.create(hasty); err != nil {
		return err
	}
	if err := c.guard(c.data(), linger); err != nil {
		return err
	}
	return c.start()
}
