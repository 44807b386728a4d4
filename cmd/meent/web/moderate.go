package web

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"meent/communities"
)

const deskLength = 50 // of each kind that waits for a moderator

// moderation is what a moderator does with a post.
type moderation func(context.Context, communities.Tx, communities.Moderation) error

// Remove takes a post away with a reason, or gives it back.
func (p *Pages) Remove(w http.ResponseWriter, r *http.Request, v Visitor) error {
	return p.moderate(w, r, v, p.town.Remove, p.town.Restore)
}

// Lock ends a thread, or lets it go on.
func (p *Pages) Lock(w http.ResponseWriter, r *http.Request, v Visitor) error {
	return p.moderate(w, r, v, p.town.Lock, p.town.Unlock)
}

// Pin shows a thread on top of its group, or no longer.
func (p *Pages) Pin(w http.ResponseWriter, r *http.Request, v Visitor) error {
	return p.moderate(w, r, v, p.town.Pin, p.town.Unpin)
}

func (p *Pages) moderate(w http.ResponseWriter, r *http.Request, v Visitor, do, undo moderation) error {
	if err := form(w, r); err != nil {
		return err
	}
	id, err := postID(r)
	if err != nil {
		return err
	}
	if !on(r) {
		do = undo
	}
	err = p.town.Write(r.Context(), func(tx communities.Tx) error {
		return do(r.Context(), tx, communities.Moderation{Post: id, By: v.ID(), Reason: field(r, "reason")})
	})
	if err != nil {
		return err
	}
	return redirect(w, r, postPath(id))
}

// Ban keeps somebody out of a group, or lets them in again.
func (p *Pages) Ban(w http.ResponseWriter, r *http.Request, v Visitor) error {
	if err := form(w, r); err != nil {
		return err
	}
	group, err := p.findGroup(r)
	if err != nil {
		return err
	}
	person, err := personID(r)
	if err != nil {
		return err
	}
	banning := communities.Banning{
		Group: group.ID, Person: person, By: v.ID(), Reason: field(r, "reason"), RemovePosts: r.PostFormValue("posts") == "1",
	}
	err = p.town.Write(r.Context(), func(tx communities.Tx) error {
		if on(r) {
			return p.town.Ban(r.Context(), tx, banning)
		}
		return p.town.Unban(r.Context(), tx, banning)
	})
	if err != nil {
		return err
	}
	return redirect(w, r, p.actorPage(group)+"/moderation")
}

// Approve lets somebody in who asked to be a member, or refuses them.
func (p *Pages) Approve(w http.ResponseWriter, r *http.Request, v Visitor) error {
	if err := form(w, r); err != nil {
		return err
	}
	group, err := p.findGroup(r)
	if err != nil {
		return err
	}
	person, err := personID(r)
	if err != nil {
		return err
	}
	err = p.town.Write(r.Context(), func(tx communities.Tx) error {
		return p.town.Approve(r.Context(), tx, communities.Approval{Group: group.ID, Person: person, By: v.ID(), Refuse: !on(r)})
	})
	if err != nil {
		return err
	}
	return redirect(w, r, p.actorPage(group)+"/moderation")
}

// Resolve notes that a report was dealt with.
func (p *Pages) Resolve(w http.ResponseWriter, r *http.Request, v Visitor) error {
	if err := form(w, r); err != nil {
		return err
	}
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return communities.NotFound
	}
	err = p.town.Write(r.Context(), func(tx communities.Tx) error {
		return p.town.ResolveReport(r.Context(), tx, communities.Resolution{Report: communities.ReportID(id), By: v.ID()})
	})
	if err != nil {
		return err
	}
	return redirect(w, r, ownPath(r.PostFormValue("return_to")))
}

func personID(r *http.Request) (communities.ActorID, error) {
	id, err := strconv.ParseInt(r.PostFormValue("person"), 10, 64)
	if err != nil {
		return 0, communities.NotFound
	}
	return communities.ActorID(id), nil
}

type deskView struct {
	Path     string
	Group    *nameView // nil: the whole node
	Reports  []reportView
	Requests []requestView
	Bans     []banView
}

type reportView struct {
	ID       communities.ReportID
	Created  time.Time
	Category string
	Comment  string
	By, Of   nameView
	Posts    []threadView
}

type requestView struct {
	ID    communities.ActorID
	Who   nameView
	Since time.Time
}

type banView struct {
	requestView
	Reason string
}

// GroupDesk shows a group's moderators what waits for them. To everybody else it is not there.
func (p *Pages) GroupDesk(w http.ResponseWriter, r *http.Request, v Visitor) error {
	group, err := p.findGroup(r)
	if err != nil {
		return err
	}
	s, err := p.standing(r.Context(), v, group, nil)
	if err != nil {
		return err
	}
	if !s.may(communities.Approve) {
		return communities.NotFound
	}
	name := p.name(group)
	content := &deskView{Path: p.actorPage(group) + "/moderation", Group: &name}
	if err := p.fillReports(r, v, content, group.ID); err != nil {
		return err
	}
	if err := p.fillPeople(r, v, content, group.ID); err != nil {
		return err
	}
	return p.showDesk(w, r, v, content)
}

// Desk shows the node's moderators the reports that are no group's.
func (p *Pages) Desk(w http.ResponseWriter, r *http.Request, v Visitor) error {
	if !v.Account.Role.AtLeast(communities.RoleNodeModerator) {
		return communities.NotFound
	}
	content := &deskView{Path: "/moderation"}
	if err := p.fillReports(r, v, content, 0); err != nil {
		return err
	}
	return p.showDesk(w, r, v, content)
}

func (p *Pages) showDesk(w http.ResponseWriter, r *http.Request, v Visitor, content *deskView) error {
	return p.show(w, r, "desk", http.StatusOK, page{Title: p.speak(r).text("desk.title"), Hidden: true, Visitor: v, Content: content})
}

func (p *Pages) fillReports(r *http.Request, v Visitor, content *deskView, group communities.ActorID) error {
	c := p.speak(r)
	reports, err := p.read(v).OpenReports(r.Context(), group, deskLength)
	if err != nil {
		return err
	}
	for _, report := range reports {
		posts, err := p.threads(r, v, report.Posts, true)
		if err != nil {
			return err
		}
		content.Reports = append(content.Reports, reportView{
			ID: report.ID, Created: report.CreatedAt, Category: c.text("report." + report.Category), Comment: report.Comment,
			By: p.name(report.Reporter), Of: p.name(report.Target), Posts: posts,
		})
	}
	return nil
}

func (p *Pages) fillPeople(r *http.Request, v Visitor, content *deskView, group communities.ActorID) error {
	requests, err := p.read(v).JoinRequests(r.Context(), group, deskLength)
	if err != nil {
		return err
	}
	for _, request := range requests {
		content.Requests = append(content.Requests, requestView{request.Person.ID, p.name(request.Person), request.Since})
	}
	bans, err := p.read(v).Banned(r.Context(), group)
	for _, ban := range bans {
		content.Bans = append(content.Bans, banView{requestView{ban.Ban.Person, p.name(ban.Person), ban.CreatedAt}, ban.Reason})
	}
	return err
}
