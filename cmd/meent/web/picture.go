package web

import (
	"context"
	"html/template"

	"meent/communities"
	"meent/communities/text"
)

// pictured shows the pictures of this node that a text names.
func (p *Pages) pictured(content string) template.HTML {
	own, err := p.pictures.Named(context.Background(), content)
	if err != nil {
		p.Log.Warn("look up the pictures in a text", "err", err)
	}
	addresses := map[string]string{}
	for _, e := range own {
		addresses[e.Name] = p.town.Emoji(e)
	}
	return withPictures(content, addresses)
}

// picturedOf shows those of a post. What came with it from elsewhere is handed out by this node: a page asks no other server for anything.
func (p *Pages) picturedOf(post *communities.Post, author *communities.Actor) template.HTML {
	if author != nil && author.Local() {
		return p.pictured(words(post))
	}
	addresses := map[string]string{}
	for _, e := range post.Emojis {
		addresses[e.Name] = p.Shown(e.URL)
	}
	return withPictures(words(post), addresses)
}

func withPictures(content string, addresses map[string]string) template.HTML {
	if len(addresses) > 0 {
		content = text.WithPictures(content, addresses)
	}
	return template.HTML(content) //nolint:gosec // sanitised when it came in
}
