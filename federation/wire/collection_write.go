package wire

import (
	"fmt"
	"strings"
)

// Encode writes the collection or page as a whole document.
func (c Collection) Encode() ([]byte, error) {
	out, err := c.fields().document()
	if err != nil {
		return nil, fmt.Errorf("encode collection %s: %w", c.ID, err)
	}
	return out, nil
}

func (c Collection) fields() fields {
	var f fields
	f.text("id", c.ID)
	f.text("type", c.Type)
	f.text("name", c.Name)
	f.text("attributedTo", c.AttributedTo)
	f.text("partOf", c.PartOf)
	if c.HasTotalItems {
		f.add("totalItems", c.TotalItems)
	}
	if c.FirstPage != nil {
		f.add("first", c.FirstPage.fields())
	} else {
		f.text("first", c.First)
	}
	f.text("last", c.Last)
	f.text("prev", c.Prev)
	f.text("next", c.Next)
	// Lemmy takes the count of followers only from a collection that has items,
	// even if there are none; a paged collection has them on its pages.
	if len(c.Items) > 0 || c.First == "" && c.FirstPage == nil {
		f.add(c.itemsKey(), references(c.Items))
	}
	return f
}

func (c Collection) itemsKey() string {
	if strings.HasPrefix(c.Type, "Ordered") {
		return "orderedItems"
	}
	return "items"
}
