package mastodon

import (
	"slices"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/storage"
)

// How far the caller has read, in timelines of these names (Mastodon API, markers).
var marked = []string{string(onHome), string(onNotifications)}

func (a *API) markers(c *call) (any, error) {
	asked := c.form.list("timeline")
	return a.drawMarkers(c, func(name string) bool { return slices.Contains(asked, name) })
}

func (a *API) drawMarkers(c *call, wanted func(string) bool) (any, error) {
	list, err := a.archive.Markers(c.Context(), c.id())
	drawn := map[string]entity.Marker{}
	for _, marker := range list {
		if wanted(marker.Timeline) {
			drawn[marker.Timeline] = entity.Marker{
				LastReadID: entity.ID(marker.LastRead).String(), Version: marker.Version, UpdatedAt: entity.Time(marker.UpdatedAt),
			}
		}
	}
	return drawn, err
}

func (a *API) setMarkers(c *call) (any, error) {
	set := map[string]bool{}
	err := a.town.Write(c.Context(), func(tx communities.Tx) error {
		for _, name := range marked {
			id, err := parseID[communities.PostID](c.form.text(name + "[last_read_id]"))
			if err != nil {
				continue
			}
			set[name] = true
			marker := storage.Marker{Actor: c.id(), Timeline: name, LastRead: int64(id), UpdatedAt: a.Now()}
			if err := storage.Of(tx).PutMarker(c.Context(), marker); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return a.drawMarkers(c, func(name string) bool { return set[name] })
}
