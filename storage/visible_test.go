package storage

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/uptrace/bun"
	"pgregory.net/rapid"

	"meent/communities"
)

// society is a random world, kept in memory beside the archive, to ask [communities.MaySee] the same questions.
type society struct {
	people  []*communities.Actor
	groups  []*communities.Actor
	members map[[2]communities.ActorID]*communities.Membership
	follows map[[2]communities.ActorID]bool // accepted
	blocks  map[[2]communities.ActorID]bool
	hosts   map[communities.ActorID]string // that somebody blocked
	posts   []*communities.Post
}

var societyHosts = []string{"", "", "far.example", "off.example"}

func drawSociety(t *rapid.T, ids *communities.IDs) society {
	s := society{
		members: map[[2]communities.ActorID]*communities.Membership{}, follows: map[[2]communities.ActorID]bool{}, blocks: map[[2]communities.ActorID]bool{},
		hosts: map[communities.ActorID]string{},
	}
	for i := range rapid.IntRange(2, 5).Draw(t, "people") {
		s.people = append(s.people, s.actor(ids, communities.Person, i, rapid.SampledFrom(societyHosts).Draw(t, "host")))
	}
	for i := range rapid.IntRange(1, 2).Draw(t, "groups") {
		s.groups = append(s.groups, s.actor(ids, communities.Group, i, ""))
	}
	if rapid.IntRange(0, 3).Draw(t, "suspend") == 0 {
		rapid.SampledFrom(s.people).Draw(t, "suspended").SuspendedAt = day
	}
	for _, a := range s.people {
		if rapid.IntRange(0, 2).Draw(t, "blocks a host") == 0 {
			s.hosts[a.ID] = rapid.SampledFrom(societyHosts[2:]).Draw(t, "blocked host")
		}
		for _, g := range s.groups {
			if role := rapid.SampledFrom([]communities.Role{"", communities.RoleMember, communities.RoleModerator, communities.RoleOwner}).Draw(t, "role"); role != "" {
				s.members[[2]communities.ActorID{g.ID, a.ID}] = &communities.Membership{
					Group: g.ID, Person: a.ID, Role: role, Pending: rapid.Bool().Draw(t, "pending"), CreatedAt: day,
				}
			}
		}
		for _, b := range s.people {
			pair := [2]communities.ActorID{a.ID, b.ID}
			switch rapid.IntRange(0, 4).Draw(t, "tie") {
			case 0, 1:
				s.follows[pair] = rapid.Bool().Draw(t, "accepted")
			case 2:
				s.blocks[pair] = true
			}
		}
	}
	for range rapid.IntRange(1, 8).Draw(t, "posts") {
		s.posts = append(s.posts, s.post(t, ids))
	}
	return s
}

func (s society) actor(ids *communities.IDs, kind communities.ActorKind, i int, host string) *communities.Actor {
	id := ids.Next()
	return &communities.Actor{
		ID: communities.ActorID(id), Kind: kind, Name: fmt.Sprintf("%s_%d_%d", kind, i, id), Host: host,
		URI: fmt.Sprintf("https://%s/%d", host, id), CreatedAt: day, UpdatedAt: day,
	}
}

func (s society) post(t *rapid.T, ids *communities.IDs) *communities.Post {
	id := ids.Next()
	p := &communities.Post{
		ID: communities.PostID(id), URI: fmt.Sprintf("https://p.example/%d", id), Kind: communities.Discussion, Thread: communities.PostID(id),
		Author: rapid.SampledFrom(s.people).Draw(t, "author").ID, CreatedAt: day,
		Visibility: rapid.SampledFrom([]communities.Visibility{
			communities.Public, communities.Unlisted, communities.Followers, communities.Direct, communities.GroupOnly,
		}).Draw(t, "visibility"),
	}
	if p.Visibility == communities.GroupOnly || rapid.Bool().Draw(t, "in group") {
		p.Group = rapid.SampledFrom(s.groups).Draw(t, "group").ID
	}
	if rapid.Bool().Draw(t, "mentions") {
		p.Mentions = []communities.Mention{{Actor: rapid.SampledFrom(s.people).Draw(t, "mentioned").ID}}
	}
	if rapid.IntRange(0, 4).Draw(t, "removed") == 0 {
		p.Removal = communities.Removal{At: day}
	}
	if len(s.posts) > 0 && rapid.IntRange(0, 3).Draw(t, "boost") == 0 {
		if of := rapid.SampledFrom(s.posts).Draw(t, "of"); of.BoostOf == 0 {
			p.Kind, p.BoostOf = communities.Boost, of.ID
		}
	}
	return p
}

