package federation

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"meent/communities"
	"meent/federation/fetch"
	"meent/federation/signature"
	"meent/federation/wire"
	"meent/storage"
)

// storeActor keeps an actor that was read from its own id, or that came signed by its own key, together with the keys that it lists.
func (r *Road) storeActor(ctx context.Context, tx communities.Tx, doc wire.Actor) (*communities.Actor, error) {
	for _, inbox := range []string{doc.Inbox, doc.SharedInbox} {
		if inbox == "" {
			continue
		}
		if _, err := r.client.Parse(inbox); err != nil {
			return nil, refusef("inbox", "%s: %w", doc.ID, err) // SECURITY S9
		}
	}
	known, err := tx.ActorByURI(ctx, doc.ID)
	if err != nil && !communities.IsNotFound(err) {
		return nil, err
	}
	a, err := r.actorNoun(doc)
	if err != nil {
		return nil, err
	}
	if known != nil {
		a.Host = known.Host // settled by WebFinger, see confirmHandle
	}
	stored, err := r.town.StoreRemoteActor(ctx, tx, a)
	if err != nil {
		return nil, err
	}
	if err := r.storeKeys(ctx, storage.Of(tx), stored, doc); err != nil {
		return nil, err
	}
	tx.AfterCommit(func() { r.witnesses.forget(stored.URI) })
	if known == nil && needsMore(doc) {
		return stored, tx.Enqueue(ctx, RefreshActor{URI: stored.URI})
	}
	return stored, nil
}

// needsMore tells whether a new actor has to be looked at closer later: a group for its moderators, anybody whose handle may be of another
// host than their id.
func needsMore(doc wire.Actor) bool {
	_, host, _ := strings.Cut(strings.TrimPrefix(doc.Webfinger, "@"), "@")
	return doc.Type == string(communities.Group) || host == "" || !wire.SameHost("https://"+host, doc.ID)
}

// actorNoun translates.
func (r *Road) actorNoun(doc wire.Actor) (*communities.Actor, error) {
	host, err := wire.CanonicalHost(doc.ID)
	if err != nil {
		return nil, err
	}
	a := &communities.Actor{
		Kind: communities.ActorKind(doc.Type), Name: strings.ToLower(doc.PreferredUsername), Host: host, URI: doc.ID, URL: ownPage(doc.URL, doc.ID),
		DisplayName: doc.Name, Summary: doc.Summary,
		Icon:   communities.Image{URL: doc.Icon.URL, Alt: doc.Icon.Name, MediaType: doc.Icon.MediaType},
		Header: communities.Image{URL: doc.Image.URL, Alt: doc.Image.Name, MediaType: doc.Image.MediaType},
		Endpoints: communities.Endpoints{
			Inbox: doc.Inbox, SharedInbox: doc.SharedInbox, Outbox: doc.Outbox, Followers: doc.Followers, Following: doc.Following,
			Featured: doc.Featured, Moderators: doc.Moderators,
		},
		Locked:       doc.ManuallyApprovesFollowers,
		Discoverable: doc.Discoverable != nil && *doc.Discoverable,
		Indexable:    doc.Indexable != nil && *doc.Indexable,
		Attribution:  doc.AttributionDomains,
		Shows: communities.Shows{
			NoMedia: saysNo(doc.ShowMedia), NoMediaReplies: saysNo(doc.ShowRepliesInMedia), NoFeatured: saysNo(doc.ShowFeatured),
		},
		AlsoKnownAs: doc.AlsoKnownAs, CreatedAt: doc.Published, UpdatedAt: doc.Updated,
	}
	if a.UpdatedAt.IsZero() {
		a.UpdatedAt = r.Now()
	}
	if len(doc.Languages) > 0 {
		a.Language = doc.Languages[0]
	}
	a.Emojis = emojisOf(doc.Tags)
	for _, f := range doc.Fields {
		a.Fields = append(a.Fields, communities.Field{Name: f.Name, Value: f.Value})
	}
	if a.IsGroup() {
		a.Group = &communities.GroupSettings{Joining: communities.JoinOpen, Posting: communities.PostMembers, Style: communities.StyleForum}
		if doc.PostingRestrictedToMods {
			a.Group.Posting = communities.PostModerators
		}
	}
	return a, nil
}

// saysNo tells whether the sender said no, and did not only keep silent.
func saysNo(flag *bool) bool { return flag != nil && !*flag }

