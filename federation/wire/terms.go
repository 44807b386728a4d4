package wire

import (
	"encoding/json"
	"maps"
	"slices"
)

// term is what one extension name needs in an @context: a published context,
// or a definition and the prefix that it uses.
type term struct {
	context string
	means   any // string or fields
	prefix  string
}

// iri defines a name whose value is an id.
func iri(id string) fields { return fields{{"@id", id}, {"@type", "@id"}} }

// prefixes of the vocabularies that terms are defined in.
var prefixes = map[string]string{
	"toot": "http://joinmastodon.org/ns#", "lemmy": "https://join-lemmy.org/ns#", "pt": "https://joinpeertube.org/ns#",
	"schema": "http://schema.org#", "ostatus": "http://ostatus.org#", "mz": "https://joinmobilizon.org/ns#",
	"ical": "http://www.w3.org/2002/12/cal/ical#", "litepub": "http://litepub.social/ns#",
	"gts": "https://gotosocial.org/ns#", "fedibird": "http://fedibird.com/ns#", "misskey": "https://misskey-hub.net/ns#",
}

// terms are the names beyond AS2's own context that Encode writes, whether
// they are keys or types.
var terms = map[string]term{
	"publicKey":          {context: contextSecurity},
	"assertionMethod":    {context: "https://www.w3.org/ns/did/v1"},
	"Multikey":           {context: "https://w3id.org/security/multikey/v1"},
	"publicKeyMultibase": {context: "https://w3id.org/security/multikey/v1"},
	"proof":              {context: "https://w3id.org/security/data-integrity/v1"},

	// Defined here although they have published contexts: few receivers hold
	// those, and one that fetches contexts would depend on another host.
	"implements":  {means: fields{{"@container", "@list"}, {"@id", "https://w3id.org/fep/844e/implements"}, {"@type", "@id"}}},
	"timezone":    {means: "https://w3id.org/fep/8a8e/timezone"},
	"eventStatus": {means: fields{{"@id", "https://w3id.org/fep/8a8e/eventStatus"}, {"@type", "@vocab"}}},

	"sensitive":                 {means: "as:sensitive"},
	"manuallyApprovesFollowers": {means: "as:manuallyApprovesFollowers"},
	"Hashtag":                   {means: "as:Hashtag"},
	"movedTo":                   {means: iri("as:movedTo")},
	"alsoKnownAs":               {means: iri("as:alsoKnownAs")},
	"webfinger":                 {means: "https://purl.archive.org/socialweb/webfinger#webfinger"},
	"quote":                     {means: iri("https://w3id.org/fep/044f#quote")},
	"quoteAuthorization":        {means: iri("https://w3id.org/fep/044f#quoteAuthorization")},
	"QuoteAuthorization":        {means: "https://w3id.org/fep/044f#QuoteAuthorization"},
	"QuoteRequest":              {means: "https://w3id.org/fep/044f#QuoteRequest"},
	"quoteUri":                  {means: "fedibird:quoteUri", prefix: "fedibird"},
	"_misskey_quote":            {means: "misskey:_misskey_quote", prefix: "misskey"},
	"interactionPolicy":         {means: iri("gts:interactionPolicy"), prefix: "gts"},
	"canQuote":                  {means: iri("gts:canQuote"), prefix: "gts"},
	"automaticApproval":         {means: iri("gts:automaticApproval"), prefix: "gts"},
	"manualApproval":            {means: iri("gts:manualApproval"), prefix: "gts"},
	"interactingObject":         {means: iri("gts:interactingObject"), prefix: "gts"},
	"interactionTarget":         {means: iri("gts:interactionTarget"), prefix: "gts"},

	"featuredCollections":  {means: iri("https://w3id.org/fep/7aa9#featuredCollections")},
	"FeaturedCollection":   {means: "https://w3id.org/fep/7aa9#FeaturedCollection"},
	"FeaturedItem":         {means: "https://w3id.org/fep/7aa9#FeaturedItem"},
	"FeatureAuthorization": {means: "https://w3id.org/fep/7aa9#FeatureAuthorization"},
	"featuredObject":       {means: iri("https://w3id.org/fep/7aa9#featuredObject")},
	"featureAuthorization": {means: iri("https://w3id.org/fep/7aa9#featureAuthorization")},
	"topic":                {means: iri("https://w3id.org/fep/7aa9#topic")},

	"Emoji":              {means: "toot:Emoji", prefix: "toot"},
	"featured":           {means: iri("toot:featured"), prefix: "toot"},
	"featuredTags":       {means: iri("toot:featuredTags"), prefix: "toot"},
	"attributionDomains": {means: fields{{"@container", "@set"}, {"@id", "toot:attributionDomains"}}, prefix: "toot"},
	"showFeatured":       {means: "toot:showFeatured", prefix: "toot"},
	"showMedia":          {means: "toot:showMedia", prefix: "toot"},
	"showRepliesInMedia": {means: "toot:showRepliesInMedia", prefix: "toot"},

	"discoverable": {means: "toot:discoverable", prefix: "toot"},
	"indexable":    {means: "toot:indexable", prefix: "toot"},
	"suspended":    {means: "toot:suspended", prefix: "toot"},
	"memorial":     {means: "toot:memorial", prefix: "toot"},
	"votersCount":  {means: "toot:votersCount", prefix: "toot"},
	"blurhash":     {means: "toot:blurhash", prefix: "toot"},
	"focalPoint":   {means: fields{{"@container", "@list"}, {"@id", "toot:focalPoint"}}, prefix: "toot"},

	"postingRestrictedToMods": {means: "lemmy:postingRestrictedToMods", prefix: "lemmy"},
	"moderators":              {means: iri("lemmy:moderators"), prefix: "lemmy"},
	"stickied":                {means: "lemmy:stickied", prefix: "lemmy"},
	"distinguished":           {means: "lemmy:distinguished", prefix: "lemmy"},
	"removeData":              {means: "lemmy:removeData", prefix: "lemmy"},
	"withReplies":             {means: "lemmy:withReplies", prefix: "lemmy"},
	"Lock":                    {means: "lemmy:Lock", prefix: "lemmy"},
	"Warn":                    {means: "lemmy:Warn", prefix: "lemmy"},
	"Resolve":                 {means: "lemmy:Resolve", prefix: "lemmy"},
	"ChatMessage":             {means: "litepub:ChatMessage", prefix: "litepub"},
	"EmojiReact":              {means: "litepub:EmojiReact", prefix: "litepub"},
	"commentsEnabled":         {means: "pt:commentsEnabled", prefix: "pt"},
	"conversation":            {means: "ostatus:conversation", prefix: "ostatus"},
	"joinMode":                {means: "mz:joinMode", prefix: "mz"},
	"ical:status":             {prefix: "ical"},

	"PropertyValue":   {means: "schema:PropertyValue", prefix: "schema"},
	"value":           {means: "schema:value", prefix: "schema"},
	"description":     {means: "schema:description", prefix: "schema"},
	"language":        {means: "schema:inLanguage", prefix: "schema"},
	"identifier":      {means: "schema:identifier", prefix: "schema"},
	"PostalAddress":   {means: "schema:PostalAddress", prefix: "schema"},
	"VirtualLocation": {means: "schema:VirtualLocation", prefix: "schema"},
	"address":         {means: "schema:address", prefix: "schema"},
	"streetAddress":   {means: "schema:streetAddress", prefix: "schema"},
	"postalCode":      {means: "schema:postalCode", prefix: "schema"},
	"addressLocality": {means: "schema:addressLocality", prefix: "schema"},
	"addressRegion":   {means: "schema:addressRegion", prefix: "schema"},
	"addressCountry":  {means: "schema:addressCountry", prefix: "schema"},
}

