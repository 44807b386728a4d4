package federation

import (
	"context"
	"time"

	"meent/federation/signature"
	"meent/storage"
)

// inbound is what the road keeps in memory for what comes in. All of it is bounded, and all of it may be lost.
type inbound struct {
	signatures    signature.Policy
	verifications map[string]verification
	reversals     map[string]reversal
	blocks        *policies
	witnesses     *witnesses
	missed        *tallies // keys that could not be had, by host

	taking      chan struct{} // requests being judged
	lookups     chan struct{} // keys being looked up
	receiveBell chan struct{} // rings when there is something to work on

	refetching  *lately[string] // actors whose keys were looked up again
	refreshing  *lately[string] // actors
	spoke       *lately[string] // hosts
	learning    *lately[string] // hosts
	backfilling *lately[string] // groups
	previewing  *lately[string] // pages
}

const (
	spokeEvery    = time.Minute // how often a host's sign of life is written down
	learnEvery    = 24 * time.Hour
	refreshEvery  = time.Hour
	backfillEvery = time.Hour
	previewEvery  = time.Minute // how long one task alone reads a page
	rememberMost  = 20_000      // hosts or actors
)

func newInbound(archive *storage.DB, o Options) inbound {
	policy, err := signature.NewPolicy(o.Address.Base, o.Now)
	if err != nil { // the zero policy refuses every request
		o.Log.ErrorContext(context.Background(), "no signed request can be accepted", "error", err)
	}
	return inbound{
		signatures: policy, verifications: verifications(), reversals: reversals(),
		blocks:    &policies{archive: archive, only: o.AllowedOnly, now: o.Now},
		witnesses: newWitnesses(),
		missed:    newTallies(missedWindow, rememberMost),

		taking: make(chan struct{}, maxTaking), lookups: make(chan struct{}, maxLookups), receiveBell: make(chan struct{}, 1),

		refetching:  newLately[string](refetchPause, rememberMost),
		refreshing:  newLately[string](refreshEvery, rememberMost),
		spoke:       newLately[string](spokeEvery, rememberMost),
		learning:    newLately[string](learnEvery, rememberMost),
		backfilling: newLately[string](backfillEvery, rememberMost),
		previewing:  newLately[string](previewEvery, rememberMost),
	}
}
