package web

import (
	"html/template"
	"net/http"

	"meent/communities"
	"meent/communities/text"
	"meent/storage"
)

const (
	listLength  = 20 // threads on a page
	frontLength = 12
)

type frontView struct {
	Notices []announcementView
	Groups  []groupTile
	Threads []threadView
}

// groupTile is a group in a list.
type groupTile struct {
	nameView
	Summary            string
	Threads, Followers int
}

// Front is the first page: what this place is, its groups, and what is being said.
func (p *Pages) Front(w http.ResponseWriter, r *http.Request, v Visitor) error {
	reader := p.read(v)
	groups, err := reader.Groups(r.Context())
	if err != nil {
		return err
	}
	threads, err := reader.TownThreads(r.Context(), frontLength)
	if err != nil {
		return err
	}
	content := frontView{}
	if content.Threads, err = p.threads(r, v, threads, true); err != nil {
		return err
	}
	if content.Notices, err = p.notices(r, v); err != nil {
		return err
	}
	for _, group := range groups {
		content.Groups = append(content.Groups, p.tile(group))
	}
	return p.show(w, r, "front", http.StatusOK, page{Visitor: v, Document: p.town.Base + "/", Content: content})
}

func (p *Pages) tile(group *communities.Actor) groupTile {
	return groupTile{
		nameView: p.name(group), Summary: text.Excerpt(group.Summary, excerptLength),
		Threads: group.PostsCount, Followers: group.FollowersCount,
	}
}

// read returns the archive as a visitor may see it.
func (p *Pages) read(v Visitor) *storage.Reader {
	return p.archive.As(communities.Viewer{Actor: v.ID()})
}

type aboutView struct {
	Text    template.HTML // the municipality's own
	Staff   []nameView
	Version string
}

// About says what this place is and who runs it.
func (p *Pages) About(w http.ResponseWriter, r *http.Request, v Visitor) error {
	staff, err := p.archive.Staff(r.Context(), communities.RoleNodeModerator)
	if err != nil {
		return err
	}
	content := aboutView{Version: p.Version}
	if content.Text, _, err = p.houseText(r, communities.TextAbout); err != nil {
		return err
	}
	for _, person := range staff {
		content.Staff = append(content.Staff, p.name(person))
	}
	return p.show(w, r, "about", http.StatusOK, page{Title: p.speak(r).text("frame.about"), Visitor: v, Content: content})
}
