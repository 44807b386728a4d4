package mastodon

import (
	"context"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"meent/cmd/meent/mastodon/stream"
	"meent/communities"
	"meent/storage"
)

// recheckEvery is how often all tokens of open streams are looked at again. What ends one is told at once; this is the net below that.
const recheckEvery = 10 * time.Second

// Stream brings what happens to the streams that are open, until ctx ends; then it closes them.
func (a *API) Stream(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { a.hub.Run(ctx); return nil })
	group.Go(func() error { return a.archive.Watch(ctx, a.hearNotes) })
	group.Go(func() error {
		ticker := time.NewTicker(recheckEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-ticker.C:
				a.attempt(ctx, "look at the tokens of streams", a.recheck(ctx, 0))
			}
		}
	})
	return group.Wait()
}

// attended has the archive tell what happens while somebody listens.
func (a *API) attended(streams int) {
	a.archive.Attend(streams > 0)
	if a.Crowd != nil {
		a.Crowd(streams)
	}
}

// StreamFigures are for the metrics: streams open now; messages sent, and streams dropped for being slow, since the start.
func (a *API) StreamFigures() (open int, sent, dropped int64) { return a.hub.Figures() }

// attempt logs what went wrong: streams go on, and apps read again what they missed.
func (a *API) attempt(ctx context.Context, doing string, err error) {
	if err != nil && ctx.Err() == nil {
		a.Log.WarnContext(ctx, "streams", "doing", doing, "err", err)
	}
}

// heard tells what each kind of note brings to streams.
var heard = map[storage.NoteKind]func(*API, context.Context, storage.Note) error{
	storage.NotePosted:   (*API).streamPosted,
	storage.NoteHome:     (*API).streamHome,
	storage.NoteEdited:   (*API).streamEdited,
	storage.NoteGone:     (*API).streamGone,
	storage.NoteNotified: (*API).streamNotified,
	storage.NoteEnded:    func(a *API, ctx context.Context, n storage.Note) error { return a.recheck(ctx, n.Actor) },
	storage.NoteSignal:   (*API).streamSignal,
}

func (a *API) hearNotes(ctx context.Context, notes []storage.Note) {
	for _, n := range notes {
		if hear := heard[n.Kind]; hear != nil {
			a.attempt(ctx, "bring to streams that something was "+string(n.Kind), hear(a, ctx, n))
		}
	}
}

// recheck ends the streams whose token no longer lets their owner in (SECURITY O6, O7).
func (a *API) recheck(ctx context.Context, of communities.ActorID) error {
	tokens := a.hub.Tokens(of)
	if len(tokens) == 0 {
		return nil
	}
	good, err := a.archive.GoodTokens(ctx, tokens)
	if err != nil {
		return err
	}
	ended := map[string]bool{}
	for _, token := range tokens {
		if !good[token] {
			ended[token] = true
		}
	}
	a.hub.End(ended)
	return nil
}

const (
	onUpdate = "update"
	onEdit   = "status.update"
	onDelete = "delete"
)

var userChannels = []stream.Channel{{Kind: stream.User}}

func (a *API) streamHome(ctx context.Context, n storage.Note) error {
	return a.streamAtHome(ctx, onUpdate, n.Post, storage.AtHome)
}

func (a *API) streamPosted(ctx context.Context, n storage.Note) error {
	if err := a.streamConversation(ctx, n.Post); err != nil {
		return err
	}
	return a.tellPublic(ctx, onUpdate, n.Post)
}

func (a *API) streamEdited(ctx context.Context, n storage.Note) error {
	if err := a.streamAtHome(ctx, onEdit, n.Post, storage.HeldAtHome); err != nil {
		return err
	}
	return a.tellPublic(ctx, onEdit, n.Post)
}

// tellPublic brings a post to the public streams and the lists that it belongs to.
func (a *API) tellPublic(ctx context.Context, event string, id communities.PostID) error {
	if !a.hub.HasPublic() {
		return nil
	}
	post, err := a.archive.Post(ctx, id)
	if communities.IsNotFound(err) || err == nil && post.Deleted() {
		return nil // gone by now
	}
	if err != nil {
		return err
	}
	author, err := a.archive.Actor(ctx, post.Author)
	if err != nil {
		return err
	}
	if post.Visibility == communities.Public {
		for _, channel := range channelsOf(post.Hashtags, author.Local(), len(post.Attachments) > 0) {
			if err := a.streamPost(ctx, channel, event, id, onPublic, storage.InPublic(narrowOf(channel)), a.hub.Listeners(channel)); err != nil {
				return err
			}
		}
	}
	return a.tellLists(ctx, event, post)
}

