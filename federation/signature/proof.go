package signature

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"
)

const (
	proofType    = "DataIntegrityProof"
	proofSuite   = "eddsa-jcs-2022"
	proofPurpose = "assertionMethod"
)

// SignProof adds an object integrity proof (FEP-8b32, suite eddsa-jcs-2022) by an Ed25519 key to a JSON object. The
// rest of the document stays as it is, to the byte. A document that has a proof already is an error.
func SignProof(doc []byte, key PrivateKey, created time.Time) ([]byte, error) {
	if _, ok := key.signer.(ed25519.PrivateKey); !ok {
		return nil, errors.New("sign proof: not an Ed25519 key")
	}
	members, err := canonicalizeObject(doc)
	if err != nil {
		return nil, fmt.Errorf("sign proof: %w", err)
	}
	if _, signed := find(members, "proof"); signed {
		return nil, errors.New("sign proof: document has a proof")
	}
	options, err := proofOptions(members, key.ID, created)
	if err != nil {
		return nil, fmt.Errorf("sign proof: %w", err)
	}
	value, err := key.signBytes(proofHash(options, members))
	if err != nil {
		return nil, fmt.Errorf("sign proof: %w", err)
	}
	options = with(options, "proofValue", appendString(nil, encodeMultibase(value)))
	return appendProof(doc, appendObject(nil, options)), nil
}

// proofOptions are the members of the proof, but for its value (Data Integrity EdDSA Cryptosuites 3.3.5).
func proofOptions(doc []member, keyID string, created time.Time) ([]member, error) {
	options := map[string]any{
		"type":               proofType,
		"cryptosuite":        proofSuite,
		"created":            created.UTC().Format(time.RFC3339),
		"verificationMethod": keyID,
		"proofPurpose":       proofPurpose,
	}
	if context, ok := find(doc, "@context"); ok {
		options["@context"] = json.RawMessage(context)
	}
	raw, err := json.Marshal(options)
	if err != nil {
		return nil, err
	}
	return canonicalizeObject(raw)
}

// proofHash is what a proof signs: the hash of its options and the hash of the document without proof (3.3.4).
// A Linked Data Signature is no part of the document (FEP-8b32, backward compatibility).
func proofHash(options, doc []member) []byte {
	doc = without(without(doc, "proof"), "signature")
	config := sha256.Sum256(appendObject(nil, options))
	content := sha256.Sum256(appendObject(nil, doc))
	return slices.Concat(config[:], content[:])
}

// appendProof puts the proof behind the last member of an object, which need not be rewritten for that.
func appendProof(doc, proof []byte) []byte {
	body := bytes.TrimRight(doc[:bytes.LastIndexByte(doc, '}')], " \t\r\n")
	signed := append(make([]byte, 0, len(body)+len(proof)+16), body...)
	if body[len(body)-1] != '{' {
		signed = append(signed, ',')
	}
	signed = append(append(signed, `"proof":`...), proof...)
	return append(signed, '}')
}

// Proof is an incoming proof that is sound in every respect but one: whether the owner of its key made it.
type Proof struct {
	VerificationMethod string // id of the key, an http or https URL
	Created            time.Time
	Expires            time.Time // zero when the signer set none

	hashes [][]byte // the texts that may have been signed
	value  []byte
}

// maxDocument is the largest document that is worth canonicalising; every inbox takes less.
const maxDocument = 1 << 20

// ParseProof reads the proof of a document. It refuses documents with more than one reading, proofs of other
// kinds, and those that expired or come from the future. There is no oldest age: a proof lives as long as its document.
func ParseProof(doc []byte, now time.Time) (*Proof, error) {
	if len(doc) > maxDocument {
		return nil, refuse(Malformed, "document of %d bytes", len(doc))
	}
	members, err := canonicalizeObject(doc)
	if err != nil {
		return nil, err
	}
	raw, ok := find(members, "proof")
	if !ok {
		return nil, refuse(Missing, "document has no proof")
	}
	options, err := canonicalizeObject(raw)
	if err != nil {
		return nil, refuse(Malformed, "proof is not one object")
	}
	p, err := readProof(options)
	if err != nil {
		return nil, err
	}
	if p.hashes, err = proofHashes(without(options, "proofValue"), members); err != nil {
		return nil, err
	}
	if err := p.checkTime(now); err != nil {
		return nil, err
	}
	return p, nil
}

