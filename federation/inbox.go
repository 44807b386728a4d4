package federation

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"time"

	"meent/communities"
	"meent/federation/fetch"
	"meent/federation/signature"
	"meent/federation/wire"
	"meent/storage"
)

const (
	maxBody     = 1 << 20         // bytes of an activity (Mastodon FEDERATION.md)
	maxTaking   = 64              // requests being judged at once: bounds memory, and what strangers may cost
	waitForTurn = 2 * time.Second // then it is 503
	retryAfter  = 5               // seconds, beside a 503
)

// Inbox takes an activity of another town, for whomever it is: the shared inbox and those of all actors are this one handler, so that no
// check can be missing on one of them (SECURITY B9). It answers 202 once the activity is in the archive; the work is done afterwards, see
// [Road.Receive].
//
// 400 cannot be read, 401 not signed by its actor, 403 blocked, suspended or in our own name, 413, 415, 503 come back later.
func (r *Road) Inbox(w http.ResponseWriter, req *http.Request) {
	err := r.take(w, req)
	status := statusOf(err)
	if err == nil {
		w.WriteHeader(status)
		return
	}
	if status == http.StatusInternalServerError { // all else is a stranger's doing, who must not be able to fill the log
		r.Log.ErrorContext(req.Context(), "inbox", "error", err, "status", status)
	} else {
		r.Log.DebugContext(req.Context(), "inbox refuses", "reason", err, "status", status)
	}
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
	}
	http.Error(w, http.StatusText(status), status) // the reason may quote the sender: it is logged, not echoed
}

// refuseWith refuses with the status that the sender sees.
func refuseWith(status int, format string, args ...any) error {
	return &inboxError{status: status, err: fmt.Errorf(format, args...)}
}

// inboxError is a refusal with the status that the sender sees.
type inboxError struct {
	status int
	err    error
}

func (e *inboxError) Error() string { return e.err.Error() }
func (e *inboxError) Unwrap() error { return e.err }

func statusOf(err error) int {
	var refused *inboxError
	switch {
	case err == nil:
		return http.StatusAccepted
	case errors.As(err, &refused):
		return refused.status
	case signature.KindOf(err) == signature.Malformed, wire.ReasonOf(err) != "":
		return http.StatusBadRequest
	case signature.KindOf(err) != 0:
		return http.StatusUnauthorized
	default:
		return http.StatusInternalServerError
	}
}

// take judges a request, cheapest checks first and nothing fetched before they have passed (SECURITY S23), and remembers its activity.
func (r *Road) take(w http.ResponseWriter, req *http.Request) error {
	leave, err := r.takeTurn(req.Context())
	if err != nil {
		return err
	}
	defer leave()
	body, err := readBody(w, req)
	if err != nil {
		return err
	}
	claim, err := signature.Parse(req, body, r.signatures)
	if err != nil {
		return err
	}
	host, err := r.admit(req.Context(), claim.KeyID)
	if err != nil {
		return err
	}
	a, err := readActivity(body, wire.Decode)
	if err != nil {
		return err
	}
	if err := r.bind(a, claim); err != nil {
		return err
	}
	if known, err := r.vouch(req.Context(), claim, a); !known || err != nil {
		return err
	}
	return r.remember(req.Context(), host, req.UserAgent(), a)
}

// takeTurn bounds how many requests are judged at once.
func (r *Road) takeTurn(ctx context.Context) (leave func(), err error) {
	timer := time.NewTimer(waitForTurn)
	defer timer.Stop()
	select {
	case r.taking <- struct{}{}:
		return func() { <-r.taking }, nil
	case <-timer.C:
	case <-ctx.Done():
	}
	return nil, refuseWith(http.StatusServiceUnavailable, "too many requests at once")
}

func readBody(w http.ResponseWriter, req *http.Request) ([]byte, error) {
	if req.Method != http.MethodPost {
		return nil, refuseWith(http.StatusMethodNotAllowed, "method %s", req.Method)
	}
	if !isActivityType(req.Header.Get("Content-Type")) {
		return nil, refuseWith(http.StatusUnsupportedMediaType, "content type %.80q", req.Header.Get("Content-Type"))
	}
	if req.ContentLength > maxBody {
		return nil, refuseWith(http.StatusRequestEntityTooLarge, "body of %d bytes", req.ContentLength)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxBody))
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return nil, refuseWith(http.StatusRequestEntityTooLarge, "body of more than %d bytes", large.Limit)
	}
	if err != nil {
		return nil, refuseWith(http.StatusBadRequest, "read body: %w", err)
	}
	return body, nil
}

// inboxTypes are what is sent for ActivityPub 7's application/ld+json. The profile is left out by many, and a signature binds the body, so
// nothing is lost by that.
var inboxTypes = []string{fetch.TypeActivity, fetch.TypeLD, "application/json"}

func isActivityType(header string) bool {
	media, _, err := mime.ParseMediaType(header)
	return err == nil && slices.Contains(inboxTypes, media)
}

