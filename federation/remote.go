package federation

import (
	"context"
	"fmt"
	"strings"
	"time"

	"meent/communities"
	"meent/federation/fetch"
	"meent/federation/wire"
)

// actorFresh is how long a remote actor is believed before it is read again, in the background.
const actorFresh = 3 * 24 * time.Hour

// ActorByURI returns an actor by its global id, read from its own origin when it is not known. Of this node's ids, only those that exist
// are found; of a deleted actor it says [communities.Gone]. It must not be called inside a transaction.
func (r *Road) ActorByURI(ctx context.Context, uri string) (*communities.Actor, error) {
	a, err := r.archive.ActorByURI(ctx, uri)
	switch {
	case communities.IsNotFound(err) && !r.isOwnURI(uri):
		return r.fetchActor(ctx, uri)
	case err != nil:
		return nil, err
	case !a.DeletedAt.IsZero():
		return nil, communities.Gone
	}
	if !a.Local() && r.Now().Sub(a.FetchedAt) > actorFresh && r.refreshing.first(a.URI, r.Now()) {
		return a, r.enqueue(ctx, RefreshActor{URI: a.URI})
	}
	return a, nil
}

// ActorByHandle returns who bears a handle, as @name@host. Both sides must agree: the handle's host names the actor, and the actor, read
// from its own id, bears that name (SECURITY I10).
func (r *Road) ActorByHandle(ctx context.Context, handle string) (*communities.Actor, error) {
	h, err := fetch.ParseHandle(handle)
	if err != nil {
		return nil, communities.Invalidf("%.80q is not a handle", handle)
	}
	name := strings.ToLower(h.Name)
	if h.Host == r.Host() {
		return r.archive.ActorByName(ctx, name, "")
	}
	if a, err := r.archive.ActorByName(ctx, name, h.Host); err == nil || !communities.IsNotFound(err) {
		return a, err
	}
	account, err := r.client.WebFinger(ctx, h)
	if err != nil {
		return nil, foundNothing(err)
	}
	return r.bearer(ctx, account)
}

// bearer finds, among the actors that a host names for a handle, the one that bears it.
func (r *Road) bearer(ctx context.Context, account *fetch.Account) (*communities.Actor, error) {
	for _, uri := range account.Actors {
		a, err := r.ActorByURI(ctx, uri)
		if err != nil {
			return nil, foundNothing(err)
		}
		if a.Local() || !strings.EqualFold(a.Name, account.Handle.Name) {
			continue
		}
		if a.Host == account.Handle.Host {
			return a, nil
		}
		return r.rename(ctx, a, account.Handle.Host)
	}
	return nil, communities.NotFound
}

// rename gives an actor the host of its handle, where that differs from the host of its id.
func (r *Road) rename(ctx context.Context, a *communities.Actor, host string) (*communities.Actor, error) {
	var renamed *communities.Actor
	err := r.archive.Write(ctx, func(tx communities.Tx) error {
		known, err := tx.Actor(ctx, a.ID)
		if err != nil {
			return err
		}
		known.Host = host
		renamed, err = r.town.StoreRemoteActor(ctx, tx, known)
		return err
	})
	return renamed, err
}

// foundNothing turns what a fetch says about the other side into "not found" for people; our own failures stay.
func foundNothing(err error) error {
	if !isTransient(err) {
		return fmt.Errorf("%w: %w", communities.NotFound, err)
	}
	return err
}

// fetchActor reads an actor from its own id and keeps it with its keys.
func (r *Road) fetchActor(ctx context.Context, uri string) (*communities.Actor, error) {
	doc, err := r.fetchDocument(ctx, uri)
	if err != nil {
		return nil, fmt.Errorf("actor %s: %w", uri, err)
	}
	read, err := doc.Actor()
	if err != nil {
		return nil, fmt.Errorf("actor %s: %w", uri, err)
	}
	var stored *communities.Actor
	for range storeTries {
		err = r.archive.Write(ctx, func(tx communities.Tx) error {
			stored, err = r.storeActor(ctx, tx, read)
			return err
		})
		if communities.KindOf(err) != communities.KindConflict { // another process met them at the same moment
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("store actor %s: %w", uri, err)
	}
	return stored, nil
}

// storeTries is how often to store an actor whom somebody else stores at the same moment.
const storeTries = 3

// Refresh reads a known remote actor again, with what hangs on it: the host of its handle and, of a group that somebody here follows, its
// moderators. Of others nobody asked for them, and they could be groups with moderators without end (SECURITY D4).
func (r *Road) Refresh(ctx context.Context, uri string) error {
	a, err := r.fetchActor(ctx, uri)
	if err != nil {
		return err
	}
	if err := r.confirmHandle(ctx, a); err != nil {
		return err
	}
	if a.IsGroup() && a.FollowersCount > 0 { // of somebody elsewhere it counts the followers here
		return r.refreshModerators(ctx, a)
	}
	return nil
}

// confirmHandle asks the host of an actor's id which handle it has. Where that is one of another host, that host must agree
// ([fetch.Client.WebFinger] asks it), else the host of the id stays.
func (r *Road) confirmHandle(ctx context.Context, a *communities.Actor) error {
	host, err := wire.CanonicalHost(a.URI)
	if err != nil {
		return err
	}
	account, err := r.client.WebFinger(ctx, fetch.Handle{Name: a.Name, Host: host})
	if err != nil {
		return nil //nolint:nilerr // without an answer, the host of the id is shown
	}
	for _, uri := range account.Actors {
		if uri == a.URI && account.Handle.Host != a.Host && !r.isOwnHost(account.Handle.Host) {
			_, err := r.rename(ctx, a, account.Handle.Host)
			return err
		}
	}
	return nil
}

// refreshModerators reads whom a group lists (FEP-1b12). Who cannot be read is left out.
func (r *Road) refreshModerators(ctx context.Context, group *communities.Actor) error {
	if group.Endpoints.Moderators == "" {
		return nil
	}
	var listed []communities.ActorID
	err := r.eachItem(ctx, group.Endpoints.Moderators, maxModerators, func(item wire.Reference) error {
		a, err := r.ActorByURI(ctx, item.ID)
		if err == nil {
			listed = append(listed, a.ID)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("moderators of %s: %w", group.URI, err)
	}
	return r.archive.Write(ctx, func(tx communities.Tx) error { return r.town.SetModerators(ctx, tx, group.ID, listed) })
}

const maxModerators = 50

// enqueue stores a task by itself.
func (r *Road) enqueue(ctx context.Context, task communities.Task) error {
	return r.archive.Write(ctx, func(tx communities.Tx) error { return tx.Enqueue(ctx, task) })
}
