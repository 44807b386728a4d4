package wire

import "strings"

// Actor reads an actor. It is refused when an endpoint is no plain http(s) URL
// on the actor's own host (SECURITY.md I11; as Misskey does), when it has no
// inbox, or a public key that another host holds.
func (d *Document) Actor() (Actor, error) {
	if d.Kind != KindActor {
		return Actor{}, refuse(ReasonKind, d.Type()+" is no actor")
	}
	n := d.root
	a := Actor{
		ID: d.ID, Type: d.typeOf(KindActor), PreferredUsername: n.natural("preferredUsername", MaxUsernameLength), Raw: d.Raw,
		ManuallyApprovesFollowers: n.get("manuallyApprovesFollowers").bool(),
		Discoverable:              n.get("discoverable").maybe(), Indexable: n.get("indexable").maybe(),
		ShowMedia: n.get("showMedia").maybe(), ShowRepliesInMedia: n.get("showRepliesInMedia").maybe(), ShowFeatured: n.get("showFeatured").maybe(),
		AttributionDomains:      n.get("attributionDomains").lines(MaxAliases),
		PostingRestrictedToMods: n.get("postingRestrictedToMods").bool(), Sensitive: n.get("sensitive").bool(),
		AlsoKnownAs: n.get("alsoKnownAs").ids(MaxAliases), MovedTo: n.get("movedTo").id(),
		Published: n.get("published").time(), Updated: n.get("updated").time(),
		Suspended: n.get("suspended").bool(), Memorial: n.get("memorial").bool(),
		Webfinger: n.get("webfinger").cut(MaxUsernameLength), Tags: n.get("tag").tags(),
	}
	a.readProfile(n)
	a.readOwners(n)
	a.readGenerator(n)
	if a.ID == "" {
		return Actor{}, refuse(ReasonID, a.Type)
	}
	if a.PreferredUsername == "" {
		return Actor{}, refuse(ReasonUsername, "")
	}
	if err := a.readEndpoints(n); err != nil {
		return Actor{}, err
	}
	return a, a.readKeys(n)
}

func (a *Actor) readProfile(n *node) {
	a.Name = n.natural("name", MaxNameLength)
	a.Summary = n.natural("summary", MaxSummaryLength)
	a.Description = n.get("description").cut(MaxSummaryLength)
	a.Source = n.get("source").readSource()
	a.Icon, a.Image = n.get("icon").picture(), n.get("image").picture()
	a.URL = n.get("url").link()
	languages := n.get("language").list()
	for i := range languages[:min(len(languages), MaxLanguages)] {
		if tag := languages[i].language(); tag != "" {
			a.Languages = append(a.Languages, tag)
		}
	}
	fields := n.get("attachment").list()
	for i := range fields {
		f := &fields[i]
		if f.get("type").str() == "PropertyValue" && len(a.Fields) < MaxFields {
			a.Fields = append(a.Fields, Field{Name: f.natural("name", MaxFieldLength), Value: f.get("value").cut(MaxFieldLength)})
		}
	}
}

// readOwners tells a group's moderators collection, which is one URL, from
// persons named as owners (FEP-1b12; PeerTube and Smithereen send a list).
func (a *Actor) readOwners(n *node) {
	a.Moderators = n.get("moderators").id()
	owners := n.get("attributedTo")
	if a.Type == "Group" && owners.kind == stringNode {
		if a.Moderators == "" {
			a.Moderators = owners.id()
		}
		return
	}
	a.AttributedTo = owners.ids(MaxAliases)
}

// readGenerator reads FEP-844e, which hangs the capabilities on the generator,
// or on the actor itself when that is the application.
func (a *Actor) readGenerator(n *node) {
	generator := n.get("generator").first()
	a.Generator = generator.id()
	for _, holder := range []*node{generator, n} {
		list := holder.get("implements").list()
		for i := range list {
			if href := list[i].id(); href != "" && len(a.Implements) < MaxAliases {
				a.Implements = append(a.Implements, Capability{Href: href, Name: list[i].get("name").cut(MaxNameLength)})
			}
		}
	}
}