// Verify tells whether the owner of the public key made the proof. Whether that owner may speak for the document (its
// actor or attributedTo) is for the caller to decide.
func (p *Proof) Verify(pub crypto.PublicKey) error {
	if _, ok := pub.(ed25519.PublicKey); !ok {
		return refuse(Forbidden, "%s with a key of type %T", proofSuite, pub)
	}
	for _, hash := range p.hashes {
		if err := verifyBytes(pub, hash, p.value); KindOf(err) != Mismatch {
			return err
		}
	}
	return refuse(Mismatch, "proof not made by this key for this document")
}

// readProof reads the members of a proof (Data Integrity 2.1).
func readProof(options []member) (*Proof, error) {
	field := map[string]string{}
	for _, name := range []string{"type", "cryptosuite", "proofPurpose", "verificationMethod", "proofValue", "created", "expires"} {
		raw, ok := find(options, name)
		if !ok {
			continue
		}
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return nil, refuse(Malformed, "%s of the proof is no text", name)
		}
		field[name] = text
	}
	if field["type"] != proofType || field["cryptosuite"] != proofSuite || field["proofPurpose"] != proofPurpose {
		return nil, refuse(Forbidden, "proof %.40q by %.40q for %.40q", field["type"], field["cryptosuite"], field["proofPurpose"])
	}
	method, err := url.Parse(field["verificationMethod"])
	if err != nil || len(field["verificationMethod"]) > maxKeyID || !isWeb(method) || method.User != nil {
		return nil, refuse(Forbidden, "verification method %.100q is no web address", field["verificationMethod"])
	}
	p := &Proof{VerificationMethod: field["verificationMethod"]}
	if p.value, err = decodeMultibase(field["proofValue"]); err != nil {
		return nil, err
	}
	if p.Created, err = parseDateTime(field["created"]); err != nil {
		return nil, err
	}
	p.Expires, err = parseDateTime(field["expires"])
	return p, err
}

func parseDateTime(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, refuse(Malformed, "time %.40q in the proof", text)
	}
	return at, nil
}

func (p *Proof) checkTime(now time.Time) error {
	if p.Created.After(now.Add(maxAhead)) {
		return refuse(Stale, "proof made in the future, at %s", p.Created)
	}
	if !p.Expires.IsZero() && now.After(p.Expires) {
		return refuse(Stale, "proof expired at %s", p.Expires)
	}
	return nil
}

// proofHashes are what may have been signed. The @context of the proof must be that of the document: the specification
// (3.3.2) would let a stranger append to the latter and so redefine terms. Where the proof names none, the signer may
// have meant the document's (Fedify leaves it out of what it sends) or none at all; both bind the whole document.
func proofHashes(options, doc []member) ([][]byte, error) {
	context, documented := find(doc, "@context")
	claimed, named := find(options, "@context")
	hashes := [][]byte{proofHash(options, doc)}
	switch {
	case named && !bytes.Equal(claimed, context):
		return nil, refuse(Mismatch, "proof for another @context")
	case !named && documented:
		hashes = append(hashes, proofHash(with(options, "@context", context), doc))
	}
	return hashes, nil
}

func find(members []member, name string) ([]byte, bool) {
	for _, m := range members {
		if m.name == name {
			return m.canonical, true
		}
	}
	return nil, false
}

func with(members []member, name string, canonical []byte) []member {
	grown := append(slices.Clone(members), member{name, canonical})
	sortMembers(grown)
	return grown
}

func without(members []member, name string) []member {
	return slices.DeleteFunc(slices.Clone(members), func(m member) bool { return m.name == name })
}
