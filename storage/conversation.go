package storage

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"meent/communities"
)

// Conversation is a thread of direct posts as one person has it (Mastodon API, conversations). Its thread is its name.
type Conversation struct {
	Thread communities.PostID
	Last   *View
	With   []*communities.Actor // everybody in it but its owner; the owner, who talks to nobody else
	Unread bool
}

type conversationRow struct {
	bun.BaseModel `bun:"table:conversations,alias:c"`

	Owner  communities.ActorID `bun:"owner_id,pk"`
	Thread communities.PostID  `bun:"thread_id,pk"`
	Last   communities.PostID  `bun:"last_post_id"`
	Unread bool                `bun:"unread"`
}

// converse puts a direct post into the conversation of each person of this node whom it concerns: unread, but for who wrote it.
func (b *batch) converse(p *communities.Post) {
	if p.Visibility != communities.Direct || p.BoostOf != 0 {
		return
	}
	in := []communities.ActorID{p.Author}
	for _, m := range p.Mentions {
		in = append(in, m.Actor)
	}
	thread := orElse(p.Thread, p.ID)
	b.add(`INSERT INTO direct_entries (owner_id, post_id, thread_id) SELECT id, ?, ? FROM actors WHERE id IN (?) AND host = '' AND kind = ?
		ON CONFLICT DO NOTHING`, p.ID, thread, bun.List(in), communities.Person)
	b.add(`INSERT INTO conversations (owner_id, thread_id, last_post_id, unread) SELECT id, ?, ?, id <> ? FROM actors
		WHERE id IN (?) AND host = '' AND kind = ? ORDER BY id
		ON CONFLICT (owner_id, thread_id) DO UPDATE SET unread = EXCLUDED.unread,
			last_post_id = CASE WHEN conversations.last_post_id > EXCLUDED.last_post_id THEN conversations.last_post_id ELSE EXCLUDED.last_post_id END`,
		thread, p.ID, p.Author, bun.List(in), communities.Person)
}

// rejoin moves the conversations of a thread that turns out to be part of another into that one.
func (b *batch) rejoin(thread communities.PostID, uri string) {
	const early = "thread_id IN (SELECT id FROM posts WHERE " + waitingFor + ")"
	b.add("UPDATE direct_entries SET thread_id = ? WHERE "+early, thread, uri)
	b.add(`INSERT INTO conversations (owner_id, thread_id, last_post_id, unread) SELECT owner_id, ?, last_post_id, unread FROM conversations
		WHERE `+early+" ON CONFLICT DO NOTHING", thread, uri)
	b.add("DELETE FROM conversations WHERE "+early, uri)
	b.add("UPDATE conversations SET last_post_id = "+lastSaid+" WHERE thread_id = ?", thread)
}

// lastSaid is the last post of a conversation.
const lastSaid = `COALESCE((SELECT MAX(d.post_id) FROM direct_entries AS d
	WHERE d.thread_id = conversations.thread_id AND d.owner_id = conversations.owner_id), 0)`

// unsay takes a direct post out of the conversations that it was in.
func (b *batch) unsay(p *communities.Post) {
	if p.Visibility != communities.Direct {
		return
	}
	b.add("DELETE FROM direct_entries WHERE post_id = ?", p.ID)
	b.add("UPDATE conversations SET last_post_id = "+lastSaid+" WHERE thread_id = ? AND last_post_id = ?", p.Thread, p.ID)
	b.add("DELETE FROM conversations WHERE thread_id = ? AND last_post_id = 0", p.Thread)
}

// Conversations lists those of the viewer by their last post, newest first, and the cursors of their page. Where the last post can no
// longer be seen, as its author was blocked, the conversation is left out.
func (r *Reader) Conversations(ctx context.Context, page Page) (list []*Conversation, cursors []int64, err error) {
	var rows []conversationRow
	query := r.db.idb.NewSelect().Model(&rows).Where("c.owner_id = ?", r.viewer.Actor)
	if err := page.apply(query, "c.last_post_id").Scan(ctx); err != nil {
		return nil, nil, found(err, "list conversations of", r.viewer.Actor)
	}
	if page.MinID > 0 {
		slices.Reverse(rows)
	}
	for _, row := range rows {
		cursors = append(cursors, int64(row.Last))
	}
	list, err = r.conversations(ctx, rows)
	return list, cursors, err
}

