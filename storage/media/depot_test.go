package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"meent/communities"
	"meent/storage"
	"meent/storage/storagetest"
)

// town is a depot with an archive and somebody who lives there.
type town struct {
	*testing.T
	*Depot
	archive *storage.DB
	anna    *communities.Actor
	home    map[string][]byte // files of other nodes, by address
	asked   atomic.Int32
	blocked string

	mu    sync.Mutex
	clock time.Time
}

func (t *town) now() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.clock
}

func (t *town) pass(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.clock = t.clock.Add(d)
}

// quiet is a herald that nobody hears.
type quiet struct{}

func (quiet) Tell(context.Context, communities.Tx, communities.Happened) error { return nil }

func inTown(t *testing.T, test func(*town)) {
	t.Helper()
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, dsn string) {
		w := &town{T: t, clock: time.Now(), home: map[string][]byte{}}
		var err error
		if w.archive, err = storage.Open(t.Context(), dsn, storage.Options{Now: w.now}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := w.archive.Close(); err != nil {
				t.Error(err)
			}
		})
		if err := w.archive.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := storage.NewJobs(w.archive, nil, storage.JobsOptions{}); err != nil {
			t.Fatal(err)
		}
		people := communities.NewTown(w.archive, quiet{}, w.archive.IDs(), communities.Address{Base: "https://meent.example"}, w.now)
		w.Depot = NewDepot(Options{
			Town: people, Archive: w.archive, Store: newDisk(t), Workshop: newWorkshop(t), Log: slog.New(slog.DiscardHandler), Now: w.now,
			Fetch: w.fetch, Permit: w.permit, KeepRemote: 10_000,
		})
		w.do(func(tx communities.Tx) error {
			node, err := people.Found(t.Context(), tx, "Meent")
			if err == nil {
				w.anna, err = people.CreatePerson(t.Context(), tx, communities.NewPerson{By: node.ID, Name: "anna", Email: "anna@meent.example"})
			}
			return err
		})
		test(w)
	})
}

func (t *town) fetch(_ context.Context, url string) ([]byte, error) {
	t.asked.Add(1)
	content, known := t.home[url]
	if !known {
		return nil, errors.New("nobody is there")
	}
	return content, nil
}

func (t *town) permit(url string) error {
	if t.blocked != "" && strings.HasPrefix(url, t.blocked) {
		return errors.New("blocked")
	}
	return nil
}

