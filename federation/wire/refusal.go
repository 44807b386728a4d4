package wire

import "errors"

// Reason says in one stable word why a document was refused; it appears in
// metrics and in docs/corpus.md.
type Reason string

// The reasons, grouped by the step that gives them.
const (
	// The JSON gate.
	ReasonSyntax       Reason = "syntax"        // not JSON, or not UTF-8
	ReasonNotAnObject  Reason = "not-an-object" // top level is an array or a scalar
	ReasonTooDeep      Reason = "too-deep"      // nested beyond MaxDepth
	ReasonTooMany      Reason = "too-many"      // more than MaxValues values
	ReasonNumber       Reason = "number"        // out of range or beyond MaxNumberLength
	ReasonDuplicateKey Reason = "duplicate-key" // twice, or differing only by case
	ReasonGraph        Reason = "graph"         // @graph, @included or @reverse
	// Meaning.
	ReasonContext  Reason = "context"  // @context is no ActivityStreams, or redefines it
	ReasonType     Reason = "type"     // no usable type
	ReasonID       Reason = "id"       // id is missing or no http(s) URL
	ReasonActor    Reason = "actor"    // an activity without an actor
	ReasonObject   Reason = "object"   // an activity without an object
	ReasonKind     Reason = "kind"     // another kind of document than asked for
	ReasonEndpoint Reason = "endpoint" // inbox, outbox ... unusable or of another host
	ReasonKey      Reason = "key"      // public key unusable or of another host
	ReasonUsername Reason = "username" // actor without preferredUsername
	ReasonHost     Reason = "host"     // host name not canonical
	ReasonJRD      Reason = "jrd"      // not a WebFinger answer
	ReasonNodeInfo Reason = "nodeinfo" // not a NodeInfo document
)

// Refusal is the error of every reader in this package: the fault is the sender's,
// to whom Reason may be shown.
type Refusal struct {
	Reason Reason
	Detail string
}

// Error gives the reason and the detail.
func (r *Refusal) Error() string {
	if r.Detail == "" {
		return "refused: " + string(r.Reason)
	}
	return "refused: " + string(r.Reason) + ": " + r.Detail
}

// ReasonOf returns the reason of a Refusal anywhere in err's chain, or "".
func ReasonOf(err error) Reason {
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r.Reason
	}
	return ""
}

func refuse(reason Reason, detail string) error {
	return &Refusal{Reason: reason, Detail: detail}
}
