package federation

import (
	"testing"

	"meent/federation/wire"
)

// What other servers accept, held against every kind of document that we send them or that they fetch. A law names the file of their source
// that makes it one. The versions are those of 2026-08; where a platform's old and new versions differ, both are asked.

const (
	wijkraad  = "https://stad.example/g/wijkraad"
	annaID    = "https://stad.example/u/anna"
	keesID    = "https://stad.example/u/kees"
	lemmyBo   = "https://lemmy.example/u/bo"
	lemmyCor  = "https://lemmy.example/u/cor"
	mastoBo   = "https://mastodon.example/u/bo"
	announced = "thread/Announce, reply/Announce, edit/Announce, like/Announce, unlike/Announce, dislike/Announce, appoint/Announce, pin/Announce, " +
		"unpin/Announce, lock/Announce, unlock/Announce, removal/Announce, restoral/Announce, ban/Announce, unban/Announce, " +
		"group profile/Announce, deletion/Announce, deletion of reply/Announce, poll/Announce, event/Announce"
)

// TestOthersAcceptWhatWeSay tells one story, in which everything happens, and judges it by each platform's laws.
func TestOthersAcceptWhatWeSay(t *testing.T) {
	inRegion(t, func(r *region) {
		seen := tellStory(r)
		for platform, laws := range map[string][]law{
			"all": commonLaws, "Lemmy": lemmyLaws, "PieFed": piefedLaws, "Mbin": mbinLaws, "NodeBB": nodebbLaws,
			"Discourse": discourseLaws, "Mobilizon": mobilizonLaws,
			"Mastodon": mastodonLaws, "GoToSocial": gotosocialLaws, "Misskey": misskeyLaws,
		} {
			r.Run(platform, func(t *testing.T) {
				for _, l := range laws {
					l.try(t, seen)
				}
			})
		}
		r.Run("microblogs hear of no rulings", func(t *testing.T) { hearNothing(t, seen[microblog], rulings) })
	})
}

// rulings are what microblogs must not be told: to them a Block is a quarrel between two people, and a moderator's Delete a forgery, which
// GoToSocial answers with 500 each time that it is tried. Replies in a group would flood their homes.
var rulings = []string{
	"removal", "removal of theirs/Delete", "ban", "ban of theirs/Block", "unban of theirs", "lock", "unlock", "appoint", "pin", "unpin", "reply",
}

func hearNothing(t *testing.T, seen map[string][]paper, events []string) {
	t.Helper()
	for _, event := range events {
		if got := seen[event]; len(got) > 0 {
			t.Errorf("%s: %v", event, got)
		}
	}
}

// commonLaws are those that several readers share.
var commonLaws = []law{
	{"ActivityPub 3; PieFed app/activitypub/routes.py: id, type, actor, object or dropped", forum, announced, "", []must{word("id", "type", "actor"), has("object")}},
	{"Sharkey ApPersonService validateActor", everybody, "group, person", "", []must{
		oneHost("inbox", "outbox", "followers", "following", "featured", "publicKey.id", "endpoints.sharedInbox", "url"),
		word("preferredUsername", "publicKey.publicKeyPem"), same("publicKey.owner", "id"),
	}},
	{"FEP-2c59; FEP-521a", everybody, "group, person", "", []must{word("webfinger"), entries("assertionMethod", is("type", "Multikey"), word("publicKeyMultibase", "controller"))}},
	{"FEP-d556, FEP-2677", everybody, "node", "", []must{is("type", "Application"), word("name", "inbox", "outbox", "preferredUsername"), has("publicKey")}},
	{"RFC 7033 4.4; Mastodon app/lib/webfinger.rb", everybody, "webfinger", "", []must{
		is("subject", "acct:wijkraad@stad.example"), entries("links", word("rel", "type", "href")),
	}},
	{"NodeInfo 2.1 schema", everybody, "nodeinfo", "", []must{is("version", "2.1"), word("software.name", "software.version"), list("protocols"), object("usage", "usage.users", "services")}},
	{"megalodon src/detector.ts", everybody, "nodeinfo", "", []must{is("metadata.upstream.name", "mastodon")}},
	{"FEP-8b32", forum, announced, "", []must{object("proof"), is("proof.cryptosuite", "eddsa-jcs-2022")}},
	{"FEP-7888, FEP-11dd", everybody, "context", "", []must{is("type", "OrderedCollection"), is("attributedTo", wijkraad), list("first.orderedItems")}},
	{"FEP-7458", everybody, "replies", "", []must{is("type", "Collection"), number("totalItems"), list("first.items")}},
}

