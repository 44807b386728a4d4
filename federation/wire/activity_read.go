package wire

import "slices"

// Activity reads an activity. It is refused without an actor, without an
// object (unless its type needs none) and without an id, since what has no id
// could not be remembered (ActivityPub 3.1, 7). An embedded one needs only its
// object: relays leave out the rest of the Follow that they accept, so whoever
// reads it compares the actors.
func (d *Document) Activity() (Activity, error) {
	if d.Kind != KindActivity {
		return Activity{}, refuse(ReasonKind, d.Type()+" is no activity")
	}
	n := d.root
	a := Activity{
		ID: d.ID, Type: d.typeOf(KindActivity), Actor: n.get("actor").id(), Objects: d.objects(),
		Target: d.reference(n.get("target")), Origin: d.reference(n.get("origin")),
		To: n.get("to").addressees(), Cc: n.get("cc").addressees(), Audience: n.get("audience").addressees(),
		Summary: n.natural("summary", MaxSummaryLength), Content: n.natural("content", MaxContentLength),
		InReplyTo: n.get("inReplyTo").id(), Context: n.get("context").id(),
		Result: n.get("result").first().id(), Instrument: d.reference(n.get("instrument")),
		Published: n.get("published").time(), Updated: n.get("updated").time(), EndTime: n.get("endTime").time(),
		RemoveData: n.get("removeData").bool(), WithReplies: n.get("withReplies").bool(),
		Tags: n.get("tag").tags(), HasProof: n.has("proof"), Raw: d.Raw,
	}
	if a.EndTime.IsZero() {
		a.EndTime = n.get("expires").time()
	}
	if a.Content == "" {
		a.Content = n.get("_misskey_reaction").cut(MaxNameLength)
	}
	return a, a.check(d.embedded)
}

// objects reads every object; the cap is the one of a collection's items,
// because PieFed announces many votes at once (FEP-1a11).
func (d *Document) objects() []Reference {
	var out []Reference
	list := d.root.get("object").list()
	for i := range list {
		if len(out) == MaxItems {
			break
		}
		if r := d.reference(&list[i]); !r.IsZero() {
			out = append(out, r)
		}
	}
	return out
}

// objectless are the activities that stand without an object (AS2 vocabulary 3.1).
var objectless = []string{"Arrive", "Travel", "IntransitiveActivity", "Activity"}

func (a Activity) check(embedded bool) error {
	switch {
	case a.Actor == "" && !embedded:
		return refuse(ReasonActor, a.Type)
	case len(a.Objects) == 0 && !slices.Contains(objectless, a.Type):
		return refuse(ReasonObject, a.Type)
	case a.ID == "" && !embedded:
		return refuse(ReasonID, a.Type)
	}
	return nil
}
