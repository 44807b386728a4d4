package web

import (
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"meent/communities"
	"meent/storage"
)

type groupView struct {
	nameView
	Handle    string
	Local     bool
	Summary   template.HTML
	View      string // new, active, events
	Pinned    []threadView
	Threads   []threadView
	Pages     pagesView
	Followers int
	// ThreadCount is kept by the group's own node; of others it is what is known here.
	ThreadCount int
	Joining     string
	Role        string // the visitor's, as a sentence
	Following   bool
	Asked       bool // to follow; there is no answer yet
	Waiting     bool // to become a member
	MayJoin     bool
	MayLeave    bool
	MayStart    bool // as far as the group goes; the verb knows more
	MayModerate bool
	Reports     int // that wait for a decision; for moderators
	Readers     string
	Staff       []nameView
}

const mostNamed = 10 // of those who run a group

// pagesView leads to the neighbours of a page of a list; "" where there is none.
type pagesView struct{ Newer, Older string }

// Group shows a group and its threads, by age or by activity.
func (p *Pages) Group(w http.ResponseWriter, r *http.Request, v Visitor) error {
	group, err := p.findGroup(r)
	if err != nil {
		return err
	}
	sort, view := storage.SortNew, "new"
	if r.URL.Query().Get("order") == "active" {
		sort, view = storage.SortActive, "active"
	}
	position := position(r)
	threads, err := p.read(v).GroupThreads(r.Context(), group.ID, sort, position)
	if err != nil {
		return err
	}
	content, err := p.group(r, v, group, view)
	if err != nil {
		return err
	}
	if content.Threads, err = p.threads(r, v, threads, false); err != nil {
		return err
	}
	content.Pages = neighbours(r, threads, position)
	if content.Pages.Newer == "" {
		if err := p.pin(r, v, group, content); err != nil {
			return err
		}
	}
	return p.showGroup(w, r, v, group, content)
}

// pin puts pinned threads on top of the first page, and takes them out of the list below.
func (p *Pages) pin(r *http.Request, v Visitor, group *communities.Actor, content *groupView) error {
	pinned, err := p.read(v).Pinned(r.Context(), group.ID)
	if err != nil {
		return err
	}
	if content.Pinned, err = p.threads(r, v, pinned, false); err != nil {
		return err
	}
	rest := content.Threads[:0]
	for _, thread := range content.Threads {
		if !thread.Pinned {
			rest = append(rest, thread)
		}
	}
	content.Threads = rest
	return nil
}

// Events lists what a group has on its agenda, from today on.
func (p *Pages) Events(w http.ResponseWriter, r *http.Request, v Visitor) error {
	group, err := p.findGroup(r)
	if err != nil {
		return err
	}
	events, err := p.read(v).Events(r.Context(), group.ID, p.Now(), listLength)
	if err != nil {
		return err
	}
	content, err := p.group(r, v, group, "events")
	if err != nil {
		return err
	}
	if content.Threads, err = p.threads(r, v, events, false); err != nil {
		return err
	}
	return p.showGroup(w, r, v, group, content)
}

func (p *Pages) showGroup(w http.ResponseWriter, r *http.Request, v Visitor, group *communities.Actor, content *groupView) error {
	return p.show(w, r, "group", http.StatusOK, page{
		Title: group.Title(), Document: group.URI, Feed: content.URL + "/feed.atom", Visitor: v, Content: content,
		Hidden: !group.Local() || !group.Discoverable,
	})
}

// findGroup finds the group of a path, name or name@host. A closed one is there for its members only, and they read it elsewhere.
func (p *Pages) findGroup(r *http.Request) (*communities.Actor, error) {
	group, err := p.findActor(r)
	if err != nil {
		return nil, err
	}
	if !group.IsGroup() || group.Group != nil && group.Group.Closed {
		return nil, communities.NotFound
	}
	return group, nil
}