// lemmyLaws are those of Lemmy 0.19 and 1.0. serde refuses a document whole for one field that does not fit.
var lemmyLaws = []law{
	{"objects/src/protocol/group.rs", everybody, "group", "", []must{
		is("type", "Group"), word("id", "preferredUsername", "inbox", "outbox", "followers", "featured", "attributedTo", "publicKey.publicKeyPem", "endpoints.sharedInbox"),
		is("manuallyApprovesFollowers", false), is("discoverable", true), is("postingRestrictedToMods", false),
	}},
	{"objects/src/protocol/person.rs", everybody, "person", "", []must{is("type", "Person"), word("id", "preferredUsername", "inbox", "outbox"), object("publicKey")}},
	{"objects/src/protocol/instance.rs", everybody, "node", "", []must{is("type", "Application"), word("id", "name", "inbox", "outbox"), object("publicKey")}},
	{"apub/src/protocol/collections/group_followers.rs", everybody, "followers", "", []must{is("type", "Collection"), number("totalItems"), size("items", 0)}},
	{"apub/src/protocol/collections/group_moderators.rs", everybody, "moderators", "", []must{is("type", "OrderedCollection"), holds("orderedItems", keesID)}},
	{"apub/src/protocol/collections/group_outbox.rs", everybody, "outbox", "", []must{
		is("type", "OrderedCollection"), number("totalItems"),
		entries("orderedItems", is("type", "Announce"), is("actor", wijkraad), list("to", "cc"), word("object.id", "object.actor")),
	}},
	{"apub/src/protocol/collections/group_featured.rs", everybody, "featured", "", []must{
		is("type", "OrderedCollection"), number("totalItems"), entries("orderedItems", is("type", "Page", "Article", "Note", "Video", "Event"), word("id", "attributedTo")),
	}},
	{"activities/src/protocol/community/announce.rs: to, cc; 1.0 wants Public and actor = community", forum, announced, "", []must{
		is("actor", wijkraad), list("to", "cc"), holds("to", wire.Public), object("object"), word("object.id", "object.actor", "object.type"),
	}},
	{"activities/src/protocol/create_or_update/page.rs", forum, "thread/Announce, edit/Announce, event/Announce", "object", []must{
		is("type", "Create", "Update"), list("to", "cc"), holds("to", wire.Public, wijkraad), is("audience", wijkraad), object("object"),
	}},
	{"objects/src/protocol/page.rs", forum, "thread/Announce, edit/Announce, event/Announce", "object.object", []must{
		is("type", "Article", "Event"), word("id", "attributedTo", "name", "content"), lacks("inReplyTo"), list("to", "cc"), holds("to", wire.Public, wijkraad),
		is("audience", wijkraad), is("mediaType", "text/html"), is("source.mediaType", "text/markdown"), word("source.content", "published"), past("published"),
	}},
	{"objects/src/utils/protocol.rs LanguageTag", forum, "thread/Announce", "object.object", []must{is("language.identifier", "nl"), word("language.name")}},
	{"objects/src/protocol/page.rs Attachment: Link, Image, Document, or the whole post fails", forum, "thread/Announce", "object.object", []must{
		entries("attachment", is("type", "Link", "Image", "Document")), is("image.type", "Image"), word("image.url"),
	}},
	{"objects/src/protocol/tags.rs", forum, "thread/Announce, reply/Announce", "object.object", []must{entries("tag", is("type", "Mention", "Hashtag"), word("href", "name"))}},
	{"activities/src/protocol/create_or_update/note.rs", forum, "reply/Announce", "object", []must{is("type", "Create"), list("to", "cc"), is("audience", wijkraad)}},
	{"objects/src/protocol/note.rs", forum, "reply/Announce", "object.object", []must{
		is("type", "Note"), word("id", "attributedTo", "content", "inReplyTo"), list("to", "cc"), is("mediaType", "text/html"), lacks("name"), is("audience", wijkraad),
	}},
	{"activities/src/protocol/voting/vote.rs", forum, "like/Announce, dislike/Announce", "object", []must{
		is("type", "Like", "Dislike"), word("id", "object"), is("actor", keesID), is("audience", wijkraad),
	}},
	{"activities/src/protocol/voting/undo_vote.rs", forum, "unlike/Announce", "object", []must{is("type", "Undo"), object("object"), is("object.type", "Like"), word("object.id", "object.object")}},
	{"activities/src/protocol/deletion/delete.rs: no summary from the author", forum, "deletion/Announce, deletion of reply/Announce", "object", []must{
		is("type", "Delete"), list("to"), holds("to", wire.Public), lacks("summary"), is("object.type", "Tombstone"), word("object.id"), is("audience", wijkraad),
	}},
	{"activities/src/deletion/delete.rs: a summary makes it a moderator's", forum, "removal/Announce", "object", []must{
		is("type", "Delete"), list("to"), is("summary", "reclame"), word("object"), is("actor", keesID), is("audience", wijkraad),
	}},
	{"activities/src/protocol/deletion/undo_delete.rs", forum, "restoral/Announce", "object", []must{
		is("type", "Undo"), list("to", "object.to"), is("object.type", "Delete"), word("object.summary", "object.id"),
	}},
	{"activities/src/protocol/community/lock.rs", forum, "lock/Announce", "object", []must{is("type", "Lock"), list("to", "cc"), word("id", "object"), is("audience", wijkraad)}},
	{"activities/src/protocol/community/lock.rs UndoLockPageOrNote; 0.19 embeds", forum, "unlock/Announce", "object", []must{
		is("type", "Undo"), list("to", "cc", "object.to", "object.cc"), is("object.type", "Lock"), word("object.id"),
	}},
	{"activities/src/protocol/community/collection_add.rs", forum, "pin/Announce", "object", []must{is("type", "Add"), list("to", "cc"), word("object"), is("target", wijkraad+"/featured")}},
	{"activities/src/protocol/community/collection_remove.rs", forum, "unpin/Announce", "object", []must{is("type", "Remove"), list("to", "cc"), word("object"), is("target", wijkraad+"/featured")}},
	{"activities/src/protocol/community/collection_add.rs", forum, "appoint/Announce", "object", []must{is("type", "Add"), list("to", "cc"), is("object", keesID), is("target", wijkraad+"/moderators")}},
	{"activities/src/protocol/block/block_user.rs", forum, "ban/Announce", "object", []must{
		is("type", "Block"), list("to", "cc"), is("object", lemmyCor), is("target", wijkraad), word("endTime", "expires", "summary"), is("audience", wijkraad),
	}},
	{"activities/src/protocol/block/undo_block_user.rs", forum, "unban/Announce", "object", []must{is("type", "Undo"), list("to", "cc", "object.to", "object.cc"), is("object.type", "Block")}},
	{"activities/src/protocol/community/update.rs", forum, "group profile/Announce", "object", []must{is("type", "Update"), list("to", "cc"), is("object.type", "Group"), word("object.outbox")}},
	{"0.19 protocol/activities/following/accept.rs: the Follow whole", forum, "accept", "", []must{
		is("type", "Accept"), is("actor", wijkraad), object("object"), is("object.type", "Follow"), is("object.actor", lemmyBo), is("object.object", wijkraad), size("to", 1),
	}},
	{"activities/src/protocol/community/report.rs: one to, which is a group; summary or content", forum, "report", "", []must{
		is("type", "Flag"), size("to", 1), holds("to", wijkraad), word("summary", "content"), size("object", 2),
	}},
}

