package wire

import "fmt"

// Encode writes the actor as a whole document.
func (a Actor) Encode() ([]byte, error) {
	out, err := a.fields().document()
	if err != nil {
		return nil, fmt.Errorf("encode actor %s: %w", a.ID, err)
	}
	return out, nil
}

// Embed writes the actor for use inside an Update.
func (a Actor) Embed() (Reference, error) { return embed(a.ID, a.Type, a.fields()) }

func (a Actor) fields() fields {
	var f fields
	f.text("id", a.ID)
	f.text("type", a.Type)
	f.text("preferredUsername", a.PreferredUsername)
	f.text("webfinger", a.Webfinger)
	a.profileFields(&f)
	f.text("inbox", a.Inbox)
	f.text("outbox", a.Outbox)
	f.text("followers", a.Followers)
	f.text("following", a.Following)
	f.text("featured", a.Featured)
	f.text("featuredTags", a.FeaturedTags)
	f.text("featuredCollections", a.FeaturedCollections)
	a.ownerFields(&f)
	if a.SharedInbox != "" {
		f.add("endpoints", fields{{"sharedInbox", a.SharedInbox}})
	}
	a.keyFields(&f)
	// Lemmy 1.0 takes "true" for a private community; said either way, always.
	f.add("manuallyApprovesFollowers", a.ManuallyApprovesFollowers)
	f.maybe("discoverable", a.Discoverable)
	f.maybe("indexable", a.Indexable)
	f.maybe("showFeatured", a.ShowFeatured)
	f.maybe("showMedia", a.ShowMedia)
	f.maybe("showRepliesInMedia", a.ShowRepliesInMedia)
	if len(a.AttributionDomains) > 0 {
		f.add("attributionDomains", a.AttributionDomains)
	}
	f.flag("sensitive", a.Sensitive)
	if a.Type == "Group" {
		f.add("postingRestrictedToMods", a.PostingRestrictedToMods)
	} else {
		f.flag("postingRestrictedToMods", a.PostingRestrictedToMods)
	}
	f.flag("suspended", a.Suspended)
	f.flag("memorial", a.Memorial)
	f.list("tag", a.Tags.values())
	f.moment("published", a.Published)
	f.moment("updated", a.Updated)
	a.generatorFields(&f)
	return f
}

func (a Actor) profileFields(f *fields) {
	f.text("name", a.Name)
	f.text("description", a.Description)
	f.text("summary", a.Summary)
	f.nested("source", a.Source.fields())
	f.text("url", a.URL)
	f.nested("icon", a.Icon.fields())
	f.nested("image", a.Image.fields())
	var lines, languages []any
	for _, line := range a.Fields {
		lines = append(lines, fields{{"type", "PropertyValue"}, {"name", line.Name}, {"value", line.Value}})
	}
	for _, tag := range a.Languages {
		languages = append(languages, languageFields(tag))
	}
	f.list("attachment", lines)
	f.list("language", languages)
	if len(a.AlsoKnownAs) > 0 {
		f.add("alsoKnownAs", a.AlsoKnownAs)
	}
	f.text("movedTo", a.MovedTo)
}

// ownerFields writes a group's moderators both ways: attributedTo as one URL
// (FEP-1b12; an array makes Lemmy drop them) and "moderators" (PieFed).
func (a Actor) ownerFields(f *fields) {
	if a.Moderators == "" {
		if len(a.AttributedTo) > 0 {
			f.add("attributedTo", a.AttributedTo)
		}
		return
	}
	if len(a.AttributedTo) > 0 {
		f.add("attributedTo", a.AttributedTo)
	} else if a.Type == "Group" {
		f.add("attributedTo", a.Moderators)
	}
	f.add("moderators", a.Moderators)
}

// keyFields writes publicKey as an object when there is one: Mastodon before
// 4.4 and most others read no list.
func (a Actor) keyFields(f *fields) {
	var keys, methods []any
	for _, key := range a.PublicKeys {
		keys = append(keys, key.fields())
	}
	for _, key := range a.AssertionMethods {
		methods = append(methods, fields{
			{"id", key.ID}, {"type", "Multikey"}, {"controller", key.Controller}, {"publicKeyMultibase", key.Multibase},
		})
	}
	if len(keys) == 1 {
		f.add("publicKey", keys[0])
	} else {
		f.list("publicKey", keys)
	}
	f.list("assertionMethod", methods)
}

func (k PublicKey) fields() fields {
	return fields{{"id", k.ID}, {"owner", k.Owner}, {"publicKeyPem", k.PEM}}
}

// generatorFields writes FEP-844e: an application says itself what it can do,
// for every other actor its generator does.
func (a Actor) generatorFields(f *fields) {
	var capabilities []any
	for _, c := range a.Implements {
		var entry fields
		entry.text("href", c.Href)
		entry.text("name", c.Name)
		capabilities = append(capabilities, entry)
	}
	if a.Type == "Application" || len(capabilities) == 0 {
		f.list("implements", capabilities)
		f.text("generator", a.Generator)
		return
	}
	generator := fields{{"type", "Application"}}
	generator.text("id", a.Generator)
	f.add("generator", append(generator, field{"implements", capabilities}))
}
