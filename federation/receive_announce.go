package federation

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"meent/communities"
	"meent/federation/signature"
	"meent/federation/wire"
)

// maxAnnounced is how many things one Announce may bring (PieFed's batches, FEP-1a11).
const maxAnnounced = 100

// verifyAnnounce takes a boost of an object, or what a group passes on: whole activities (FEP-1b12), one or many.
func (in *incoming) verifyAnnounce(ctx context.Context) (effect, error) {
	if in.via != nil {
		return nil, refusef("nested", "an Announce within an Announce") // SECURITY U24
	}
	refs := in.announced()
	if len(refs) == 1 {
		return in.verifyShared(ctx, refs[0])
	}
	var effects []effect
	for i, ref := range refs {
		one := *in
		one.ID += "#" + strconv.Itoa(i)
		effect, err := one.verifyShared(ctx, ref)
		if isTransient(err) {
			return nil, err
		}
		if err == nil {
			effects = append(effects, effect)
		}
	}
	if len(effects) == 0 {
		return nil, ignoref("no-concern", "none of %d", len(refs))
	}
	return inTurn(effects), nil
}

// inTurn does what can be done of several things: that one is refused is no reason to lose the others.
func inTurn(effects []effect) effect {
	return func(ctx context.Context, tx communities.Tx) error {
		for _, effect := range effects {
			if err := effect(ctx, tx); isTransient(err) {
				return err
			}
		}
		return nil
	}
}

// announced lists what is announced: the objects or, of an embedded collection, its items.
func (in *incoming) announced() []wire.Reference {
	refs := in.Objects
	if len(refs) == 1 && slices.Contains([]string{"OrderedCollection", "Collection"}, refs[0].Type) {
		if doc, err := refs[0].Decode(); err == nil {
			if c, err := doc.Collection(); err == nil && len(c.Items) > 0 {
				refs = c.Items
			}
		}
	}
	return refs[:min(len(refs), maxAnnounced)]
}

// carried is the one activity that an Announce brought, as it came: what one group passed on, another may pass on too, but nobody an
// Announce of an Announce.
func carried(announce []byte) (inner wire.Reference, single bool) {
	a, err := readActivity(announce, wire.DecodeAgain)
	if err != nil || len(a.Objects) != 1 || a.Objects[0].Raw == nil {
		return wire.Reference{}, false
	}
	return a.Objects[0], true
}

// verifyShared tells an activity from an object. An object's embedded copy counts for nothing: it is read from its id (SECURITY U3).
func (in *incoming) verifyShared(ctx context.Context, ref wire.Reference) (effect, error) {
	if ref.Raw != nil {
		if doc, err := ref.Decode(); err == nil && doc.Kind == wire.KindActivity {
			return in.verifyPassedOn(ctx, ref)
		}
	}
	return in.verifyBoost(ctx, ref.ID)
}

// trust is what an activity that a group passed on must have, when neither its origin is the group's nor its proof holds.
type trust int

const (
	never    trust = iota // it is for the two parties only
	byObject              // the object is looked at, at its own origin
	byGroup               // the group decides such things
	byID                  // the activity itself is looked at, at its own origin
)

var passedOn = map[string]trust{
	"Create": byObject, "Update": byObject, "Delete": byObject,
	"Add": byGroup, "Remove": byGroup, "Block": byGroup, "Lock": byGroup,
	"Like": byID, "Dislike": byID, "EmojiReact": byID, "EmojiReaction": byID,
}

// trustIn looks through an Undo.
func trustIn(a wire.Activity) trust {
	kind := a.Type
	if kind == "Undo" {
		if kind = a.Objects[0].Type; kind == "Delete" {
			return byGroup
		}
	}
	return passedOn[kind]
}

