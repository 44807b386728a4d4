package signature

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
)

// Body is what signing needs to know of a request body. Make it once, sign a thousand deliveries with it.
// The zero value is the absent body of a GET.
type Body struct {
	digest        string // Digest, RFC 3230, as draft-cavage peers read it
	contentDigest string // Content-Digest, RFC 9530
}

// NewBody takes the digests of a body. It does not keep the bytes.
func NewBody(body []byte) Body {
	sum := sha256.Sum256(body)
	text := base64.StdEncoding.EncodeToString(sum[:])
	return Body{digest: "SHA-256=" + text, contentDigest: "sha-256=:" + text + ":"}
}

// hashes are the digest algorithms that say something about a body. Others may stand beside them, unread.
var hashes = map[string]func([]byte) []byte{
	"sha-256": func(b []byte) []byte { sum := sha256.Sum256(b); return sum[:] },
	"sha-512": func(b []byte) []byte { sum := sha512.Sum512(b); return sum[:] },
}

// checkBody holds a body against its digest wherever that is covered: on what must have one, that was demanded before.
func checkBody(covered []string, name string, h http.Header, quote string, body []byte) error {
	if !slices.Contains(covered, name) {
		return nil
	}
	line, err := oneLine(h, name)
	if err != nil {
		return err
	}
	return checkDigest(line, quote, body)
}

// checkDigest holds a body against the header line that was signed for it. At least one algorithm must be known, and
// every known one must agree. The quote is what surrounds a value: ":" in Content-Digest (RFC 9530 2),
// nothing in Digest (RFC 3230 4.3.2).
func checkDigest(line, quote string, body []byte) error {
	known := map[string]bool{}
	for member := range strings.SplitSeq(line, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(member), "=")
		name = strings.ToLower(name)
		hash, ok := hashes[name]
		if !ok {
			continue
		}
		if known[name] {
			return refuse(Malformed, "digest names %s twice", name)
		}
		known[name] = true
		want, err := decodeBase64(value, quote)
		if err != nil {
			return err
		}
		if !bytes.Equal(hash(body), want) {
			return refuse(Mismatch, "body is not the one of the digest")
		}
	}
	if len(known) == 0 {
		return refuse(Missing, "no digest of a known algorithm in %q", line)
	}
	return nil
}

// decodeBase64 is strict: one value has one spelling, so that no byte of a header can change unnoticed.
func decodeBase64(value, quote string) ([]byte, error) {
	inner, opened := strings.CutPrefix(value, quote)
	inner, closed := strings.CutSuffix(inner, quote)
	if !opened || !closed || strings.ContainsAny(inner, "\r\n") {
		return nil, refuse(Malformed, "%q is not base64", value)
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(inner)
	if err != nil {
		return nil, refuse(Malformed, "%q is not base64", value)
	}
	return raw, nil
}
