package federation

import (
	"context"

	"meent/communities"
	"meent/federation/wire"
	"meent/storage"
)

// tellPosted: the author's own Create goes to the author's followers, to everybody mentioned and to a remote group's inbox. A group of
// ours announces it: threads to all followers in the form they read, replies only to those who read whole activities.
func (o outgoing) tellPosted(ctx context.Context, e communities.Posted) error {
	if !travels(e.Post, e.Group) {
		return nil
	}
	own, err := o.tellOwn(ctx, saying{"Create", e.Post.CreatedAt}, e.Post, e.Author, e.Group)
	if err != nil {
		return err
	}
	if !isOurs(e.Group) || !e.Post.Visibility.Open() {
		return nil
	}
	if err := o.passOn(ctx, e.Group, e.Cause, own, e.Post.URI); err != nil {
		return err
	}
	if e.Share == nil {
		return nil
	}
	return o.share(ctx, e.Group, e.Share.URI, e.Post.URI)
}

// tellEdited: Mastodon believes an Update only from its author, so ours goes straight to the group's followers as well.
func (o outgoing) tellEdited(ctx context.Context, e communities.Edited) error {
	if !travels(e.Post, e.Group) {
		return nil
	}
	own, err := o.tellOwn(ctx, saying{"Update", e.Post.EditedAt}, e.Post, e.Author, e.Group)
	if err != nil || !isOurs(e.Group) || !e.Post.Visibility.Open() {
		return err
	}
	return o.passOn(ctx, e.Group, e.Cause, own, e.Post.URI)
}

// travels tells whether a post may leave the node. What only a group's members may read stays here until closed groups federate.
func travels(p *communities.Post, group *communities.Actor) bool {
	closed := group != nil && group.Group != nil && group.Group.Closed
	return p.Visibility != communities.GroupOnly && !closed
}

// tellOwn says a Create or Update of a local author's post, in each form that it has. Of a remote author's post nothing is said.
func (o outgoing) tellOwn(ctx context.Context, what saying, p *communities.Post, author, group *communities.Actor) (said, error) {
	if !author.Local() {
		return said{}, nil
	}
	around, err := o.surround(ctx, p, author, group)
	if err != nil {
		return said{}, err
	}
	whole, err := o.sayObject(ctx, what, p, around, dialectForum)
	if err != nil {
		return said{}, err
	}
	forms := whole.in(everyDialect)
	if hasTwoForms(p) {
		note, err := o.sayObject(ctx, what, p, around, dialectMicroblog)
		if err != nil {
			return said{}, err
		}
		forms[string(dialectMicroblog)] = []communities.ActivityID{note.id}
	}
	return whole, o.tx.Deliver(ctx, o.audience(p, author, group, what.verb), forms, p.URI)
}

// sayObject says one form of a Create or Update. Both forms of one activity share their id, as both forms of the object do.
func (o outgoing) sayObject(ctx context.Context, what saying, p *communities.Post, s surroundings, d dialect) (said, error) {
	doc := o.objectDocument(p, s, d)
	inner, err := doc.Embed()
	if err != nil {
		return said{}, err
	}
	a := wire.Activity{
		ID: what.id(p), Type: what.verb, Objects: []wire.Reference{inner},
		To: doc.To, Cc: doc.Cc, Audience: doc.Audience, Published: doc.Published,
	}
	if what.verb == "Update" {
		a.Published = what.at
	}
	form := dialectUnknown
	if d == dialectMicroblog {
		form = dialectMicroblog
	}
	return o.say(ctx, s.author, a, p.URI, form)
}

// audience is who hears of a post besides a local group's followers. An Update or Delete goes to everybody who got the post, too.
func (o outgoing) audience(p *communities.Post, author, group *communities.Actor, verb string) storage.Audience {
	to := storage.Audience{}
	if p.Visibility != communities.Direct {
		to.FollowersOf = append(to.FollowersOf, author.ID)
	}
	for _, m := range p.Names() {
		to.Actors = append(to.Actors, m.Actor)
	}
	if group != nil && !group.Local() {
		to.Actors = append(to.Actors, group.ID)
	}
	if verb != "Create" {
		to.Holders = p.URI
		if isOurs(group) && p.IsRoot() && p.Visibility.Open() {
			to.FollowersOf = append(to.FollowersOf, group.ID)
		}
	}
	return to
}