var piefedLaws = []law{
	{"app/activitypub/util.py find_community: ids in lower case", everybody, "group", "", []must{is("id", wijkraad), is("moderators", wijkraad+"/moderators")}},
	{"app/activitypub/util.py: source without mediaType fails", forum, "thread/Announce, reply/Announce", "object.object", []must{word("source.content"), is("source.mediaType", "text/markdown")}},
	{"app/activitypub/routes.py: the group in audience, cc, to or target", forum, announced, "object", []must{word("id", "actor"), func(p paper) string {
		for _, where := range []must{is("audience", wijkraad), holds("cc", wijkraad), holds("to", wijkraad), is("target", wijkraad), is("object", wijkraad), is("object.id", wijkraad)} {
			if where(p) == "" {
				return ""
			}
		}
		return "does not name the group"
	}}},
	{"app/activitypub/util.py: featured holds whole objects", everybody, "featured", "", []must{entries("orderedItems", word("id", "type", "name"))}},
	{"app/activitypub/util.py: polls have a name", forum, "poll/Announce", "object.object", []must{is("type", "Question"), word("name", "endTime"), entries("oneOf", word("name"), object("replies"))}},
}

var mbinLaws = []law{
	{"src/Service/ActivityPub/Page.php: Page, Article, Video are threads", forum, "thread/Announce", "object.object", []must{is("type", "Page", "Article", "Video"), word("name")}},
	{"src/MessageHandler/ActivityPub/Inbox/AnnounceHandler.php: an object with an id", forum, announced, "object", []must{word("id", "type")}},
	{"src/MessageHandler/ActivityPub/Inbox/FlagHandler.php: ids, and summary", forum, "report", "", []must{list("object"), word("summary", "actor")}},
	{"src/MessageHandler/ActivityPub/Inbox/LockHandler.php", forum, "lock/Announce", "object", []must{is("type", "Lock"), word("object", "actor")}},
}

