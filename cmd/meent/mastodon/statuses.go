package mastodon

import (
	"context"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/storage"
)

// statusRoutes are all about one status.
var statusRoutes = []row{
	{"POST", "/api/v1/statuses", User, "write:statuses", (*API).createStatus, 0},
	{"GET", "/api/v1/statuses", Anyone, "read:statuses", (*API).showStatuses, 0},
	{"GET", "/api/v1/statuses/{id}", Anyone, "read:statuses", (*API).showStatus, 0},
	{"PUT", "/api/v1/statuses/{id}", User, "write:statuses", (*API).updateStatus, 0},
	{"DELETE", "/api/v1/statuses/{id}", User, "write:statuses", (*API).deleteStatus, 0},
	{"GET", "/api/v1/statuses/{id}/source", User, "read:statuses", (*API).statusSource, 0},
	{"GET", "/api/v1/statuses/{id}/history", Anyone, "read:statuses", (*API).statusHistory, 0},
	{"GET", "/api/v1/statuses/{id}/favourited_by", Anyone, "read:statuses", (*API).favouritedBy, 0},
	{"GET", "/api/v1/statuses/{id}/reblogged_by", Anyone, "read:statuses", (*API).rebloggedBy, 0},
	{"POST", "/api/v1/statuses/{id}/favourite", User, "write:favourites", (*API).favourite, 0},
	{"POST", "/api/v1/statuses/{id}/unfavourite", User, "write:favourites", (*API).unfavourite, 0},
	{"POST", "/api/v1/statuses/{id}/reblog", User, "write:statuses", (*API).reblog, 0},
	{"POST", "/api/v1/statuses/{id}/unreblog", User, "write:statuses", (*API).unreblog, 0},
	{"POST", "/api/v1/statuses/{id}/bookmark", User, "write:bookmarks", (*API).bookmark, 0},
	{"POST", "/api/v1/statuses/{id}/unbookmark", User, "write:bookmarks", (*API).unbookmark, 0},
	{"POST", "/api/v1/statuses/{id}/pin", User, "write:accounts", (*API).pin, 0},
	{"POST", "/api/v1/statuses/{id}/unpin", User, "write:accounts", (*API).unpin, 0},
	{"GET", "/api/v1/polls/{id}", Anyone, "read:statuses", (*API).showPoll, 0},
	{"POST", "/api/v1/polls/{id}/votes", User, "write:statuses", (*API).vote, 0},
}

func (a *API) showStatus(c *call) (any, error) {
	v, err := a.pathPost(c)
	if err != nil {
		return nil, err
	}
	return a.status(c, v)
}

// pathPost finds the status that the address names, which may be a boost.
func (a *API) pathPost(c *call) (*storage.View, error) {
	id, err := pathID[communities.PostID](c, "id")
	if err != nil {
		return nil, err
	}
	return a.post(c, id)
}

// pathOriginal finds the status that the address names; of a boost, what it shares.
func (a *API) pathOriginal(c *call) (*storage.View, error) {
	v, err := a.pathPost(c)
	if err == nil && v.Boosted != nil {
		return v.Boosted, nil
	}
	return v, err
}

// own finds a status that the caller wrote; those of others are not found.
func (a *API) own(c *call, find func(*call) (*storage.View, error)) (*storage.View, error) {
	v, err := find(c)
	if err == nil && v.Post.Author != c.id() {
		return nil, communities.NotFound
	}
	return v, err
}

func (a *API) showStatuses(c *call) (any, error) {
	ids := parseIDs[communities.PostID](c.form.list("id"))
	views, err := a.reader(c).Posts(c.Context(), ids[:min(len(ids), maxAsked)])
	if err != nil {
		return nil, err
	}
	return a.statuses(c, views, anywhere)
}

func (a *API) createStatus(c *call) (any, error) {
	if c.form.text("scheduled_at") != "" {
		return a.schedule(c)
	}
	d, err := a.draft(c)
	if err != nil {
		return nil, refusal(err)
	}
	id, err := a.publish(c.Context(), c, d)
	if err != nil {
		return nil, refusal(err)
	}
	return a.show(c, id)
}

func (a *API) publishOnce(ctx context.Context, d communities.Draft, key string) (id communities.PostID, err error) {
	err = a.town.Write(ctx, func(tx communities.Tx) error {
		if key != "" {
			if id, err = storage.Of(tx).PostOnce(ctx, d.Author, key); !communities.IsNotFound(err) {
				return err
			}
		}
		post, err := a.town.Publish(ctx, tx, d)
		if err != nil {
			return err
		}
		id = post.ID
		if key == "" {
			return nil
		}
		return storage.Of(tx).KeepOnce(ctx, d.Author, key, id, a.Now())
	})
	return id, err
}