func (s society) store(t *testing.T, tx *Tx) error {
	t.Helper()
	ctx := t.Context()
	for _, a := range slices.Concat(s.people, s.groups) {
		if err := tx.CreateActor(ctx, a); err != nil {
			return err
		}
	}
	var err error
	for _, m := range s.members {
		err = errors.Join(err, tx.PutMembership(ctx, m))
	}
	for pair, accepted := range s.follows {
		err = errors.Join(err, tx.PutFollow(ctx, &communities.Follow{
			ID: communities.FollowID(tx.db.IDs().Next()), Follower: pair[0], Followee: pair[1], Accepted: accepted, CreatedAt: day,
		}))
	}
	for pair := range s.blocks {
		err = errors.Join(err, tx.PutBlock(ctx, &communities.Block{Blocker: pair[0], Blocked: pair[1], CreatedAt: day}))
	}
	for blocker, host := range s.hosts {
		err = errors.Join(err, tx.PutHostBlock(ctx, blocker, host))
	}
	for _, p := range s.posts {
		err = errors.Join(err, tx.CreatePost(ctx, p))
	}
	return err
}

// maySee answers for a post, and for what it shares.
func (s society) maySee(v communities.Viewer, p *communities.Post) bool {
	if p.BoostOf != 0 {
		i := slices.IndexFunc(s.posts, func(o *communities.Post) bool { return o.ID == p.BoostOf })
		if !communities.MaySee(v, s.facts(v, s.posts[i])) {
			return false
		}
	}
	return communities.MaySee(v, s.facts(v, p))
}

func (s society) facts(v communities.Viewer, p *communities.Post) communities.SeeFacts {
	author := s.people[slices.IndexFunc(s.people, func(a *communities.Actor) bool { return a.ID == p.Author })]
	f := communities.SeeFacts{Post: p, AuthorActive: author.Active(), Blocked: v.Actor == 0 && v.Host != "" && s.hosts[author.ID] == v.Host}
	for _, a := range s.people {
		blocked := s.hasBlocked(author, a)
		switch {
		case v.Actor == a.ID:
			m := s.members[[2]communities.ActorID{p.Group, a.ID}]
			f.Own, f.Blocked = a == author, blocked
			f.Member, f.Moderator = m.Active() != "", m.Active().AtLeast(communities.RoleModerator)
		case v.Actor == 0 && v.Host != "" && v.Host == a.Host:
			f.Own = f.Own || a == author
			if blocked {
				continue
			}
		default:
			continue
		}
		f.Follows = f.Follows || s.follows[[2]communities.ActorID{a.ID, author.ID}]
		f.Mentioned = f.Mentioned || p.MentionsActor(a.ID)
	}
	return f
}

func (s society) hasBlocked(blocker, blocked *communities.Actor) bool {
	return s.blocks[[2]communities.ActorID{blocker.ID, blocked.ID}] || blocked.Host != "" && s.hosts[blocker.ID] == blocked.Host
}

// wants tells whether a post is left in the lists of a viewer: not when they blocked its author, or that of what it shares, or their host.
func (s society) wants(viewer *communities.Actor, p *communities.Post) bool {
	for _, of := range append([]*communities.Post{p}, s.shared(p)...) {
		author := s.people[slices.IndexFunc(s.people, func(a *communities.Actor) bool { return a.ID == of.Author })]
		if s.hasBlocked(viewer, author) {
			return false
		}
	}
	return true
}