// verifyPassedOn takes an activity that a group announces whole, and judges it as its actor's (FEP-1b12, FEP-fe34).
func (in *incoming) verifyPassedOn(ctx context.Context, ref wire.Reference) (effect, error) {
	inner, err := embeddedActivity(ref)
	switch {
	case err != nil:
		return nil, err
	case !in.actor.IsGroup():
		return nil, refusef("not-a-group", "%s passes on a %s", in.Actor, inner.Type)
	case inner.Actor == "" || inner.ID != "" && !wire.SameOrigin(inner.ID, inner.Actor):
		return nil, refusef("origin", "%s by %q", inner.ID, inner.Actor)
	case trustIn(inner) == never:
		return nil, refusef("not-announceable", "%s", inner.Type)
	case in.isOwnURI(inner.Actor):
		return in.verifyReturned(ctx, inner)
	}
	if err := in.wants(ctx, inner); err != nil {
		return nil, err
	}
	actor, err := in.ActorByURI(ctx, inner.Actor)
	if err != nil {
		return nil, err
	}
	passed := &incoming{Road: in.Road, Activity: inner, actor: actor, via: in.actor, share: in.ID, cause: in.cause, needs: in.needs}
	if err := passed.prove(ctx, ref); err != nil {
		return nil, err
	}
	return passed.check(ctx)
}

// wants tells whether what a group passes on is worth a look: when somebody here follows it, or its object is known.
func (in *incoming) wants(ctx context.Context, inner wire.Activity) error {
	if in.actor.FollowersCount > 0 {
		return nil
	}
	object := inner.Objects[0].ID
	if inner.Type == "Undo" {
		object = sharedObject(wire.Activity{Objects: []wire.Reference{inner.Objects[0]}})
	}
	_, err := in.archive.PostByURI(ctx, object)
	if communities.IsNotFound(err) {
		return ignoref("no-concern", "nobody here follows %s", in.Actor)
	}
	return err
}

// verifyReturned: what somebody of ours did comes back from the group. Of a thread that means that the group shows it; the rest we know.
func (in *incoming) verifyReturned(ctx context.Context, inner wire.Activity) (effect, error) {
	if inner.Type != "Create" {
		return nil, ignoref("ours", "%s of %s", inner.Type, inner.Actor)
	}
	p, err := in.post(ctx, inner.Objects[0].ID)
	if err != nil {
		return nil, err
	}
	if !p.IsRoot() {
		return nil, ignoref("ours", "%s", p.URI)
	}
	return in.boost(p), nil
}

// prove finds out on whose word an activity that was passed on can be believed: its own origin signed the announce; its actor's proof
// holds (FEP-8b32); its origin shows it. What is left is unproven, and judged by its object or as the group's own decision.
func (in *incoming) prove(ctx context.Context, ref wire.Reference) error {
	switch {
	case wire.SameOrigin(in.Actor, in.via.URI):
		return nil
	case in.HasProof:
		return in.checkProof(ctx, ref.Raw)
	case trustIn(in.Activity) == byID:
		return in.checkAtOrigin(ctx)
	}
	in.unproven = true
	return nil
}

// checkProof verifies the proof by a key that the actor lists.
func (in *incoming) checkProof(ctx context.Context, raw []byte) error {
	proof, err := signature.ParseProof(raw, in.Now())
	if err != nil {
		return refusef("proof", "%s: %w", in.ID, err)
	}
	found, err := in.witness(ctx, proof.VerificationMethod)
	if communities.IsNotFound(err) {
		found, err = in.meet(ctx, proof.VerificationMethod, in.Actor)
	}
	var refused *inboxError
	switch {
	case errors.As(err, &refused) && !isTransient(err):
		return refusef("proof", "%s: %w", in.ID, err)
	case err != nil:
		return err
	case found.uri != in.Actor:
		return refusef("proof", "%s is proven by %s", in.ID, found.uri)
	}
	if err := proof.Verify(found.public); err != nil {
		return refusef("proof", "%s: %w", in.ID, err)
	}
	return nil
}

// checkAtOrigin reads the activity from its id and holds it against what was passed on.
func (in *incoming) checkAtOrigin(ctx context.Context) error {
	if in.ID == "" {
		return refusef("unproven", "%s of %s", in.Type, in.Actor)
	}
	doc, err := in.fetchDocument(ctx, in.ID)
	if isTransient(err) {
		return err
	}
	if err != nil {
		return refusef("unproven", "%s: %w", in.ID, err)
	}
	at, err := doc.Activity()
	if err != nil || at.Type != in.Type || at.Actor != in.Actor || len(at.Objects) == 0 || at.Objects[0].ID != in.object() {
		return refusef("unproven", "%s says something else", in.ID)
	}
	return nil
}

