package communities

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Town is one municipality's node: the verbs hang on it. Safe for concurrent use.
//
// Each verb works in the transaction that it is given, so that a caller can bind more to the same commit, and tells the
// [Herald] what happened. A verb decides by [Town.May]; it never trusts that its caller has asked.
type Town struct {
	Address
	store  Store
	herald Herald
	ids    *IDs
	now    func() time.Time
}

// NewTown binds the rules to an archive, to the road and to a clock.
func NewTown(store Store, herald Herald, ids *IDs, address Address, now func() time.Time) *Town {
	return &Town{Address: address, store: store, herald: herald, ids: ids, now: now}
}

// Write runs fn in one transaction of the archive; see [Store.Write].
func (t *Town) Write(ctx context.Context, fn func(Tx) error) error { return t.store.Write(ctx, fn) }

// Address gives the local nouns their global ids. Base is the node's public URL without a slash at the end.
type Address struct{ Base string }

// Host returns the node's own host, as in handles.
func (a Address) Host() string {
	_, host, _ := strings.Cut(a.Base, "://")
	return host
}

// Actor returns the global id of a local person (/u/name), group (/g/name) or of the node itself (/).
func (a Address) Actor(kind ActorKind, name string) string {
	switch kind {
	case Group:
		return a.Base + "/g/" + name
	case Application:
		return a.Base + "/"
	default:
		return a.Base + "/u/" + name
	}
}

// Post returns the global id of a local post.
func (a Address) Post(id PostID) string { return a.Base + "/p/" + strconv.FormatInt(int64(id), 10) }

// Hashtag returns the page of a hashtag, given in lower case and without #.
func (a Address) Hashtag(name string) string { return a.Base + "/tags/" + url.PathEscape(name) }

// File returns the address of a file of this node; "" for none.
func (a Address) File(name string) string {
	if name == "" {
		return ""
	}
	return a.Base + "/media/" + name
}

// Activity returns the global id of an activity of this node.
func (a Address) Activity(id ActivityID) string {
	return a.Base + "/act/" + strconv.FormatInt(int64(id), 10)
}

// Owns tells whether a global id is one of this node's.
func (a Address) Owns(uri string) bool {
	return uri == a.Base || strings.HasPrefix(uri, a.Base+"/")
}