var nodebbLaws = []law{
	{"src/activitypub/inbox.js: attributedTo no array", forum, "thread/Announce, reply/Announce, edit/Announce", "object.object", []must{word("attributedTo"), oneHost("attributedTo")}},
	{"src/activitypub/inbox.js: actor and object on one host", forum, "thread/Announce, reply/Announce", "object", []must{oneHost("actor", "object.id", "object.attributedTo")}},
	{"src/activitypub/notes.js: audience for the category, context for the topic", forum, "thread/Announce, reply/Announce", "object.object", []must{is("audience", wijkraad), word("context"), oneHost("context")}},
	{"src/activitypub/actors.js: a category's moderators", everybody, "group", "", []must{is("attributedTo", wijkraad+"/moderators"), word("name")}},
}

var discourseLaws = []law{
	{"lib/discourse_activity_pub/a_p: Announce of an object, not of an activity", library, "thread/Announce", "", []must{word("object"), is("actor", wijkraad), past("published")}},
	{"lib/discourse_activity_pub/a_p.rb: Note and Article only", everybody, "thread", "", []must{is("type", "Article"), word("name", "content", "attributedTo")}},
	{"lib/discourse_activity_pub/a_p.rb: Note and Article only", everybody, "reply", "", []must{is("type", "Note"), word("content", "inReplyTo")}},
	{"an edit comes from its author", library, "edit/Update", "", []must{is("actor", annaID), is("object.type", "Article")}},
	{"whoever got a thread hears that it is gone", library, "deletion/Delete", "", []must{is("actor", annaID), is("object.type", "Tombstone")}},
}

var mobilizonLaws = []law{
	{"lib/federation/activity_stream/converter/post.ex: actor and attributedTo", everybody, "thread", "", []must{is("type", "Article"), is("actor", annaID), is("attributedTo", annaID), word("name", "published")}},
	{"lib/federation/activity_stream/converter/event.ex", forum, "event/Announce", "object.object", []must{
		is("type", "Event"), is("actor", annaID), word("name", "startTime", "endTime", "timezone", "location.name"), is("location.type", "Place"),
	}},
	{"lib/federation/activity_pub/transmogrifier.ex: the group announces it", library, "event/Announce", "", []must{is("actor", wijkraad), word("object")}},
}