func (s society) shared(p *communities.Post) []*communities.Post {
	if p.BoostOf == 0 {
		return nil
	}
	return s.posts[slices.IndexFunc(s.posts, func(o *communities.Post) bool { return o.ID == p.BoostOf }):][:1]
}

// TestVisibleIsMaySee holds the condition of the reading queries equal to the rule of the town.
func TestVisibleIsMaySee(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		rapid.Check(t, func(rt *rapid.T) {
			s := drawSociety(rt, db.IDs())
			if err := db.write(t.Context(), func(tx *Tx) error { return s.store(t, tx) }); err != nil {
				rt.Fatal(err)
			}
			if rapid.IntRange(0, 3).Draw(rt, "delete") == 0 {
				p := s.posts[0]
				if err := db.write(t.Context(), func(tx *Tx) error { return tx.DeletePost(t.Context(), p.ID, day) }); err != nil {
					rt.Fatal(err)
				}
				p.DeletedAt = day
			}
			s.compareBlocks(t, rt, db)
			viewers := []communities.Viewer{{}, {Host: "far.example"}, {Host: "off.example"}, {Host: "strange.example"}}
			for _, a := range s.people {
				viewers = append(viewers, communities.Viewer{Actor: a.ID})
			}
			for _, v := range viewers {
				s.compare(t, rt, db, v)
			}
		})
	})
}

func (s society) compare(t *testing.T, rt *rapid.T, db *DB, v communities.Viewer) {
	t.Helper()
	var ids []communities.PostID
	for _, p := range s.posts {
		ids = append(ids, p.ID)
	}
	var rows []postRow
	if err := db.As(v).posts(&rows).Where("p.id IN (?)", bun.List(ids)).Scan(t.Context()); err != nil {
		rt.Fatal(err)
	}
	for _, p := range s.posts {
		if p.BoostOf != 0 && s.posts[0].Deleted() && p.BoostOf == s.posts[0].ID {
			continue // went with what it shared
		}
		seen := slices.ContainsFunc(rows, func(row postRow) bool { return row.ID == p.ID })
		if want := s.maySee(v, p); seen != want {
			rt.Errorf("%+v sees %+v: %v, want %v", v, p, seen, want)
		}
	}
}

// compareBlocks holds the three places that know of blocks equal: the transaction's question, and the condition for lists.
func (s society) compareBlocks(t *testing.T, rt *rapid.T, db *DB) {
	t.Helper()
	for _, a := range s.people {
		for _, b := range s.people {
			has, err := db.HasBlocked(t.Context(), a.ID, b.ID)
			between, err2 := db.BlockBetween(t.Context(), a.ID, b.ID)
			footing, err3 := db.Footing(t.Context(), a.ID, 0, b.ID)
			if err := errors.Join(err, err2, err3); err != nil {
				rt.Fatal(err)
			}
			either := s.hasBlocked(a, b) || s.hasBlocked(b, a)
			if has != s.hasBlocked(a, b) || between != either || footing.Blocked != either {
				rt.Errorf("%s blocked %s: %v, between %v, footing %v", a.Name, b.Name, has, between, footing.Blocked)
			}
		}
		var rows []postRow
		r := db.As(communities.Viewer{Actor: a.ID})
		if err := db.idb.NewSelect().Model(&rows).Where("p.deleted_at IS NULL").Where("p.id IN (?)", bun.List(s.ids())).Where("?", r.wanted()).Scan(t.Context()); err != nil {
			rt.Fatal(err)
		}
		for _, p := range s.posts {
			listed := slices.ContainsFunc(rows, func(row postRow) bool { return row.ID == p.ID })
			if !p.Deleted() && !s.posts[0].Deleted() && listed != s.wants(a, p) {
				rt.Errorf("%s lists %+v: %v", a.Name, p, listed)
			}
		}
	}
}

func (s society) ids() []communities.PostID {
	ids := make([]communities.PostID, len(s.posts))
	for i, p := range s.posts {
		ids[i] = p.ID
	}
	return ids
}
