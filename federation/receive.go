package federation

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"meent/communities"
	"meent/federation/fetch"
	"meent/federation/wire"
	"meent/storage"
)

const (
	receiveLease  = 20 * time.Second // a process that dies, or loses its archive, gives its activities back after this
	receiveRenew  = 5 * time.Second  // how often a process that lives says so
	receiveLook   = time.Second      // how often to look for what another process was sent, or what waits for its time
	workDeadline  = 90 * time.Second // for one activity, all its fetches together
	maxReceiving  = 128              // activities in memory at once
	claimAtOnce   = 64
	claimPause    = 20 * time.Millisecond // between two claims while there is work: several activities are claimed in one
	maxAttempts   = 20                    // then an activity is parked: whatever is wrong with it, it holds up nobody (SECURITY D15)
	longestPause  = 6 * time.Hour
	fetchesAround = fetch.ActivityBudget
	fetchesDomain = 10 // of those, to one registrable domain (SECURITY D5)
)

// Receive works on what the inbox remembered until ctx ends. What one actor sent is worked on in the order of arrival; a slow fetch for
// one holds up no other. The rows in the archive are the truth: each is claimed for a while, and its effects are committed together with
// its outcome, so that they happen once whatever dies in between.
func (r *Road) Receive(ctx context.Context) error {
	if err := r.archive.FreeReceived(ctx); err != nil {
		return fmt.Errorf("start receiving: %w", err)
	}
	q := &receivers{Road: r, lanes: map[string][]storage.Received{}, done: make(chan string, maxReceiving)}
	q.run(ctx)
	return nil
}

// ringReceived wakes the receivers: something was committed.
func (r *Road) ringReceived() {
	select {
	case r.receiveBell <- struct{}{}:
	default: // they are awake already
	}
}

// receivers holds the activities under way: a lane for each actor, of which the first activity is being worked on. Only run touches it.
type receivers struct {
	*Road
	lanes map[string][]storage.Received
	held  int
	done  chan string // an actor whose first activity is settled

	more      bool // the last claim may have left some
	claimedAt time.Time
}

func (q *receivers) run(ctx context.Context) {
	look, renew := time.NewTimer(0), time.NewTicker(receiveRenew)
	defer look.Stop()
	defer renew.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-renew.C:
			q.renew(ctx)
			continue
		case actor := <-q.done:
			q.next(ctx, actor)
			if !q.more || q.held > maxReceiving/2 {
				continue // not worth a look yet
			}
		case <-q.receiveBell:
			if rest := claimPause - q.Now().Sub(q.claimedAt); q.held > 0 && rest > 0 {
				look.Reset(rest)
				continue
			}
		case <-look.C:
		}
		if q.claim(ctx) {
			look.Reset(0)
		} else {
			look.Reset(receiveLook)
		}
	}
	for q.held > 0 { // what is under way settles or is given back by its lease
		actor := <-q.done
		q.held -= len(q.lanes[actor])
		delete(q.lanes, actor)
	}
}

// claim takes what is due, as far as there is room. It tells whether to go on at once, as there may be more.
func (q *receivers) claim(ctx context.Context) (goOn bool) {
	room := min(claimAtOnce, maxReceiving-q.held)
	if q.more = room <= 0; q.more || ctx.Err() != nil {
		return false
	}
	q.claimedAt = q.Now()
	rows, err := q.archive.ClaimReceived(ctx, q.Now(), receiveLease, room)
	if err != nil {
		if ctx.Err() == nil {
			q.Log.ErrorContext(ctx, "claim received activities", "error", err)
		}
		return false
	}
	for _, row := range rows {
		q.held++
		q.lanes[row.ActorURI] = append(q.lanes[row.ActorURI], row)
		if len(q.lanes[row.ActorURI]) == 1 {
			q.start(ctx, row)
		}
	}
	q.more = len(rows) == room
	return q.more
}

