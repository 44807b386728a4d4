package federation

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"meent/communities"
	"meent/federation/fetch"
	"meent/federation/signature"
	"meent/federation/wire"
	"meent/storage"
)

const (
	witnessFresh   = time.Minute // how long a key is believed without a look at the archive
	maxWitnesses   = 4096
	refetchPause   = time.Minute // between two looks for a changed key of one actor
	maxLookups     = 64          // of keys, at once
	maxMissed      = 10          // keys that a domain could not show, in a window; then it has to wait
	missedWindow   = time.Minute
	lookupDeadline = 8 * time.Second // Lemmy gives up on an inbox after 9
)

// witness is a public key of a remote actor who showed it at its own origin.
type witness struct {
	actor  communities.ActorID
	uri    string
	active bool
	public crypto.PublicKey
	readAt time.Time
}

// witnesses keeps keys in memory, parsed. Safe for concurrent use.
type witnesses struct {
	mu    sync.Mutex
	byKey map[string]witness
	gates map[string]chan struct{} // actors being asked for their keys
}

func newWitnesses() *witnesses {
	return &witnesses{byKey: map[string]witness{}, gates: map[string]chan struct{}{}}
}

// alone waits until nobody else asks the actor for its keys: the first of many requests by somebody new asks, the others find the answer.
func (w *witnesses) alone(ctx context.Context, uri string) (leave func(), err error) {
	for {
		w.mu.Lock()
		busy, taken := w.gates[uri]
		if !taken {
			gate := make(chan struct{})
			w.gates[uri] = gate
			w.mu.Unlock()
			return func() { w.leave(uri, gate) }, nil
		}
		w.mu.Unlock()
		select {
		case <-busy:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

func (w *witnesses) leave(uri string, gate chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.gates, uri)
	close(gate)
}

func (w *witnesses) get(keyID string, now time.Time) (witness, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	found, ok := w.byKey[keyID]
	return found, ok && now.Sub(found.readAt) < witnessFresh
}

func (w *witnesses) put(keyID string, found witness) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.byKey) >= maxWitnesses {
		clear(w.byKey) // rare, and cheap to fill again
	}
	w.byKey[keyID] = found
}

// forget drops the keys of an actor whose standing or keys have changed.
func (w *witnesses) forget(uri string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for keyID, found := range w.byKey {
		if found.uri == uri {
			delete(w.byKey, keyID)
		}
	}
}

// authenticate tells whether the actor made the claim: the key must be one that the actor itself lists (SECURITY B5-B10), and it must
// verify. An unknown key is looked up at the actor; a known one that does not verify is looked up again, at most once a minute, since
// keys change. A suspended actor is refused with 403 (B18).
func (r *Road) authenticate(ctx context.Context, claim *signature.Claim, actorURI string) (witness, error) {
	found, err := r.witness(ctx, claim.KeyID)
	known := err == nil
	if communities.IsNotFound(err) {
		found, err = r.meet(ctx, claim.KeyID, actorURI)
	}
	if err != nil {
		return witness{}, err
	}
	err = found.bears(claim, actorURI)
	if !known || signature.KindOf(err) != signature.Mismatch || !r.refetching.first(actorURI, r.Now()) {
		return found, err
	}
	r.witnesses.forget(actorURI)
	again, lookErr := r.lookUp(ctx, claim.KeyID, actorURI)
	if lookErr != nil {
		return witness{}, errors.Join(err, lookErr)
	}
	return again, again.bears(claim, actorURI)
}

// bears tells whether the witness is the actor's key and made the claim.
func (w witness) bears(claim *signature.Claim, actorURI string) error {
	switch {
	case w.uri != actorURI:
		return refuseWith(http.StatusUnauthorized, "key %s is not of %s", claim.KeyID, actorURI)
	case !w.active:
		return refuseWith(http.StatusForbidden, "%s is suspended or deleted", actorURI)
	}
	return claim.Verify(w.public)
}

// witness finds a key that we know, in memory or in the archive.
func (r *Road) witness(ctx context.Context, keyID string) (witness, error) {
	if found, ok := r.witnesses.get(keyID, r.Now()); ok {
		return found, nil
	}
	key, err := r.archive.KeyByURI(ctx, keyID)
	if err != nil {
		return witness{}, err
	}
	actor, err := r.archive.Actor(ctx, key.Actor)
	if err != nil {
		return witness{}, fmt.Errorf("owner of key %s: %w", keyID, err)
	}
	if actor.Local() {
		return witness{}, refuseWith(http.StatusForbidden, "key of this node from outside")
	}
	return r.admitKey(keyID, key, actor)
}

func (r *Road) admitKey(keyID string, key storage.Key, actor *communities.Actor) (witness, error) {
	public, err := signature.ParsePublic(string(key.Public))
	if err != nil {
		return witness{}, err
	}
	found := witness{actor: actor.ID, uri: actor.URI, active: actor.Active(), public: public, readAt: r.Now()}
	if found.active { // who is suspended may be let in again by another process, which does not say so
		r.witnesses.put(keyID, found)
	}
	return found, nil
}

