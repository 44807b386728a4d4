package mastodon

import (
	"meent/communities"
	"meent/storage"
)

// muteRoutes let somebody hear no more of a thread.
var muteRoutes = []row{
	{"POST", "/api/v1/statuses/{id}/mute", User, "write:mutes", (*API).muteThread, 0},
	{"POST", "/api/v1/statuses/{id}/unmute", User, "write:mutes", (*API).unmuteThread, 0},
}

func (a *API) muteThread(c *call) (any, error) {
	return a.act(c, func(tx communities.Tx, post *communities.Post) error {
		return storage.Of(tx).MuteThread(c.Context(), c.id(), post.Thread, a.Now())
	})
}

func (a *API) unmuteThread(c *call) (any, error) {
	return a.act(c, func(tx communities.Tx, post *communities.Post) error {
		return storage.Of(tx).UnmuteThread(c.Context(), c.id(), post.Thread)
	})
}