func (t *town) do(fn func(communities.Tx) error) {
	t.Helper()
	if err := t.Town.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func (t *town) give(content []byte, later bool) (*communities.Media, error) {
	upload := communities.Upload{Owner: t.anna.ID, By: t.anna.ID, Purpose: communities.ForPost, Alt: "een fiets"}
	return t.Take(t.Context(), upload, bytes.NewReader(content), int64(len(content)), later)
}

// given gives a picture that must be taken.
func (t *town) given() *communities.Media {
	t.Helper()
	m, err := t.give(asPNG(painting(20, 20)), false)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (t *town) post(m *communities.Media, change func(*communities.Draft)) *communities.Post {
	t.Helper()
	d := communities.Draft{Author: t.anna.ID, Source: "kijk", Attachments: []communities.Attachment{{Media: m.ID}}}
	if change != nil {
		change(&d)
	}
	var p *communities.Post
	t.do(func(tx communities.Tx) (err error) {
		p, err = t.Town.Publish(t.Context(), tx, d)
		return err
	})
	return p
}

// shows tells whether a file is handed out.
func (t *town) shows(name string) (Served, bool) {
	t.Helper()
	s, err := t.Own(t.Context(), name)
	if communities.IsNotFound(err) {
		return s, false
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Content.Close() })
	return s, true
}

func (t *town) forgetAll() {
	t.Helper()
	if err := t.ForgetMedia(t.Context(), communities.ForgetMedia{}); err != nil {
		t.Fatal(err)
	}
}

// bytesLeft counts what is on the disk.
func (t *town) bytesLeft() (files []string) {
	t.Helper()
	err := fs.WalkDir(t.Store.(*Disk).root.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestLifeOfAFile(t *testing.T) {
	inTown(t, func(t *town) {
		m := t.given()
		p := t.post(m, nil)
		s, shown := t.shows(m.Original)
		if !shown || s.MediaType != "image/png" || !s.Open {
			t.Errorf("%+v", s)
		}
		if got := p.Attachments[0]; got.URL != "https://meent.example/media/"+m.Original || got.Alt != "een fiets" || got.Width != 20 {
			t.Errorf("%+v", got)
		}
		t.pass(48 * time.Hour)
		t.forgetAll()
		if _, shown := t.shows(m.Preview); !shown {
			t.Error("it went though a post has it")
		}
		t.do(func(tx communities.Tx) error {
			return t.Town.Delete(t.Context(), tx, communities.Deletion{Post: p.ID, By: t.anna.ID})
		})
		t.forgetAll()
		if left := t.bytesLeft(); len(left) != 0 {
			t.Errorf("left: %v", left)
		}
		if _, err := t.archive.Media(t.Context(), m.ID); !communities.IsNotFound(err) {
			t.Error(err)
		}
	})
}

// What hangs on nothing goes after a day, also while it was never worked on.
func TestNothingStaysForNothing(t *testing.T) {
	inTown(t, func(t *town) {
		m := t.given()
		if t.Workshop.Films() {
			if _, err := t.give(film(t.T, ".ogg", "-map", "1:a", "-c:a", "libvorbis"), true); err != nil {
				t.Fatal(err)
			}
		}
		t.pass(23 * time.Hour)
		t.forgetAll()
		if _, shown := t.shows(m.Original); !shown {
			t.Error("it went too early")
		}
		t.pass(2 * time.Hour)
		t.forgetAll()
		if left := t.bytesLeft(); len(left) != 0 {
			t.Errorf("left: %v", left)
		}
	})
}

// A post that a moderator took away takes its file out of sight, until it comes back.
func TestRemovedPostHidesItsFile(t *testing.T) {
	inTown(t, func(t *town) {
		m := t.given()
		p := t.post(m, nil)
		set := func(at time.Time) {
			t.do(func(tx communities.Tx) error {
				p, err := tx.Post(t.Context(), p.ID)
				if err != nil {
					return err
				}
				p.Removal.At = at
				return tx.UpdatePost(t.Context(), p)
			})
		}
		set(t.now())
		if _, shown := t.shows(m.Original); shown {
			t.Error("it is shown")
		}
		set(time.Time{})
		if _, shown := t.shows(m.Original); !shown {
			t.Error("it is not shown")
		}
	})
}

// Whoever leaves takes everything along: what hangs on posts, on the profile, and on nothing.
func TestWhoLeavesLeavesNothing(t *testing.T) {
	inTown(t, func(t *town) {
		t.post(t.given(), nil)
		t.given()
		content := asPNG(painting(30, 30))
		icon, err := t.Take(t.Context(), communities.Upload{Owner: t.anna.ID, By: t.anna.ID, Purpose: communities.ForIcon}, bytes.NewReader(content), int64(len(content)), false)
		if err != nil {
			t.Fatal(err)
		}
		t.do(func(tx communities.Tx) error {
			_, err := t.Town.EditProfile(t.Context(), tx, communities.Profile{Actor: t.anna.ID, By: t.anna.ID, Icon: &communities.Image{Media: icon.ID}})
			return err
		})
		t.pass(48 * time.Hour)
		t.forgetAll()
		if left := t.bytesLeft(); len(left) != 3 {
			t.Errorf("left: %v", left)
		}
		t.do(func(tx communities.Tx) error {
			return t.Town.DeleteActor(t.Context(), tx, communities.Standing{Actor: t.anna.ID, By: t.anna.ID})
		})
		t.do(func(tx communities.Tx) error {
			return t.Town.PurgeSome(t.Context(), tx, communities.Purge{Actor: t.anna.ID})
		})
		t.forgetAll()
		if left := t.bytesLeft(); len(left) != 0 {
			t.Errorf("left: %v", left)
		}
	})
}

func TestFilmsAreMadeByATask(t *testing.T) {
	needsTools(t)
	inTown(t, func(t *town) {
		m, err := t.give(film(t.T, ".webm", "-c:v", "libvpx", "-c:a", "libvorbis"), true)
		if err != nil || m.State != communities.MediaWorking || m.File.Kind != "video" {
			t.Fatalf("%+v, %v", m, err)
		}
		if _, shown := t.shows(m.Name + ".webm"); shown {
			t.Error("it is shown before it was looked at")
		}
		for range 2 {
			if err := t.MakeMedia(t.Context(), communities.MakeMedia{Media: m.ID}); err != nil {
				t.Fatal(err)
			}
		}
		done, err := t.archive.Media(t.Context(), m.ID)
		if err != nil || done.State != communities.MediaReady || done.File.Alt != "een fiets" || done.File.Duration == 0 {
			t.Errorf("%+v, %v", done, err)
		}
		if left := t.bytesLeft(); len(left) != 2 {
			t.Errorf("left: %v", left)
		}
		broken, err := t.give([]byte("OggS nothing else"), true)
		if err != nil {
			t.Fatal(err)
		}
		if err := t.MakeMedia(t.Context(), communities.MakeMedia{Media: broken.ID}); err != nil {
			t.Error(err)
		}
		if failed, err := t.archive.Media(t.Context(), broken.ID); err != nil || failed.State != communities.MediaFailed || failed.Reason == "" {
			t.Errorf("%+v, %v", failed, err)
		}
	})
}

// What nothing can be made of leaves nothing behind.
func TestRefusedFilesAreGone(t *testing.T) {
	inTown(t, func(t *town) {
		broken := asPNG(painting(20, 20))
		for _, content := range [][]byte{broken[:60], []byte("<svg>"), pngOf(50_000, 50_000)} {
			if _, err := t.give(content, false); communities.KindOf(err) != communities.KindInvalid {
				t.Errorf("%v", err)
			}
		}
		t.forgetAll()
		if left := t.bytesLeft(); len(left) != 0 {
			t.Errorf("left: %v", left)
		}
	})
}

// SECURITY D12, D13, S17: nothing but the names that were given out leads to a file.
func TestOnlyNamesThatWereGiven(t *testing.T) {
	inTown(t, func(t *town) {
		m := t.given()
		for _, name := range []string{
			"", ".", "..", "../x", m.Name, m.Name + ".webp", m.Name + ".png.png", m.Name + "_small.png", m.Name + ".png&proxy=http://127.0.0.1/",
			"../own/" + m.Original, "..%2f" + m.Original, m.Original + "\x00", "/" + m.Original, strings.ToUpper(m.Original), m.Name[:25] + ".png", "_", m.Name + "_.png",
		} {
			if name == m.Preview {
				continue
			}
			if _, shown := t.shows(name); shown {
				t.Errorf("%q leads to a file", name)
			}
		}
		if len(m.Name) < 26 {
			t.Errorf("%q can be guessed", m.Name)
		}
	})
}

// What is not for everybody is not kept by caches between.
func TestOpenAndNot(t *testing.T) {
	inTown(t, func(t *town) {
		for visibility, open := range map[communities.Visibility]bool{communities.Public: true, communities.Unlisted: true, communities.Followers: false, communities.Direct: false} {
			m := t.given()
			if s, shown := t.shows(m.Original); !shown || s.Open {
				t.Errorf("before it is posted: %+v", s)
			}
			t.post(m, func(d *communities.Draft) { d.Visibility = visibility })
			if s, shown := t.shows(m.Original); !shown || s.Open != open {
				t.Errorf("%s: %+v", visibility, s)
			}
		}
	})
}

func TestSomebodyElsesFile(t *testing.T) {
	inTown(t, func(t *town) {
		m := t.given()
		var bert *communities.Actor
		t.do(func(tx communities.Tx) error {
			node, err := t.Town.Found(t.Context(), tx, "")
			if err == nil {
				bert, err = t.Town.CreatePerson(t.Context(), tx, communities.NewPerson{By: node.ID, Name: "bert", Email: "bert@meent.example"})
			}
			return err
		})
		for name, try := range map[string]func(communities.Tx) error{
			"post": func(tx communities.Tx) error {
				_, err := t.Town.Publish(t.Context(), tx, communities.Draft{Author: bert.ID, Attachments: []communities.Attachment{{Media: m.ID}}})
				return err
			},
			"icon": func(tx communities.Tx) error {
				_, err := t.Town.EditProfile(t.Context(), tx, communities.Profile{Actor: bert.ID, By: bert.ID, Icon: &communities.Image{Media: m.ID}})
				return err
			},
			"own post's file as an icon": func(tx communities.Tx) error {
				_, err := t.Town.EditProfile(t.Context(), tx, communities.Profile{Actor: t.anna.ID, By: t.anna.ID, Icon: &communities.Image{Media: m.ID}})
				return err
			},
			"describe": func(tx communities.Tx) error {
				_, err := t.Town.EditMedia(t.Context(), tx, communities.MediaEdit{Media: m.ID, By: bert.ID})
				return err
			},
			"discard": func(tx communities.Tx) error { return t.Town.DiscardMedia(t.Context(), tx, m.ID, bert.ID) },
			"give in another's name": func(tx communities.Tx) error {
				_, err := t.Town.BeginMedia(t.Context(), tx, communities.Upload{Owner: t.anna.ID, By: bert.ID})
				return err
			},
			"five": func(tx communities.Tx) error {
				_, err := t.Town.Publish(t.Context(), tx, communities.Draft{Author: t.anna.ID, Attachments: make([]communities.Attachment, 5)})
				return err
			},
		} {
			if err := t.Town.Write(t.Context(), try); err == nil || communities.KindOf(err) == communities.KindInternal {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestHeldFilesWait(t *testing.T) {
	inTown(t, func(t *town) {
		m := t.given()
		t.do(func(tx communities.Tx) error {
			return t.Town.HoldMedia(t.Context(), tx, t.anna.ID, []communities.MediaID{m.ID}, t.now().Add(30*24*time.Hour))
		})
		t.pass(30 * 24 * time.Hour)
		t.forgetAll()
		t.post(m, nil)
	})
}

func TestNobodyFillsTheDisk(t *testing.T) {
	inTown(t, func(t *town) {
		t.do(func(tx communities.Tx) error {
			for range communities.MaxLooseMedia {
				if _, err := t.Town.BeginMedia(t.Context(), tx, communities.Upload{Owner: t.anna.ID, By: t.anna.ID, Purpose: communities.ForPost}); err != nil {
					return err
				}
			}
			_, err := t.Town.BeginMedia(t.Context(), tx, communities.Upload{Owner: t.anna.ID, By: t.anna.ID, Purpose: communities.ForPost})
			if communities.KindOf(err) != communities.KindLimited {
				t.Errorf("%v", err)
			}
			return nil
		})
	})
}

func content(t *town, s Served) string {
	t.Helper()
	all, err := io.ReadAll(s.Content)
	if err := errors.Join(err, s.Content.Close()); err != nil {
		t.Fatal(err)
	}
	return string(all)
}

func TestRemoteFileIsFetchedOnce(t *testing.T) {
	inTown(t, func(t *town) {
		const url = "https://ergens.example/1.png"
		t.home[url] = asPNG(painting(10, 10))
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				s, err := t.Remote(t.Context(), url)
				if err != nil || s.MediaType != "image/png" || content(t, s) != string(t.home[url]) {
					t.Errorf("%+v, %v", s, err)
				}
			})
		}
		group.Wait()
		if asked := t.asked.Load(); asked != 1 {
			t.Errorf("asked %d times", asked)
		}
		t.blocked = "https://ergens.example/"
		if _, err := t.Remote(t.Context(), url); !communities.IsNotFound(err) {
			t.Errorf("of a blocked host: %v", err)
		}
		t.blocked = ""
		if err := t.ForgetMedia(t.Context(), communities.ForgetMedia{Remote: []string{url}}); err != nil {
			t.Error(err)
		}
		if left := t.bytesLeft(); len(left) != 0 {
			t.Errorf("left: %v", left)
		}
	})
}

// SECURITY I4, H14: what another node sends is shown by what it is, and not at all when it could do harm.
func TestRemoteFilesThatAreNone(t *testing.T) {
	inTown(t, func(t *town) {
		for name, bytes := range map[string][]byte{
			"actor": []byte(`{"@context":"https://www.w3.org/ns/activitystreams","type":"Person"}`), "svg": []byte("<svg onload=alert(1)>"),
			"html": []byte("<!doctype html>"), "bomb": pngOf(50_000, 50_000), "frames": manyFrames(100_000), "nothing": {},
			"large": append(asPNG(painting(10, 10)), make([]byte, 20_000)...),
		} {
			url := "https://ergens.example/" + name
			t.home[url] = bytes
			if _, err := t.Remote(t.Context(), url); !errors.Is(err, ErrUnsafe) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := t.Remote(t.Context(), "https://ergens.example/absent"); !communities.IsNotFound(err) {
			t.Errorf("absent: %v", err)
		}
		if left := t.bytesLeft(); len(left) != 0 {
			t.Errorf("left: %v", left)
		}
	})
}

// What is kept of others never grows beyond the setting: what was looked at longest ago goes first.
func TestRoomForOthersIsBounded(t *testing.T) {
	inTown(t, func(t *town) {
		url := func(i int) string { return fmt.Sprintf("https://ergens.example/%d.png", i) }
		size := int64(len(asPNG(painting(30, 30))) + 2000)
		for i := range 12 {
			t.home[url(i)] = append(asPNG(painting(30, 30)), make([]byte, 2000)...)
			t.pass(2 * time.Hour)
			for _, at := range []int{i, 0} { // the first is looked at again and again
				s, err := t.Remote(t.Context(), url(at))
				if err != nil {
					t.Fatal(err)
				}
				_ = content(t, s)
			}
			if kept, err := t.archive.RemoteFilesSize(t.Context()); err != nil || kept > t.KeepRemote {
				t.Errorf("%d bytes are kept, %v", kept, err)
			}
			if left := t.bytesLeft(); int64(len(left))*size > t.KeepRemote {
				t.Errorf("%d files are on the disk", len(left))
			}
		}
		if asked := t.asked.Load(); asked != 12 {
			t.Errorf("asked %d times for 12 files", asked)
		}
	})
}

// A file whose bytes were lost is fetched again.
func TestLostBytesComeBack(t *testing.T) {
	inTown(t, func(t *town) {
		const url = "https://ergens.example/1.png"
		t.home[url] = asPNG(painting(10, 10))
		for range 2 {
			s, err := t.Remote(t.Context(), url)
			if err != nil || content(t, s) == "" {
				t.Fatal(err)
			}
			if err := t.Store.Delete(t.Context(), remote(remoteName(url))); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// SECURITY S18: nobody but this node can make an address under which it hands out, or fetches, a file of another.
func TestSeal(t *testing.T) {
	t.Parallel()
	seal := NewSeal("https://meent.example", []byte("secret"))
	const url = "https://ergens.example/a b.png?x=1&y=2"
	address := seal.Shown(url)
	path, found := strings.CutPrefix(address, "https://meent.example"+RemotePath)
	mark, sealed, _ := strings.Cut(path, "/")
	if got, ok := seal.Open(mark, sealed); !found || !ok || got != url {
		t.Errorf("%q opens to %q, %t", address, got, ok)
	}
	other := strings.TrimPrefix(NewSeal("https://meent.example", []byte("guess")).Shown(url), "https://meent.example"+RemotePath)
	forged, _, _ := strings.Cut(other, "/")
	for _, test := range [][2]string{{forged, sealed}, {mark, sealed + "AA"}, {"", sealed}, {mark[:10], sealed}, {mark, ""}, {mark, "%%"}, {"%%", sealed}} {
		if got, ok := seal.Open(test[0], test[1]); ok {
			t.Errorf("%v opens to %q", test, got)
		}
	}
	if seal.Shown("") != "" || seal.Shown("https://meent.example/media/x.png") != "https://meent.example/media/x.png" {
		t.Error("its own files are where they are")
	}
}

func BenchmarkSeal(b *testing.B) {
	seal := NewSeal("https://meent.example", []byte("secret"))
	for b.Loop() {
		seal.Shown("https://files.ergens.example/accounts/avatars/000/000/001/original/b4a2f8a1c5d3e7f9.png")
	}
}
