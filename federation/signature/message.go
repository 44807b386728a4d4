package signature

import (
	"crypto"
	"crypto/rsa"
	"encoding/base64"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dunglas/httpsfv"
)

// This file is the part of HTTP Message Signatures (RFC 9421) that the fediverse uses: requests only, one signature,
// whole components without parameters, and the algorithms rsa-v1_5-sha256 and ed25519.

// Algorithms of RFC 9421 3.3.
const (
	algRSA     = "rsa-v1_5-sha256"
	algEd25519 = "ed25519"
)

// derived are the components of RFC 9421 2.2 that are not header fields. All come from our own origin and the request
// line, none from what a proxy says.
var derived = map[string]func(target) string{
	"@method":         func(t target) string { return t.method },
	"@scheme":         func(t target) string { return t.scheme },
	"@authority":      func(t target) string { return t.authority },
	"@target-uri":     func(t target) string { return t.scheme + "://" + t.authority + t.uri },
	"@request-target": func(t target) string { return t.uri },
	"@path":           func(t target) string { path, _, _ := strings.Cut(t.uri, "?"); return path },
	"@query":          func(t target) string { _, query, _ := strings.Cut(t.uri, "?"); return "?" + query },
}

// messageSignature is one member of Signature-Input with its value from Signature, and, once checked, what was signed.
type messageSignature struct {
	covered          []string
	params           string // the value of @signature-params (RFC 9421 2.3)
	keyID, alg       string
	created, expires time.Time
	value            []byte

	base []byte // RFC 9421 2.5
}

func (p Policy) parseMessage(r *http.Request, body []byte, line string) (*Claim, error) {
	input, err := oneLine(r.Header, "Signature-Input")
	if err != nil {
		return nil, refuse(Malformed, "RFC 9421 signature without one Signature-Input")
	}
	s, err := readMessage(input, line)
	if err != nil {
		return nil, err
	}
	if s.alg != "" && s.alg != algRSA && s.alg != algEd25519 {
		return nil, refuse(Forbidden, "algorithm %.40q", s.alg)
	}
	if err := p.checkSender(r, s.keyID); err != nil {
		return nil, err
	}
	t := p.target(r)
	if err := s.checkCoverage(t, carriesBody(r.Method, len(body))); err != nil {
		return nil, err
	}
	if err := p.checkWindow(s.created, s.expires); err != nil {
		return nil, err
	}
	if s.base, err = s.signatureBase(t, r.Header, r.Host); err != nil {
		return nil, err
	}
	claim := &Claim{KeyID: s.keyID, Scheme: RFC9421, Created: s.created, Expires: s.expires, evidence: s}
	if err := checkBody(s.covered, "content-digest", r.Header, ":", body); err != nil {
		return nil, err
	}
	return claim, nil
}

// readMessage reads the pair of headers of RFC 9421 4. Both are dictionaries; here each must have one member, under
// one label. The rest after the label is read as a list, which unlike a dictionary shows a label that stands twice.
func readMessage(input, line string) (*messageSignature, error) {
	if len(input) > maxHeader {
		return nil, refuse(Malformed, "Signature-Input of %d bytes", len(input))
	}
	label, rest, _ := strings.Cut(strings.TrimSpace(input), "=")
	other, value, _ := strings.Cut(strings.TrimSpace(line), "=")
	if label == "" || label != other {
		return nil, refuse(Malformed, "labels %.40q and %.40q", label, other)
	}
	raw, err := decodeBase64(value, ":")
	if err != nil {
		return nil, err
	}
	members, err := httpsfv.UnmarshalList([]string{rest})
	if err != nil || len(members) != 1 {
		return nil, refuse(Malformed, "Signature-Input of %d members: %v", len(members), err)
	}
	list, ok := members[0].(httpsfv.InnerList)
	if !ok {
		return nil, refuse(Malformed, "Signature-Input is no list of components")
	}
	s := &messageSignature{value: raw}
	if err := s.readComponents(list.Items); err != nil {
		return nil, err
	}
	if err := s.readParameters(list.Params); err != nil {
		return nil, err
	}
	// RFC 9421 2.5: the parameters are signed in their canonical form, in the order in which they were sent.
	if s.params, err = httpsfv.Marshal(list); err != nil {
		return nil, refuse(Malformed, "Signature-Input: %v", err)
	}
	return s, nil
}

func (s *messageSignature) readComponents(items []httpsfv.Item) error {
	for _, item := range items {
		name, ok := item.Value.(string)
		if !ok || name == "" || name != strings.ToLower(name) || strings.ContainsAny(name, "\"\\ ") {
			return refuse(Malformed, "component %v", item.Value)
		}
		if len(item.Params.Names()) > 0 {
			return refuse(Forbidden, "component %q has parameters", name)
		}
		s.covered = append(s.covered, name)
	}
	return nil
}

// readParameters reads RFC 9421 2.3. A nonce or tag is signed but means nothing to us.
func (s *messageSignature) readParameters(params *httpsfv.Params) error {
	var ok [4]bool
	s.keyID, ok[0] = parameter[string](params, "keyid")
	s.alg, ok[1] = parameter[string](params, "alg")
	s.created, ok[2] = timeParameter(params, "created")
	s.expires, ok[3] = timeParameter(params, "expires")
	if slices.Contains(ok[:], false) {
		return refuse(Malformed, "parameter of a wrong type in %v", params.Names())
	}
	if s.keyID == "" || s.created.IsZero() {
		return refuse(Missing, "no keyid or no created")
	}
	return nil
}

