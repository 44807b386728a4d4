package mastodon

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	"meent/cmd/meent/mastodon/stream"
	"meent/communities"
	"meent/storage"
)

// streamPost brings a post to those who listen to a channel and find it in the place that the channel continues. It is drawn once for all to
// whom it looks the same.
func (a *API) streamPost(
	ctx context.Context, channel stream.Channel, event string, post communities.PostID, where board, place storage.Place, among []communities.ActorID,
) error {
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
	var payload bytes.Buffer
	if err := encodeJSON(&payload, drawn); err != nil {
		return fmt.Errorf("draw a %s for streams: %w", event, err)
	}
	a.hub.Send(channel, to, &stream.Message{Event: event, Payload: bytes.TrimSpace(payload.Bytes())})
	return nil
}

// kinship is what can make a post look different to two people who both may see it, beside what they did with it or filter. Whoever draws
// something more for some viewers than for others adds here what it hangs on; TestStreamsShowWhatIsRead finds what was forgotten.
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

// callOf stands for a person who asks: what is drawn for it, is drawn as an answer to them; with 0, to anybody.
func (a *API) callOf(ctx context.Context, person communities.ActorID) (*call, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, streamPath, nil)
	c := &call{Request: request, form: form{}, header: http.Header{}}
	if err != nil || person == 0 {
		return c, err
	}
	if c.account, err = a.archive.Account(ctx, person); err != nil {
		return nil, err
	}
	c.person, err = a.archive.Actor(ctx, person)
	return c, err
}
