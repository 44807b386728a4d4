package federation

import (
	"context"
	"html"

	"meent/communities"
	"meent/federation/wire"
	"meent/storage"
)

// tellBlocked: Block goes to the blocked person's server, which then keeps the two apart.
func (o outgoing) tellBlocked(ctx context.Context, e communities.Blocked) error {
	if !e.Blocker.Local() || e.Blocked.Local() {
		return nil
	}
	a := wire.Activity{ID: e.Block.URI, Type: "Block", Objects: []wire.Reference{{ID: e.Blocked.URI}}, To: []string{e.Blocked.URI}}
	return o.rule(ctx, e.Blocker, a, e.Undone, e.Blocked, everyDialect)
}

// tellReported: Flag by the node itself, so that the reporter stays unknown. Mastodon reads content and wants the account first; Lemmy
// and Mbin read summary, and Lemmy a single to that is a group.
func (o outgoing) tellReported(ctx context.Context, e communities.Reported) error {
	if !e.Report.Forward || e.Target.Local() || e.Cause != 0 {
		return nil
	}
	node, err := o.tx.ActorByURI(ctx, o.Actor(communities.Application, ""))
	if err != nil {
		return err
	}
	a := wire.Activity{
		Type: "Flag", Objects: []wire.Reference{{ID: e.Target.URI}}, Content: e.Report.Comment, Summary: e.Report.Comment,
		To: []string{e.Target.URI},
	}
	audience := to(e.Target)
	for _, p := range e.Posts {
		a.Objects = append(a.Objects, wire.Reference{ID: p.URI})
	}
	if len(e.Posts) > 0 && e.Posts[0].Group != 0 {
		group, err := o.tx.Actor(ctx, e.Posts[0].Group)
		if err != nil {
			return err
		}
		a.To, a.Audience = []string{group.URI}, []string{group.URI}
		audience = to(e.Target, group)
	}
	_, err = o.sayTo(ctx, node, a, e.Report.URI, audience)
	return err
}

// tellActorChanged: Update of the profile to everybody who follows it, Delete or Move when it is gone.
func (o outgoing) tellActorChanged(ctx context.Context, e communities.ActorChanged) error {
	if !e.Actor.Local() {
		return nil
	}
	everybody := storage.Audience{FollowersOf: []communities.ActorID{e.Actor.ID}, Holders: e.Actor.URI}
	a := wire.Activity{To: []string{wire.Public}, Cc: []string{newBoxes(o.Base, e.Actor).Followers}}
	switch {
	case e.Gone:
		a.Type, a.Objects = "Delete", []wire.Reference{{ID: e.Actor.URI}}
		everybody.FollowedBy = []communities.ActorID{e.Actor.ID}
	case e.Moved:
		a.Type, a.Objects, a.Target = "Move", []wire.Reference{{ID: e.Actor.URI}}, wire.Reference{ID: e.Actor.MovedTo}
	default:
		doc, err := o.actorDocumentIn(ctx, e.Actor)
		if err != nil {
			return err
		}
		inner, err := doc.Embed()
		if err != nil {
			return err
		}
		a.Type, a.Objects = "Update", []wire.Reference{inner}
	}
	own, err := o.sayTo(ctx, e.Actor, a, e.Actor.URI, everybody)
	if err != nil || !e.Actor.IsGroup() {
		return err
	}
	return o.passOn(ctx, e.Actor, 0, own, e.Actor.URI) // Lemmy reads Update{Group} inside an Announce
}

// tellRefused: no software tells its people of a Reject, so the author hears why by a direct Note.
func (o outgoing) tellRefused(ctx context.Context, e communities.Refused) error {
	if e.Author.Local() || !e.Group.Local() {
		return nil
	}
	name := "@" + e.Author.Handle(o.Host())
	note := wire.Object{
		ID: o.Activity(communities.ActivityID(o.archive.IDs().Next())), Types: []string{"Note"}, AttributedTo: []string{e.Group.URI},
		Content: `<p><span class="h-card"><a href="` + html.EscapeString(e.Author.URI) + `" class="u-url mention">` + html.EscapeString(name) +
			`</a></span> ` + html.EscapeString(e.Reason) + `</p>`,
		InReplyTo: e.PostURI, To: []string{e.Author.URI}, Published: o.Now().UTC(),
		Tags: wire.Tags{Mentions: []wire.Mention{{Href: e.Author.URI, Name: name}}},
	}
	inner, err := note.Embed()
	if err != nil {
		return err
	}
	_, err = o.sayTo(ctx, e.Group, wire.Activity{Type: "Create", Objects: []wire.Reference{inner}, To: note.To}, note.ID, to(e.Author))
	return err
}
