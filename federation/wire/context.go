package wire

import (
	"slices"
	"strings"
)

// contextSecurity is the context that publicKey comes from.
const contextSecurity = "https://w3id.org/security/v1"

// checkContexts judges every @context of a document, the nested ones too.
// Contexts are never fetched or processed: names mean what AS2 says. AS2 core
// 2.1 demands that the normative context be assumed where it is not named, so
// assumed tells that; a context of nothing but foreign vocabularies is refused.
func checkContexts(root *node) (assumed bool, err error) {
	context := root.get("@context")
	if err := checkNested(root); err != nil {
		return false, err
	}
	if namesAS2(context) {
		return false, nil
	}
	if foreign := soleForeign(context, root.get("id").text); foreign != "" {
		return false, refuse(ReasonContext, foreign)
	}
	return true, nil
}

// checkNested refuses, at any depth, a context that gives a protected name
// another meaning (SECURITY.md J4): whoever processes it would read another
// document than we do.
func checkNested(n *node) error {
	for i := range n.members {
		m := &n.members[i]
		check := checkNested
		if m.key == "@context" {
			check = checkTerms
		}
		if err := check(&m.value); err != nil {
			return err
		}
	}
	for i := range n.items {
		if err := checkNested(&n.items[i]); err != nil {
			return err
		}
	}
	return nil
}

// checkTerms looks into the inline parts of one @context.
func checkTerms(context *node) error {
	entries := context.list()
	for i := range entries {
		switch entries[i].kind {
		case stringNode, nullNode:
		case objectNode:
			if err := checkInline(&entries[i]); err != nil {
				return err
			}
		default:
			return refuse(ReasonContext, "neither URL nor object")
		}
	}
	return nil
}

func checkInline(terms *node) error {
	for i := range terms.members {
		m := &terms.members[i]
		meaning := m.value.text
		if m.value.kind == objectNode {
			meaning = m.value.get("@id").text
		}
		if !means(m.key, meaning) {
			return refuse(ReasonContext, "redefines "+m.key)
		}
	}
	return nil
}

// protected are the names that authority, addressing and content hang on, with
// the vocabularies they may be mapped to.
var protected = func() map[string][]string {
	as := []string{"as:", contextAS2 + "#", "http://www.w3.org/ns/activitystreams#"}
	sec := []string{"sec:", "https://w3id.org/security#", "https://w3id.org/security/v1#"}
	names := make(map[string][]string)
	for _, name := range strings.Fields(`actor object attributedTo to cc audience content contentMap name summary
		inReplyTo url href tag target origin items orderedItems inbox outbox followers following endpoints
		sharedInbox preferredUsername published updated source attachment first next formerType`) {
		names[name] = as
	}
	for _, name := range strings.Fields("publicKey owner publicKeyPem assertionMethod proof controller publicKeyMultibase") {
		names[name] = sec
	}
	names["id"], names["type"] = []string{"@"}, []string{"@"}
	return names
}()

// aliases are the names that AS2's own context maps to another.
var aliases = map[string]string{"contentMap": "content", "orderedItems": "items"}

// means reports whether a term of a context keeps its meaning.
func means(name, meaning string) bool {
	prefixes, ok := protected[name]
	if !ok {
		return true
	}
	if other, ok := aliases[name]; ok {
		name = other
	}
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return meaning == prefix+name })
}

// namesAS2 reports whether a context is or contains AS2's (also in the forms
// with http and with a trailing #, which old software sends).
func namesAS2(context *node) bool {
	entries := context.list()
	for i := range entries {
		url := strings.TrimSuffix(entries[i].text, "#")
		if url == contextAS2 || url == "http://www.w3.org/ns/activitystreams" {
			return true
		}
		if strings.TrimSuffix(entries[i].get("@vocab").text, "#") == contextAS2 {
			return true
		}
	}
	return false
}

// soleForeign returns the first URL of a context that has no place in a
// document of ours: neither a security vocabulary nor the sender's own.
func soleForeign(context *node, id string) string {
	entries := context.list()
	for i := range entries {
		url := entries[i].text
		if url != "" && !strings.HasPrefix(url, "https://w3id.org/") && !SameHost(url, id) {
			return url
		}
	}
	return ""
}
