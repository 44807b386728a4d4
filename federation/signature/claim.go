package signature

import (
	"crypto"
	"net/http"
	"strings"
	"time"
)

// Scheme names a way to sign requests. Its text may be stored, for instance to remember what a host understands.
type Scheme string

// The two schemes.
const (
	Cavage  Scheme = "draft-cavage" // draft-cavage-http-signatures-12 as the fediverse uses it
	RFC9421 Scheme = "rfc9421"      // HTTP Message Signatures
)

// Claim is an incoming signature that is sound in every respect but one: whether the owner of its key made it.
// Nothing in it may be believed before Verify has returned nil.
type Claim struct {
	KeyID   string // an http or https URL; where to find it is the caller's affair
	Scheme  Scheme
	Created time.Time
	Expires time.Time // zero when the sender set none

	evidence evidence
}

// evidence is what was signed, and the signature.
type evidence interface {
	verify(pub crypto.PublicKey) error
}

// Verify tells whether the owner of the public key signed the request. Only the kind of the key decides about the
// algorithm. Not for concurrent use.
func (c *Claim) Verify(pub crypto.PublicKey) error {
	if err := checkPublic(pub); err != nil {
		return err
	}
	return c.evidence.verify(pub)
}

// maxHeader bounds the signature headers of a request; the longest honest ones have a quarter of it.
const maxHeader = 8 << 10

// Parse judges the signature of an incoming request as far as that goes without its key, cheapest checks first. The
// body must be the whole body as received. The request is not changed.
//
// There must be one signature. A request may carry one of each scheme, since a sender that does not know
// us may want to be understood at once: then RFC 9421 counts, as it covers more, and draft-cavage only where RFC 9421
// cannot be read. That choice gives nothing away: either is judged by the whole policy, whoever could spoil
// one could also leave it out, and two that name different keys are refused.
func Parse(r *http.Request, body []byte, p Policy) (*Claim, error) {
	draft, message, err := signatureLines(r.Header)
	switch {
	case err != nil:
		return nil, err
	case message == "":
		return p.parseDraft(r, body, draft)
	case draft == "":
		return p.parseMessage(r, body, message)
	default:
		return p.parseBoth(r, body, draft, message)
	}
}

func (p Policy) parseBoth(r *http.Request, body []byte, draft, message string) (*Claim, error) {
	claim, err := p.parseMessage(r, body, message)
	if KindOf(err) == Malformed {
		return p.parseDraft(r, body, draft)
	}
	if err != nil {
		return nil, err
	}
	if other, err := readDraft(draft); err == nil && other.keyID != claim.KeyID {
		return nil, refuse(Malformed, "two signatures by different keys")
	}
	return claim, nil
}

// signatureLines finds the at most one signature of each scheme. Both use the header Signature: an RFC 9421 value
// reads label=:base64:, a draft-cavage one keyId="...". "First wins" is no rule: two readers would pick differently.
func signatureLines(h http.Header) (draft, message string, err error) {
	for _, line := range h.Values("Signature") {
		slot := &draft
		if _, value, _ := strings.Cut(line, "="); strings.HasPrefix(value, ":") {
			slot = &message
		}
		if line == "" || *slot != "" {
			return "", "", refuse(Malformed, "more than one signature, or an empty one")
		}
		if len(line) > maxHeader {
			return "", "", refuse(Malformed, "signature of %d bytes", len(line))
		}
		*slot = line
	}
	if draft == "" && message == "" {
		return "", "", refuse(Missing, "request is not signed")
	}
	return draft, message, nil
}
