package media

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"hash"
	"io/fs"
	"strings"
	"sync"
	"time"

	"meent/communities"
	"meent/storage"
)

// usedEvery is how often it is noted that somebody looked at a file of another node.
const usedEvery = time.Hour

// Seal is how files of other nodes are addressed here. Only an address that this node itself wrote down can be asked for, so that it hands out
// nothing but what somebody may see here, and fetches for nobody else (SECURITY S18). Safe for concurrent use.
type Seal struct {
	base string
	hash sync.Pool

	mu         sync.Mutex
	young, old map[string]string // addresses that were sealed lately: a page shows the same faces again and again
}

// sealsKept bounds the memory of a seal, in addresses of each of its two generations.
const sealsKept = 2048

// sealLength is how many bytes of the seal are in an address: as hard to guess as a key.
const sealLength = 16

// NewSeal makes one for a node with a secret.
func NewSeal(base string, secret []byte) *Seal {
	return &Seal{base: base, young: map[string]string{}, hash: sync.Pool{New: func() any { return hmac.New(sha256.New, secret) }}}
}

// Address returns where a file of another node is handed out by this one; "" for none.
func (s *Seal) Address(url string) string {
	if url == "" {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	address, known := s.young[url]
	if known {
		return address
	}
	if address, known = s.old[url]; !known {
		address = s.write(url)
	}
	if len(s.young) >= sealsKept {
		s.young, s.old = map[string]string{}, s.young
	}
	s.young[url] = address
	return address
}

func (s *Seal) write(url string) string {
	var sum [sha256.Size]byte
	b := make([]byte, 0, len(s.base)+len(RemotePath)+base64.RawURLEncoding.EncodedLen(sealLength)+1+base64.RawURLEncoding.EncodedLen(len(url)))
	b = append(append(b, s.base...), RemotePath...)
	b = base64.RawURLEncoding.AppendEncode(b, s.seal(url, sum[:0]))
	b = append(b, '/')
	return string(base64.RawURLEncoding.AppendEncode(b, []byte(url)))
}

// RemotePath is what addresses of other nodes' files begin with here.
const RemotePath = "/proxy/"

func (s *Seal) seal(url string, to []byte) []byte {
	h := s.hash.Get().(hash.Hash) //nolint:forcetypeassert,errcheck // that is what the pool makes
	defer s.hash.Put(h)
	h.Reset()
	h.Write([]byte(url))
	return h.Sum(to)[:sealLength]
}

// Shown returns where a picture or file can be looked at without a request to anybody but this node: its own are where they are.
func (s *Seal) Shown(url string) string {
	if strings.HasPrefix(url, s.base+"/") {
		return url
	}
	return s.Address(url)
}

// Open returns the address that was sealed; false where the seal is not this node's.
func (s *Seal) Open(seal, sealed string) (url string, ok bool) {
	mark, err := base64.RawURLEncoding.DecodeString(seal)
	address, other := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil || other != nil {
		return "", false
	}
	return string(address), hmac.Equal(mark, s.seal(string(address), nil))
}

// Remote opens a file of another node: what is kept of it here, else it is fetched, once however many ask. What is no picture, film or sound
// that browsers show is refused with [ErrUnsafe], whatever its home says that it is (SECURITY I4, H14).
func (d *Depot) Remote(ctx context.Context, url string) (Served, error) {
	if err := d.Permit(url); err != nil {
		return Served{}, communities.NotFound
	}
	name := remoteName(url)
	s, err := d.kept(ctx, name)
	if !communities.IsNotFound(err) {
		return s, err
	}
	if err := d.flights.once(ctx, name, func(ctx context.Context) error { return d.fetch(ctx, name, url) }); err != nil {
		return Served{}, err
	}
	return d.kept(ctx, name)
}

// ErrUnsafe is the answer for what this node does not hand out.
var ErrUnsafe = errors.New("the file is of a kind that is not handed out")

func remoteName(url string) string {
	sum := sha256.Sum256([]byte(url))
	return hex.EncodeToString(sum[:])
}

func (d *Depot) kept(ctx context.Context, name string) (Served, error) {
	f, err := d.Archive.RemoteFile(ctx, name)
	if err != nil {
		return Served{}, err
	}
	s := Served{MediaType: f.MediaType, Changed: f.FetchedAt, Tag: name + f.FetchedAt.Format("-20060102150405"), Elsewhere: d.Store.Public(remote(name))}
	if s.Elsewhere == "" {
		if s.Content, err = d.Store.Open(ctx, remote(name)); err != nil {
			return Served{}, missing(err)
		}
	}
	d.note(ctx, f)
	return s, nil
}

// note keeps when a file was last looked at. That it could not be noted is no reason not to show it.
func (d *Depot) note(ctx context.Context, f storage.RemoteFile) {
	now := d.Now()
	if now.Sub(f.UsedAt) < usedEvery {
		return
	}
	err := d.Archive.Write(ctx, func(tx communities.Tx) error { return storage.Of(tx).UseRemoteFile(ctx, f.Name, now) })
	if err != nil {
		d.Log.WarnContext(ctx, "note the use of a file", "err", err)
	}
}

// fetch gets a file, looks at it, and makes room for it before it is kept.
func (d *Depot) fetch(ctx context.Context, name, url string) error {
	content, err := d.Fetch(ctx, url)
	if err != nil {
		d.Log.DebugContext(ctx, "a file of another node cannot be had", "url", url, "err", err)
		return communities.NotFound
	}
	kind, err := inspect(content)
	if err != nil || int64(len(content)) > d.KeepRemote {
		return ErrUnsafe
	}
	if err := d.makeRoom(ctx, d.KeepRemote-int64(len(content))); err != nil {
		return err
	}
	now := d.Now()
	f := storage.RemoteFile{Name: name, URL: url, MediaType: string(kind), Size: int64(len(content)), FetchedAt: now, UsedAt: now}
	if err := d.Archive.Write(ctx, func(tx communities.Tx) error { return storage.Of(tx).PutRemoteFile(ctx, f) }); err != nil {
		return err
	}
	return d.Store.Put(ctx, remote(name), bytes.NewReader(content), f.Size, f.MediaType)
}

// inspect lets pass what browsers show without harm: by its bytes, and a picture by what it says of its size. It is not decoded here.
func inspect(content []byte) (Kind, error) {
	kind, err := Sniff(content[:min(sniffed, len(content))])
	if err != nil || !kind.isPicture() {
		return kind, err
	}
	_, err = readHeader(kind, content)
	if errors.Is(err, errAnimatedWebP) {
		err = nil // who looks at it unpacks it, and its canvas was measured
	}
	return kind, err
}

// makeRoom deletes the files that nobody looked at for longest, until no more than a number of bytes is kept.
func (d *Depot) makeRoom(ctx context.Context, most int64) error {
	var victims []storage.RemoteFile
	err := d.Archive.Write(ctx, func(tx communities.Tx) (err error) {
		victims, err = storage.Of(tx).EvictRemoteFiles(ctx, most)
		return err
	})
	if err != nil {
		return err
	}
	names := make([]string, len(victims))
	for i, f := range victims {
		names[i] = f.Name
	}
	return d.deleteRemote(ctx, names)
}

// forgetRemote deletes what is kept of files whose posts are gone.
func (d *Depot) forgetRemote(ctx context.Context, urls []string) error {
	if len(urls) == 0 {
		return nil
	}
	names := make([]string, len(urls))
	for i, url := range urls {
		names[i] = remoteName(url)
	}
	err := d.Archive.Write(ctx, func(tx communities.Tx) error { return storage.Of(tx).ForgetRemoteFiles(ctx, names) })
	if err != nil {
		return err
	}
	return d.deleteRemote(ctx, names)
}

func (d *Depot) deleteRemote(ctx context.Context, names []string) error {
	for _, name := range names {
		if err := d.Store.Delete(ctx, remote(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		err := d.Archive.Write(ctx, func(tx communities.Tx) error { return storage.Of(tx).DeleteRemoteFile(ctx, name) })
		if err != nil {
			return err
		}
	}
	return nil
}

// MaxRemoteBytes is how large a file of another node can be that is handed out here. Each is in memory while it comes.
const MaxRemoteBytes = 40 << 20

// How many files of other nodes are on their way at a time, and how many are waited for.
const (
	fetchesAtOnce = 6
	mostAwaited   = 500
)

// flights lets the first who asks for something get it, and the others wait.
type flights struct {
	places chan struct{}

	mu     sync.Mutex
	flying map[string]*flight
}

func newFlights() flights {
	return flights{places: make(chan struct{}, fetchesAtOnce), flying: map[string]*flight{}}
}

type flight struct {
	done chan struct{}
	err  error
}

// once does the work for a name, unless somebody is at it: then it waits for what comes of that. The work goes on when who asked first leaves.
func (f *flights) once(ctx context.Context, name string, work func(context.Context) error) error {
	f.mu.Lock()
	own, flying := f.flying[name]
	if !flying {
		if len(f.flying) >= mostAwaited {
			f.mu.Unlock()
			return communities.Limitedf("too many files are on their way; try again in a moment")
		}
		own = &flight{done: make(chan struct{})}
		f.flying[name] = own
		go f.fly(context.WithoutCancel(ctx), name, own, work)
	}
	f.mu.Unlock()
	select {
	case <-own.done:
		return own.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *flights) fly(ctx context.Context, name string, own *flight, work func(context.Context) error) {
	f.places <- struct{}{}
	own.err = work(ctx)
	<-f.places
	f.mu.Lock()
	delete(f.flying, name)
	f.mu.Unlock()
	close(own.done)
}