// show draws a status anew, after something was done with it.
func (a *API) show(c *call, id communities.PostID) (any, error) {
	v, err := a.post(c, id)
	if err != nil {
		return nil, err
	}
	return a.status(c, v)
}

// updateStatus lets the author say something else. What a request leaves out of an edit is empty then, as Mastodon has it.
func (a *API) updateStatus(c *call) (any, error) {
	v, err := a.own(c, a.pathOriginal)
	if err != nil {
		return nil, err
	}
	d, err := a.words(c)
	if err != nil {
		return nil, err
	}
	if d.Poll == nil {
		d.Poll = v.Post.Poll
	}
	d.Attachments = append(d.Attachments, addressed(v.Post.Attachments)...)
	if v.Post.IsRoot() && v.Post.Group != 0 {
		d.Title, d.Source = split(d.Source)
	}
	err = a.town.Write(c.Context(), func(tx communities.Tx) error {
		if c.form.has("quote_approval_policy") {
			if err := a.setQuotability(c, tx, v.Post.ID); err != nil {
				return err
			}
		}
		if err := a.describeFiles(c, tx, v.Post); err != nil {
			return err
		}
		_, err := a.town.Edit(c.Context(), tx, v.Post.ID, d)
		return err
	})
	if err != nil {
		return nil, refusal(err)
	}
	return a.show(c, v.Post.ID)
}

// deleteStatus takes a status back, and returns it as it was typed, to be written anew. Its files stay for that for a while, unless the
// app says that they shall not.
func (a *API) deleteStatus(c *call) (any, error) {
	v, err := a.own(c, a.pathPost)
	if err != nil {
		return nil, err
	}
	p, err := a.painter(c, []*storage.View{v}, anywhere)
	if err != nil {
		return nil, err
	}
	p.redraft = true
	status := p.status(v)
	typed := joined(v.Post.Title, v.Post.Source)
	status.Text = &typed
	return status, a.town.Write(c.Context(), func(tx communities.Tx) error {
		return a.town.Delete(c.Context(), tx, communities.Deletion{Post: v.Post.ID, By: c.id(), Redraft: !c.form.flag("delete_media")})
	})
}

// statusSource is how the author typed it; nobody else's business.
func (a *API) statusSource(c *call) (any, error) {
	v, err := a.own(c, a.pathOriginal)
	if err != nil {
		return nil, err
	}
	return entity.StatusSource{ID: entity.ID(v.Post.ID), Text: joined(v.Post.Title, v.Post.Source), SpoilerText: v.Post.Warning}, nil
}

// statusHistory lists the versions, the first one first; a status that was never edited has one.
func (a *API) statusHistory(c *call) (any, error) {
	v, err := a.pathOriginal(c)
	if err != nil {
		return nil, err
	}
	revisions, err := a.archive.Revisions(c.Context(), v.Post.ID)
	if err != nil {
		return nil, err
	}
	if len(revisions) == 0 {
		now := v.Post
		revision := &communities.Revision{
			Title: now.Title, Content: now.Content, Warning: now.Warning, Sensitive: now.Sensitive, Attachments: now.Attachments,
			CreatedAt: now.CreatedAt,
		}
		if now.Poll != nil {
			for _, option := range now.Poll.Options {
				revision.Options = append(revision.Options, option.Title)
			}
		}
		revisions = append(revisions, revision)
	}
	p, err := a.painter(c, []*storage.View{v}, anywhere)
	if err != nil {
		return nil, err
	}
	list := make([]entity.StatusEdit, len(revisions))
	for i, revision := range revisions {
		list[i] = a.edit(v, revision)
		list[i].Quote = p.quote(v) // an edit never changes what is quoted
	}
	return list, nil
}

func (a *API) edit(v *storage.View, r *communities.Revision) entity.StatusEdit {
	as := *v.Post
	as.Title, as.Content, as.Attachments = r.Title, r.Content, stillThere(v.Post, r.Attachments)
	edit := entity.StatusEdit{
		Content: withQuoteLine(v, content(&as)), SpoilerText: r.Warning, Sensitive: r.Sensitive, CreatedAt: entity.Time(r.CreatedAt),
		Account: a.account(v.Author), MediaAttachments: a.attachments(&as), Emojis: []entity.Emoji{},
	}
	if len(r.Options) > 0 {
		edit.Poll = &entity.EditPoll{}
		for _, title := range r.Options {
			edit.Poll.Options = append(edit.Poll.Options, entity.EditOption{Title: title})
		}
	}
	return edit
}
