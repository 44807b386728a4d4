package mastodon

import (
	"context"
	"net/http"
	"strings"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/storage"
)

// customEmojis lists the pictures to choose from.
func (a *API) customEmojis(c *call) (any, error) {
	own, err := a.archive.Emojis(c.Context())
	list := []entity.Emoji{}
	for _, e := range own {
		if !e.Hidden {
			list = append(list, a.emoji(e))
		}
	}
	return list, err
}

func (a *API) emoji(e *communities.OwnEmoji) entity.Emoji {
	address := a.town.Emoji(e)
	return entity.Emoji{
		Shortcode: e.Name, URL: address, StaticURL: address, VisibleInPicker: !e.Hidden, Category: entity.Optional(e.Category),
	}
}

// emojisIn draws the pictures that texts name: of this node, or those that came with what was written elsewhere, which this node hands out.
func (a *API) emojisIn(local bool, known []communities.Emoji, texts ...string) []entity.Emoji {
	list := []entity.Emoji{}
	if local {
		own, err := a.emojiBook.Named(context.Background(), texts...)
		if err != nil {
			a.Log.Warn("look up the pictures in a text", "err", err)
		}
		for _, e := range own {
			list = append(list, a.emoji(e))
		}
		return list
	}
	if len(known) == 0 {
		return list
	}
	for _, name := range storage.EmojiNames(texts...) {
		for _, e := range known {
			if e.Name == name {
				address := a.Shown(e.URL)
				list = append(list, entity.Emoji{Shortcode: e.Name, URL: address, StaticURL: address})
			}
		}
	}
	return list
}

// emojisOf draws those of a profile.
func (a *API) emojisOf(actor *communities.Actor) []entity.Emoji {
	texts := []string{actor.DisplayName, actor.Summary}
	for _, field := range actor.Fields {
		texts = append(texts, field.Name, field.Value)
	}
	return a.emojisIn(actor.Local(), actor.Emojis, texts...)
}

// showEmoji gives the picture itself. Its address changes with it, so that it can be kept.
func (a *API) showEmoji(c *call) (any, error) {
	bytes, media, err := a.archive.EmojiPicture(c.Context(), strings.TrimSuffix(c.PathValue("name"), ".png"))
	return emojiPicture{bytes: bytes, media: media}, err
}

type emojiPicture struct {
	bytes []byte
	media string
}

func (p emojiPicture) write(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", p.media)
	w.Header().Set("Cache-Control", "public, max-age=604800, immutable")
	_, err := w.Write(p.bytes)
	return err
}