// ownPage keeps a page for people only where it is of the same host as the id (SECURITY I8).
func ownPage(page, id string) string {
	if page == "" || !wire.SameHost(page, id) {
		return id
	}
	return page
}

// storeKeys makes an actor's keys those that it lists now. A key that is another's is left to them.
func (r *Road) storeKeys(ctx context.Context, tx *storage.Tx, a *communities.Actor, doc wire.Actor) error {
	listed, err := keysOf(doc)
	if err != nil {
		return err
	}
	known, err := tx.KeysOf(ctx, a.ID)
	if err != nil {
		return fmt.Errorf("keys of %s: %w", a.URI, err)
	}
	if sameKeys(known, listed) {
		return nil
	}
	for _, key := range known {
		r.Log.InfoContext(ctx, "an actor shows other keys than before", "actor", a.URI)
		if err := tx.DeleteKey(ctx, key.URI); err != nil {
			return fmt.Errorf("forget key %s: %w", key.URI, err)
		}
	}
	for _, key := range listed {
		key.Actor, key.CreatedAt = a.ID, r.Now()
		if other, err := tx.KeyByURI(ctx, key.URI); err == nil && other.Actor != a.ID {
			continue
		} else if err != nil && !communities.IsNotFound(err) {
			return err
		}
		if err := tx.PutKey(ctx, key); err != nil {
			return fmt.Errorf("keep key %s: %w", key.URI, err)
		}
	}
	return nil
}

func sameKeys(known, listed []storage.Key) bool {
	if len(known) != len(listed) {
		return false
	}
	for _, l := range listed {
		same := false
		for _, k := range known {
			same = same || k.URI == l.URI && bytes.Equal(k.Public, l.Public)
		}
		if !same {
			return false
		}
	}
	return true
}

// keysOf reads the usable keys that an actor lists: RSA (publicKey) and Ed25519 (FEP-521a). Unusable ones are left out.
func keysOf(doc wire.Actor) ([]storage.Key, error) {
	var keys []storage.Key
	add := func(uri, kind, pem string) {
		for _, k := range keys {
			if k.URI == uri {
				return
			}
		}
		keys = append(keys, storage.Key{URI: uri, Kind: kind, Public: []byte(pem)})
	}
	for _, k := range doc.PublicKeys {
		if _, err := signature.ParsePublic(k.PEM); err == nil {
			add(k.ID, storage.KeyRSA, k.PEM)
		}
	}
	for _, m := range doc.AssertionMethods {
		public, err := signature.ParseMultikey(m.Multibase)
		if err != nil {
			continue
		}
		pem, err := signature.EncodePublic(public)
		if err != nil {
			return nil, err
		}
		add(m.ID, storage.KeyEd25519, pem)
	}
	return keys, nil
}

// LearnHost is the task to ask a host for its software, from which follows the dialect that it reads.
type LearnHost struct {
	Host  string `json:"host"`
	Agent string `json:"agent,omitempty"` // the User-Agent that it came with
}

// Kind implements [communities.Task].
func (LearnHost) Kind() string { return "learn_host" }

// learnHost believes NodeInfo and, where there is none, the name that the host's requests bear.
func (r *Road) learnHost(ctx context.Context, task LearnHost) error {
	info, err := r.client.NodeInfo(ctx, task.Host)
	if err != nil {
		r.Log.DebugContext(ctx, "a host does not tell its software", "host", task.Host, "error", err)
		info = &fetch.NodeInfo{Software: softwareOf(task.Agent)}
	}
	if info.Software == "" {
		return nil
	}
	return r.archive.Write(ctx, func(tx communities.Tx) error {
		return storage.Of(tx).PutHostSoftware(ctx, task.Host, info.Software, info.Version, string(dialectOf(info.Software)), r.Now())
	})
}

// softwareOf finds a software that we know in a User-Agent, as in "Lemmy/0.19.3; +https://lemmy.example" or "http.rb/5.1 (Mastodon/4.3; +...)".
func softwareOf(agent string) string {
	for _, word := range strings.FieldsFunc(strings.ToLower(agent), func(r rune) bool { return strings.ContainsRune(" ();,", r) }) {
		name, _, _ := strings.Cut(word, "/")
		if _, known := dialects[name]; known {
			return name
		}
	}
	return ""
}
