package web

import (
	"context"
	"html/template"

	"meent/communities/text"
)

// pictured shows the pictures of this node that a text names. Those of others are left as names: a page asks no other server for anything.
func (p *Pages) pictured(content string) template.HTML {
	own, err := p.pictures.Named(context.Background(), content)
	if err != nil {
		p.Log.Warn("look up the pictures in a text", "err", err)
	}
	if len(own) == 0 {
		return template.HTML(content) //nolint:gosec // sanitised when it came in
	}
	addresses := map[string]string{}
	for _, e := range own {
		addresses[e.Name] = p.town.Emoji(e)
	}
	return template.HTML(text.WithPictures(content, addresses)) //nolint:gosec // the same
}