// admit keeps out hosts with which this node has nothing to do, and those who pose as this node, before they cost anything.
func (r *Road) admit(ctx context.Context, keyID string) (host string, err error) {
	host, err = wire.CanonicalHost(keyID)
	if err != nil {
		return "", refuseWith(http.StatusUnauthorized, "key of no canonical host: %w", err) // SECURITY B13
	}
	if r.isOwnHost(host) {
		return "", refuseWith(http.StatusForbidden, "key of this node from outside") // SECURITY B12
	}
	blocked, err := r.blocks.has(ctx, host)
	if err != nil {
		return "", err
	}
	if blocked {
		return "", refuseWith(http.StatusForbidden, "host %s is blocked", host)
	}
	return host, nil
}

// readActivity passes the strict gate. What comes without an id gets one that repeats when the same bytes are sent again.
func readActivity(body []byte, decode func([]byte) (*wire.Document, error)) (wire.Activity, error) {
	doc, err := decode(body)
	if err != nil {
		return wire.Activity{}, err
	}
	a, err := doc.Activity()
	if wire.ReasonOf(err) == wire.ReasonID && doc.ID == "" {
		sum := sha256.Sum256(a.Raw)
		a.ID = a.Actor + "#sha256-" + hex.EncodeToString(sum[:])
		return a, nil
	}
	return a, err
}

// bind holds the parties of an activity together, before anything is fetched: the key, the actor and the activity are of one origin
// (FEP-fe34), and none of them is ours.
func (r *Road) bind(a wire.Activity, claim *signature.Claim) error {
	switch {
	case r.isOwnURI(a.Actor) || r.isOwnURI(a.ID):
		return refuseWith(http.StatusForbidden, "%s in the name of this node", a.Type) // SECURITY B12
	case r.isOwnURI(ownObject(a)):
		return refuseWith(http.StatusForbidden, "%s of what is ours", a.Type) // SECURITY B12, B20
	case !wire.SameOrigin(claim.KeyID, a.Actor):
		return refuseWith(http.StatusUnauthorized, "key %s for actor %s", claim.KeyID, a.Actor) // SECURITY B3
	case !wire.SameOrigin(a.ID, a.Actor):
		return refuseWith(http.StatusUnauthorized, "activity %s of actor %s", a.ID, a.Actor)
	}
	return nil
}

// claimsObject are the activities whose object is the sender's own. A Delete is, but for a moderator's, which names a reason.
var claimsObject = []string{"Create", "Update", "Delete", "Move"}

// ownObject returns the id of the object that the sender claims as theirs, "" when the activity claims none.
func ownObject(a wire.Activity) string {
	if len(a.Objects) == 0 || !slices.Contains(claimsObject, a.Type) || a.Type == "Delete" && a.Summary != "" {
		return ""
	}
	return a.Objects[0].ID
}

// vouch has the actor's key vouch for the request. A farewell, which is a Delete of the actor by itself, may come when the key is gone
// already: then the origin's own word counts (SECURITY B19), and of whom we never knew there is nothing to delete.
func (r *Road) vouch(ctx context.Context, claim *signature.Claim, a wire.Activity) (proceed bool, err error) {
	if !isFarewell(a) {
		_, err := r.authenticate(ctx, claim, a.Actor)
		return err == nil, err
	}
	if _, err := r.archive.ActorByURI(ctx, a.Actor); communities.IsNotFound(err) {
		return false, nil
	}
	_, err = r.authenticate(ctx, claim, a.Actor)
	if err == nil || statusOf(err) != http.StatusUnauthorized {
		return err == nil, err
	}
	_, gone := r.fetchDocument(ctx, a.Actor)
	if fetch.Gone(gone) {
		return true, nil
	}
	return false, err
}

// isFarewell tells whether the activity deletes its own actor.
func isFarewell(a wire.Activity) bool {
	return a.Type == "Delete" && len(a.Objects) == 1 && a.Objects[0].ID == a.Actor
}

// remember stores the activity under its id, which works once: what comes again is acknowledged and has no effect (SECURITY B17).
func (r *Road) remember(ctx context.Context, host, agent string, a wire.Activity) error {
	now := r.Now()
	row := storage.Received{
		ID: communities.ActivityID(r.archive.IDs().Next()), URI: a.ID, Host: host, ActorURI: a.Actor, Kind: a.Type, Body: a.Raw, ReceivedAt: now,
	}
	spoke, learn := r.spoke.first(host, now), r.learning.first(host, now)
	var memory storage.Memory
	err := r.archive.WriteTogether(ctx, func(tx communities.Tx) (err error) {
		in := storage.Of(tx)
		if memory, err = in.Remember(ctx, row); err != nil || memory == storage.Unwelcome {
			return err
		}
		if spoke {
			if err := in.HostSpoke(ctx, host, now); err != nil {
				return err
			}
		}
		if learn {
			if err := tx.Enqueue(ctx, LearnHost{Host: host, Agent: agent}); err != nil {
				return err
			}
		}
		if memory == storage.New {
			tx.AfterCommit(r.ringReceived)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("remember activity %s: %w", a.ID, err)
	}
	if memory == storage.Unwelcome {
		r.witnesses.forget(a.Actor)
		return refuseWith(http.StatusForbidden, "%s is suspended", a.Actor) // SECURITY B18, also where another process decided it
	}
	return nil
}