var mastodonLaws = []law{
	{"app/lib/activitypub/activity.rb status_from_object: a boost by id", microblog, "thread/Announce", "", []must{
		word("object", "id"), is("actor", wijkraad), holds("to", wire.Public), list("cc"), past("published"),
	}},
	{"app/lib/activitypub/parser/status_parser.rb processed_text: an Article loses its content", fan, "thread/Create", "object", []must{
		is("type", "Note"), lacks("name", "summary"), starts("content", "<p><strong>Bomen &amp; bankjes</strong></p>"), starts("contentMap.nl", "<p><strong>Bomen"),
		past("published"), lacks("updated"), word("url", "attributedTo"), is("sensitive", nil),
	}},
	{"app/lib/activitypub/parser/status_parser.rb edited_at", fan, "edit/Update", "object", []must{is("type", "Note"), past("updated", "published")}},
	{"app/services/activitypub/process_status_update_service.rb: an Update from its author", microblog, "edit/Update", "", []must{is("actor", annaID), is("object.attributedTo", annaID)}},
	{"app/services/activitypub/fetch_replies_service.rb: a first page", fan, "thread/Create", "object", []must{
		is("replies.type", "Collection"), is("replies.first.type", "CollectionPage"), word("replies.first.next"), oneHost("replies.id", "replies.first.next"),
	}},
	{"app/lib/activitypub/parser/status_parser.rb favourites_count, reblogs_count", fan, "thread/Create", "object", []must{number("likes.totalItems", "shares.totalItems")}},
	{"app/lib/activitypub/activity/create.rb process_mention: the group, so that a reply is addressed to it", fan, "thread/Create", "object", []must{entries("tag", word("href", "name"), is("type", "Mention", "Hashtag"))}},
	{"app/lib/activitypub/activity/create.rb: attachments by url and mediaType", fan, "thread/Create", "object", []must{entries("attachment", is("type", "Document", "Image", "Link"))}},
	{"app/lib/activitypub/parser/status_parser.rb visibility: public", microblog, "note public", "object", []must{holds("to", wire.Public), holds("cc", annaID+"/followers", mastoBo)}},
	{"app/lib/activitypub/parser/status_parser.rb visibility: quiet public", microblog, "note unlisted", "object", []must{holds("to", annaID+"/followers"), holds("cc", wire.Public, mastoBo), without("to", wire.Public)}},
	{"app/lib/activitypub/parser/status_parser.rb visibility: followers", microblog, "note followers", "object", []must{
		holds("to", annaID+"/followers"), without("to", wire.Public), without("cc", wire.Public),
	}},
	{"app/lib/activitypub/parser/status_parser.rb visibility: direct", microblog, "note direct", "object", []must{
		holds("to", mastoBo), without("to", wire.Public, annaID+"/followers"), without("cc", wire.Public, annaID+"/followers"), entries("tag", is("href", mastoBo)),
	}},
	{"app/lib/activitypub/activity/create.rb: the activity is addressed as its object", microblog, "note public, note unlisted, note followers, note direct", "", []must{same("to", "object.to"), same("cc", "object.cc")}},
	{"app/lib/activitypub/parser/poll_parser.rb", fan, "poll/Create", "object", []must{
		is("type", "Question"), entries("oneOf", is("type", "Note"), word("name"), number("replies.totalItems")), word("endTime"), number("votersCount"), lacks("name"),
	}},
	{"app/lib/activitypub/activity/create.rb poll_vote?: a name, inReplyTo, no content", microblog, "vote", "object", []must{is("type", "Note"), is("name", "nee"), word("inReplyTo"), lacks("content"), holds("to", mastoBo)}},
	{"app/lib/activitypub/activity/flag.rb: the account first, content", microblog, "report", "", []must{
		is("type", "Flag"), is("actor", "https://stad.example/"), word("content"), list("object"), func(p paper) string {
			ids, _ := p["object"].([]any)
			return unless(len(ids) == 2 && ids[0] == any(mastoBo), "does not name the account first")
		},
	}},
	{"app/lib/activitypub/activity/undo.rb undo_announce", microblog, "deletion/Undo, removal of theirs/Undo", "", []must{
		is("actor", wijkraad), is("object.type", "Announce"), word("object.id", "object.object"), past("object.published"),
	}},
	{"app/lib/activitypub/activity/delete.rb: by its author only", microblog, "deletion/Delete", "", []must{is("actor", annaID), word("object.id"), is("object.type", "Tombstone")}},
	{"app/lib/activitypub/activity/accept.rb", microblog, "accept", "", []must{is("object.type", "Follow"), word("object.id"), is("actor", wijkraad)}},
	{"app/lib/activitypub/activity/follow.rb", microblog, "follow", "", []must{is("type", "Follow"), is("object", mastoBo), is("actor", annaID)}},
	{"app/lib/activitypub/activity/undo.rb undo_follow", microblog, "unfollow", "", []must{is("type", "Undo"), is("object.type", "Follow"), is("object.object", mastoBo)}},
	{"app/lib/activitypub/activity/block.rb: between two people", microblog, "block", "", []must{is("type", "Block"), is("actor", keesID), is("object", mastoBo), lacks("target")}},
	{"app/lib/activitypub/activity/undo.rb undo_block", microblog, "unblock", "", []must{is("type", "Undo"), is("object.type", "Block"), is("object.object", mastoBo)}},
	{"app/lib/activitypub/activity/update.rb update_account: by itself", fan, "person profile", "", []must{is("type", "Update"), is("actor", annaID), is("object.id", annaID)}},
	{"app/lib/activitypub/activity/update.rb update_account: by itself", microblog, "group profile", "", []must{is("type", "Update"), is("actor", wijkraad), is("object.id", wijkraad)}},
	{"app/services/activitypub/process_account_service.rb", everybody, "group, person", "", []must{word("url", "name", "inbox", "outbox", "featured")}},
}

