package web

import (
	"net/http"

	"meent/communities"
	"meent/storage"
)

// categories of a report, in the order in which people choose (Mastodon API, Report).
var categories = []string{"violation", "spam", "legal", "other"}

type reportForm struct {
	Path, Title string
	Author      nameView
	Elsewhere   string // the author's town, which can be told too
	Categories  []choice
	MaxComment  int
}

// choice is one of the answers to a question.
type choice struct{ Value, Label string }

// ReportForm asks what is wrong with a post.
func (p *Pages) ReportForm(w http.ResponseWriter, r *http.Request, v Visitor) error {
	found, err := p.findPost(r, v)
	if err != nil {
		return err
	}
	c := p.speak(r)
	content := reportForm{
		Path: postPath(found.Post.ID), Title: p.titleOf(c, found), Author: p.name(found.Author), Elsewhere: found.Author.Host, MaxComment: communities.MaxComment,
	}
	for _, category := range categories {
		content.Categories = append(content.Categories, choice{category, c.text("report." + category)})
	}
	return p.show(w, r, "report", http.StatusOK, page{Title: c.text("report.title"), Hidden: true, Visitor: v, Content: content})
}

// Report takes the answer to the moderators.
func (p *Pages) Report(w http.ResponseWriter, r *http.Request, v Visitor) error {
	if err := form(w, r); err != nil {
		return err
	}
	found, err := p.findPost(r, v)
	if err != nil {
		return err
	}
	err = p.town.Write(r.Context(), func(tx communities.Tx) error {
		_, err := p.town.Report(r.Context(), tx, communities.Complaint{
			Reporter: v.ID(), Target: found.Author.ID, Posts: []communities.PostID{found.Post.ID},
			Category: r.PostFormValue("category"), Comment: field(r, "comment"), Forward: r.PostFormValue("forward") == "1",
		})
		return err
	})
	if err != nil {
		return err
	}
	return redirect(w, r, postPath(found.Post.Thread)+"?done=reported")
}

// findPost reads the post of a path, if the visitor may see it and it still says something.
func (p *Pages) findPost(r *http.Request, v Visitor) (*storage.View, error) {
	id, err := postID(r)
	if err != nil {
		return nil, err
	}
	found, err := p.read(v).Post(r.Context(), id)
	switch {
	case err != nil:
		return nil, err
	case found.Post.Deleted():
		return nil, communities.Gone
	case found.Author == nil || found.Post.BoostOf != 0:
		return nil, communities.NotFound
	}
	return found, nil
}