// tellDeleted: by its author. Everybody who may hold it is told; a group of ours takes its boost back and passes the Delete on.
func (o outgoing) tellDeleted(ctx context.Context, e communities.Deleted) error {
	if !travels(e.Post, e.Group) {
		return nil
	}
	own := said{}
	if e.Author.Local() {
		a, err := o.deletion(e.Post, e.Group, "")
		if err != nil {
			return err
		}
		if own, err = o.sayTo(ctx, e.Author, a, e.Post.URI, o.audience(e.Post, e.Author, e.Group, a.Type)); err != nil {
			return err
		}
	}
	if !isOurs(e.Group) {
		return nil
	}
	if err := o.passOn(ctx, e.Group, e.Cause, own, e.Post.URI); err != nil {
		return err
	}
	if e.Share == nil {
		return nil
	}
	return o.unshare(ctx, e.Group, e.Share, e.Post.URI)
}

// deletion is the Delete of a post. With a reason it is a moderator's removal (Lemmy).
func (o outgoing) deletion(p *communities.Post, group *communities.Actor, reason string) (wire.Activity, error) {
	a := wire.Activity{Type: "Delete", Objects: []wire.Reference{{ID: p.URI}}, To: []string{wire.Public}, Summary: reason}
	if p.Visibility == communities.Direct || p.Visibility == communities.Followers {
		a.To = nil
	}
	if group != nil {
		a.Cc, a.Audience = []string{group.URI}, []string{group.URI}
	}
	if reason != "" {
		return a, nil
	}
	grave, err := wire.Object{ID: p.URI, Types: []string{"Tombstone"}}.Embed() // Mastodon sends and reads the grave
	a.Objects = []wire.Reference{grave}
	return a, err
}

// tellRemoved: Undo{Announce} to microblogs, a Delete with its reason inside an Announce to forum software, and bare to the author's.
func (o outgoing) tellRemoved(ctx context.Context, e communities.Removed) error {
	if e.Group == nil || !travels(e.Post, e.Group) {
		return nil
	}
	if e.By.Local() {
		return o.tellRemovedHere(ctx, e)
	}
	if !isOurs(e.Group) {
		return nil
	}
	if err := o.passOn(ctx, e.Group, e.Cause, said{}, e.Post.URI); err != nil {
		return err
	}
	return o.tellShare(ctx, e)
}

// tellRemovedHere says a local moderator's decision, for a group of ours or, by its inbox, for a group elsewhere.
func (o outgoing) tellRemovedHere(ctx context.Context, e communities.Removed) error {
	reason := e.Post.Removal.Reason
	if reason == "" {
		reason = "removed" // without a summary Lemmy reads the author's own deletion
	}
	a, err := o.deletion(e.Post, e.Group, reason)
	if err != nil {
		return err
	}
	a.Cc = append(a.Cc, newBoxes(o.Base, e.By).Followers)
	if e.Restored {
		a.Actor = e.By.URI
		if a, err = o.undoing(a); err != nil {
			return err
		}
	}
	decision, err := o.decide(ctx, e.By, a, e.Post.URI, e.Group, e.Author)
	if err != nil || !isOurs(e.Group) {
		return err
	}
	if err := o.passOn(ctx, e.Group, 0, decision, e.Post.URI); err != nil {
		return err
	}
	return o.tellShare(ctx, e)
}

// tellShare takes the group's boost back, or makes it anew.
func (o outgoing) tellShare(ctx context.Context, e communities.Removed) error {
	switch {
	case e.Share == nil:
		return nil
	case e.Restored:
		return o.share(ctx, e.Group, e.Share.URI, e.Post.URI) // a new boost, with an id of its own
	default:
		return o.unshare(ctx, e.Group, e.Share, e.Post.URI)
	}
}

// undoing wraps an activity in an Undo by the same actor. The inner one is embedded: Lemmy 0.19 and GoToSocial skip a bare id. It has an id
// even if we do not remember which, since Lemmy reads none without.
func (o outgoing) undoing(a wire.Activity) (wire.Activity, error) {
	if a.ID == "" {
		a.ID = o.Activity(communities.ActivityID(o.archive.IDs().Next()))
	}
	inner, err := a.Embed()
	return wire.Activity{Type: "Undo", Objects: []wire.Reference{inner}, To: a.To, Cc: a.Cc, Audience: a.Audience}, err
}
