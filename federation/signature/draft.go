package signature

import (
	"crypto"
	"crypto/rsa"
	"errors"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-fed/httpsig"
)

// This file is draft-cavage-http-signatures-12. The library httpsig makes and checks the signatures; alone it would be
// dangerous: it accepts whatever the sender chose to cover, never looks at the body, splits its header at quoted
// commas and takes the first of two headers. So it never meets a stranger's request: it gets a copy that
// holds nothing but what the policy has approved, under a Signature header written anew.

// Pseudo-headers of the draft, 2.3.
const (
	requestTarget = "(request-target)"
	createdField  = "(created)"
	expiresField  = "(expires)"
)

// draftAlgorithms are the names that may stand in a header. They are hints: the key decides (draft 2.1.3). What is
// not here (hmac-*, none, rsa-sha1) is refused, so that nobody can hope to choose.
var draftAlgorithms = []string{"", "hs2019", "rsa-sha256", "ed25519"}

// maxCreatedAhead is httpsig's own bound for (created), tighter than ours for Date. It holds (created) and (expires)
// against the wall clock; said here once more, so that such a claim is refused before its key is fetched.
const maxCreatedAhead = 10 * time.Second

// draftSignature is a draft-cavage Signature header, and, once checked, what was signed.
type draftSignature struct {
	keyID, algorithm string
	covered          []string
	created, expires string // seconds since 1970, as sent
	value            string // base64

	request *http.Request // see copyCovered
}

func (p Policy) parseDraft(r *http.Request, body []byte, line string) (*Claim, error) {
	s, err := readDraft(line)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(draftAlgorithms, strings.ToLower(s.algorithm)) {
		return nil, refuse(Forbidden, "algorithm %.40q", s.algorithm)
	}
	if err := p.checkSender(r, s.keyID); err != nil {
		return nil, err
	}
	if err := s.checkCoverage(carriesBody(r.Method, len(body))); err != nil {
		return nil, err
	}
	claim := &Claim{KeyID: s.keyID, Scheme: Cavage, evidence: s}
	if claim.Created, claim.Expires, err = p.draftTimes(s, r.Header); err != nil {
		return nil, err
	}
	if err := s.copyCovered(r); err != nil {
		return nil, err
	}
	if err := checkBody(s.covered, "digest", r.Header, "", body); err != nil {
		return nil, err
	}
	return claim, nil
}

// draftParameters are the parameters of draft 2.1 that we read; others are passed over.
var draftParameters = map[string]func(*draftSignature) *string{
	"keyId":     func(s *draftSignature) *string { return &s.keyID },
	"algorithm": func(s *draftSignature) *string { return &s.algorithm },
	"created":   func(s *draftSignature) *string { return &s.created },
	"expires":   func(s *draftSignature) *string { return &s.expires },
	"signature": func(s *draftSignature) *string { return &s.value },
}

// readDraft reads a Signature header: parameters separated by commas, each of which may stand once.
func readDraft(line string) (*draftSignature, error) {
	s := &draftSignature{}
	seen := map[string]bool{}
	for rest := strings.TrimSpace(line); ; {
		name, value, tail, err := nextParameter(rest)
		if err != nil {
			return nil, err
		}
		if seen[name] {
			return nil, refuse(Malformed, "%q stands twice", name)
		}
		seen[name] = true
		if name == "headers" {
			s.covered = strings.Fields(strings.ToLower(value))
		} else if field, ok := draftParameters[name]; ok {
			*field(s) = value
		}
		if tail == "" {
			break
		}
		if rest = strings.TrimSpace(tail[1:]); tail[0] != ',' {
			return nil, refuse(Malformed, "%.40q after %q", tail, name)
		}
	}
	if s.keyID == "" || s.value == "" {
		return nil, refuse(Malformed, "no keyId or no signature in the header")
	}
	_, err := decodeBase64(s.value, "")
	return s, err
}

