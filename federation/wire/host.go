package wire

import (
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/idna"
)

// CanonicalHost returns the host of an http(s) URL, or of a bare host with or
// without port, in the one form that may be compared: lower-case, in ASCII
// (RFC 5891), with the port unless it is the scheme's default. A trailing dot,
// a full-width dot, user information and anything else that two programs may
// read differently is refused.
func CanonicalHost(hostOrURL string) (string, error) {
	if !strings.Contains(hostOrURL, "://") {
		hostOrURL = "https://" + hostOrURL
		if strings.ContainsAny(hostOrURL[len("https://"):], "/\\?#@") {
			return "", refuse(ReasonHost, "not a bare host")
		}
	}
	u, err := url.Parse(hostOrURL)
	if err != nil || !isHTTP(u) || u.User != nil {
		return "", refuse(ReasonHost, "no http(s) host")
	}
	return canonical(u)
}

func canonical(u *url.URL) (string, error) {
	name, port := u.Hostname(), u.Port()
	host, err := canonicalName(name)
	if err != nil {
		return "", err
	}
	if strings.HasSuffix(u.Host, ":") {
		return "", refuse(ReasonHost, "empty port")
	}
	if port == "" || port == defaultPorts[u.Scheme] {
		return host, nil
	}
	return host + ":" + port, nil
}

var defaultPorts = map[string]string{"http": "80", "https": "443"}

func canonicalName(name string) (string, error) {
	if ip, err := netip.ParseAddr(name); err == nil {
		if ip.Is6() {
			return "[" + ip.String() + "]", nil
		}
		return ip.String(), nil
	}
	lower := strings.ToLower(name)
	if isLDH(lower) && !strings.Contains(lower, "xn--") { // almost every name: spares IDNA's tables
		return lower, nil
	}
	return canonicalIDN(lower)
}

// canonicalIDN translates an international name as registries do. A name that
// UTS 46 would have to map first, by a full-width dot for example, is one that
// two programs may read differently, and is refused.
func canonicalIDN(lower string) (string, error) {
	host, err := idna.Lookup.ToASCII(lower)
	if err != nil || !isLDH(host) {
		return "", refuse(ReasonHost, "not canonical")
	}
	if back, err := idna.Lookup.ToUnicode(host); err != nil || back != lower && host != lower {
		return "", refuse(ReasonHost, "not canonical")
	}
	return host, nil
}

// isLDH reports whether a name is of letters, digits and hyphens, with labels
// and length as DNS has them (RFC 1123 2.1).
func isLDH(name string) bool {
	if len(name) > 253 {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			if c := label[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
				return false
			}
		}
	}
	return true
}

// SameHost reports whether both URLs have the same canonical host and port.
// What has no canonical host is the same as nothing, itself included.
func SameHost(a, b string) bool {
	hostA, err := CanonicalHost(a)
	if err != nil {
		return false
	}
	hostB, err := CanonicalHost(b)
	return err == nil && hostA == hostB
}

// SameOrigin is SameHost with the same scheme (RFC 6454 4, FEP-fe34).
func SameOrigin(a, b string) bool {
	schemeA, _, okA := strings.Cut(a, "://")
	schemeB, _, okB := strings.Cut(b, "://")
	return okA && okB && strings.EqualFold(schemeA, schemeB) && SameHost(a, b)
}

// HTTPURL reports whether s may be shown as a link or fetched: an absolute
// http or https URL with a host, no user information, no control characters,
// at most MaxIDLength long.
func HTTPURL(s string) bool {
	if len(s) > MaxIDLength || !strings.HasPrefix(s, "http") && !strings.HasPrefix(s, "HTTP") {
		return false
	}
	u, err := url.Parse(s)
	return err == nil && isHTTP(u) && u.User == nil
}

func isHTTP(u *url.URL) bool {
	return (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.Opaque == ""
}
