package storage

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/stdlib"
)

var _ = stdlib.GetDefaultDriver

// cluster is the PostgreSQL that the tests of this package share; each test has its own database in it.
var cluster struct {
	dsn  string // of its database postgres
	next atomic.Int64
}

func TestMain(m *testing.M) {
	os.Exit(func() int {
		stop, err := startCluster()
		if err != nil {
			log.Print(err)
			return 1
		}
		defer stop()
		return m.Run()
	}())
}

func startCluster() (stop func(), err error) {
	if dsn := os.Getenv("MEENT_TEST_POSTGRES"); dsn != "" {
		cluster.dsn = dsn
		return func() {}, nil
	}
	dir, err := os.MkdirTemp("", "meent-pg")
	if err != nil {
		return nil, err
	}
	bin := "/usr/lib/postgresql/15/bin"
	run := func(name string, args ...string) error {
		cmd := exec.Command(filepath.Join(bin, name), args...)
		if os.Getuid() == 0 {
			u, err := user.Lookup("postgres")
			if err != nil {
				return err
			}
			uid, _ := strconv.Atoi(u.Uid)
			gid, _ := strconv.Atoi(u.Gid)
			if err := os.Chown(dir, uid, gid); err != nil {
				return err
			}
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
			cmd.Dir = dir
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %s", name, err, out)
		}
		return nil
	}
	data := filepath.Join(dir, "data")
	if err := run("initdb", "-D", data, "-U", "meent", "--no-sync", "-A", "trust", "-E", "UTF8", "--locale=C"); err != nil {
		return nil, err
	}
	options := fmt.Sprintf("-c listen_addresses='' -c unix_socket_directories=%s -c fsync=off -c max_connections=300", dir)
	if err := run("pg_ctl", "-D", data, "-w", "-l", filepath.Join(dir, "log"), "-o", options, "start"); err != nil {
		return nil, err
	}
	cluster.dsn = "postgres:///postgres?user=meent&host=" + dir
	return func() {
		if err := run("pg_ctl", "-D", data, "-m", "immediate", "stop"); err != nil {
			log.Print(err)
		}
		if err := os.RemoveAll(dir); err != nil {
			log.Print(err)
		}
	}, nil
}

func freshPostgres(t *testing.T) string {
	t.Helper()
	admin, err := sql.Open("pgx", cluster.dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	name := fmt.Sprintf("t%d_%d", os.Getpid(), cluster.next.Add(1))
	if _, err := admin.Exec("CREATE DATABASE " + name); err != nil {
		t.Fatal(err)
	}
	return strings.Replace(cluster.dsn, "/postgres?", "/"+name+"?", 1)
}

// onBoth runs a test on a fresh archive of each database.
func onBoth(t *testing.T, test func(t *testing.T, db *DB)) {
	t.Helper()
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, openFresh(t, "sqlite:"+filepath.Join(t.TempDir(), "meent.db")))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, openFresh(t, freshPostgres(t)))
	})
}

func openFresh(t *testing.T, dsn string) *DB {
	t.Helper()
	db := openAgain(t, dsn)
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}

func openAgain(t *testing.T, dsn string) *DB {
	t.Helper()
	db, err := Open(t.Context(), dsn, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

var _ = context.Background
