package storage

import (
	"context"
	"time"

	"meent/communities"
)

// aboutThread are the notifications that end when their recipient mutes the thread (Mastodon API, statuses/:id/mute). What moderators
// decide is told all the same.
var aboutThread = map[communities.NotificationKind]bool{
	communities.NotifyMention: true, communities.NotifyReply: true, communities.NotifyBoost: true, communities.NotifyFavourite: true,
	communities.NotifyPoll: true, communities.NotifyEdit: true,
}

// inMutedThread is the condition that the recipient has muted the thread of a post; its arguments are the two.
const inMutedThread = "EXISTS (SELECT 1 FROM thread_mutes AS t JOIN posts AS p ON p.thread_id = t.thread_id WHERE t.actor_id = ? AND p.id = ?)"

// MuteThread keeps a person from hearing more of a thread. To do it twice does nothing more.
func (tx *Tx) MuteThread(ctx context.Context, actor communities.ActorID, thread communities.PostID, at time.Time) error {
	_, err := tx.idb.NewRaw("INSERT INTO thread_mutes (actor_id, thread_id, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
		actor, thread, momentOf(at)).Exec(ctx)
	return found(err, "mute thread", thread)
}

// UnmuteThread lets a person hear of a thread again. Where it was not muted it does nothing.
func (tx *Tx) UnmuteThread(ctx context.Context, actor communities.ActorID, thread communities.PostID) error {
	_, err := tx.idb.NewRaw("DELETE FROM thread_mutes WHERE actor_id = ? AND thread_id = ?", actor, thread).Exec(ctx)
	return found(err, "unmute thread", thread)
}
