package web

import (
	"net/http"
	"net/url"
	"strconv"

	"meent/communities"
	"meent/storage"
)

const repliesLength = 200 // of a thread on one page

type threadPage struct {
	Title  string
	URI    string
	Group  *groupTile
	Root   *postView
	Count  int
	Locked bool
	More   string
	Done   string // what the visitor has just done, as a sentence
}

// Thread shows a post: the first of a thread with all answers, and an answer in its thread.
func (p *Pages) Thread(w http.ResponseWriter, r *http.Request, v Visitor) error {
	id, err := postID(r)
	if err != nil {
		return err
	}
	reader := p.read(v)
	found, err := reader.Post(r.Context(), id)
	switch {
	case err != nil:
		return err
	case found.Post.BoostOf != 0 && found.Boosted == nil:
		return communities.NotFound
	case found.Boosted != nil:
		return redirect(w, r, postPath(found.Boosted.Post.ID))
	case found.Post.Thread != found.Post.ID:
		return p.showAnswer(w, r, v, found)
	case found.Post.Deleted() && found.Post.RepliesCount == 0:
		return communities.Gone
	}
	return p.showThread(w, r, v, found)
}

// showAnswer leads to the answer in its thread; where the thread's beginning is hidden from the visitor, it stands alone.
func (p *Pages) showAnswer(w http.ResponseWriter, r *http.Request, v Visitor, found *storage.View) error {
	if found.Post.Deleted() {
		return communities.Gone
	}
	_, err := p.read(v).Post(r.Context(), found.Post.Thread)
	if communities.IsNotFound(err) {
		return p.showThread(w, r, v, found)
	}
	if err != nil {
		return err
	}
	return redirect(w, r, postPath(found.Post.Thread)+"#p-"+strconv.FormatInt(int64(found.Post.ID), 10))
}

func (p *Pages) showThread(w http.ResponseWriter, r *http.Request, v Visitor, found *storage.View) error {
	c := p.speak(r)
	views, total, err := p.read(v).ThreadPage(r.Context(), found.Post.ID, storage.Page{MinID: number(r, "after"), Limit: repliesLength})
	if err != nil {
		return err
	}
	content := threadPage{Title: p.titleOf(c, found), URI: found.Post.URI, Locked: found.Post.Locked(), Count: max(total-1, 0)}
	if found.Group != nil {
		tile := p.tile(found.Group)
		content.Group = &tile
	}
	s, err := p.standing(r.Context(), v, found.Group, authors(append(views, found)...))
	if err != nil {
		return err
	}
	content.Root = p.nest(c, s, found, views)
	if r.URL.Query().Get("done") == "reported" {
		content.Done = c.text("report.done")
	}
	if len(views) == repliesLength {
		content.More = link(r.URL.Path, url.Values{"after": {strconv.FormatInt(int64(views[len(views)-1].Post.ID), 10)}})
	}
	return p.show(w, r, "thread", http.StatusOK, page{
		Title: content.Title, Document: found.Post.URI, Canonical: content.Root.Original, Visitor: v, Content: content,
		Hidden: content.Root.Original != "" || !found.Post.Visibility.Open() || found.Author != nil && !found.Author.Indexable,
	})
}

// nest hangs each answer under what it answers; what is hidden or elsewhere leaves its answers to the first post.
func (p *Pages) nest(c *catalogue, s *standing, first *storage.View, views []*storage.View) *postView {
	root := p.post(c, first, s, first)
	placed := map[communities.PostID]*postView{first.Post.ID: root}
	for _, v := range views {
		if placed[v.Post.ID] != nil {
			continue
		}
		view := p.post(c, v, s, first)
		parent := placed[v.Post.InReplyTo]
		if parent == nil {
			parent = root
		}
		parent.Replies = append(parent.Replies, view)
		placed[v.Post.ID] = view
	}
	p.nameTowns(placed)
	return root
}

// nameTowns says of everybody where they are from, once somebody in the thread is from elsewhere.
func (p *Pages) nameTowns(placed map[communities.PostID]*postView) {
	mixed := false
	for _, view := range placed {
		mixed = mixed || view.Author.Town != ""
	}
	for _, view := range placed {
		if mixed && view.Author.Town == "" {
			view.Author.Town = p.Name
		}
	}
}

func postID(r *http.Request) (communities.PostID, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return 0, communities.NotFound
	}
	return communities.PostID(id), nil
}

// redirect answers a form, or leads to where something is read.
func redirect(w http.ResponseWriter, r *http.Request, path string) error {
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, path, http.StatusSeeOther) //nolint:gosec // a page of this node: what a form names goes through ownPath
	return nil
}
