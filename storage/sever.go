package storage

import (
	"context"

	"meent/communities"
)

// Sever ends every tie of an actor; see [communities.Tx]. The counters of those at the other end go down first.
func (tx *Tx) Sever(ctx context.Context, actor communities.ActorID) error {
	tx.seen.forget()
	tx.noteEnd(actor)
	b := tx.batch()
	b.add("UPDATE actors SET followers_count = followers_count - 1 WHERE id IN (SELECT followee_id FROM follows WHERE follower_id = ? AND accepted)", actor)
	b.add("UPDATE actors SET following_count = following_count - 1 WHERE id IN (SELECT follower_id FROM follows WHERE followee_id = ? AND accepted)", actor)
	b.add("UPDATE actors SET followers_count = 0, following_count = 0 WHERE id = ?", actor)
	for _, tie := range ties {
		b.add("DELETE FROM "+tie, actor)
	}
	return found(b.exec(ctx), "end the ties of", actor)
}

// ties are what binds an actor to others and to this node.
var ties = []string{
	"follows WHERE follower_id = ?", "follows WHERE followee_id = ?",
	"memberships WHERE group_id = ?", "memberships WHERE person_id = ?",
	"bans WHERE group_id = ?", "bans WHERE person_id = ?",
	"blocks WHERE blocker_id = ?", "blocks WHERE blocked_id = ?",
	"home_entries WHERE owner_id IN (SELECT id FROM lists WHERE owner_id = ?)", "list_members WHERE owner_id = ?", "list_members WHERE member_id = ?",
	"lists WHERE owner_id = ?", "followed_tags WHERE actor_id = ?", "featured_tags WHERE actor_id = ?", "notes WHERE actor_id = ?",
	"notes WHERE about_id = ?", "endorsements WHERE actor_id = ?", "endorsements WHERE endorsed_id = ?", "host_blocks WHERE actor_id = ?",
	"collection_items WHERE actor_id = ?", "collection_items WHERE collection_id IN (SELECT id FROM collections WHERE owner_id = ?)",
	"collections WHERE owner_id = ?",
	"home_entries WHERE owner_id = ?",
	"notifications WHERE recipient_id = ?", "notifications WHERE from_id = ?",
	"bookmarks WHERE actor_id = ?", "markers WHERE actor_id = ?", "filters WHERE actor_id = ?", "idempotency_keys WHERE actor_id = ?",
	"scheduled_posts WHERE actor_id = ?", "thread_mutes WHERE actor_id = ?", "conversations WHERE owner_id = ?", "direct_entries WHERE owner_id = ?",
	"mutes WHERE muter_id = ?", "mutes WHERE muted_id = ?", "app_tokens WHERE actor_id = ?", "authorization_codes WHERE actor_id = ?",
	"confirmations WHERE actor_id = ?", "announcement_reads WHERE actor_id = ?", "announcement_reactions WHERE actor_id = ?",
	"dismissed_suggestions WHERE actor_id = ?", "dismissed_suggestions WHERE other_id = ?",
	"notification_policies WHERE actor_id = ?", "notification_permissions WHERE actor_id = ?", "notification_permissions WHERE from_id = ?",
	"push_subscriptions WHERE actor_id = ?", "access_tokens WHERE actor_id = ?", "sessions WHERE actor_id = ?", "sign_in_links WHERE actor_id = ?", "accounts WHERE actor_id = ?",
}
