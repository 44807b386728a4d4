package media

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

func TestMain(m *testing.M) {
	if Called() {
		os.Exit(Work())
	}
	os.Exit(m.Run())
}

// eachStore runs a test on every kind of store.
func eachStore(t *testing.T, test func(*testing.T, Store)) {
	t.Helper()
	for name, open := range map[string]func(*testing.T) Store{"disk": newDisk, "bucket": newBucket} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func newDisk(t *testing.T) Store {
	t.Helper()
	disk, err := OpenDisk(t.TempDir() + "/media")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := disk.Close(); err != nil {
			t.Error(err)
		}
	})
	return disk
}

// newBucket makes one at a server on this machine.
func newBucket(t *testing.T) Store {
	t.Helper()
	backend := s3mem.New()
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	if err := backend.CreateBucket("files"); err != nil {
		t.Fatal(err)
	}
	bucket, err := OpenBucket(t.Context(), BucketConfig{Endpoint: server.URL, Bucket: "files", Key: "key", Secret: "secret", Region: "us-east-1"})
	if err != nil {
		t.Fatal(err)
	}
	return bucket
}

func put(t *testing.T, s Store, name, content string) {
	t.Helper()
	if err := s.Put(t.Context(), name, strings.NewReader(content), int64(len(content)), "image/png"); err != nil {
		t.Fatal(err)
	}
}

func readAll(t *testing.T, s Store, name string) string {
	t.Helper()
	file, err := s.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(file)
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestStoreKeeps(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, s Store) {
		put(t, s, "own/ab/abc.png", "first")
		put(t, s, "own/ab/abc_small.png", "small")
		put(t, s, "own/ab/abc.png", "second")
		if got := readAll(t, s, "own/ab/abc.png"); got != "second" {
			t.Errorf("read %q", got)
		}
		if got := readAll(t, s, "own/ab/abc_small.png"); got != "small" {
			t.Errorf("read %q", got)
		}
		for range 2 {
			if err := s.Delete(t.Context(), "own/ab/abc.png"); err != nil {
				t.Error(err)
			}
		}
		if _, err := s.Open(t.Context(), "own/ab/abc.png"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("open what was deleted: %v", err)
		}
	})
}

// Players ask for parts of a film, from the middle and from its end.
func TestStoreSeeks(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, s Store) {
		put(t, s, "a", "0123456789")
		file, err := s.Open(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		if end, err := file.Seek(0, io.SeekEnd); err != nil || end != 10 {
			t.Errorf("the end is at %d, %v", end, err)
		}
		if _, err := file.Seek(4, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		part := make([]byte, 3)
		if _, err := io.ReadFull(file, part); err != nil || string(part) != "456" {
			t.Errorf("read %q, %v", part, err)
		}
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})
}

// What breaks off half-way is not there, and what was there before stays (SECURITY R6).
func TestStoreKeepsNoHalves(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, s Store) {
		put(t, s, "a", "whole")
		broken := io.MultiReader(strings.NewReader("ha"), iotestError{})
		for name, content := range map[string]io.Reader{"breaks": broken, "short": strings.NewReader("ha")} {
			if err := s.Put(t.Context(), "a", content, 10, "image/png"); err == nil {
				t.Errorf("%s: kept", name)
			}
		}
		if got := readAll(t, s, "a"); got != "whole" {
			t.Errorf("read %q", got)
		}
	})
}

type iotestError struct{}

func (iotestError) Read([]byte) (int, error) { return 0, errors.New("broken off") }

// TestNamesStayInside: nothing that is asked for leads out of the store (SECURITY D12).
func TestNamesStayInside(t *testing.T) {
	t.Parallel()
	names := []string{
		"", ".", "..", "/etc/passwd", "../a", "a/../../b", "a//b", "a\x00b", `..\a`, "a/..", "..%2fa", "CON", "a b", "é", strings.Repeat("a", 300),
	}
	eachStore(t, func(t *testing.T, s Store) {
		for _, name := range names {
			if err := s.Put(t.Context(), name, bytes.NewReader(nil), 0, "image/png"); err == nil {
				t.Errorf("kept %q", name)
			}
			if _, err := s.Open(t.Context(), name); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("open %q: %v", name, err)
			}
			if err := s.Delete(t.Context(), name); err == nil {
				t.Errorf("deleted %q", name)
			}
		}
	})
}

// A link that somebody laid in the folder leads nowhere (SECURITY D12).
func TestDiskFollowsNoLinkOut(t *testing.T) {
	t.Parallel()
	folder, secret := t.TempDir(), t.TempDir()+"/secret"
	if err := os.WriteFile(secret, []byte("key"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, folder+"/link"); err != nil {
		t.Fatal(err)
	}
	disk, err := OpenDisk(folder)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := disk.Open(t.Context(), "link"); err == nil {
		t.Error("the link was followed")
	}
	if err := disk.Close(); err != nil {
		t.Error(err)
	}
}

func TestStoreIsSharedByMany(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, s Store) {
		var group sync.WaitGroup
		for i := range 8 {
			group.Go(func() {
				put(t, s, "same", strings.Repeat(string(rune('a'+i)), 1000))
			})
		}
		group.Wait()
		if got := readAll(t, s, "same"); len(got) != 1000 || strings.Trim(got, got[:1]) != "" {
			t.Errorf("a mixture of %d bytes", len(got))
		}
	})
}
