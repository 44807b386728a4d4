package mastodon

import (
	"context"
	"net/url"
	"slices"

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
		list[i] = a.announcement(c, notice)
	}
	return list, err
}

// announcement draws a notice. The town's notices name nobody and link to no status, so these lists stay empty.
func (a *API) announcement(c *call, v storage.NoticeView) entity.Announcement {
	drawn := entity.Announcement{
		ID: entity.ID(v.ID), Content: v.Content, StartsAt: entity.OptionalTime(v.StartsAt), EndsAt: entity.OptionalTime(v.EndsAt),
		AllDay: v.AllDay && !v.StartsAt.IsZero(), PublishedAt: entity.Time(v.PublishedAt), UpdatedAt: entity.Time(v.UpdatedAt), Read: c.own(v.Read),
		Mentions: []entity.Empty{}, Statuses: []entity.Empty{}, Tags: []entity.Empty{},
		Emojis: a.emojisIn(true, nil, v.Content), Reactions: []entity.Reaction{},
	}
	for _, r := range v.Reactions {
		drawn.Reactions = append(drawn.Reactions, a.noticeReaction(c, r))
	}
	return drawn
}

func (a *API) noticeReaction(c *call, r storage.NoticeCount) entity.Reaction {
	drawn := entity.Reaction{Name: r.Name, Count: r.Count, Me: c.own(r.Own)}
	if own := a.emojisIn(true, nil, ":"+r.Name+":"); len(own) == 1 {
		drawn.URL, drawn.StaticURL = own[0].URL, own[0].StaticURL
	}
	return drawn
}

// own is what holds for the caller, and absent for nobody in particular.
func (c *call) own(holds bool) *bool {
	if c.id() == 0 {
		return nil
	}
	return &holds
}

// streamedNotice draws a notice for all at once.
func (a *API) streamedNotice(c *call, n storage.Note) (any, error) {
	notice, err := a.reader(c).Announcement(c.Context(), communities.AnnouncementID(n.ID))
	if err != nil {
		return nil, err
	}
	return a.announcement(c, notice), nil
}

// streamedReaction draws how many react to a notice in one way by now, perhaps none.
func (a *API) streamedReaction(c *call, n storage.Note) (any, error) {
	notice, err := a.reader(c).Announcement(c.Context(), communities.AnnouncementID(n.ID))
	if err != nil {
		return nil, err
	}
	count := storage.NoticeCount{Name: n.Text}
	if at := slices.IndexFunc(notice.Reactions, func(r storage.NoticeCount) bool { return r.Name == n.Text }); at >= 0 {
		count = notice.Reactions[at]
	}
	return entity.AnnouncementReaction{Reaction: a.noticeReaction(c, count), AnnouncementID: entity.ID(n.ID)}, nil
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
