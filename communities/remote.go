package communities

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"meent/communities/text"
)

// StoreRemoteActor creates or refreshes what is known of an actor of another node, and returns it. The caller has read the document
// from its own id. What was decided here (suspension) stays; who was deleted stays so, with [Gone]; who is a person does not become a group.
func (t *Town) StoreRemoteActor(ctx context.Context, tx Tx, a *Actor) (*Actor, error) {
	if err := t.checkRemote(a); err != nil {
		return nil, err
	}
	known, err := absent(tx.ActorByURI(ctx, a.URI))
	if err != nil {
		return nil, err
	}
	fresh := *a
	fresh.clean()
	fresh.FetchedAt = t.now()
	if known == nil {
		fresh.ID = ActorID(t.ids.Next())
		if fresh.CreatedAt.IsZero() || fresh.CreatedAt.After(fresh.FetchedAt) {
			fresh.CreatedAt = fresh.FetchedAt
		}
		if fresh.HostPolicy, err = tx.HostPolicy(ctx, fresh.Host, hostPart(fresh.Endpoints.Inbox)); err != nil {
			return nil, fmt.Errorf("what holds for %s: %w", fresh.Host, err)
		}
		return &fresh, tx.CreateActor(ctx, &fresh)
	}
	switch {
	case !known.DeletedAt.IsZero():
		return nil, Gone
	case known.IsGroup() != fresh.IsGroup():
		return nil, Forbiddenf("%s was a %s and cannot become a %s", a.URI, known.Kind, a.Kind)
	}
	fresh.ID, fresh.CreatedAt, fresh.SuspendedAt, fresh.DeletedAt = known.ID, known.CreatedAt, known.SuspendedAt, known.DeletedAt
	fresh.LimitedAt, fresh.SensitiveAt, fresh.HostPolicy = known.LimitedAt, known.SensitiveAt, known.HostPolicy
	fresh.FollowersCount, fresh.FollowingCount, fresh.PostsCount = known.FollowersCount, known.FollowingCount, known.PostsCount
	fresh.LastPostAt, fresh.MovedTo = known.LastPostAt, known.MovedTo // that somebody moved is believed by [Town.Move] only
	if err := tx.UpdateActor(ctx, &fresh); err != nil {
		return nil, fmt.Errorf("refresh %s: %w", a.URI, err)
	}
	return &fresh, nil
}

var remoteKinds = map[ActorKind]bool{Person: true, Group: true, Organization: true, Service: true, Application: true}

// checkRemote refuses an actor that claims to live here, or whose mail would go elsewhere (SECURITY I9, I11, I12).
func (t *Town) checkRemote(a *Actor) error {
	switch {
	case a.Host == "" || a.Host == t.Host() || t.Owns(a.URI) || sameHost(a.URI, t.Base):
		return Forbiddenf("%q claims to live on this node", a.URI)
	case !webAddress(a.URI) || a.Name == "":
		return Invalidf("an actor needs an id and a name")
	case !remoteKinds[a.Kind]:
		return Invalidf("%q is not a kind of actor", a.Kind)
	case !webAddress(a.Endpoints.Inbox) || !sameHost(a.Endpoints.Inbox, a.URI):
		return Invalidf("the inbox of %s is on another host", a.URI)
	}
	return nil
}

// clean makes safe and cuts to size what strangers say of themselves.
func (a *Actor) clean() {
	a.Name, a.Host = cut(line(a.Name), maxNameRead), strings.ToLower(a.Host)
	a.DisplayName = cut(line(a.DisplayName), maxNameRead)
	a.Summary = text.Sanitise(a.Summary)
	if len(a.Summary) > maxSummaryBytes {
		a.Summary = text.Markdown(text.Excerpt(a.Summary, MaxSummary))
	}
	a.Source, a.Emojis = "", cleanEmojis(a.Emojis)
	a.Language = text.Language(a.Language)
	a.AlsoKnownAs = a.AlsoKnownAs[:min(len(a.AlsoKnownAs), maxAliases)]
	a.Attribution = a.Attribution[:min(len(a.Attribution), maxAliases)]
	var fields []Field
	for _, f := range a.Fields[:min(len(a.Fields), maxFieldsRead)] {
		fields = append(fields, Field{Name: cut(line(f.Name), maxNameRead), Value: text.Sanitise(cut(f.Value, maxNameRead))})
	}
	a.Fields = fields
	a.Icon.Alt, a.Header.Alt = cut(a.Icon.Alt, MaxAlt), cut(a.Header.Alt, MaxAlt)
	for _, address := range []*string{&a.URL, &a.Icon.URL, &a.Header.URL} {
		if !webAddress(*address) {
			*address = ""
		}
	}
	e := &a.Endpoints
	for _, address := range []*string{&e.SharedInbox, &e.Outbox, &e.Followers, &e.Following, &e.Featured, &e.Moderators} {
		if !webAddress(*address) || !sameHost(*address, a.URI) {
			*address = ""
		}
	}
}

// hostPart returns the host of an address; "" where it has none.
func hostPart(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// SetModerators stores whom a group of another node lists as its moderators: the list that moderators' actions in it are judged by.
func (t *Town) SetModerators(ctx context.Context, tx Tx, group ActorID, listed []ActorID) error {
	g, err := tx.Actor(ctx, group)
	if err != nil {
		return err
	}
	if g.Local() || !g.IsGroup() {
		return Forbiddenf("%s is not a group of another node", g.Title())
	}
	is := map[ActorID]bool{}
	for _, id := range listed {
		is[id] = true
	}
	were, err := tx.Moderators(ctx, group)
	if err != nil {
		return fmt.Errorf("moderators of %s: %w", g.Name, err)
	}
	for _, m := range were {
		if is[m.Person] {
			delete(is, m.Person)
			continue
		}
		if err := tx.DeleteMembership(ctx, group, m.Person); err != nil {
			return fmt.Errorf("moderator %d of %s: %w", m.Person, g.Name, err)
		}
	}
	for _, id := range listed {
		if !is[id] {
			continue
		}
		delete(is, id)
		m := &Membership{Group: group, Person: id, Role: RoleModerator, CreatedAt: t.now()}
		if err := tx.PutMembership(ctx, m); err != nil {
			return fmt.Errorf("moderator %d of %s: %w", id, g.Name, err)
		}
	}
	return nil
}