var gotosocialLaws = []law{
	{"internal/federation/dereferencing/collection.go: the first page embedded", fan, "thread/Create", "object", []must{object("replies.first"), word("replies.first.partOf", "replies.first.next")}},
	{"internal/federation/dereferencing/account.go: featured of every actor", everybody, "node, group, person", "", []must{word("featured", "outbox", "inbox")}},
	{"internal/transport/derefinstance.go: the last version, and 2.0 only", everybody, "nodeinfo links", "", []must{func(p paper) string {
		last := ""
		for _, link := range p["links"].([]any) {
			if rel, _ := link.(paper)["rel"].(string); starts("rel", "http://nodeinfo.diaspora.software/ns/schema/2")(paper{"rel": rel}) == "" {
				last = rel
			}
		}
		return unless(last == "http://nodeinfo.diaspora.software/ns/schema/2.0", "names last "+last)
	}}},
	{"internal/typeutils/astointernal.go: published of every Announce, undone ones too", microblog, "thread/Announce", "", []must{past("published")}},
	{"internal/federation/federatingdb/undo.go: the activity whole", microblog, "unfollow, unblock, deletion/Undo", "", []must{object("object"), word("object.id", "object.type")}},
	{"internal/typeutils/astointernal.go: a name would be a content warning", fan, "thread/Create, edit/Update, poll/Create", "object", []must{lacks("name", "summary")}},
	{"internal/ap/extract.go: votersCount, of none too", fan, "poll/Create", "object", []must{number("votersCount")}},
}

var misskeyLaws = []law{
	{"packages/backend/src/core/activitypub/ApInboxService.ts announceNote: a post", microblog, "thread/Announce", "", []must{word("object")}},
	{"packages/backend/src/core/activitypub/models/ApNoteService.ts validateNote", fan, "thread/Create", "object", []must{oneHost("attributedTo", "url"), word("id", "type")}},
	{"packages/backend/src/core/activitypub/ApInboxService.ts: content tells a Like's emoji, ours has none", forum, "like/Announce", "object", []must{lacks("content", "tag")}},
}