// readEndpoints reads the URLs that we will fetch from or post to. What only
// adds comfort is dropped when it is unusable; the rest refuses the actor.
func (a *Actor) readEndpoints(n *node) error {
	for _, e := range []struct {
		name string
		into *string
	}{{"inbox", &a.Inbox}, {"outbox", &a.Outbox}, {"followers", &a.Followers}, {"following", &a.Following}} {
		value := n.get(e.name)
		if value.kind == nullNode {
			continue
		}
		if *e.into = a.endpoint(value); *e.into == "" {
			return refuse(ReasonEndpoint, e.name)
		}
	}
	if a.Inbox == "" {
		return refuse(ReasonEndpoint, "no inbox")
	}
	a.Featured, a.FeaturedTags = a.endpoint(n.get("featured")), a.endpoint(n.get("featuredTags"))
	a.FeaturedCollections = a.endpoint(n.get("featuredCollections"))
	shared := n.get("endpoints").get("sharedInbox")
	if shared.kind == nullNode { // Misskey
		shared = n.get("sharedInbox")
	}
	a.SharedInbox = a.endpoint(shared)
	return nil
}

// endpoint reads a URL on the actor's host, without fragment.
func (a *Actor) endpoint(n *node) string {
	if n.kind != stringNode || !HTTPURL(n.text) || strings.Contains(n.text, "#") || !SameHost(n.text, a.ID) {
		return ""
	}
	return n.text
}

// readKeys reads publicKey (security vocabulary) and assertionMethod (FEP-521a).
// A key whose id is on another host, or which another actor owns, would let
// that host sign in this actor's name.
func (a *Actor) readKeys(n *node) error {
	keys := n.get("publicKey").list()
	for i := range keys[:min(len(keys), MaxPublicKeys)] {
		key := keys[i].publicKey()
		if key.ID == "" || key.PEM == "" {
			continue
		}
		if !SameHost(key.ID, a.ID) || key.Owner != "" && key.Owner != a.ID {
			return refuse(ReasonKey, "of another actor")
		}
		a.PublicKeys = append(a.PublicKeys, key)
	}
	methods := n.get("assertionMethod").list()
	for i := range methods[:min(len(methods), MaxPublicKeys)] {
		m := &methods[i]
		key := Multikey{ID: m.get("id").id(), Controller: m.get("controller").id(), Multibase: m.get("publicKeyMultibase").cut(MaxFieldLength)}
		if key.ID != "" && key.Multibase != "" && key.Controller == a.ID && SameHost(key.ID, a.ID) {
			a.AssertionMethods = append(a.AssertionMethods, key)
		}
	}
	return nil
}

func (n *node) publicKey() PublicKey {
	key := PublicKey{ID: n.get("id").id(), Owner: n.get("owner").id()}
	if key.Owner == "" {
		key.Owner = n.get("controller").id()
	}
	if pem := n.get("publicKeyPem").str(); len(pem) <= MaxPEMLength {
		key.PEM = pem
	}
	return key
}

// Keys reads the public keys of an actor, or of a key that has a document of
// its own. An actor need not be whole: GoToSocial shows no more than its key to
// strangers. Keys on another host than their owner's, or owned by another actor
// than the one that shows them, are left out; with none left it is refused.
func (d *Document) Keys() ([]PublicKey, error) {
	holder := []node{*d.root}
	if d.Kind == KindActor {
		holder = d.root.get("publicKey").list()
	}
	var keys []PublicKey
	for i := range holder[:min(len(holder), MaxPublicKeys)] {
		key := holder[i].publicKey()
		foreign := d.Kind == KindActor && key.Owner != d.ID || !SameHost(key.ID, key.Owner)
		if key.PEM != "" && !foreign {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, refuse(ReasonKey, "no public key")
	}
	return keys, nil
}
