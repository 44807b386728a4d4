package storage

import (
	"context"
	"slices"

	"meent/communities"
)

// deed is one thing that the viewer did to a post, a thread or an actor.
type deed struct {
	What  string // kind of reaction, or one of those below
	Of    int64
	Value int64
}

const (
	didBoost    = "boost"    // Value is the boost
	didBookmark = "bookmark" // a post
	didMute     = "mute"     // an actor
	didSilence  = "silence"  // a thread
	didVote     = "vote"     // Value is the option
)

// loadOwn reads in one question what the viewer did with the posts. Of a boost that is what they did with what it shares.
func (c *company) loadOwn(ctx context.Context) error {
	me := c.reader.viewer.Actor
	if me == 0 || len(c.views) == 0 {
		return nil
	}
	var posts, threads, polls []communities.PostID
	authors := map[communities.ActorID]struct{}{}
	for id, v := range c.views {
		authors[v.Post.Author] = struct{}{}
		if v.Post.BoostOf != 0 {
			continue
		}
		posts, threads = append(posts, id), append(threads, v.Post.Thread)
		if v.Post.Poll != nil {
			polls = append(polls, id)
		}
	}
	db := c.reader.db
	these := among(db.idb, posts)
	query := db.idb.NewRaw(`SELECT kind AS what, post_id AS of, 0 AS value FROM reactions WHERE actor_id = ? AND post_id ?
		UNION ALL SELECT ?, boost_of_id, id FROM posts WHERE author_id = ? AND boost_of_id ?
		UNION ALL SELECT ?, post_id, 0 FROM bookmarks WHERE actor_id = ? AND post_id ?
		UNION ALL SELECT ?, thread_id, 0 FROM thread_mutes WHERE actor_id = ? AND thread_id ?
		UNION ALL SELECT ?, muted_id, 0 FROM mutes AS m WHERE muter_id = ? AND muted_id ? AND `+unexpired+`
		UNION ALL SELECT ?, post_id, position FROM poll_votes WHERE voter_id = ? AND post_id ?`,
		me, these, didBoost, me, these, didBookmark, me, these, didSilence, me, among(db.idb, threads),
		didMute, me, among(db.idb, keysOf(authors)), momentOf(db.now()), didVote, me, among(db.idb, polls))
	var deeds []deed
	if err := query.Scan(ctx, &deeds); err != nil {
		return found(err, "read the deeds of", me)
	}
	for _, d := range deeds {
		c.take(d)
	}
	return nil
}

// take writes a deed into the views that it is about.
func (c *company) take(d deed) {
	v := c.views[communities.PostID(d.Of)]
	switch d.What {
	case didMute:
		c.each(func(v *View) { v.Muted = v.Muted || v.Post.Author == communities.ActorID(d.Of) })
	case didSilence:
		c.each(func(v *View) { v.Silenced = v.Silenced || v.Post.Thread == communities.PostID(d.Of) })
	case didBoost:
		v.Boost = communities.PostID(d.Value)
	case didBookmark:
		v.Bookmarked = true
	case didVote:
		v.Votes = append(v.Votes, int(d.Value))
		slices.Sort(v.Votes)
	case string(communities.Favourite):
		v.Favourited = true
	case string(communities.Dislike):
		v.Disliked = true
	}
}

func (c *company) each(do func(*View)) {
	for _, v := range c.views {
		do(v)
	}
}
