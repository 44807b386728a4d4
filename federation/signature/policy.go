package signature

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	// maxAhead is how far a sender's clock may run ahead of ours, and maxAge how long a signature lives:
	// Mastodon's bounds, which everybody meets.
	maxAhead = time.Hour
	maxAge   = 12 * time.Hour
	// maxKeyID and maxCovered bound what a stranger may have us look at.
	maxKeyID   = 2 << 10
	maxCovered = 32
)

// Policy is what we demand of every incoming signature. Safe for concurrent use.
type Policy struct {
	scheme    string
	authority string
	now       func() time.Time
}

// NewPolicy makes the policy of the node that the world knows by the given origin, as "https://stad.example". Requests
// are held against that origin and never against what a TLS terminator or X-Forwarded-* says about them. The clock
// is the caller's; nil means [time.Now].
func NewPolicy(origin string, now func() time.Time) (Policy, error) {
	u, err := url.Parse(origin)
	if err != nil {
		return Policy{}, fmt.Errorf("origin for signatures: %w", err)
	}
	bare := url.URL{Scheme: u.Scheme, Host: u.Host}
	if !isWeb(u) || bare.String() != strings.TrimSuffix(origin, "/") {
		return Policy{}, fmt.Errorf("origin for signatures: %q is not a bare http or https origin", origin)
	}
	if now == nil {
		now = time.Now
	}
	return Policy{scheme: u.Scheme, authority: canonicalAuthority(u.Scheme, u.Host), now: now}, nil
}

func isWeb(u *url.URL) bool { return (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" }

// canonicalAuthority is the form of RFC 9421 2.2.3: lower case, without the default port.
func canonicalAuthority(scheme, host string) string {
	host = strings.ToLower(host)
	switch scheme {
	case "https":
		return strings.TrimSuffix(host, ":443")
	case "http":
		return strings.TrimSuffix(host, ":80")
	}
	return host
}

// target is where a request goes to.
type target struct {
	method    string
	scheme    string
	authority string // see canonicalAuthority
	uri       string // path and query, as on the wire
}

// target tells where a request went to, in the words of its sender: under our public origin.
func (p Policy) target(r *http.Request) target {
	return target{method: r.Method, scheme: p.scheme, authority: p.authority, uri: requestURI(r)}
}

// requestURI prefers what stood in the request line, since middleware may have rewritten r.URL.
func requestURI(r *http.Request) string {
	if strings.HasPrefix(r.RequestURI, "/") {
		return r.RequestURI
	}
	return r.URL.RequestURI()
}

// carriesBody tells whether a signature must vouch for the body of a request.
func carriesBody(method string, size int) bool {
	return size > 0 || (method != http.MethodGet && method != http.MethodHead)
}

// checkSender refuses what no key could mend: a request for another host, and a key that cannot be looked up.
func (p Policy) checkSender(r *http.Request, keyID string) error {
	if r.Method != strings.ToUpper(r.Method) { // draft-cavage signs them in lower case and would not see a change
		return refuse(Malformed, "method %.40q", r.Method)
	}
	if canonicalAuthority(p.scheme, r.Host) != p.authority {
		return refuse(Mismatch, "request for %q", r.Host)
	}
	u, err := url.Parse(keyID)
	if err != nil || len(keyID) > maxKeyID || !isWeb(u) || u.User != nil {
		// An acct: key id cannot be bound to its actor.
		return refuse(Forbidden, "key id %.100q is no web address", keyID)
	}
	return nil
}

// checkWindow refuses what was not signed recently. An expiry can only shorten the window.
func (p Policy) checkWindow(created, expires time.Time) error {
	now := p.now()
	switch {
	case created.After(now.Add(maxAhead)):
		return refuse(Stale, "made in the future, at %s", created.UTC())
	case created.Before(now.Add(-maxAge)):
		return refuse(Stale, "made at %s", created.UTC())
	case !expires.IsZero() && now.After(expires):
		return refuse(Stale, "expired at %s", expires.UTC())
	}
	return nil
}

// checkCovered refuses a list of covered components that lacks one of the needed, names one twice or goes on for ever.
func checkCovered(covered []string, needed ...string) error {
	if len(covered) > maxCovered {
		return refuse(Malformed, "%d components covered", len(covered))
	}
	for i, name := range covered {
		if slices.Contains(covered[:i], name) {
			return refuse(Malformed, "%q covered twice", name)
		}
	}
	for _, name := range needed {
		if !slices.Contains(covered, name) {
			return refuse(Missing, "%s is not covered", name)
		}
	}
	return nil
}

// oneLine returns a header that must be there exactly once: of two, different readers may take different ones.
func oneLine(h http.Header, name string) (string, error) {
	switch lines := h.Values(name); len(lines) {
	case 0:
		return "", refuse(Missing, "no %s header", name)
	case 1:
		return lines[0], nil
	default:
		return "", refuse(Malformed, "%d %s headers", len(lines), name)
	}
}
