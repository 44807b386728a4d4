package wire

// Collection reads a collection or a page, ordered or not, with at most
// MaxItems items.
func (d *Document) Collection() (Collection, error) {
	if d.Kind != KindCollection {
		return Collection{}, refuse(ReasonKind, d.Type()+" is no collection")
	}
	return d.collection(d.root), nil
}

func (d *Document) collection(n *node) Collection {
	first := n.get("first")
	c := Collection{
		ID: n.get("id").id(), Type: shortType(n.get("type").str()), First: first.id(), Next: n.get("next").id(),
		Prev: n.get("prev").id(), Last: n.get("last").id(), PartOf: n.get("partOf").id(),
		AttributedTo: n.get("attributedTo").id(), Name: n.natural("name", MaxNameLength),
		Items: d.items(n), Raw: d.source[n.start:n.end],
	}
	c.TotalItems, c.HasTotalItems = n.get("totalItems").count()
	if first.kind == objectNode && n == d.root { // one level: a page has no first page
		page := d.collection(first)
		c.FirstPage = &page
	}
	return c
}

// items reads orderedItems or items; some write "items" in ordered ones.
func (d *Document) items(n *node) []Reference {
	var out []Reference
	for _, key := range []string{"orderedItems", "items"} {
		list := n.get(key).list()
		for i := range list {
			if len(out) == MaxItems {
				return out
			}
			if r := d.reference(&list[i]); !r.IsZero() {
				out = append(out, r)
			}
		}
	}
	return out
}
