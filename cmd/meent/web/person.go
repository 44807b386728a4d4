package web

import (
	"html/template"
	"net/http"
	"time"

	"meent/communities"
	"meent/storage"
)

type personView struct {
	nameView
	Handle    string
	Summary   template.HTML
	Fields    []fieldView
	Since     time.Time
	Followers int
	Threads   []threadView
	Pages     pagesView
	Self      bool
	Following bool
	Asked     bool
	Moved     string // address of where they went
}

type fieldView struct {
	Name     string
	Value    template.HTML
	Verified bool // its page links back here
}

// Person shows somebody of this node and what they wrote.
func (p *Pages) Person(w http.ResponseWriter, r *http.Request, v Visitor) error {
	person, err := p.findActor(r)
	switch {
	case err != nil:
		return err
	case person.IsGroup() || !person.Local():
		return communities.NotFound
	}
	at := position(r)
	posts, err := p.read(v).PostsOf(r.Context(), person.ID, at, storage.WithoutBoosts)
	if err != nil {
		return err
	}
	content := p.person(person)
	content.Self = v.ID() == person.ID
	if content.Threads, err = p.threads(r, v, posts, true); err != nil {
		return err
	}
	content.Pages = neighbours(r, posts, at)
	if v.Known() && !content.Self {
		if content.Following, content.Asked, err = p.follows(r, v, person); err != nil {
			return err
		}
	}
	return p.show(w, r, "person", http.StatusOK, page{
		Title: person.Title(), Document: person.URI, Hidden: !person.Indexable, Visitor: v, Content: content,
	})
}

func (p *Pages) person(a *communities.Actor) personView {
	view := personView{
		nameView: p.name(a), Handle: a.Handle(p.town.Host()), Summary: template.HTML(a.Summary), //nolint:gosec // sanitised when it came in
		Since: a.CreatedAt, Followers: a.FollowersCount, Moved: a.MovedTo,
	}
	for _, field := range a.Fields {
		view.Fields = append(view.Fields, fieldView{Name: field.Name, Value: template.HTML(field.Value), Verified: !field.VerifiedAt.IsZero()}) //nolint:gosec // the same
	}
	return view
}
