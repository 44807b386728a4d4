package web

import (
	"context"

	"meent/communities"
	"meent/storage"
)

// standing is what a visitor may do in a group, and who has a say there. It only decides which buttons a page shows: the verbs judge anew.
type standing struct {
	known bool
	facts communities.Case
	storage.Standing
}

// standing reads it for a page that shows posts by the given authors. The group is nil where posts are in none.
func (p *Pages) standing(ctx context.Context, v Visitor, group *communities.Actor, authors []communities.ActorID) (*standing, error) {
	s := &standing{known: v.Known()}
	place := communities.ActorID(0)
	if group != nil {
		place = group.ID
	}
	var err error
	if s.Standing, err = p.archive.Standing(ctx, place, authors); err != nil || !v.Known() {
		return s, err
	}
	s.facts = communities.Case{Now: p.Now(), Actor: v.Person, NodeRole: v.Account.Role, Group: group}
	if s.facts.NodeBan, err = optional(p.archive.Ban(ctx, 0, v.ID())); err != nil || group == nil {
		return s, err
	}
	if s.facts.GroupBan, err = optional(p.archive.Ban(ctx, place, v.ID())); err != nil {
		return s, err
	}
	s.facts.Membership, err = optional(p.archive.Membership(ctx, place, v.ID()))
	return s, err
}

// optional makes nothing of what is absent.
func optional[T any](noun *T, err error) (*T, error) {
	if communities.IsNotFound(err) {
		return nil, nil
	}
	return noun, err
}

// may tells whether to offer an action in the group.
func (s *standing) may(a communities.Action) bool {
	return s.known && communities.May(a, s.facts) == nil
}

// mayDo tells whether to offer an action on a post of a thread.
func (s *standing) mayDo(a communities.Action, v *storage.View, thread *communities.Post) bool {
	if !s.known || v.Author == nil {
		return false
	}
	c := s.facts
	c.Post, c.Thread, c.Sees, c.Other = v.Post, thread, true, v.Author
	c.OtherRole, c.OtherNodeRole = s.Roles[v.Author.ID], s.NodeRoles[v.Author.ID]
	return communities.May(a, c) == nil
}

// mark is the key of what a reader should know of somebody who speaks: whether they speak for the group or the place. "" for most.
func (s *standing) mark(a *communities.Actor) string {
	switch {
	case a == nil:
		return ""
	case s.Roles[a.ID] == communities.RoleModerator:
		return "mark.moderator"
	case s.Roles[a.ID] != "":
		return "mark.manager"
	case s.NodeRoles[a.ID] != "":
		return "mark.staff"
	}
	return marksOfKinds[a.Kind]
}

var marksOfKinds = map[communities.ActorKind]string{
	communities.Organization: "mark.organization", communities.Service: "mark.service",
	communities.Application: "mark.service", communities.Group: "mark.group",
}

// authors lists who wrote the posts.
func authors(views ...*storage.View) []communities.ActorID {
	var ids []communities.ActorID
	for _, v := range views {
		if v.Author != nil {
			ids = append(ids, v.Author.ID)
		}
	}
	return ids
}
