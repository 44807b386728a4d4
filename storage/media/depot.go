package media

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"meent/communities"
	"meent/storage"
)

// Options are what a depot needs.
type Options struct {
	Town     *communities.Town
	Archive  *storage.DB
	Store    Store
	Workshop *Workshop
	Log      *slog.Logger
	Now      func() time.Time

	// Fetch gets a file of another node, guarded as every request that leaves the node.
	Fetch func(ctx context.Context, url string) ([]byte, error)
	// Permit refuses hosts that this node has nothing to do with. What is kept of them is not shown either.
	Permit func(url string) error
	// KeepRemote is how many bytes of other nodes' files are kept at most.
	KeepRemote int64
}

// Depot takes in what people give, hands it out, and lets it go. Safe for concurrent use.
type Depot struct {
	Options
	flights flights
}

// NewDepot makes one.
func NewDepot(o Options) *Depot { return &Depot{Options: o, flights: newFlights()} }

// Given is a file as it came: its bytes, and their number.
type Given interface {
	io.Reader
	io.ReaderAt
}

// Take takes in a file. A picture is ready when it returns; with later, the work on video and sound is left to a task. A file that cannot be
// shown is refused, in words for people, and nothing is left of it.
func (d *Depot) Take(ctx context.Context, u communities.Upload, file Given, size int64, later bool) (*communities.Media, error) {
	kind, err := d.Workshop.Look(file, size, u.Purpose)
	if err != nil {
		return nil, err
	}
	u.Kind = kind.class()
	var m *communities.Media
	err = d.Town.Write(ctx, func(tx communities.Tx) error {
		m, err = d.Town.BeginMedia(ctx, tx, u)
		return err
	})
	if err != nil {
		return nil, err
	}
	if later && !kind.isPicture() {
		return m, d.leave(ctx, m, kind, file, size)
	}
	made, err := d.make(ctx, m, kind, file)
	if err != nil {
		return nil, errors.Join(err, d.discard(context.WithoutCancel(ctx), m))
	}
	return made, nil
}

// discard lets go of what nothing was made of, without waiting for the task.
func (d *Depot) discard(ctx context.Context, m *communities.Media) error {
	return d.Town.Write(ctx, func(tx communities.Tx) error { return d.Town.DiscardMedia(ctx, tx, m.ID, m.Owner) })
}

// leave keeps a file as it came, under a name that nobody is told, until the task comes to it.
func (d *Depot) leave(ctx context.Context, m *communities.Media, kind Kind, file io.Reader, size int64) error {
	if err := d.Store.Put(ctx, given(m.Name), file, size, string(kind)); err != nil {
		return err
	}
	return d.Town.Write(ctx, func(tx communities.Tx) error { return tx.Enqueue(ctx, communities.MakeMedia{Media: m.ID}) })
}

// MakeMedia is the work of the task of that name. It may run twice.
func (d *Depot) MakeMedia(ctx context.Context, task communities.MakeMedia) error {
	m, err := d.Archive.Media(ctx, task.Media)
	if communities.IsNotFound(err) || err == nil && m.State != communities.MediaWorking {
		return nil
	}
	if err != nil {
		return err
	}
	file, err := d.Store.Open(ctx, given(m.Name))
	if err != nil {
		return fmt.Errorf("work on file %d: %w", m.ID, err)
	}
	defer file.Close() //nolint:errcheck // only read
	kind, err := sniffFrom(file)
	if err == nil {
		_, err = d.make(ctx, m, kind, file)
	}
	var refused *communities.Error
	if errors.As(err, &refused) {
		err = d.Town.Write(ctx, func(tx communities.Tx) error { return d.Town.FailMedia(ctx, tx, m.ID, refused.Message) })
	}
	if err != nil {
		return err
	}
	return d.Store.Delete(ctx, given(m.Name))
}

