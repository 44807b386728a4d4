package mastodon

import (
	"context"
	"encoding/json"
	"strconv"

	"meent/cmd/meent/mastodon/stream"
	"meent/communities"
	"meent/storage"
)

// signal is an event that [storage.Tx.Signal] tells of: on which channels, and what it says to whom it concerns, or to everybody. Without
// draw it says nothing.
type signal struct {
	channels []stream.Channel
	draw     func(a *API, c *call, n storage.Note) (any, error)
}

// signals are the events of streams beside posts and notifications (Mastodon API, streaming events). Who keeps what one is about adds its row,
// and calls [storage.Tx.Signal] where it changes.
var signals = map[string]signal{
	"filters_changed":       {channels: userChannels},
	"notifications_merged":  {channels: noticeChannels, draw: sayingOne},
	"announcement":          {channels: userChannels, draw: (*API).streamedNotice},
	"announcement.reaction": {channels: userChannels, draw: (*API).streamedReaction},
	"announcement.delete":   {channels: userChannels, draw: sayingID},
	onConversation: {channels: directChannels, draw: func(a *API, c *call, n storage.Note) (any, error) {
		return a.conversation(c, communities.PostID(n.ID))
	}},
}

// sayingOne is what Mastodon sends where nothing is to be said.
func sayingOne(*API, *call, storage.Note) (any, error) { return json.Number("1"), nil }

func sayingID(_ *API, _ *call, n storage.Note) (any, error) {
	return json.Number(strconv.FormatInt(n.ID, 10)), nil
}

func (a *API) streamSignal(ctx context.Context, n storage.Note) error {
	s := signals[n.Event]
	for _, channel := range s.channels {
		to := a.hub.Listeners(channel)
		if n.Actor != 0 {
			to = a.hub.Among(channel, []communities.ActorID{n.Actor})
		}
		if len(to) == 0 {
			continue
		}
		if err := a.signal(ctx, channel, s, to, n); err != nil {
			return err
		}
	}
	return nil
}

// signal says the same to all whom it is for: it is drawn once.
func (a *API) signal(ctx context.Context, channel stream.Channel, s signal, to []communities.ActorID, n storage.Note) error {
	if s.draw == nil {
		a.hub.Send(channel, to, &stream.Message{Event: n.Event})
		return nil
	}
	c, err := a.callOf(ctx, n.Actor)
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
