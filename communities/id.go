package communities

import (
	"errors"
	"math/rand/v2"
	"sync"
	"time"
)

// The kinds of id. All of them come out of one [IDs], so that posts and boosts share one space (Mastodon API: apps compare
// the ids of both).
type (
	ActorID        int64
	PostID         int64
	FollowID       int64
	ReportID       int64
	NotificationID int64
	ActivityID     int64
	MediaID        int64
	AuditID        int64
	AnnouncementID int64
	InviteID       int64
	RuleID         int64

	SubscriptionID   int64 // small, unlike the others: it comes from the archive
	CollectionID     int64
	CollectionItemID int64
)

const (
	idBase     = 1_000_000_000_000_000_000 // makes every id 19 digits long, whatever its date since 1970
	idTailBits = 16                        // process number and sequence below the milliseconds
	idSeqBits  = 8
	maxProcess = 1<<(idTailBits-idSeqBits) - 1
)

// IDs makes ids that are 19 digits long and rise with time, so that apps which compare them as text agree with apps which
// compare them as numbers. An id is idBase + (milliseconds since 1970 << 16 | process << 8 | sequence).
//
// Safe for concurrent use. Two processes on one archive need different process numbers.
type IDs struct {
	mu      sync.Mutex
	now     func() time.Time
	process int64
	last    int64 // milliseconds of the last id from now
	seq     int64
}

// NewIDs returns a generator for one process. The process number must be 0 to 255; now is the clock.
func NewIDs(process int, now func() time.Time) (*IDs, error) {
	if process < 0 || process > maxProcess {
		return nil, errors.New("the process number of an id generator must lie between 0 and 255")
	}
	return &IDs{now: now, process: int64(process)}, nil
}

// Next returns an id of this moment, greater than every id that Next returned before.
func (g *IDs) Next() int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	ms := g.now().UnixMilli()
	switch {
	case ms > g.last:
		g.last, g.seq = ms, 0
	case g.seq == 1<<idSeqBits-1:
		g.last, g.seq = g.last+1, 0 // the millisecond is full, or the clock went back: borrow from the next one
	default:
		g.seq++
	}
	return makeID(g.last, g.process, g.seq)
}

// recent is how old something from elsewhere may be to get an id of now: in the order in which it came, so that an app which asks for what
// is newer than what it has misses nothing.
const recent = 5 * time.Minute

// At returns an id near a moment in the past, for what was written elsewhere or before, so that it sorts by its own date. What is recent,
// or in the future, gets an id of now. The rest is drawn by chance, also the milliseconds where the moment names a whole second, as most
// software does: the archive refuses a repeated id, and the caller tries again.
func (g *IDs) At(moment time.Time) int64 {
	if moment.IsZero() || moment.After(g.now().Add(-recent)) {
		return g.Next()
	}
	ms := max(moment.UnixMilli(), 0)
	if ms%1000 == 0 {
		ms += rand.Int64N(1000) //nolint:gosec // spreads ids, guards nothing
	}
	tail := rand.Int64N(1 << idTailBits) //nolint:gosec // as above
	return makeID(ms, tail>>idSeqBits, tail&(1<<idSeqBits-1))
}

// IDTime returns the moment that an id was made at, to the millisecond.
func IDTime[T ~int64](id T) time.Time {
	return time.UnixMilli((int64(id) - idBase) >> idTailBits)
}

// IDBefore returns the smallest id that can carry the moment: a bound for "since" and "until".
func IDBefore(moment time.Time) int64 { return makeID(moment.UnixMilli(), 0, 0) }

func makeID(ms, process, seq int64) int64 {
	return idBase + (ms<<idTailBits | process<<idSeqBits | seq)
}
