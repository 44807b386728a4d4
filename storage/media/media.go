// Package media keeps the bytes of files and makes out of what people give what can be shown to others. It has a room of its own because
// what strangers send in pictures and films is the most dangerous thing that a node touches: here is decided what a file is (by its bytes,
// never by its name), how large it may be, and that only a process of its own, with little memory and no time to lose, ever decodes one.
//
// A [Depot] ties it together: a [Store] has the bytes, on disk or in a bucket; a [Workshop] makes them anew; the archive remembers what hangs
// on what. Files of other nodes are kept for a while, so that nobody here has to ask for them there.
package media

import (
	"context"
	"errors"
	"io"
	"io/fs"
)

// Store keeps files by name. A name is of lower-case letters, digits, dots, dashes and underscores, in folders or not, see [checkName].
// Safe for concurrent use. One suite holds on every kind of store.
type Store interface {
	// Put keeps a file of so many bytes, in place of one of that name. It is there whole and for good, or not at all.
	Put(ctx context.Context, name string, content io.Reader, size int64, mediaType string) error
	// Open returns a file; [fs.ErrNotExist] when there is none.
	Open(ctx context.Context, name string) (io.ReadSeekCloser, error)
	// Delete takes a file away. To delete twice does nothing more.
	Delete(ctx context.Context, name string) error
	// Public returns the address under which everybody can fetch a file without the node; "" when the node hands it out itself.
	Public(name string) string
}

const maxName = 200

// checkName refuses what could lead out of the store (SECURITY D12): names are made here, so a wrong one is a fault of ours.
func checkName(name string) error {
	if name == "" || len(name) > maxName || !fs.ValidPath(name) || name == "." {
		return errName
	}
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '.' && r != '-' && r != '_' && r != '/' {
			return errName
		}
	}
	return nil
}

var errName = errors.New("this is no name of a file in a store")