// parameter returns a parameter or its zero value. It is not ok when it is there with another type.
func parameter[T any](params *httpsfv.Params, name string) (value T, ok bool) {
	raw, there := params.Get(name)
	if !there {
		return value, true
	}
	value, ok = raw.(T)
	return value, ok
}

func timeParameter(params *httpsfv.Params, name string) (time.Time, bool) {
	if _, there := params.Get(name); !there {
		return time.Time{}, true
	}
	seconds, ok := parameter[int64](params, name)
	return time.Unix(seconds, 0), ok
}

// checkCoverage demands the method, the whole target and the body; created was demanded before. For @target-uri
// the sender may cover its parts, as strong together: our origin fixes the scheme.
func (s *messageSignature) checkCoverage(t target, withBody bool) error {
	needed := []string{"@method"}
	switch {
	case slices.Contains(s.covered, "@target-uri"):
	case slices.Contains(s.covered, "@request-target"):
		needed = append(needed, "@authority")
	case strings.Contains(t.uri, "?"):
		needed = append(needed, "@authority", "@path", "@query")
	default:
		needed = append(needed, "@authority", "@path")
	}
	if withBody {
		needed = append(needed, "content-digest")
	}
	return checkCovered(s.covered, needed...)
}

// signatureBase writes the text that is signed (RFC 9421 2.5).
func (s *messageSignature) signatureBase(t target, h http.Header, host string) ([]byte, error) {
	base := make([]byte, 0, 512)
	for _, name := range s.covered {
		value, err := component(name, t, h, host)
		if err != nil {
			return nil, err
		}
		base = appendComponent(base, name, value)
	}
	return appendParams(base, s.params), nil
}

func component(name string, t target, h http.Header, host string) (string, error) {
	if derive, ok := derived[name]; ok {
		return derive(t), nil
	}
	if strings.HasPrefix(name, "@") {
		return "", refuse(Forbidden, "component %.40q", name)
	}
	if name == "host" { // which net/http keeps apart
		return host, nil
	}
	lines := h[textproto.CanonicalMIMEHeaderKey(name)]
	if len(lines) == 0 {
		return "", refuse(Missing, "%.40q is covered but not there", name)
	}
	trimmed := make([]string, len(lines))
	for i, line := range lines { // RFC 9421 2.1
		trimmed[i] = strings.TrimSpace(line)
	}
	value := strings.Join(trimmed, ", ")
	if strings.ContainsAny(value, "\r\n") {
		return "", refuse(Malformed, "%.40q goes over the line", name)
	}
	return value, nil
}

func appendComponent(base []byte, name, value string) []byte {
	base = append(append(append(base, '"'), name...), `": `...)
	return append(append(base, value...), '\n')
}

func appendParams(base []byte, params string) []byte {
	return append(append(base, `"@signature-params": `...), params...)
}

// verify also holds the named algorithm, if any, against the key (RFC 9421 3.2 step 6).
func (s *messageSignature) verify(pub crypto.PublicKey) error {
	if s.alg != "" && s.alg != algorithmOf(pub) {
		return refuse(Mismatch, "%s signature, %s key", s.alg, algorithmOf(pub))
	}
	return verifyBytes(pub, s.base, s.value)
}

func algorithmOf(pub crypto.PublicKey) string {
	if _, ok := pub.(*rsa.PublicKey); ok {
		return algRSA
	}
	return algEd25519
}

// What our RFC 9421 signatures cover: what Mastodon demands. There is no expires: every receiver has a window
// of its own, and a clock that is a little off should not lose a delivery.
const (
	messageGET  = `("@method" "@target-uri")`
	messagePOST = `("@method" "@target-uri" "content-digest")`
)

// signMessage writes the signature base straight from the request, without the detour over parsed headers.
func signMessage(req *http.Request, body Body, key PrivateKey, now time.Time) error {
	t := target{method: req.Method, scheme: req.URL.Scheme, uri: req.URL.RequestURI()}
	t.authority = canonicalAuthority(t.scheme, hostOf(req))
	params, base := messageGET, make([]byte, 0, 512)
	base = appendComponent(base, "@method", t.method)
	base = appendComponent(base, "@target-uri", derived["@target-uri"](t))
	if body != (Body{}) {
		params = messagePOST
		base = appendComponent(base, "content-digest", body.contentDigest)
		req.Header.Set("Content-Digest", body.contentDigest)
	}
	params += ";created=" + strconv.FormatInt(now.Unix(), 10) + `;keyid="` + key.ID + `";alg="` + algorithmOf(key.Public()) + `"`
	value, err := key.signBytes(appendParams(base, params))
	if err != nil {
		return err
	}
	req.Header.Set("Signature-Input", "sig1="+params)
	req.Header.Set("Signature", "sig1=:"+base64.StdEncoding.EncodeToString(value)+":")
	return nil
}
