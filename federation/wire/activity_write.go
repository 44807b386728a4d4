package wire

import "fmt"

// Encode writes the activity as a whole document. Embedded objects are written
// byte for byte (FEP-1b12: an announced activity stays verbatim). With HasProof
// the @context is ready for the proof that will be added (FEP-8b32).
func (a Activity) Encode() ([]byte, error) {
	var more []string
	if a.HasProof {
		more = []string{"proof"}
	}
	out, err := a.fields().document(more...)
	if err != nil {
		return nil, fmt.Errorf("encode %s %s: %w", a.Type, a.ID, err)
	}
	return out, nil
}

// Embed writes the activity for use inside another one, such as Accept{Follow}.
func (a Activity) Embed() (Reference, error) {
	return embed(a.ID, a.Type, a.fields())
}

// Embed takes a document that is to be written verbatim, such as the activity
// that a group announces. bto and bcc are removed.
func Embed(raw []byte) (Reference, error) {
	d, err := Decode(raw)
	if err != nil {
		return Reference{}, err
	}
	return Reference{ID: d.ID, Type: d.Type(), Raw: d.Raw}, nil
}

func embed(id, kind string, f fields) (Reference, error) {
	raw, err := f.encode()
	if err != nil {
		return Reference{}, fmt.Errorf("embed %s %s: %w", kind, id, err)
	}
	return Reference{ID: id, Type: kind, Raw: raw}, nil
}

func (a Activity) fields() fields {
	var f fields
	f.text("id", a.ID)
	f.text("type", a.Type)
	f.text("actor", a.Actor)
	f.moment("published", a.Published)
	f.moment("updated", a.Updated)
	f.addresses(a.To, a.Cc)
	f.single("audience", a.Audience)
	f.text("summary", a.Summary)
	f.text("content", a.Content)
	f.text("inReplyTo", a.InReplyTo)
	f.text("context", a.Context)
	f.reference("target", a.Target)
	f.reference("origin", a.Origin)
	f.text("result", a.Result)
	f.reference("instrument", a.Instrument)
	f.moment("endTime", a.EndTime)
	if a.Type == "Block" { // Lemmy 0.19 reads the end of a Block here
		f.moment("expires", a.EndTime)
	}
	f.flag("removeData", a.RemoveData)
	f.flag("withReplies", a.WithReplies)
	f.list("tag", a.Tags.values())
	if len(a.Objects) == 1 {
		f.reference("object", a.Objects[0])
	} else {
		f.list("object", references(a.Objects))
	}
	return f
}
