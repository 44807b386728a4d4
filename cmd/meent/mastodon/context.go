package mastodon

import (
	"fmt"
	"slices"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/communities/auth"
	"meent/storage"
)

// contextRoutes are the thread around a status.
var contextRoutes = []row{
	{"GET", "/api/v1/statuses/{id}/context", Anyone, "read:statuses", (*API).statusContext, 0},
	{"GET", "/api/v1_alpha/async_refreshes/{name}", User, auth.Read, (*API).asyncRefresh, 0},
}

// statusContext is the thread around a status: what it answers, from the first on, and what answers it, each below its parent.
func (a *API) statusContext(c *call) (any, error) {
	v, err := a.pathOriginal(c)
	if err != nil {
		return nil, err
	}
	thread, err := a.reader(c).Thread(c.Context(), v.Post.Thread)
	if err != nil {
		return nil, err
	}
	if err := a.freshen(c, v.Post.Thread, thread); err != nil {
		return nil, err
	}
	above, err := a.statuses(c, ancestors(thread, v.Post), inThread)
	if err != nil {
		return nil, err
	}
	below, err := a.statuses(c, descendants(thread, v.Post.ID), inThread)
	return entity.Context{Ancestors: above, Descendants: below}, err
}

// refreshRetry is how many seconds an app should wait until it asks again.
const refreshRetry = 5

// freshen has a public thread with posts from elsewhere looked at there, for a person who reads it, and says in the header that more may come
// (Mastodon API, async refreshes).
func (a *API) freshen(c *call, id communities.PostID, thread []*storage.View) error {
	if c.person == nil || a.road == nil || !slices.ContainsFunc(thread, fromElsewhere) {
		return nil
	}
	look, err := a.road.Freshen(c.Context(), id)
	if err == nil && a.road.Running(look) {
		c.header.Set("Mastodon-Async-Refresh", fmt.Sprintf(`id="%s", retry=%d, result_count=%d`, look.Name, refreshRetry, look.Found))
	}
	return err
}

func fromElsewhere(v *storage.View) bool {
	return v.Author != nil && !v.Author.Local() && v.Post.Visibility.Open()
}

// asyncRefresh tells how far a look is. Its name is told to nobody but those who may read what is looked at.
func (a *API) asyncRefresh(c *call) (any, error) {
	look, err := a.archive.RefreshNamed(c.Context(), c.PathValue("name"))
	if err != nil {
		return nil, err
	}
	status := "finished"
	if a.road != nil && a.road.Running(look) {
		status = "running"
	}
	return entity.AsyncRefreshAnswer{AsyncRefresh: entity.AsyncRefresh{ID: look.Name, Status: status, ResultCount: look.Found}}, nil
}

func ancestors(thread []*storage.View, post *communities.Post) []*storage.View {
	byID := make(map[communities.PostID]*storage.View, len(thread))
	for _, v := range thread {
		byID[v.Post.ID] = v
	}
	var above []*storage.View
	for parent := byID[post.InReplyTo]; parent != nil && len(above) < len(thread); parent = byID[parent.Post.InReplyTo] {
		above = append(above, parent)
	}
	slices.Reverse(above)
	return above
}

// descendants walks down the thread, each answer before the next one to the same post.
func descendants(thread []*storage.View, id communities.PostID) []*storage.View {
	answers := map[communities.PostID][]*storage.View{}
	for _, v := range thread {
		answers[v.Post.InReplyTo] = append(answers[v.Post.InReplyTo], v)
	}
	var below []*storage.View
	waiting := slices.Clone(answers[id])
	for slices.Reverse(waiting); len(waiting) > 0; {
		next := waiting[len(waiting)-1]
		waiting = waiting[:len(waiting)-1]
		below = append(below, next)
		for _, answer := range slices.Backward(answers[next.Post.ID]) {
			waiting = append(waiting, answer)
		}
		delete(answers, next.Post.ID)
	}
	return below
}
