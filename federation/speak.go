package federation

import (
	"context"
	"crypto/sha256"
	"fmt"

	"meent/communities"
	"meent/federation/signature"
	"meent/federation/wire"
	"meent/storage"
)

// said is an activity of this node, written down.
type said struct {
	id   communities.ActivityID
	uri  string
	body []byte
}

// say writes down an activity of a local actor. It mints the id, where a has none, dates it and proves it (FEP-8b32): an activity that
// a group passes on is believed for its proof.
func (o outgoing) say(ctx context.Context, by *communities.Actor, a wire.Activity, about string, form dialect) (said, error) {
	id := communities.ActivityID(o.archive.IDs().Next())
	minted := a.ID == ""
	if minted {
		a.ID = o.Activity(id)
	}
	a.Actor, a.HasProof = by.URI, true
	if a.Published.IsZero() {
		a.Published = o.Now().UTC()
	}
	body, err := a.Encode()
	if err != nil {
		return said{}, fmt.Errorf("compose %s: %w", a.Type, err)
	}
	key, err := o.keys.prover(ctx, o.tx, by)
	if err != nil {
		return said{}, err
	}
	if body, err = signature.SignProof(body, key, o.Now()); err != nil {
		return said{}, fmt.Errorf("prove %s: %w", a.Type, err)
	}
	row := storage.Activity{
		ID: id, URI: a.ID, Actor: by.ID, Kind: a.Type, ObjectURI: about, Dialect: string(form), Public: isPublic(a), Body: body,
		CreatedAt: o.Now(),
	}
	if minted {
		o.tx.AddActivity(row)
	} else if err := o.tx.PutActivity(ctx, row); communities.KindOf(err) == communities.KindConflict {
		return o.saidBefore(ctx, a.ID, form)
	} else if err != nil {
		return said{}, err
	}
	return said{id: id, uri: a.ID, body: body}, nil
}

// saidBefore finds what was said under an id: to ask again, as for a follow that got no answer, is to say the same again.
func (o outgoing) saidBefore(ctx context.Context, uri string, form dialect) (said, error) {
	known, err := o.tx.ActivityByURI(ctx, uri, string(form))
	if err != nil {
		return said{}, fmt.Errorf("say again %s: %w", uri, err)
	}
	return said{id: known.ID, uri: known.URI, body: known.Body}, nil
}

// isPublic tells whether anybody may fetch the activity under its id. Nothing addressed means nothing promised.
func isPublic(a wire.Activity) bool {
	for _, to := range append(a.To, a.Cc...) {
		if to == wire.Public {
			return true
		}
	}
	return false
}

// announce has a group pass an activity on, whole and byte for byte (FEP-1b12), to the followers who read that form. The server that
// the activity came from has it already; but forum software shows what its people wrote as waiting until the group sends it back (Lemmy
// crates/apub/objects/src/objects/post.rs, set_not_pending). Every announce is numbered in the group's log.
func (o outgoing) announce(ctx context.Context, group *communities.Actor, inner wire.Reference, about, exceptHost string) error {
	whole, err := o.say(ctx, group, o.announcement(group, inner), about, dialectUnknown)
	if err != nil {
		return err
	}
	o.log(group, whole, about)
	audience := storage.Audience{FollowersOf: []communities.ActorID{group.ID}, ExceptHost: exceptHost, Echo: string(dialectForum)}
	return o.tx.Deliver(ctx, audience, whole.in(announcedWhole), about)
}

// share has a group boost a thread by its id, for the followers who read that form. uri is the id of the boost.
func (o outgoing) share(ctx context.Context, group *communities.Actor, uri, object string) error {
	a := o.announcement(group, wire.Reference{ID: object})
	a.ID = uri
	return o.shareAs(ctx, group, a, uri, object)
}

