package mastodon

import (
	"context"
	"net/url"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/storage"
)

// noticeRoutes are the municipality's notices (methods/announcements).
var noticeRoutes = []row{
	{"GET", "/api/v1/announcements", User, "", (*API).announcements, 0},
	{"POST", "/api/v1/announcements/{id}/dismiss", User, "write:accounts", (*API).dismissAnnouncement, 0},
	{"PUT", "/api/v1/announcements/{id}/reactions/{name}", User, "write:favourites", (*API).reactToAnnouncement, 0},
	{"DELETE", "/api/v1/announcements/{id}/reactions/{name}", User, "write:favourites", (*API).unreactToAnnouncement, 0},
}

func (a *API) announcements(c *call) (any, error) {
	notices, err := a.reader(c).Announcements(c.Context(), a.Now(), c.form.flag("with_dismissed"))
	list := make([]entity.Announcement, len(notices))
	for i, notice := range notices {
		list[i] = a.announcement(notice)
	}
	return list, err
}

// announcement draws a notice. The town's notices name nobody and link to no status, so these lists stay empty.
func (a *API) announcement(v storage.NoticeView) entity.Announcement {
	drawn := entity.Announcement{
		ID: entity.ID(v.ID), Content: v.Content, StartsAt: entity.OptionalTime(v.StartsAt), EndsAt: entity.OptionalTime(v.EndsAt),
		AllDay: v.AllDay && !v.StartsAt.IsZero(), PublishedAt: entity.Time(v.PublishedAt), UpdatedAt: entity.Time(v.UpdatedAt), Read: v.Read,
		Mentions: []entity.Empty{}, Statuses: []entity.Empty{}, Tags: []entity.Empty{},
		Emojis: a.emojisIn(true, nil, v.Content), Reactions: []entity.Reaction{},
	}
	for _, r := range v.Reactions {
		reaction := entity.Reaction{Name: r.Name, Count: r.Count, Me: r.Own}
		if own := a.emojisIn(true, nil, ":"+r.Name+":"); len(own) == 1 {
			reaction.URL, reaction.StaticURL = own[0].URL, own[0].StaticURL
		}
		drawn.Reactions = append(drawn.Reactions, reaction)
	}
	return drawn
}

func (a *API) dismissAnnouncement(c *call) (any, error) {
	id, err := pathID[communities.AnnouncementID](c, "id")
	if err != nil {
		return nil, err
	}
	if _, err := a.reader(c).Announcement(c.Context(), id); err != nil {
		return nil, err
	}
	err = a.town.Write(c.Context(), func(tx communities.Tx) error { return storage.Of(tx).PutAway(c.Context(), id, c.id()) })
	return entity.Empty{}, err
}

func (a *API) reactToAnnouncement(c *call) (any, error) {
	return a.answerNotice(c, a.town.ReactToNotice)
}

func (a *API) unreactToAnnouncement(c *call) (any, error) {
	return a.answerNotice(c, a.town.UnreactToNotice)
}

func (a *API) answerNotice(c *call, do func(context.Context, communities.Tx, communities.NoticeReaction) error) (any, error) {
	id, err := pathID[communities.AnnouncementID](c, "id")
	if err != nil {
		return nil, err
	}
	name, err := url.PathUnescape(c.PathValue("name"))
	if err != nil {
		return nil, communities.NotFound
	}
	err = a.town.Write(c.Context(), func(tx communities.Tx) error {
		return do(c.Context(), tx, communities.NoticeReaction{Announcement: id, By: c.id(), Name: name})
	})
	return entity.Empty{}, err
}
