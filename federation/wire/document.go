package wire

import (
	"slices"
	"strings"
)

// Document is a decoded document whose kind is known; one of its readers
// (Activity, Actor, Object, Collection, Keys) then gives the plain struct.
// It is read-only and safe for concurrent use.
type Document struct {
	// ID is empty for anonymous documents; else an http(s) URL.
	ID string
	// Types in order, shortened ("as:Note" is "Note").
	Types []string
	Kind  Kind
	// Recognition tells what go-fed/activity made of it. An embedded document
	// has been judged with the one around it: there it says Known or Extension.
	Recognition Recognition
	// AssumedContext is true when there was no @context that names AS2.
	AssumedContext bool
	// Raw is the document without bto and bcc, else byte for byte.
	Raw []byte

	root     *node
	source   []byte // what root's places refer to
	embedded bool
}

// Type is the first type.
func (d *Document) Type() string {
	if len(d.Types) == 0 {
		return ""
	}
	return d.Types[0]
}

// typeOf is the first type of a kind, for documents that have several types.
func (d *Document) typeOf(kind Kind) string {
	for _, t := range d.Types {
		if kinds[t].kind == kind {
			return t
		}
	}
	return d.Type()
}

// Decode takes the bytes of one document through the gate and recognises it.
// The caller limits the size. Every error is a *Refusal. raw is kept; the
// caller must not change it afterwards.
func Decode(raw []byte) (*Document, error) {
	d, err := DecodeAgain(raw)
	if err == nil && d.Recognition == Known {
		d.Recognition = recognise(d.root)
	}
	return d, err
}

// DecodeAgain reads a document that Decode has taken before: the gate is passed
// once more, but the vocabulary, which costs most, is not asked again.
func DecodeAgain(raw []byte) (*Document, error) {
	root, err := parse(raw)
	if err != nil {
		return nil, err
	}
	raw = trimBOM(raw)
	if root.hasBlind() {
		raw = root.sighted(raw)
		if root, err = parse(raw); err != nil {
			return nil, err
		}
	}
	if root.kind != objectNode {
		return nil, refuse(ReasonNotAnObject, "")
	}
	assumed, err := checkContexts(root)
	if err != nil {
		return nil, err
	}
	d, err := newDocument(root, raw)
	if err != nil {
		return nil, err
	}
	d.AssumedContext = assumed
	return d, nil
}

// newDocument finds id, types and kind of an object node.
func newDocument(root *node, raw []byte) (*Document, error) {
	d := &Document{Raw: raw[root.start:root.end], root: root, source: raw}
	for i, types := 0, root.get("type").list(); i < min(len(types), maxTypes); i++ {
		if t := shortType(types[i].str()); t != "" {
			d.Types = append(d.Types, t)
		}
	}
	if len(d.Types) == 0 {
		return nil, refuse(ReasonType, "no type")
	}
	d.Kind, d.Recognition = classify(d.Types, root)
	if id := root.get("id"); id.kind != nullNode {
		if d.ID = id.id(); d.ID == "" || id.kind != stringNode {
			return nil, refuse(ReasonID, "")
		}
	}
	return d, nil
}

// maxTypes is how many types of one document are looked at.
const maxTypes = 8

// shortType drops the prefixes by which some write AS2's own types.
func shortType(t string) string {
	for _, prefix := range []string{"as:", contextAS2 + "#", "toot:", "lemmy:", "pt:"} {
		if rest, ok := strings.CutPrefix(t, prefix); ok {
			return rest
		}
	}
	return t
}

// classify takes the first known type; failing that, the document's shape.
func classify(types []string, root *node) (Kind, Recognition) {
	known := slices.IndexFunc(types, func(t string) bool { return kinds[t].kind != KindUnknown })
	if known >= 0 {
		k := kinds[types[known]]
		if k.extension {
			return k.kind, Extension
		}
		return k.kind, Known
	}
	switch {
	case root.has("actor") && root.has("object"):
		return KindActivity, Extension
	case root.has("inbox") && root.has("preferredUsername"):
		return KindActor, Extension
	case root.has("items") || root.has("orderedItems") || root.has("totalItems"):
		return KindCollection, Extension
	case root.has("publicKeyPem"):
		return KindKey, Extension
	}
	return KindObject, Extension
}

// Decode gives the embedded document of r. A bare id is refused.
func (r Reference) Decode() (*Document, error) {
	if r.node == nil && r.Raw != nil {
		return Decode(r.Raw)
	}
	if r.node == nil || r.node.kind != objectNode {
		return nil, refuse(ReasonNotAnObject, "only an id")
	}
	d, err := newDocument(r.node, r.document)
	if err != nil {
		return nil, err
	}
	d.embedded = true
	return d, nil
}

// reference reads an id or an embedded document.
func (d *Document) reference(n *node) Reference {
	n = n.first()
	r := Reference{ID: n.id()}
	if n.kind == objectNode && (len(n.members) > 1 || !n.has("id")) {
		r.Type = shortType(n.get("type").str())
		r.node, r.document = n, d.source
		r.Raw = r.document[n.start:n.end]
	}
	return r
}
