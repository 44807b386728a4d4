package web

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"meent/communities"
	"meent/storage"
)

const maxQuery = 200 // characters

type searchView struct {
	Query   string
	Threads []threadView
}

// Search finds posts by their words.
func (p *Pages) Search(w http.ResponseWriter, r *http.Request, v Visitor) error {
	content := searchView{Query: strings.TrimSpace(r.URL.Query().Get("q"))}
	if !utf8.ValidString(content.Query) || utf8.RuneCountInString(content.Query) > maxQuery {
		return communities.Invalidf("search for at most %d characters", maxQuery)
	}
	if content.Query != "" {
		found, err := p.read(v).Search(r.Context(), content.Query, storage.Page{Limit: listLength})
		if err != nil {
			return err
		}
		if content.Threads, err = p.threads(r, v, found, true); err != nil {
			return err
		}
	}
	return p.show(w, r, "search", http.StatusOK, page{Title: p.speak(r).text("search.title"), Hidden: true, Visitor: v, Content: content})
}

// Hashtag lists what bears a hashtag.
func (p *Pages) Hashtag(w http.ResponseWriter, r *http.Request, v Visitor) error {
	tag := strings.ToLower(r.PathValue("tag"))
	found, err := p.read(v).Hashtag(r.Context(), tag, storage.Page{Limit: listLength})
	if err != nil {
		return err
	}
	content := searchView{Query: "#" + tag}
	if content.Threads, err = p.threads(r, v, found, true); err != nil {
		return err
	}
	return p.show(w, r, "search", http.StatusOK, page{Title: content.Query, Hidden: true, Visitor: v, Content: content})
}
