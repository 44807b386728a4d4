package main

import (
	"context"

	"meent/communities"
)

type groupCommand struct {
	Add  groupAdd  `cmd:"" help:"Make a group."`
	List groupList `cmd:"" help:"List the groups of this node."`
	Edit groupEdit `cmd:"" help:"Change what a group says of itself and how it works. What is not given stays."`
	Role groupRole `cmd:"" help:"Give a person of this node a role in a group."`
	Ban  groupBan  `cmd:"" help:"Keep somebody out of a group."`
}

type groupAdd struct {
	Name     string `arg:"" help:"Handle: a-z, 0-9 and _."`
	Title    string `required:"" placeholder:"TEXT" help:"Name as people read it."`
	About    string `placeholder:"TEXT" help:"What it is about, in Markdown."`
	Language string `default:"nl" placeholder:"TAG" help:"Language of the group."`
	Joining  string `default:"open" enum:"open,approval" placeholder:"HOW" help:"How one becomes a member: open (whoever writes), or approval (a moderator decides)."`
	Posting  string `default:"members" enum:"members,moderators" placeholder:"WHO" help:"Who may start threads: members or moderators."`
	Style    string `default:"forum" enum:"forum,notices" placeholder:"FORM" help:"forum (titled discussions) or notices (short announcements)."`
	Owner    string `placeholder:"PERSON" help:"Who owns it."`
}

// Run makes the group.
func (g groupAdd) Run(ctx context.Context, c *Config, t terminal) error {
	return c.with(ctx, t, func(n *node) error {
		by := n.self
		if g.Owner != "" {
			owner, err := n.person(ctx, g.Owner)
			if err != nil {
				return err
			}
			by = owner
		}
		var group *communities.Actor
		err := n.town.Write(ctx, func(tx communities.Tx) (err error) {
			group, err = n.town.CreateGroup(ctx, tx, communities.NewGroup{
				By: n.self.ID, Name: g.Name, DisplayName: g.Title, Source: g.About, Language: g.Language, Settings: communities.GroupSettings{
					Joining: communities.Joining(g.Joining), Posting: communities.Posting(g.Posting), Style: communities.Style(g.Style),
				},
			})
			if err == nil && by != n.self {
				err = n.town.SetRole(ctx, tx, communities.RoleChange{Group: group.ID, Person: by.ID, By: n.self.ID, Role: communities.RoleOwner})
			}
			return err
		})
		if err != nil {
			return advise(err, "`meent group list` shows which names are taken.")
		}
		t.say("%s is open at %s", g.Title, group.URI)
		t.say("From other places it is found as @%s", group.Handle(n.Host()))
		return nil
	})
}

type groupList struct{}

// Run lists the groups.
func (groupList) Run(ctx context.Context, c *Config, t terminal) error {
	return c.with(ctx, t, func(n *node) error {
		groups, err := n.archive.LocalGroups(ctx)
		if err != nil {
			return err
		}
		for _, group := range groups {
			t.say("%-20s %-10s %4d threads %4d followers  %s", group.Name, group.Group.Joining, group.PostsCount, group.FollowersCount, group.Title())
		}
		return nil
	})
}

type groupEdit struct {
	Name    string  `arg:"" help:"Handle."`
	Title   *string `placeholder:"TEXT" help:"Name as people read it."`
	About   *string `placeholder:"TEXT" help:"What it is about, in Markdown."`
	Joining string  `placeholder:"HOW" help:"open or approval."`
	Posting string  `placeholder:"WHO" help:"members or moderators."`
	Style   string  `placeholder:"FORM" help:"forum or notices."`
	Icon    string  `type:"existingfile" placeholder:"FILE" help:"Picture of the group."`
	Header  string  `type:"existingfile" placeholder:"FILE" help:"Wide picture for the top of its page."`
	IconAlt *string `name:"icon-alt" placeholder:"TEXT" help:"What is to be seen on the picture, for those who cannot see it."`
}

// Run changes the group.
func (g groupEdit) Run(ctx context.Context, c *Config, t terminal) error {
	return c.with(ctx, t, func(n *node) error {
		group, err := n.group(ctx, g.Name)
		if err != nil {
			return err
		}
		settings := *group.Group
		replace(&settings.Joining, g.Joining)
		replace(&settings.Posting, g.Posting)
		replace(&settings.Style, g.Style)
		profile := communities.Profile{Actor: group.ID, By: n.self.ID, DisplayName: g.Title, Source: g.About, Settings: &settings}
		if err := g.pictures(ctx, n, group, &profile); err != nil {
			return err
		}
		err = n.town.Write(ctx, func(tx communities.Tx) error {
			_, err := n.town.EditGroup(ctx, tx, profile)
			return err
		})
		if err != nil {
			return err
		}
		t.say("%s was changed; its followers elsewhere hear of it when the node runs.", group.Name)
		return nil
	})
}

// pictures takes in the pictures that were given.
func (g groupEdit) pictures(ctx context.Context, n *node, group *communities.Actor, profile *communities.Profile) error {
	if g.Icon+g.Header == "" && g.IconAlt == nil {
		return nil
	}
	if err := n.openFiles(ctx); err != nil {
		return err
	}
	var err error
	if profile.Icon, err = n.picture(ctx, group, communities.ForIcon, g.Icon); err != nil {
		return err
	}
	if g.IconAlt != nil {
		if profile.Icon == nil {
			is := group.Icon
			profile.Icon = &is
		}
		profile.Icon.Alt = *g.IconAlt
	}
	profile.Header, err = n.picture(ctx, group, communities.ForHeader, g.Header)
	return err
}

// replace sets a value where one is given.
func replace[T ~string](to *T, from string) {
	if from != "" {
		*to = T(from)
	}
}

type groupRole struct {
	Group  string `arg:"" help:"Handle of the group."`
	Person string `arg:"" help:"Handle of the person."`
	Role   string `arg:"" enum:"none,member,moderator,manager,owner" help:"none, member, moderator, manager or owner."`
}

// Run gives the role.
func (g groupRole) Run(ctx context.Context, c *Config, t terminal) error {
	return c.with(ctx, t, func(n *node) error {
		group, err := n.group(ctx, g.Group)
		if err != nil {
			return err
		}
		person, err := n.person(ctx, g.Person)
		if err != nil {
			return err
		}
		role := communities.Role(g.Role)
		if g.Role == "none" {
			role = ""
		}
		err = n.town.Write(ctx, func(tx communities.Tx) error {
			return n.town.SetRole(ctx, tx, communities.RoleChange{Group: group.ID, Person: person.ID, By: n.self.ID, Role: role})
		})
		if err != nil {
			return err
		}
		t.say("%s is %s in %s now.", person.Name, g.Role, group.Name)
		return nil
	})
}
