package mastodon

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
	"time"
)

// shelf is where the files of a request lie while it is answered. A route that takes none has no room.
type shelf struct {
	folder string
	room   int64 // bytes, all files together
}

// given is a file that came with a request.
type given struct {
	*os.File
	size int64
}

const (
	maxGiven  = 3                // files of a request
	uploading = 10 * time.Minute // for a large file over a slow line
)

var errTooLarge = &failure{status: http.StatusRequestEntityTooLarge, Message: "This is too large"}

// shelfFor makes room for files where a route takes them, and time for them to come.
func (a *API) shelfFor(w http.ResponseWriter, route Route) shelf {
	room := takesFiles[route.Method+" "+route.Pattern]
	if room == 0 {
		return shelf{}
	}
	control := http.NewResponseController(w)
	late := a.Now().Add(uploading)
	_, _ = control.SetReadDeadline(late), control.SetWriteDeadline(late.Add(uploading)) // a connection that has none needs none
	return shelf{folder: a.Media.Workshop.Folder, room: room}
}

// take keeps a file on the shelf. Where there is no shelf it is passed over.
func (f *form) take(part *multipart.Part) error {
	name := strings.TrimSuffix(part.FormName(), "[]")
	if f.shelf.room == 0 || f.files[name] != nil || len(f.files) == maxGiven {
		return nil
	}
	file, err := os.CreateTemp(f.shelf.folder, "given-")
	if err != nil {
		return fmt.Errorf("keep a file that was given: %w", err)
	}
	if f.files == nil {
		f.files = map[string]*given{}
	}
	f.files[name] = &given{File: file}
	if f.files[name].size, err = io.Copy(file, part); err != nil {
		return err
	}
	_, err = file.Seek(0, io.SeekStart)
	return err
}

// close takes the files away.
func (f *form) close(log *slog.Logger) {
	for _, file := range f.files {
		err := errors.Join(file.Close(), os.Remove(file.Name()))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			log.Warn("take away a file that was given", "err", err)
		}
	}
}

// file returns a file that was given; nil when absent or empty.
func (f *form) file(name string) *given {
	if g := f.files[name]; g != nil && g.size > 0 {
		return g
	}
	return nil
}
