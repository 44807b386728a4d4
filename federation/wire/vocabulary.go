package wire

import (
	"context"

	"github.com/go-fed/activity/streams"
)

// contextAS2 is the normative context (AS2 core 2.1).
const contextAS2 = "https://www.w3.org/ns/activitystreams"

// kinds sorts every type that the fediverse sends. Types that AS2 does not
// know are marked; they are read from the raw document alone.
var kinds = map[string]struct {
	kind      Kind
	extension bool
}{
	"Accept": {kind: KindActivity}, "Activity": {kind: KindActivity}, "Add": {kind: KindActivity},
	"Announce": {kind: KindActivity}, "Arrive": {kind: KindActivity}, "Block": {kind: KindActivity},
	"Create": {kind: KindActivity}, "Delete": {kind: KindActivity}, "Dislike": {kind: KindActivity},
	"Flag": {kind: KindActivity}, "Follow": {kind: KindActivity}, "Ignore": {kind: KindActivity},
	"IntransitiveActivity": {kind: KindActivity}, "Invite": {kind: KindActivity}, "Join": {kind: KindActivity},
	"Leave": {kind: KindActivity}, "Like": {kind: KindActivity}, "Listen": {kind: KindActivity},
	"Move": {kind: KindActivity}, "Offer": {kind: KindActivity}, "Read": {kind: KindActivity},
	"Reject": {kind: KindActivity}, "Remove": {kind: KindActivity}, "TentativeAccept": {kind: KindActivity},
	"TentativeReject": {kind: KindActivity}, "Travel": {kind: KindActivity}, "Undo": {kind: KindActivity},
	"Update": {kind: KindActivity}, "View": {kind: KindActivity},

	"ChooseAnswer": {KindActivity, true}, "EmojiReact": {KindActivity, true}, "Lock": {KindActivity, true},
	"PollVote": {KindActivity, true}, "QuoteRequest": {KindActivity, true}, "AnnounceRequest": {KindActivity, true},
	"LikeRequest": {KindActivity, true}, "ReplyRequest": {KindActivity, true}, "Bite": {KindActivity, true},
	"Resolve": {KindActivity, true}, "Warn": {KindActivity, true}, "Ping": {KindActivity, true}, "Pong": {KindActivity, true},

	"Application": {kind: KindActor}, "Group": {kind: KindActor}, "Organization": {kind: KindActor},
	"Person": {kind: KindActor}, "Service": {kind: KindActor},
	"Feed": {KindActor, true},

	"Article": {kind: KindObject}, "Audio": {kind: KindObject}, "Document": {kind: KindObject}, "Event": {kind: KindObject},
	"Image": {kind: KindObject}, "Note": {kind: KindObject}, "Object": {kind: KindObject}, "Page": {kind: KindObject},
	"Place": {kind: KindObject}, "Profile": {kind: KindObject}, "Question": {kind: KindObject},
	"Relationship": {kind: KindObject}, "Tombstone": {kind: KindObject}, "Video": {kind: KindObject},
	"Emoji":       {kind: KindObject},
	"ChatMessage": {KindObject, true}, "EncryptedMessage": {KindObject, true}, "Conversation": {KindObject, true},
	"Member": {KindObject, true}, "Comment": {KindObject, true}, "Review": {KindObject, true},
	"Quotation": {KindObject, true}, "Edition": {KindObject, true}, "Work": {KindObject, true},
	"Hashtag": {KindObject, true}, "PropertyValue": {KindObject, true}, "CommunityPostTag": {KindObject, true},
	"LikeApproval": {KindObject, true}, "ReplyApproval": {KindObject, true}, "AnnounceApproval": {KindObject, true},
	"LikeAuthorization": {KindObject, true}, "ReplyAuthorization": {KindObject, true},
	"AnnounceAuthorization": {KindObject, true}, "QuoteAuthorization": {KindObject, true},
	"InteractionAuthorization": {KindObject, true},

	"Collection": {kind: KindCollection}, "CollectionPage": {kind: KindCollection},
	"OrderedCollection": {kind: KindCollection}, "OrderedCollectionPage": {kind: KindCollection},

	"Link": {kind: KindLink}, "Mention": {kind: KindLink},

	"CryptographicKey": {KindKey, true}, "Key": {KindKey, true}, "Multikey": {KindKey, true},
}

// goFedBudget is how many values of a document go-fed gets to see: it needs
// some 10 µs for each object, however empty, so that a list of 40,000 would hold
// us up for most of a second. What is left out is read by us all the same.
const goFedBudget = 4000

// recognise asks go-fed whether it takes the document. go-fed demands an
// @context that names AS2 although AS2 core 2.1 lets it be absent, so it is
// given the normative one. Version 1.0.0 panics on some values, an empty
// "duration" for one: whoever sends them must not stop the node.
func recognise(root *node) (r Recognition) {
	budget := goFedBudget
	doc, ok := root.generic(&budget).(map[string]any)
	if !ok {
		return Disputed
	}
	defer func() {
		if recover() != nil {
			r = Disputed
		}
	}()
	doc["@context"] = contextAS2
	if _, err := streams.ToType(context.Background(), doc); err != nil {
		return Disputed
	}
	return Known
}