func (p *Pages) findActor(r *http.Request) (*communities.Actor, error) {
	name, host, _ := strings.Cut(strings.ToLower(r.PathValue("name")), "@")
	if host == p.town.Host() {
		host = ""
	}
	actor, err := p.archive.ActorByName(r.Context(), name, host)
	switch {
	case err != nil:
		return nil, err
	case !actor.DeletedAt.IsZero():
		return nil, communities.Gone
	case !actor.Active():
		return nil, communities.NotFound
	}
	return actor, nil
}

// group says what is true of a group on all its pages.
func (p *Pages) group(r *http.Request, v Visitor, group *communities.Actor, view string) (*groupView, error) {
	c := p.speak(r)
	content := &groupView{
		nameView: p.name(group), Handle: group.Handle(p.town.Host()), Local: group.Local(), Summary: template.HTML(group.Summary), //nolint:gosec // sanitised when it came in
		View: view, Followers: group.FollowersCount, ThreadCount: group.PostsCount, Readers: c.text("readers.public"),
	}
	if content.Town == "" {
		content.Town = p.Name
	}
	if err := p.nameStaff(r, group, content); err != nil {
		return nil, err
	}
	if group.Group != nil && group.Local() {
		content.Joining = c.text("group.joining." + string(group.Group.Joining))
	}
	if !v.Known() {
		return content, nil
	}
	return content, p.bind(r, v, group, content)
}

// nameStaff names who runs the group.
func (p *Pages) nameStaff(r *http.Request, group *communities.Actor, content *groupView) error {
	staff, err := p.archive.GroupStaff(r.Context(), group.ID, mostNamed)
	for _, person := range staff {
		content.Staff = append(content.Staff, p.name(person))
	}
	return err
}

// bind adds what there is between the visitor and the group.
func (p *Pages) bind(r *http.Request, v Visitor, group *communities.Actor, content *groupView) error {
	following, asked, err := p.follows(r, v, group)
	if err != nil {
		return err
	}
	content.Following, content.Asked = following, asked
	s, err := p.standing(r.Context(), v, group, nil)
	if err != nil {
		return err
	}
	c, membership := p.speak(r), s.facts.Membership
	switch {
	case membership == nil:
	case membership.Pending:
		content.Role, content.Waiting = c.text("group.pending"), true
	default:
		content.Role = c.text("group.role." + string(membership.Role))
	}
	content.MayLeave = membership != nil && membership.Active() != communities.RoleOwner
	content.MayJoin = membership == nil && group.Local() && s.may(communities.Join)
	content.MayStart = s.may(communities.StartThread)
	if content.MayModerate = s.may(communities.Approve) && group.Local(); content.MayModerate {
		content.Reports, err = p.archive.CountReports(r.Context(), group.ID)
	}
	return err
}

// follows tells whether the visitor follows an actor, or asked to.
func (p *Pages) follows(r *http.Request, v Visitor, actor *communities.Actor) (following, asked bool, err error) {
	follow, err := p.archive.Follow(r.Context(), v.ID(), actor.ID)
	if communities.IsNotFound(err) {
		return false, false, nil
	}
	if err != nil {
		return false, false, err
	}
	return true, !follow.Accepted, nil
}

// position reads where a page of a list begins.
func position(r *http.Request) storage.Page {
	return storage.Page{MaxID: number(r, "before"), Limit: listLength}
}

// number reads an id from the address; 0 where there is none.
func number(r *http.Request, name string) int64 {
	n, err := strconv.ParseInt(r.URL.Query().Get(name), 10, 64)
	if err != nil {
		return 0
	}
	return max(n, 0)
}

// neighbours leads on where a page is full, and back to the beginning.
func neighbours(r *http.Request, views []*storage.View, at storage.Page) pagesView {
	var pages pagesView
	query := r.URL.Query()
	query.Del("before")
	if at.MaxID != 0 {
		pages.Newer = link(r.URL.Path, query)
	}
	if len(views) == at.Limit {
		query.Set("before", strconv.FormatInt(int64(views[len(views)-1].Post.ID), 10))
		pages.Older = link(r.URL.Path, query)
	}
	return pages
}

func link(path string, query url.Values) string {
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}
