package mastodon

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
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
	return a.streamPost(ctx, userChannels[0], onUpdate, n.Post, onHome, storage.AtHome)
}

func (a *API) streamPosted(ctx context.Context, n storage.Note) error {
	return a.tellPublic(ctx, onUpdate, n.Post)
}

func (a *API) streamEdited(ctx context.Context, n storage.Note) error {
	if err := a.streamPost(ctx, userChannels[0], onEdit, n.Post, onHome, storage.HeldAtHome); err != nil {
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
			if err := a.streamPost(ctx, channel, event, id, onPublic, storage.InPublic(narrowOf(channel))); err != nil {
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

// streamPost brings a post to those who listen to a channel and find it in the place that the channel continues. It is drawn once for all to
// whom it looks the same.
func (a *API) streamPost(ctx context.Context, channel stream.Channel, event string, post communities.PostID, where board, place storage.Place) error {
	among := a.hub.Listeners(channel)
	if len(among) == 0 {
		return nil
	}
	among, err := a.archive.Audience(ctx, post, place, among)
	if err != nil || len(among) == 0 {
		return err
	}
	kin, err := a.kin(ctx, post, where, among)
	if err != nil {
		return err
	}
	for _, alike := range kin {
		c, err := a.callOf(ctx, alike[0])
		if err != nil {
			return err
		}
		views, err := a.reader(c).Posts(ctx, []communities.PostID{post})
		if err != nil {
			return err
		}
		if len(views) > 0 {
			if err := a.send(c, channel, event, views[0], where, alike); err != nil {
				return err
			}
		}
	}
	return nil
}

// send draws a post for the caller, and sends it to all to whom it looks the same.
func (a *API) send(c *call, channel stream.Channel, event string, view *storage.View, where board, alike []communities.ActorID) error {
	drawn, err := a.drawTimeline(c, where, []*storage.View{view})
	if err != nil || len(drawn) == 0 {
		return err
	}
	return a.sendJSON(channel, event, drawn[0], alike)
}

func (a *API) sendJSON(channel stream.Channel, event string, drawn any, to []communities.ActorID) error {
	payload, err := marshal(drawn)
	if err != nil {
		return fmt.Errorf("draw a %s for streams: %w", event, err)
	}
	a.hub.Send(channel, to, &stream.Message{Event: event, Payload: bytes.TrimSpace(payload)})
	return nil
}

// kinship is what can make a post look different to two people who both may see it, beside what they did with it or filter.
type kinship struct {
	follows, followed bool
}

// kin sorts people by how a post looks to them. Whoever did something with it, or filters it, is alone.
func (a *API) kin(ctx context.Context, post communities.PostID, where board, among []communities.ActorID) ([][]communities.ActorID, error) {
	marks, err := a.archive.Footmarks(ctx, post, among)
	if err != nil {
		return nil, err
	}
	filtering, err := a.filtering(ctx, post, where, among)
	if err != nil {
		return nil, err
	}
	var kin [][]communities.ActorID
	same := map[kinship][]communities.ActorID{}
	for _, person := range among {
		mark := marks[person]
		if mark.Own || filtering[person] {
			kin = append(kin, []communities.ActorID{person})
			continue
		}
		like := kinship{mark.Follows, mark.Followed}
		same[like] = append(same[like], person)
	}
	for _, alike := range same {
		kin = append(kin, alike)
	}
	return kin, nil
}

// filtering tells whose filters hold a post, or what it shares.
func (a *API) filtering(ctx context.Context, id communities.PostID, where board, among []communities.ActorID) (map[communities.ActorID]bool, error) {
	filters, err := a.archive.FiltersOf(ctx, among)
	if err != nil || len(filters) == 0 {
		return nil, err
	}
	post, err := a.archive.Post(ctx, id)
	if err == nil && post.BoostOf != 0 {
		post, err = a.archive.Post(ctx, post.BoostOf)
	}
	if err != nil {
		return nil, err
	}
	held := map[communities.ActorID]bool{}
	for person, own := range filters {
		held[person] = len(sift(a.inForce(own, where), post)) > 0
	}
	return held, nil
}

// callOf stands for a person who asks: what is drawn for it, is drawn as an answer to them.
func (a *API) callOf(ctx context.Context, person communities.ActorID) (*call, error) {
	account, err := a.archive.Account(ctx, person)
	if err != nil {
		return nil, err
	}
	actor, err := a.archive.Actor(ctx, person)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, streamPath, nil)
	return &call{Request: request, caller: caller{person: actor, account: account}, form: form{}, header: http.Header{}}, err
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

// signal is an event that [storage.Tx.Signal] tells of: on which channels, and what it says to a person. Without draw it says nothing.
type signal struct {
	channels []stream.Channel
	draw     func(a *API, c *call, n storage.Note) (any, error)
}

// signals are the events of streams beside posts and notifications (Mastodon API, streaming events). Who keeps what one is about adds its row,
// and calls [storage.Tx.Signal] where it changes.
var signals = map[string]signal{
	"filters_changed":      {channels: userChannels},
	"notifications_merged": {channels: noticeChannels, draw: sayingOne},
	"announcement.delete":  {channels: userChannels, draw: sayingID},
}

// sayingOne is what Mastodon sends where nothing is to be said.
func sayingOne(*API, *call, storage.Note) (any, error) { return json.Number("1"), nil }

func sayingID(_ *API, _ *call, n storage.Note) (any, error) {
	return json.Number(strconv.FormatInt(n.ID, 10)), nil
}

func (a *API) streamSignal(ctx context.Context, n storage.Note) error {
	s := signals[n.Event]
	for _, channel := range s.channels {
		to := []communities.ActorID{n.Actor}
		if n.Actor == 0 {
			to = a.hub.Listeners(channel)
		}
		for _, person := range to {
			if err := a.signal(ctx, channel, s, person, n); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *API) signal(ctx context.Context, channel stream.Channel, s signal, person communities.ActorID, n storage.Note) error {
	to := []communities.ActorID{person}
	if s.draw == nil {
		a.hub.Send(channel, to, &stream.Message{Event: n.Event})
		return nil
	}
	if !a.hub.Hears(channel, person) {
		return nil
	}
	c, err := a.callOf(ctx, person)
	if err != nil {
		return err
	}
	drawn, err := s.draw(a, c, n)
	if communities.IsNotFound(err) {
		return nil // not for them, or gone by now
	}
	if err != nil {
		return err
	}
	return a.sendJSON(channel, n.Event, drawn, to)
}