// verifyBoost shares an object. One that is not known is read from its origin, when somebody here follows who shares it.
func (in *incoming) verifyBoost(ctx context.Context, uri string) (effect, error) {
	p, err := in.archive.PostByURI(ctx, uri)
	switch {
	case err == nil:
		return in.boost(p), nil
	case !communities.IsNotFound(err):
		return nil, err
	case uri == "" || in.isOwnURI(uri):
		return nil, refusef("unknown-object", "%q", uri)
	case in.actor.FollowersCount == 0:
		return nil, ignoref("no-concern", "nobody here follows %s", in.Actor)
	}
	doc, err := in.fetchDocument(ctx, uri)
	if err != nil {
		return nil, err
	}
	if doc.Kind == wire.KindActivity && in.actor.IsGroup() {
		return in.verifyFetched(ctx, doc)
	}
	o, err := doc.Object()
	if err != nil {
		return nil, err
	}
	return in.bringAndBoost(ctx, o)
}

// verifyFetched takes an activity that a group announced by its id, read from its own origin.
func (in *incoming) verifyFetched(ctx context.Context, doc *wire.Document) (effect, error) {
	inner, err := doc.Activity()
	if err != nil {
		return nil, err
	}
	if !wire.SameOrigin(inner.ID, inner.Actor) || trustIn(inner) == never {
		return nil, refusef("origin", "%s by %s", inner.ID, inner.Actor)
	}
	actor, err := in.ActorByURI(ctx, inner.Actor)
	if err != nil {
		return nil, err
	}
	passed := &incoming{Road: in.Road, Activity: inner, actor: actor, via: in.actor, share: in.ID, cause: in.cause, needs: in.needs}
	return passed.check(ctx)
}

// boost shares a post that is here.
func (in *incoming) boost(p *communities.Post) effect {
	b := communities.Boosting{Post: p.ID, By: in.actor.ID, URI: in.ID, CreatedAt: in.Published, Cause: in.cause}
	if len(in.To)+len(in.Cc) > 0 {
		b.Visibility = visibilityOf(in.To, in.Cc, in.actor, nil)
		if b.Visibility == communities.Direct {
			b.Visibility = communities.Followers
		}
	}
	return func(ctx context.Context, tx communities.Tx) error { return in.doBoost(ctx, tx, b) }
}

// doBoost refuses an id that is a post's already: the Announce would take its place.
func (in *incoming) doBoost(ctx context.Context, tx communities.Tx, b communities.Boosting) error {
	other, err := tx.PostByURI(ctx, b.URI)
	if err == nil && (other.Kind != communities.Boost || other.Author != b.By) {
		return refusef("identity", "%s is a post", b.URI)
	}
	if err != nil && !communities.IsNotFound(err) {
		return err
	}
	_, err = in.town.Boost(ctx, tx, b)
	return err
}

// bringAndBoost shares a post that was read from its origin just now.
func (in *incoming) bringAndBoost(ctx context.Context, o wire.Object) (effect, error) {
	p, err := in.bringing(ctx, o)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx communities.Tx) error {
		post, err := p.publish(ctx, tx)
		if err != nil {
			return err
		}
		return in.boost(post)(ctx, tx)
	}, nil
}

// bringing prepares a post that was read from its origin, because somebody here wants to see it.
func (in *incoming) bringing(ctx context.Context, o wire.Object) (*publication, error) {
	if !isContribution(o) {
		return nil, ignoref("unknown-object-type", "%v", o.Types)
	}
	if err := checkAuthors(o); err != nil {
		return nil, err
	}
	blocked, err := in.touchesBlocked(ctx, partiesOf(o)...)
	if err != nil {
		return nil, err
	}
	author, err := in.author(ctx, o)
	switch {
	case err != nil:
		return nil, err
	case blocked:
		return nil, refusef("blocked", "%s touches a blocked host", o.ID)
	case author.Local() || !author.Active():
		return nil, refusef("suspended", "%s", author.URI)
	}
	writer := &incoming{Road: in.Road, actor: author, share: in.ID, cause: in.cause, wanted: true, hops: in.hops}
	if in.actor.IsGroup() {
		writer.via = in.actor
	}
	p, err := writer.publication(ctx, o, author)
	if err == nil && !p.draft.Visibility.Open() {
		return nil, refusef("not-public", "%s", o.ID)
	}
	return p, err
}