// document writes a whole document: @context first, with AS2's and only those
// terms that the document uses, or will use.
func (f fields) document(willUse ...string) ([]byte, error) {
	used := make(map[string]bool)
	for _, name := range willUse {
		note(name, used)
	}
	collect(f, used)
	return append(fields{{"@context", contextFor(used)}}, f...).encode()
}

// collect finds the extension names in what will be written. A verbatim part
// is looked into as well, unless it brings a context of its own.
func collect(value any, used map[string]bool) {
	switch v := value.(type) {
	case fields:
		for _, f := range v {
			note(f.key, used)
			if name, ok := f.value.(string); ok && f.key == "type" {
				note(name, used)
			}
			collect(f.value, used)
		}
	case []any:
		for _, entry := range v {
			collect(entry, used)
		}
	case json.RawMessage:
		if root, err := parse(v); err == nil {
			root.collect(used)
		}
	}
}

func (n *node) collect(used map[string]bool) {
	if n.has("@context") {
		return
	}
	for i := range n.members {
		m := &n.members[i]
		note(m.key, used)
		if m.key == "type" {
			types := m.value.list()
			for j := range types {
				note(types[j].text, used)
			}
		}
		m.value.collect(used)
	}
	for i := range n.items {
		n.items[i].collect(used)
	}
}

func note(name string, used map[string]bool) {
	if _, ok := terms[name]; ok {
		used[name] = true
	}
}

// contextFor builds the @context: a string if AS2's is enough, else an array of
// published contexts and, last, the inline terms behind their prefixes.
func contextFor(used map[string]bool) any {
	list := []any{contextAS2}
	var prefixed, inline fields
	for _, name := range slices.Sorted(maps.Keys(used)) {
		t := terms[name]
		if t.context != "" && !slices.Contains(list, any(t.context)) {
			list = append(list, t.context)
		}
		if known := func(f field) bool { return f.key == t.prefix }; t.prefix != "" && !slices.ContainsFunc(prefixed, known) {
			prefixed.add(t.prefix, prefixes[t.prefix])
		}
		if t.means != nil {
			inline.add(name, t.means)
		}
	}
	if inline = append(prefixed, inline...); len(inline) > 0 {
		list = append(list, inline)
	}
	if len(list) == 1 {
		return contextAS2
	}
	return list
}
