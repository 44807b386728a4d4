package mastodon

import (
	"context"

	"meent/communities"
	"meent/storage"
)

// act does something with a status and shows it anew.
func (a *API) act(c *call, do func(tx communities.Tx, post *communities.Post) error) (any, error) {
	v, err := a.pathOriginal(c)
	if err != nil {
		return nil, err
	}
	err = a.town.Write(c.Context(), func(tx communities.Tx) error { return do(tx, v.Post) })
	if err != nil {
		return nil, refusal(err)
	}
	return a.show(c, v.Post.ID)
}

func (a *API) favourite(c *call) (any, error) {
	return a.act(c, func(tx communities.Tx, post *communities.Post) error {
		return a.town.React(c.Context(), tx, communities.Reacting{Post: post.ID, By: c.id(), Kind: communities.Favourite})
	})
}

func (a *API) unfavourite(c *call) (any, error) {
	return a.act(c, func(tx communities.Tx, post *communities.Post) error {
		return a.town.Unreact(c.Context(), tx, communities.Reacting{Post: post.ID, By: c.id(), Kind: communities.Favourite})
	})
}

func (a *API) bookmark(c *call) (any, error) {
	return a.act(c, func(tx communities.Tx, post *communities.Post) error {
		return storage.Of(tx).PutBookmark(c.Context(), c.id(), post.ID, a.Now())
	})
}

func (a *API) unbookmark(c *call) (any, error) {
	return a.act(c, func(tx communities.Tx, post *communities.Post) error {
		return storage.Of(tx).DeleteBookmark(c.Context(), c.id(), post.ID)
	})
}

// reblog shares a status, and returns the boost.
func (a *API) reblog(c *call) (any, error) {
	v, err := a.pathOriginal(c)
	if err != nil {
		return nil, err
	}
	visibility, err := visibilityOf(c.form.text("visibility"))
	if err != nil {
		return nil, err
	}
	var boost *communities.Post
	err = a.town.Write(c.Context(), func(tx communities.Tx) error {
		boost, err = a.town.Boost(c.Context(), tx, communities.Boosting{Post: v.Post.ID, By: c.id(), Visibility: visibility})
		return err
	})
	if err != nil {
		return nil, refusal(err)
	}
	return a.show(c, boost.ID)
}

func (a *API) unreblog(c *call) (any, error) {
	return a.act(c, func(tx communities.Tx, post *communities.Post) error {
		return a.town.Unboost(c.Context(), tx, communities.Boosting{Post: post.ID, By: c.id()})
	})
}

// pin shows a thread on top of its group, by a moderator, or what the caller wrote outside of groups on their own profile.
func (a *API) pin(c *call) (any, error) { return a.pinning(c, a.town.Pin) }

func (a *API) unpin(c *call) (any, error) { return a.pinning(c, a.town.Unpin) }

func (a *API) pinning(c *call, do func(context.Context, communities.Tx, communities.Moderation) error) (any, error) {
	return a.act(c, func(tx communities.Tx, post *communities.Post) error {
		return do(c.Context(), tx, communities.Moderation{Post: post.ID, By: c.id()})
	})
}

func (a *API) favouritedBy(c *call) (any, error) {
	v, err := a.pathOriginal(c)
	if err != nil {
		return nil, err
	}
	at := c.page(accountLength)
	edges, err := a.reader(c).Reactions(c.Context(), v.Post.ID, communities.Favourite, at)
	return a.edges(c, at, edges, err)
}

func (a *API) rebloggedBy(c *call) (any, error) {
	v, err := a.pathOriginal(c)
	if err != nil {
		return nil, err
	}
	at := c.page(accountLength)
	edges, err := a.reader(c).Boosters(c.Context(), v.Post.ID, at)
	return a.edges(c, at, edges, err)
}

func (a *API) showPoll(c *call) (any, error) {
	v, err := a.pathPost(c)
	if err != nil {
		return nil, err
	}
	if v.Post.Poll == nil {
		return nil, communities.NotFound
	}
	p := painter{API: a, viewer: c.caller}
	return p.poll(v), nil
}

func (a *API) vote(c *call) (any, error) {
	v, err := a.pathPost(c)
	if err != nil {
		return nil, err
	}
	if v.Post.Poll == nil {
		return nil, communities.NotFound
	}
	var choices []int
	for _, choice := range c.form.list("choices") {
		choices = append(choices, form{values: map[string][]string{"n": {choice}}}.number("n", -1))
	}
	err = a.town.Write(c.Context(), func(tx communities.Tx) error {
		_, err := a.town.Vote(c.Context(), tx, communities.Ballot{Post: v.Post.ID, Voter: c.id(), Options: choices})
		return err
	})
	if err != nil {
		return nil, refusal(err)
	}
	return a.showPoll(c)
}