// nextParameter cuts name="value" or name=123 from the front of a header. The tail is empty or starts after the value.
func nextParameter(text string) (name, value, tail string, err error) {
	name, rest, ok := strings.Cut(text, "=")
	if !ok || name == "" || strings.ContainsAny(name, " \t\",") {
		return "", "", "", refuse(Malformed, "no parameter in %.40q", text)
	}
	if quoted, ok := strings.CutPrefix(rest, `"`); ok {
		value, tail, ok = strings.Cut(quoted, `"`)
		if !ok || strings.Contains(value, `\`) {
			return "", "", "", refuse(Malformed, "%q is badly quoted", name)
		}
	} else {
		end := strings.IndexByte(rest+",", ',')
		value, tail = strings.TrimSpace(rest[:end]), rest[end:]
	}
	return name, value, strings.TrimSpace(tail), nil
}

// checkCoverage demands what makes a signature worth checking: it binds method and path, host, time and body.
func (s *draftSignature) checkCoverage(withBody bool) error {
	needed := []string{requestTarget, "host"}
	if !slices.Contains(s.covered, createdField) {
		needed = append(needed, "date")
	}
	if withBody {
		needed = append(needed, "digest")
	}
	return checkCovered(s.covered, needed...)
}

// draftTimes returns when a signature was made and when it ends: by (created) where that is covered, else by Date.
func (p Policy) draftTimes(s *draftSignature, h http.Header) (created, expires time.Time, err error) {
	if expires, err = parseUnix(s.expires, slices.Contains(s.covered, expiresField)); err != nil {
		return created, expires, err
	}
	if slices.Contains(s.covered, createdField) {
		created, err = parseUnix(s.created, true)
		if err == nil && created.After(p.now().Add(maxCreatedAhead)) {
			err = refuse(Stale, "made in the future, at %s", created.UTC())
		}
	} else {
		created, err = parseDate(h)
	}
	if err == nil {
		err = p.checkWindow(created, expires)
	}
	return created, expires, err
}

func parseUnix(text string, needed bool) (time.Time, error) {
	if text == "" && !needed {
		return time.Time{}, nil
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seconds <= 0 || text[0] == '+' {
		return time.Time{}, refuse(Malformed, "%.40q is no time", text)
	}
	return time.Unix(seconds, 0), nil
}

func parseDate(h http.Header) (time.Time, error) {
	line, err := oneLine(h, "Date")
	if err != nil {
		return time.Time{}, err
	}
	date, err := http.ParseTime(line)
	if err != nil {
		return time.Time{}, refuse(Malformed, "Date: %.40q", line)
	}
	return date, nil
}

// copyCovered puts the covered headers, and nothing else, in a request of their own.
func (s *draftSignature) copyCovered(r *http.Request) error {
	header := http.Header{"Signature": {s.rewritten()}}
	for _, name := range s.covered {
		key := textproto.CanonicalMIMEHeaderKey(name)
		switch {
		case name == requestTarget || name == createdField || name == expiresField || name == "host":
		case strings.HasPrefix(name, "(") || name == "signature" || name == "authorization":
			return refuse(Forbidden, "%.40q cannot be covered", name)
		case len(r.Header[key]) == 0:
			return refuse(Missing, "%.40q is covered but not there", name)
		default:
			header[key] = r.Header[key]
		}
	}
	s.request = &http.Request{Method: r.Method, Host: r.Host, URL: &url.URL{Path: requestURI(r)}, Header: header}
	return nil
}

// rewritten is the header in the one spelling that httpsig cannot misread. It needs no key id.
func (s *draftSignature) rewritten() string {
	line := `keyId="-"`
	if slices.Contains(s.covered, createdField) {
		line += ",created=" + s.created
	}
	if slices.Contains(s.covered, expiresField) {
		line += ",expires=" + s.expires
	}
	return line + `,headers="` + strings.Join(s.covered, " ") + `",signature="` + s.value + `"`
}

// verify tries the request target as it is. For a request without body it then tries it without the query, which
// older Mastodon leaves out when it signs; our inboxes have no query, so there a stranger must have added it.
func (s *draftSignature) verify(pub crypto.PublicKey) error {
	algorithm := httpsig.ED25519
	if _, ok := pub.(*rsa.PublicKey); ok {
		algorithm = httpsig.RSA_SHA256
	}
	uri := s.request.URL.Path
	path, _, hasQuery := strings.Cut(uri, "?")
	err := s.verifyTarget(pub, algorithm, uri)
	if err != nil && hasQuery && !slices.Contains(s.covered, "digest") {
		err = s.verifyTarget(pub, algorithm, path)
	}
	if err != nil {
		return refuse(Mismatch, "not made by this key: %v", err)
	}
	return nil
}

func (s *draftSignature) verifyTarget(pub crypto.PublicKey, algorithm httpsig.Algorithm, uri string) error {
	request := *s.request
	request.URL = &url.URL{Path: uri} // httpsig signs Path as it stands, escaped or not
	verifier, err := httpsig.NewVerifier(&request)
	if err != nil {
		return err
	}
	return verifier.Verify(pub, algorithm)
}

// What our draft-cavage signatures cover: more than Mastodon asks for, and all that Lemmy and GoToSocial ask for.
var (
	coveredGET  = []string{requestTarget, "host", "date", "accept"}
	coveredPOST = []string{requestTarget, "host", "date", "digest", "content-type"}
)

// signDraft lets httpsig sign. Its signers are not for concurrent use and cheap beside the RSA operation, so each call
// has its own: a shared one behind a lock would hold a whole fan-out to one core.
func signDraft(req *http.Request, body Body, key PrivateKey) error {
	if _, ok := key.signer.(*rsa.PrivateKey); !ok {
		return errors.New("draft-cavage is signed with RSA keys only")
	}
	covered := coveredGET
	if body != (Body{}) {
		covered = coveredPOST
		req.Header.Set("Digest", body.digest)
	}
	signer, _, err := httpsig.NewSigner([]httpsig.Algorithm{httpsig.RSA_SHA256}, httpsig.DigestSha256, covered, httpsig.Signature, 0)
	if err != nil {
		return err
	}
	// httpsig reads Host from the header map, where net/http must not have it: hence a copy.
	header := http.Header{"Host": {hostOf(req)}}
	for _, name := range []string{"Date", "Accept", "Digest", "Content-Type"} {
		if lines, ok := req.Header[name]; ok {
			header[name] = lines
		}
	}
	signed := &http.Request{Method: req.Method, URL: &url.URL{Path: req.URL.RequestURI()}, Header: header}
	if err := signer.SignRequest(key.signer, key.ID, signed, nil); err != nil {
		return err
	}
	// httpsig writes hs2019, which newer drafts read as another algorithm; rsa-sha256 is the plain truth.
	line := strings.Replace(header.Get("Signature"), `algorithm="hs2019"`, `algorithm="rsa-sha256"`, 1)
	req.Header.Set("Signature", line)
	return nil
}