// meet looks up a key that we do not know, unless another request has just done so.
func (r *Road) meet(ctx context.Context, keyID, actorURI string) (witness, error) {
	leave, err := r.witnesses.alone(ctx, actorURI)
	if err != nil {
		return witness{}, refuseWith(http.StatusServiceUnavailable, "wait for the keys of %s: %w", actorURI, err)
	}
	defer leave()
	found, err := r.witness(ctx, keyID)
	if communities.IsNotFound(err) {
		return r.lookUp(ctx, keyID, actorURI)
	}
	return found, err
}

// lookUp asks the actor for its keys and keeps them. That the actor is asked, and never the key's own address, is what binds the two: a
// document at the key's address could name anybody as its owner. A domain whose keys cannot be found again and again has to wait.
func (r *Road) lookUp(ctx context.Context, keyID, actorURI string) (witness, error) {
	host, err := wire.CanonicalHost(actorURI)
	if err != nil {
		return witness{}, refuseWith(http.StatusUnauthorized, "actor %s: %w", actorURI, err)
	}
	if r.missed.of(host, r.Now()) >= maxMissed {
		return witness{}, refuseWith(http.StatusServiceUnavailable, "%s has shown too few of its keys", host)
	}
	select {
	case r.lookups <- struct{}{}:
		defer func() { <-r.lookups }()
	default:
		return witness{}, refuseWith(http.StatusServiceUnavailable, "too many keys to look up")
	}
	ctx, cancel := context.WithTimeout(fetch.WithBudget(ctx, 4, 0), lookupDeadline)
	defer cancel()
	actor, err := r.fetchActor(ctx, actorURI)
	if err != nil {
		r.missed.add(host, r.Now())
		return witness{}, r.lookUpFailed(actorURI, err)
	}
	key, err := r.archive.KeyByURI(ctx, keyID)
	if communities.IsNotFound(err) || err == nil && key.Actor != actor.ID {
		r.missed.add(host, r.Now())
		return witness{}, refuseWith(http.StatusUnauthorized, "%s does not list the key %s", actorURI, keyID)
	}
	if err != nil {
		return witness{}, err
	}
	return r.admitKey(keyID, key, actor)
}

// lookUpFailed chooses between "never" and "later", since a sender does not repeat what got a 401.
func (r *Road) lookUpFailed(actorURI string, err error) error {
	if isTransient(err) {
		return refuseWith(http.StatusServiceUnavailable, "look up the key of %s: %w", actorURI, err)
	}
	return refuseWith(http.StatusUnauthorized, "look up the key of %s: %w", actorURI, err)
}

// WhoAsks returns the actor who signed a GET, or why nobody can be said to have: an error with a status, as [Road.Inbox] gives them.
func (r *Road) WhoAsks(req *http.Request) (*communities.Actor, error) {
	claim, err := signature.Parse(req, nil, r.signatures)
	if err != nil {
		return nil, err
	}
	ctx := req.Context()
	if _, err := r.admit(ctx, claim.KeyID); err != nil {
		return nil, err
	}
	found, err := r.witness(ctx, claim.KeyID)
	owner := found.uri
	if communities.IsNotFound(err) {
		owner, err = r.ownerOf(ctx, claim.KeyID)
	}
	if err != nil {
		return nil, err
	}
	if found, err = r.authenticate(ctx, claim, owner); err != nil {
		return nil, err
	}
	actor, err := r.archive.Actor(ctx, found.actor)
	if err == nil && !actor.Active() {
		return nil, refuseWith(http.StatusForbidden, "%s is suspended", owner)
	}
	return actor, err
}

// ownerOf asks at a key's address who owns it: an actor that shows the key, or a key with a document of its own (GoToSocial). The answer
// is a hint; the owner must list the key.
func (r *Road) ownerOf(ctx context.Context, keyID string) (string, error) {
	host, err := wire.CanonicalHost(keyID)
	if err != nil || r.missed.of(host, r.Now()) >= maxMissed {
		return "", refuseWith(http.StatusServiceUnavailable, "%s has shown too few of its keys", host)
	}
	ctx, cancel := context.WithTimeout(fetch.WithBudget(ctx, 4, 0), lookupDeadline)
	defer cancel()
	doc, err := r.fetchRaw(ctx, keyID)
	if err != nil {
		r.missed.add(host, r.Now())
		return "", r.lookUpFailed(keyID, err)
	}
	keys, err := doc.Keys()
	if err != nil {
		return "", refuseWith(http.StatusUnauthorized, "key %s: %w", keyID, err)
	}
	for _, key := range keys {
		if key.ID == keyID && wire.SameOrigin(key.Owner, keyID) {
			return key.Owner, nil
		}
	}
	return "", refuseWith(http.StatusUnauthorized, "nobody owns the key %s", keyID)
}

// isTransient tells whether a failure may mend itself: everything but our own refusals, the host's word that nothing is there, and its
// other answers of the 400s.
func isTransient(err error) bool {
	var status *fetch.StatusError
	switch {
	case err == nil, fetch.Refused(err), wire.ReasonOf(err) != "", signature.KindOf(err) != 0, communities.KindOf(err) != communities.KindInternal:
		return false
	case errors.Is(err, fetch.ErrBudget):
		return false // the same activity would use it up again
	case errors.As(err, &status):
		return status.Status >= http.StatusInternalServerError || status.Status == http.StatusTooManyRequests
	}
	var ended *dismissal
	var refused *inboxError
	if errors.As(err, &refused) {
		return refused.status == http.StatusServiceUnavailable
	}
	return !errors.As(err, &ended)
}