// renew keeps what is under way ours. A fetch may take longer than the lease; what was let go of without a word, because the archive was
// away, is not under way and comes back when its lease ends.
func (q *receivers) renew(ctx context.Context) {
	ids := make([]communities.ActivityID, 0, q.held)
	for _, lane := range q.lanes {
		for _, row := range lane {
			ids = append(ids, row.ID)
		}
	}
	if err := q.archive.RenewReceived(ctx, ids, q.Now().Add(receiveLease)); err != nil && ctx.Err() == nil {
		q.Log.ErrorContext(ctx, "renew the claim on received activities", "error", err, "count", len(ids))
	}
}

// next goes on with what an actor sent after the activity that is settled.
func (q *receivers) next(ctx context.Context, actor string) {
	q.held--
	lane := q.lanes[actor][1:]
	if len(lane) == 0 {
		delete(q.lanes, actor)
		return
	}
	q.lanes[actor] = lane
	q.start(ctx, lane[0])
}

func (q *receivers) start(ctx context.Context, row storage.Received) {
	go func() {
		defer func() { q.done <- row.ActorURI }()
		q.work(ctx, row)
	}()
}

// work does what an activity asks for, and settles or postpones it.
func (r *Road) work(ctx context.Context, row storage.Received) {
	if row.Attempts > maxAttempts { // it killed us each time, before we could say so
		r.postpone(ctx, row, errors.New("never came to an end"))
		return
	}
	err := r.attempt(ctx, row)
	for tries := 0; storage.Away(err) && tries < triesWhileAway && ctx.Err() == nil; tries++ {
		rest(ctx) // no fault of the activity's: it need not wait longer than the archive is away
		err = r.attempt(ctx, row)
	}
	switch {
	case ctx.Err() != nil:
		return // we were stopped: this says nothing about the activity
	case errors.Is(err, storage.ErrSettled):
		return // another process was faster
	case err == nil:
		r.counted(row.Kind, storage.Done)
		return
	case isTransient(err):
		r.postpone(ctx, row, err)
		return
	}
	outcome, reason := verdictOf(err)
	r.Log.DebugContext(ctx, "activity not taken", "id", row.URI, "type", row.Kind, "outcome", outcome, "reason", reason, "error", err)
	if err := r.close(ctx, row, outcome, reason); err != nil {
		r.postpone(ctx, row, err)
	}
}