func sniffFrom(file io.ReadSeeker) (Kind, error) {
	head := make([]byte, sniffed)
	n, err := io.ReadFull(file, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	return Sniff(head[:n])
}

// make has a file made anew and keeps what came of it.
func (d *Depot) make(ctx context.Context, m *communities.Media, kind Kind, file io.Reader) (*communities.Media, error) {
	var done *communities.Media
	err := d.Workshop.Make(ctx, kind, m.Purpose, file, func(folder string, made Made) error {
		is := communities.Media{ID: m.ID, Original: m.Name + made.Original.Ext, File: attachment(made)}
		if made.Preview.Name != "" {
			is.Preview = m.Name + previewMark + made.Preview.Ext
		}
		if err := d.keep(ctx, folder, made.Original, is.Original); err != nil {
			return err
		}
		if err := d.keep(ctx, folder, made.Preview, is.Preview); err != nil {
			return err
		}
		return d.Town.Write(ctx, func(tx communities.Tx) (err error) {
			done, err = d.Town.FinishMedia(ctx, tx, is)
			return err
		})
	})
	return done, err
}

func attachment(made Made) communities.Attachment {
	return communities.Attachment{
		Kind: made.Class, MediaType: made.Original.MediaType, Blurhash: made.Blurhash, Width: made.Original.Width, Height: made.Original.Height,
		PreviewWidth: made.Preview.Width, PreviewHeight: made.Preview.Height,
		Duration: made.Duration, FrameRate: made.FrameRate, Bitrate: made.Bitrate,
	}
}

// keep puts a part that was made into the store.
func (d *Depot) keep(ctx context.Context, folder string, part Part, name string) error {
	if name == "" {
		return nil
	}
	file, err := os.Open(filepath.Join(folder, part.Name))
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // only read
	info, err := file.Stat()
	if err != nil {
		return err
	}
	return d.Store.Put(ctx, own(name), file, info.Size(), part.MediaType)
}

// TakePreview takes in a small picture of its owner's choice, to stand for a file: see [communities.MediaEdit].
func (d *Depot) TakePreview(ctx context.Context, m *communities.Media, file Given, size int64) (*communities.Preview, error) {
	kind, err := d.Workshop.Look(file, size, communities.ForIcon)
	if err != nil {
		return nil, err
	}
	var p *communities.Preview
	err = d.Workshop.Make(ctx, kind, communities.ForPost, file, func(folder string, made Made) error {
		p = &communities.Preview{Name: m.Name + coverMark + made.Preview.Ext, Width: made.Preview.Width, Height: made.Preview.Height}
		return d.keep(ctx, folder, made.Preview, p.Name)
	})
	return p, err
}

// Served is a file to hand out.
type Served struct {
	Content   io.ReadSeekCloser
	MediaType string
	Changed   time.Time
	Tag       string // under one tag there is always the same
	Elsewhere string // address of the file, where others hand it out; there is no Content then
	Open      bool   // whoever wants to may see what it goes with, so caches may keep it
}

// Own opens a file of this node by its name. What is not there, not ready, or taken away with its post by a moderator, is not found.
func (d *Depot) Own(ctx context.Context, name string) (Served, error) {
	stem, _, _ := strings.Cut(strings.TrimSuffix(name, path.Ext(name)), "_")
	m, err := d.Archive.MediaByName(ctx, stem)
	if err != nil {
		return Served{}, err
	}
	if m.State != communities.MediaReady || m.Withheld || name != m.Original && name != m.Preview {
		return Served{}, communities.NotFound
	}
	kind, known := kindOf(path.Ext(name))
	if !known {
		return Served{}, communities.NotFound
	}
	s := Served{MediaType: string(kind), Changed: m.CreatedAt, Tag: name, Open: m.Open, Elsewhere: d.Store.Public(own(name))}
	if s.Elsewhere != "" {
		return s, nil
	}
	s.Content, err = d.Store.Open(ctx, own(name))
	return s, missing(err)
}

// missing turns a file that is not there into what people hear of it.
func missing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return communities.NotFound
	}
	return err
}

// Tasks lists what a depot does after the answer, by its kind.
func (d *Depot) Tasks() map[string]func(ctx context.Context, task []byte) error {
	return map[string]func(context.Context, []byte) error{
		communities.MakeMedia{}.Kind():   read(d.MakeMedia),
		communities.ForgetMedia{}.Kind(): read(d.ForgetMedia),
	}
}

func read[T communities.Task](do func(context.Context, T) error) func(context.Context, []byte) error {
	return func(ctx context.Context, raw []byte) error {
		var task T
		if err := json.Unmarshal(raw, &task); err != nil {
			return fmt.Errorf("read task %s: %w", task.Kind(), err)
		}
		return do(ctx, task)
	}
}

const forgetAtOnce = 100

// ForgetMedia is the work of the task of that name: bytes go, then what was known of them. It may run twice.
func (d *Depot) ForgetMedia(ctx context.Context, task communities.ForgetMedia) error {
	if err := d.forgetRemote(ctx, task.Remote); err != nil {
		return err
	}
	for {
		var going []*communities.Media
		err := d.Archive.Write(ctx, func(tx communities.Tx) (err error) {
			going, err = storage.Of(tx).ExpiredMedia(ctx, d.Now(), forgetAtOnce)
			return err
		})
		if err != nil || len(going) == 0 {
			return err
		}
		for _, m := range going {
			if err := d.forget(ctx, m); err != nil {
				return fmt.Errorf("forget file %d: %w", m.ID, err)
			}
		}
	}
}

func (d *Depot) forget(ctx context.Context, m *communities.Media) error {
	names := []string{given(m.Name)}
	for _, mark := range []string{previewMark, coverMark} {
		names = append(names, own(m.Name+mark+jpegKind.ext()), own(m.Name+mark+pngKind.ext()))
	}
	if m.Original != "" {
		names = append(names, own(m.Original))
	}
	for _, name := range names {
		if err := d.Store.Delete(ctx, name); err != nil {
			return err
		}
	}
	return d.Archive.Write(ctx, func(tx communities.Tx) error { return storage.Of(tx).DeleteMedia(ctx, m.ID) })
}

// Marks tell the small pictures of a file apart: the one that was made of it, and one that its owner chose.
const (
	previewMark = "_small"
	coverMark   = "_cover"
)

// Where bytes are in the store: in folders by the first letters of their names, so that none has too many.
func own(name string) string    { return "own/" + name[:2] + "/" + name }
func given(name string) string  { return "given/" + name[:2] + "/" + name }
func remote(name string) string { return "remote/" + name[:2] + "/" + name }
