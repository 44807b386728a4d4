package federation

import (
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"meent/communities"
	"meent/federation/fetch"
	"meent/storage"
)

// Options are what the road needs to know of the node.
type Options struct {
	communities.Address
	Name            string // of the node, as people read it
	Version         string
	AuthorizedFetch bool // demand a signature of everyone who reads a document (secure mode)
	AllowedOnly     bool // deal with no host but those that the node allows
	Development     bool // plain http and loopback are allowed
	Log             *slog.Logger
	Metrics         prometheus.Registerer // nil: nothing is counted for anybody
	Now             func() time.Time
}

// Road connects a town with others. It is the town's [communities.Herald]. Safe for concurrent use.
type Road struct {
	Options
	archive *storage.DB
	client  *fetch.Client
	town    *communities.Town
	keys    *keyring
	metrics *metrics
	bell    chan struct{} // rings when there is something to deliver
	emojis  *storage.EmojiBook
	inbound
}

// New makes a road for an archive. It leads nowhere until [Road.Connect].
func New(archive *storage.DB, client *fetch.Client, options Options) *Road {
	return &Road{
		Options: options, archive: archive, client: client, keys: newKeyring(archive, options.Now), metrics: newMetrics(options.Metrics),
		bell: make(chan struct{}, 1), emojis: storage.NewEmojiBook(archive), inbound: newInbound(archive, options),
	}
}

// Connect gives the road its town. A town is made with its herald and the herald needs the town, so this one knot is tied by hand,
// before anything runs.
func (r *Road) Connect(town *communities.Town) { r.town = town }
