package wire

import "bytes"

// StripBlind returns the document without bto and bcc at any depth; all other
// bytes stay as they are (ActivityPub 6: "bto and bcc ... MUST be removed").
// Decode does so by itself. A document that fails the gate is refused.
func StripBlind(raw []byte) ([]byte, error) {
	root, err := parse(raw)
	if err != nil {
		return nil, err
	}
	return root.sighted(trimBOM(raw)), nil
}

// isBlind tells keys that are never stored, shown or passed on.
func isBlind(key string) bool { return key == "bto" || key == "bcc" }

// hasBlind reports whether a blind member is anywhere below n. A context may
// define the words, so it is not looked into.
func (n *node) hasBlind() bool {
	for i := range n.members {
		m := &n.members[i]
		if isBlind(m.key) || m.key != "@context" && m.value.hasBlind() {
			return true
		}
	}
	for i := range n.items {
		if n.items[i].hasBlind() {
			return true
		}
	}
	return false
}

// sighted returns n's bytes without blind members.
func (n *node) sighted(raw []byte) []byte {
	if !n.hasBlind() {
		return raw[n.start:n.end]
	}
	var out bytes.Buffer
	n.writeSighted(&out, raw)
	return out.Bytes()
}

func (n *node) writeSighted(out *bytes.Buffer, raw []byte) {
	switch {
	case !n.hasBlind():
		out.Write(raw[n.start:n.end])
	case n.kind == arrayNode:
		out.WriteByte('[')
		for i := range n.items {
			separate(out, '[')
			n.items[i].writeSighted(out, raw)
		}
		out.WriteByte(']')
	default:
		out.WriteByte('{')
		for i := range n.members {
			if m := &n.members[i]; !isBlind(m.key) {
				separate(out, '{')
				out.Write(raw[m.start:m.value.start])
				if m.key == "@context" {
					out.Write(raw[m.value.start:m.value.end])
				} else {
					m.value.writeSighted(out, raw)
				}
			}
		}
		out.WriteByte('}')
	}
}

// separate writes a comma unless the container was just opened.
func separate(out *bytes.Buffer, opener byte) {
	if b := out.Bytes(); b[len(b)-1] != opener {
		out.WriteByte(',')
	}
}