// attempt makes one try. A panic of ours is a failure like another, and the activity is tried again later and at last parked.
func (r *Road) attempt(ctx context.Context, row storage.Received) (err error) {
	defer func() {
		if p := recover(); p != nil {
			r.Log.ErrorContext(ctx, "panic over an activity", "id", row.URI, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	ctx, cancel := context.WithTimeout(fetch.WithBudget(ctx, fetchesAround, fetchesDomain), workDeadline)
	defer cancel()
	in, err := r.incoming(ctx, row)
	if err != nil {
		return err
	}
	effect, err := in.check(ctx)
	if err != nil {
		return r.refuseAloud(ctx, in, err)
	}
	err = r.archive.WriteTogether(ctx, func(tx communities.Tx) error {
		storage.Of(tx).Have(row)
		if err := effect(ctx, tx); err != nil {
			return err
		}
		storage.Of(tx).SettleReceived(row.ID, storage.Done, "", r.Now())
		return nil
	}, *in.needs)
	return r.refuseAloud(ctx, in, err)
}

// refuseAloud lets the author of a contribution to a group of ours hear why they may not, in a transaction after the one that failed. Whoever
// turned to what they may not know of hears nothing.
func (r *Road) refuseAloud(ctx context.Context, in *incoming, err error) error {
	if in.refused == 0 || communities.KindOf(err) != communities.KindForbidden {
		return err
	}
	told := r.archive.Write(ctx, func(tx communities.Tx) error {
		return r.town.Refuse(ctx, tx, communities.Refusal{
			Author: in.actor.ID, Group: in.refused, PostURI: in.Objects[0].ID, Err: err, Cause: in.cause,
		})
	})
	if told != nil && communities.KindOf(told) == communities.KindInternal {
		return errors.Join(told, errors.New("tell the author of a refusal"))
	}
	return err
}

// close settles what had no effect.
func (r *Road) close(ctx context.Context, row storage.Received, outcome storage.Outcome, reason string) error {
	err := r.archive.Write(ctx, func(tx communities.Tx) error {
		storage.Of(tx).SettleReceived(row.ID, outcome, reason, r.Now())
		return nil
	})
	if errors.Is(err, storage.ErrSettled) {
		return nil
	}
	if err == nil {
		r.counted(row.Kind, outcome)
	}
	return err
}

// counted counts what became of an activity. Strangers' own types are counted together, as they could invent any number.
func (r *Road) counted(kind string, outcome storage.Outcome) {
	if r.verifications[kind] == nil {
		kind = "other"
	}
	r.metrics.received.WithLabelValues(kind, string(outcome)).Inc()
}

// postpone tries again later: after seconds at first, hours at last.
func (r *Road) postpone(ctx context.Context, row storage.Received, cause error) {
	if row.Attempts >= maxAttempts {
		r.Log.ErrorContext(ctx, "activity parked", "id", row.URI, "attempts", row.Attempts, "error", cause)
		if err := r.close(ctx, row, storage.Failed, reasonText(cause)); err != nil {
			r.Log.ErrorContext(ctx, "park activity", "id", row.URI, "error", err)
		}
		return
	}
	r.Log.InfoContext(ctx, "activity has to wait", "id", row.URI, "attempts", row.Attempts, "error", cause)
	due, reason := r.Now().Add(receivePause(row.Attempts)), reasonText(cause)
	for {
		err := r.archive.PostponeReceived(ctx, row.ID, due, reason)
		if err == nil || ctx.Err() != nil {
			return
		}
		r.Log.ErrorContext(ctx, "postpone activity", "id", row.URI, "error", err)
		rest(ctx) // the archive is away: without this word the activity would wait for the end of its lease
	}
}

const (
	archiveRest    = time.Second // how long to leave an archive alone that does not answer
	triesWhileAway = 120         // within the lease
)

func rest(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(archiveRest):
	}
}

// receivePause doubles from a few seconds, with a fifth of chance.
func receivePause(attempts int) time.Duration {
	pause := longestPause
	if attempts < 13 { // from here on the shift would pass the longest pause
		pause = min(5*time.Second<<attempts, longestPause)
	}
	return pause + rand.N(pause/5) //nolint:gosec // spreads load, guards nothing
}

// dismissal ends an activity for good, with a stable word for the reason.
type dismissal struct {
	outcome storage.Outcome
	reason  string
	err     error
}

func (e *dismissal) Error() string { return e.reason + ": " + e.err.Error() }
func (e *dismissal) Unwrap() error { return e.err }

func refusef(reason, format string, args ...any) error {
	return &dismissal{outcome: storage.Refused, reason: reason, err: fmt.Errorf(format, args...)}
}

func ignoref(reason, format string, args ...any) error {
	return &dismissal{outcome: storage.Ignored, reason: reason, err: fmt.Errorf(format, args...)}
}

var kindReasons = map[communities.Kind]string{
	communities.KindNotFound: "not-found", communities.KindInvalid: "invalid", communities.KindForbidden: "forbidden",
	communities.KindConflict: "conflict", communities.KindGone: "gone", communities.KindLimited: "limited",
}

// verdictOf gives the outcome and the stable reason of what is not tried again.
func verdictOf(err error) (outcome storage.Outcome, reason string) {
	var r *dismissal
	if errors.As(err, &r) {
		return r.outcome, r.reason
	}
	if reason, ok := kindReasons[communities.KindOf(err)]; ok {
		return storage.Refused, reason
	}
	if reason := wire.ReasonOf(err); reason != "" {
		return storage.Refused, "document-" + string(reason)
	}
	if errors.Is(err, fetch.ErrBudget) {
		return storage.Refused, "budget"
	}
	return storage.Refused, "unreachable"
}

const maxReason = 200 // bytes of an error kept with a row

func reasonText(err error) string {
	text := err.Error()
	return text[:min(len(text), maxReason)]
}