// unshare takes a group's boost back. Microblogs take it from their timelines; forum software is told in its own way.
func (o outgoing) unshare(ctx context.Context, group *communities.Actor, share *communities.Post, object string) error {
	boost := o.announcement(group, wire.Reference{ID: object})
	boost.ID, boost.Actor, boost.Published = share.URI, group.URI, share.CreatedAt
	inner, err := boost.Embed()
	if err != nil {
		return err
	}
	return o.shareAs(ctx, group, wire.Activity{Type: "Undo", Objects: []wire.Reference{inner}, To: boost.To, Cc: boost.Cc}, share.URI, object)
}

// shareAs sends what concerns a boost to the followers and to everybody who got the boost.
func (o outgoing) shareAs(ctx context.Context, group *communities.Actor, a wire.Activity, uri, object string) error {
	boost, err := o.say(ctx, group, a, object, dialectUnknown)
	if err != nil {
		return err
	}
	o.log(group, boost, object)
	audience := storage.Audience{FollowersOf: []communities.ActorID{group.ID}, Holders: uri}
	return o.tx.Deliver(ctx, audience, boost.in(announcedByID), uri)
}

// announcement is addressed as Lemmy demands: Public in to, the group's followers in cc.
func (o outgoing) announcement(group *communities.Actor, inner wire.Reference) wire.Activity {
	return wire.Activity{
		Type: "Announce", Objects: []wire.Reference{inner},
		To: []string{wire.Public}, Cc: []string{newBoxes(o.Base, group).Followers},
	}
}

// log numbers what a group says and chains it to what it said before.
func (o outgoing) log(group *communities.Actor, s said, about string) {
	o.tx.AppendLog(group.ID, s.uri, about, sha256.Sum256(s.body))
}

// in is the same activity in several dialects.
func (s said) in(dialects []dialect) storage.Forms {
	forms := storage.Forms{}
	for _, d := range dialects {
		forms[string(d)] = []communities.ActivityID{s.id}
	}
	return forms
}

// sayTo writes an activity down and sends it to an audience in one form.
func (o outgoing) sayTo(ctx context.Context, by *communities.Actor, a wire.Activity, about string, to storage.Audience) (said, error) {
	s, err := o.say(ctx, by, a, about, dialectUnknown)
	if err != nil {
		return said{}, err
	}
	return s, o.tx.Deliver(ctx, to, s.in(everyDialect), about)
}

// decide says what a moderator decided: to the group's own server, and to the server of whom it concerns, if that knows moderators and does
// not hear it from a group of ours anyway: Lemmy writes each in its log.
func (o outgoing) decide(ctx context.Context, by *communities.Actor, a wire.Activity, about string, group, concerned *communities.Actor) (said, error) {
	decision, err := o.sayTo(ctx, by, a, about, to(group))
	if err != nil || concerned == nil || concerned.Host == group.Host {
		return decision, err
	}
	audience := to(concerned)
	if isOurs(group) {
		audience.Unless = group.ID
	}
	return decision, o.tx.Deliver(ctx, audience, decision.in(knowsModerators), about)
}

// passOn has a group of this node announce what a member did: the member's own activity as it came, or s for one of ours. Of a reply that
// waited for its thread the activity is long settled; whoever reads the thread's context finds it.
func (o outgoing) passOn(ctx context.Context, group *communities.Actor, cause communities.Cause, s said, about string) error {
	if cause == 0 && s.body == nil {
		return nil
	}
	if cause == 0 {
		return o.announce(ctx, group, wire.Reference{ID: s.uri, Raw: s.body}, about, "")
	}
	received, err := o.tx.Received(ctx, cause)
	if err != nil {
		return fmt.Errorf("find the activity to pass on: %w", err)
	}
	inner := wire.Reference{ID: received.URI, Type: received.Kind, Raw: received.Body}
	if received.Kind == "Announce" {
		var single bool
		if inner, single = carried(received.Body); !single {
			return nil // of a batch, each server hears from the group that sent it
		}
	}
	return o.announce(ctx, group, inner, about, received.Host)
}

// isOurs tells whether a group lives here and so is the one to announce.
func isOurs(group *communities.Actor) bool { return group != nil && group.Local() }
