package web

import (
	"net/http"
	"strconv"

	"meent/communities"
)

type collectionView struct {
	nameView
	Owner   nameView
	Text    string
	Tag     string
	Members []nameView
}

// Collection shows whom somebody of this node recommends to follow.
func (p *Pages) Collection(w http.ResponseWriter, r *http.Request, v Visitor) error {
	owner, err := p.findActor(r)
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return communities.NotFound
	}
	c, err := p.read(v).Collection(r.Context(), communities.CollectionID(id))
	switch {
	case err != nil:
		return err
	case c.Owner != owner.ID:
		return communities.NotFound
	}
	content := collectionView{nameView: nameView{Name: c.Name}, Owner: p.name(owner), Text: c.Description, Tag: c.Tag}
	ids := make([]communities.ActorID, len(c.Items))
	for i, item := range c.Items {
		ids[i] = item.Actor
	}
	actors, err := p.read(v).Actors(r.Context(), ids)
	if err != nil {
		return err
	}
	for _, actor := range actors {
		content.Members = append(content.Members, p.name(actor))
	}
	return p.show(w, r, "collection", http.StatusOK, page{
		Title: c.Name, Document: p.town.Collection(owner, c.ID), Hidden: !c.Discoverable || !owner.Indexable, Visitor: v, Content: content,
	})
}
