package web

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"time"

	"meent/storage"
)

const feedLength = 30

// atomFeed is a feed (RFC 4287).
type atomFeed struct {
	XMLName  xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	ID       string      `xml:"id"`
	Title    string      `xml:"title"`
	Subtitle string      `xml:"subtitle,omitempty"`
	Updated  string      `xml:"updated"`
	Links    []atomLink  `xml:"link"`
	Entries  []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID        string     `xml:"id"`
	Title     string     `xml:"title"`
	Published string     `xml:"published"`
	Updated   string     `xml:"updated"`
	Author    atomPerson `xml:"author"`
	Links     []atomLink `xml:"link"`
	Content   atomText   `xml:"content"`
}

type atomPerson struct {
	Name string `xml:"name"`
	URI  string `xml:"uri,omitempty"`
}

type atomText struct {
	Type string `xml:"type,attr"`
	Lang string `xml:"http://www.w3.org/XML/1998/namespace lang,attr,omitempty"`
	Text string `xml:",chardata"`
}

// Feed gives a group's newest threads as Atom. It shows what anybody may see, whoever asks: readers of feeds keep and share them.
func (p *Pages) Feed(w http.ResponseWriter, r *http.Request, _ Visitor) error {
	group, err := p.findGroup(r)
	if err != nil {
		return err
	}
	threads, err := p.read(Visitor{}).GroupThreads(r.Context(), group.ID, storage.SortNew, storage.Page{Limit: feedLength})
	if err != nil {
		return err
	}
	home := p.town.Base + p.actorPage(group)
	feed := atomFeed{
		ID: group.URI, Title: group.Title(), Subtitle: p.Name, Updated: group.UpdatedAt.UTC().Format(time.RFC3339),
		Links: []atomLink{{Rel: "self", Type: "application/atom+xml", Href: home + "/feed.atom"}, {Rel: "alternate", Type: "text/html", Href: home}},
	}
	for _, v := range threads {
		feed.Entries = append(feed.Entries, p.entry(p.speak(r), v))
	}
	if len(feed.Entries) > 0 {
		feed.Updated = feed.Entries[0].Updated
	}
	body, err := xml.Marshal(feed)
	if err != nil {
		return fmt.Errorf("write feed of %s: %w", group.Name, err)
	}
	w.Header().Set("Content-Type", "application/atom+xml; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=300")
	w.Header().Add("Vary", "Accept-Language")
	return p.write(w, r, http.StatusOK, append([]byte(xml.Header), body...))
}

func (p *Pages) entry(c *catalogue, v *storage.View) atomEntry {
	updated, content := v.Post.CreatedAt, withQuoteLine(v)
	if !v.Post.EditedAt.IsZero() {
		updated = v.Post.EditedAt
	}
	if v.Post.Warning != "" {
		content = c.text("post.warning", v.Post.Warning)
	}
	return atomEntry{
		ID: v.Post.URI, Title: p.titleOf(c, v),
		Published: v.Post.CreatedAt.UTC().Format(time.RFC3339), Updated: updated.UTC().Format(time.RFC3339),
		Author:  atomPerson{Name: v.Author.Title(), URI: v.Author.URI},
		Links:   []atomLink{{Rel: "alternate", Type: "text/html", Href: p.town.Base + postPath(v.Post.ID)}},
		Content: atomText{Type: "html", Lang: v.Post.Language, Text: content},
	}
}