// Conversation finds one of the viewer's own.
func (r *Reader) Conversation(ctx context.Context, thread communities.PostID) (*Conversation, error) {
	var rows []conversationRow
	err := r.db.idb.NewSelect().Model(&rows).Where("c.owner_id = ? AND c.thread_id = ?", r.viewer.Actor, thread).Scan(ctx)
	if err != nil {
		return nil, found(err, "read conversation", thread)
	}
	list, err := r.conversations(ctx, rows)
	if err == nil && len(list) == 0 {
		return nil, communities.NotFound
	}
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

func (r *Reader) conversations(ctx context.Context, rows []conversationRow) ([]*Conversation, error) {
	posts := map[communities.PostID]*View{}
	for _, row := range rows {
		posts[row.Last] = nil
	}
	if len(rows) == 0 {
		return nil, nil
	}
	if err := r.fillPosts(ctx, posts); err != nil {
		return nil, err
	}
	actors := map[communities.ActorID]*communities.Actor{}
	for _, v := range posts {
		for _, id := range r.others(v) {
			actors[id] = nil
		}
	}
	if err := r.fill(ctx, nil, actors); err != nil {
		return nil, err
	}
	list := make([]*Conversation, 0, len(rows))
	for _, row := range rows {
		v := posts[row.Last]
		if v == nil {
			continue
		}
		c := &Conversation{Thread: row.Thread, Last: v, Unread: row.Unread}
		for _, id := range r.others(v) {
			if a := actors[id]; a != nil && a.Active() {
				c.With = append(c.With, a)
			}
		}
		list = append(list, c)
	}
	return list, nil
}

// others are those whom the viewer talks with in a post.
func (r *Reader) others(v *View) []communities.ActorID {
	if v == nil {
		return nil
	}
	ids := []communities.ActorID{v.Post.Author}
	for _, m := range v.Post.Mentions {
		if m.Actor != 0 && !slices.Contains(ids, m.Actor) {
			ids = append(ids, m.Actor)
		}
	}
	if len(ids) > 1 {
		ids = slices.DeleteFunc(ids, func(id communities.ActorID) bool { return id == r.viewer.Actor })
	}
	return ids
}

// Directs lists the direct posts by the viewer and to them, newest first.
func (r *Reader) Directs(ctx context.Context, page Page) ([]*View, error) {
	var rows []postRow
	query := r.posts(&rows).Join("JOIN direct_entries AS d ON d.post_id = p.id").
		Where("d.owner_id = ?", r.viewer.Actor).Where("?", r.wanted())
	return r.list(ctx, page, &rows, page.apply(query, "d.post_id"))
}

// ReadConversation notes whether a person has read a conversation of theirs.
func (tx *Tx) ReadConversation(ctx context.Context, owner communities.ActorID, thread communities.PostID, read bool) error {
	result, err := tx.idb.NewUpdate().Model((*conversationRow)(nil)).Set("unread = ?", !read).
		Where("c.owner_id = ? AND c.thread_id = ?", owner, thread).Exec(ctx)
	return changed(result, err, "read conversation", thread)
}

// DeleteConversation takes a conversation away from a person's list, until something is said in it again. The posts stay.
func (tx *Tx) DeleteConversation(ctx context.Context, owner communities.ActorID, thread communities.PostID) error {
	result, err := tx.idb.NewDelete().Model((*conversationRow)(nil)).Where("c.owner_id = ? AND c.thread_id = ?", owner, thread).Exec(ctx)
	return changed(result, err, "delete conversation", thread)
}
