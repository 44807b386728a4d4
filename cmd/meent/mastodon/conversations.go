package mastodon

import (
	"context"

	"meent/cmd/meent/mastodon/entity"
	"meent/cmd/meent/mastodon/stream"
	"meent/communities"
	"meent/storage"
)

// conversationRoutes are threads of direct statuses. The id of a conversation is that of its thread.
var conversationRoutes = []row{
	{"GET", "/api/v1/conversations", User, "read:statuses", (*API).conversations, 0},
	{"POST", "/api/v1/conversations/{id}/read", User, "write:conversations", (*API).readConversation, 0},
	{"POST", "/api/v1/conversations/{id}/unread", User, "write:conversations", (*API).unreadConversation, 0},
	{"DELETE", "/api/v1/conversations/{id}", User, "write:conversations", (*API).deleteConversation, 0},
	{"GET", "/api/v1/timelines/direct", User, "read:statuses", (*API).directTimeline, 0},
}

func (a *API) conversations(c *call) (any, error) {
	at := c.page(statusLength)
	list, cursors, err := a.reader(c).Conversations(c.Context(), at)
	if err != nil {
		return nil, err
	}
	a.link(c, at, cursors)
	return a.drawConversations(c, list)
}

// Conversation draws one conversation for its owner, as the event of that name carries it (Mastodon API, streaming).
func (a *API) Conversation(ctx context.Context, owner communities.ActorID, thread communities.PostID) (entity.Conversation, error) {
	c, err := a.callOf(ctx, owner)
	if err != nil {
		return entity.Conversation{}, err
	}
	conversation, err := a.reader(c).Conversation(ctx, thread)
	if err != nil {
		return entity.Conversation{}, err
	}
	list, err := a.drawConversations(c, []*storage.Conversation{conversation})
	if err != nil || len(list) == 0 {
		return entity.Conversation{}, err
	}
	return list[0], nil
}

var directChannels = []stream.Channel{{Kind: stream.Direct}}

// streamConversation tells those of this node who are in a conversation that it has gone on.
func (a *API) streamConversation(ctx context.Context, id communities.PostID) error {
	if !a.hub.HasListeners(directChannels[0]) {
		return nil
	}
	post, err := a.archive.Post(ctx, id)
	if communities.IsNotFound(err) || err == nil && post.Visibility != communities.Direct {
		return nil
	}
	if err != nil {
		return err
	}
	in := []communities.ActorID{post.Author}
	for _, m := range post.Mentions {
		in = append(in, m.Actor)
	}
	for _, owner := range in {
		if owner == 0 || !a.hub.Hears(directChannels[0], owner) {
			continue
		}
		drawn, err := a.Conversation(ctx, owner, post.Thread)
		if communities.IsNotFound(err) {
			continue
		}
		if err != nil {
			return err
		}
		if err := a.sendJSON(directChannels[0], "conversation", drawn, []communities.ActorID{owner}); err != nil {
			return err
		}
	}
	return nil
}

func (a *API) drawConversations(c *call, list []*storage.Conversation) ([]entity.Conversation, error) {
	views := make([]*storage.View, len(list))
	for i, conversation := range list {
		views[i] = conversation.Last
	}
	p, err := a.painter(c, views, anywhere)
	if err != nil {
		return nil, err
	}
	drawn := make([]entity.Conversation, len(list))
	for i, conversation := range list {
		drawn[i] = entity.Conversation{ID: entity.ID(conversation.Thread), Unread: conversation.Unread, Accounts: a.accounts(conversation.With)}
		if drawable(conversation.Last) {
			status := p.status(conversation.Last)
			drawn[i].LastStatus = &status
		}
	}
	return drawn, nil
}

func (a *API) readConversation(c *call) (any, error)   { return a.markConversation(c, true) }
func (a *API) unreadConversation(c *call) (any, error) { return a.markConversation(c, false) }

func (a *API) markConversation(c *call, read bool) (any, error) {
	thread, err := pathID[communities.PostID](c, "id")
	if err != nil {
		return nil, err
	}
	err = a.town.Write(c.Context(), func(tx communities.Tx) error {
		return storage.Of(tx).ReadConversation(c.Context(), c.id(), thread, read)
	})
	if err != nil {
		return nil, err
	}
	conversation, err := a.reader(c).Conversation(c.Context(), thread)
	if err != nil {
		return nil, err
	}
	list, err := a.drawConversations(c, []*storage.Conversation{conversation})
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

func (a *API) deleteConversation(c *call) (any, error) {
	thread, err := pathID[communities.PostID](c, "id")
	if err != nil {
		return nil, err
	}
	return entity.Empty{}, a.town.Write(c.Context(), func(tx communities.Tx) error {
		return storage.Of(tx).DeleteConversation(c.Context(), c.id(), thread)
	})
}

func (a *API) directTimeline(c *call) (any, error) {
	return a.timeline(c, anywhere, a.reader(c).Directs)
}