// narrows tells what stands on the public timeline that a stream continues.
var narrows = map[stream.Kind]storage.Narrow{
	stream.Public: {}, stream.Local: {Local: true}, stream.Remote: {Remote: true},
	stream.PublicMedia: {Media: true}, stream.LocalMedia: {Local: true, Media: true}, stream.RemoteMedia: {Remote: true, Media: true},
	stream.Hashtag: {}, stream.LocalHashtag: {Local: true},
}

func narrowOf(c stream.Channel) storage.Narrow {
	which := narrows[c.Kind]
	if c.Param != "" {
		which.Tags = []string{c.Param}
	}
	return which
}

// tellLists asks each list whose owner is near the post, in the way of the list's own timeline.
func (a *API) tellLists(ctx context.Context, event string, post *communities.Post) error {
	owners := listOwners(a.hub)
	if len(owners) == 0 {
		return nil
	}
	near, err := a.archive.Audience(ctx, post.ID, storage.NearBy, keysOf(owners))
	if err != nil {
		return err
	}
	for _, owner := range near {
		c, err := a.callOf(ctx, owner)
		if err != nil {
			return err
		}
		for _, channel := range owners[owner] {
			if err := a.tellList(c, channel, event, post.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *API) tellList(c *call, channel stream.Channel, event string, post communities.PostID) error {
	c.SetPathValue("id", channel.Param)
	read, err := a.readList(c)
	if communities.IsNotFound(err) {
		return nil // it is no longer the owner's
	}
	if err != nil {
		return err
	}
	views, err := read(c.Context(), storage.Page{MinID: int64(post) - 1, Limit: 1})
	if err != nil || len(views) == 0 || views[0].Post.ID != post {
		return err
	}
	return a.send(c, channel, event, views[0], onHome, []communities.ActorID{c.id()})
}

func keysOf[K comparable, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	return keys
}

// streamAtHome brings a post to those who have it at home.
func (a *API) streamAtHome(ctx context.Context, event string, post communities.PostID, place storage.Place) error {
	channel := userChannels[0]
	if !a.hub.HasListeners(channel) {
		return nil
	}
	owners, err := a.archive.HomeOwners(ctx, post)
	if err != nil {
		return err
	}
	return a.streamPost(ctx, channel, event, post, onHome, place, a.hub.Among(channel, owners))
}

// streamGone tells those who could see a post that it is not there any more.
func (a *API) streamGone(ctx context.Context, n storage.Note) error {
	channels := append(a.hub.Channels(stream.List), userChannels...)
	if n.Gone.Visibility == communities.Public {
		author, err := a.archive.Actor(ctx, n.Gone.Author)
		if err != nil && !communities.IsNotFound(err) {
			return err
		}
		for _, channel := range channelsOf(n.Gone.Hashtags, author != nil && author.Local(), n.Gone.Files) {
			if channel.Param != "" || n.Gone.Thread {
				channels = append(channels, channel)
			}
		}
	}
	id := &stream.Message{Event: onDelete, Payload: strconv.AppendInt(nil, int64(n.Post), 10)}
	for _, channel := range channels {
		atHome := channel.Kind == stream.User || channel.Kind == stream.List
		bereft, err := a.archive.Bereft(ctx, n.Post, *n.Gone, atHome, a.hub.Listeners(channel))
		if err != nil {
			return err
		}
		a.hub.Send(channel, bereft, id)
	}
	return nil
}

var noticeChannels = []stream.Channel{{Kind: stream.UserNotices}, {Kind: stream.UserNotification}}

// streamNotified tells a person of what they would find among their notifications.
func (a *API) streamNotified(ctx context.Context, n storage.Note) error {
	if !slices.ContainsFunc(noticeChannels, func(c stream.Channel) bool { return a.hub.Hears(c, n.Actor) }) {
		return nil
	}
	c, err := a.callOf(ctx, n.Actor)
	if err != nil {
		return err
	}
	list, err := a.reader(c).Notices(ctx, storage.NoticeFilter{Kinds: wantedKinds(c.form)}, storage.Page{MinID: n.ID - 1, Limit: 1})
	if err != nil || len(list) == 0 || int64(list[0].ID) != n.ID {
		return err
	}
	drawn, err := a.drawNotices(c, list)
	if err != nil || len(drawn) == 0 {
		return err
	}
	for _, channel := range noticeChannels {
		if err := a.sendJSON(channel, "notification", drawn[0], []communities.ActorID{n.Actor}); err != nil {
			return err
		}
	}
	return nil
}
