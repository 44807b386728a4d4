package fetch

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

const (
	maxURL   = 2048
	maxHost  = 253
	maxLabel = 63
)

// localDomains never lead to another town: RFC 6761, RFC 6762, RFC 7686, RFC 8375 and ICANN's ".internal".
var localDomains = []string{"localhost", "local", "internal", "arpa", "onion", "invalid"}

// Parse returns the normal form of a URL that this client would fetch: scheme and host in lower case, without default
// port and fragment. Anything else is ErrAddress, before any name is looked up. Use it to check an inbox when an actor
// is met, not only when something is delivered there.
func (c *Client) Parse(raw string) (*url.URL, error) {
	u, err := c.parse(raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAddress, err)
	}
	return u, nil
}

func (c *Client) parse(raw string) (*url.URL, error) {
	if err := plainBytes(raw); err != nil {
		return nil, err
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("not a URL: %w", err)
	}
	if u.Opaque != "" || u.User != nil {
		return nil, fmt.Errorf("%.80q is no plain web address", raw)
	}
	if err := c.checkScheme(u.Scheme); err != nil {
		return nil, err
	}
	if u.Host, err = c.checkHost(u); err != nil {
		return nil, err
	}
	u.Fragment, u.RawFragment = "", ""
	u.RawQuery = escapeNonASCII(u.RawQuery)
	return u, nil
}

// plainBytes refuses what could end a request line early, written out or percent-encoded, and backslashes, which one
// parser takes for a slash and the next does not.
func plainBytes(raw string) error {
	if len(raw) > maxURL {
		return fmt.Errorf("URL of %d bytes", len(raw))
	}
	for i := range len(raw) {
		switch c := raw[i]; {
		case c <= ' ', c == 0x7f, c == '\\':
			return fmt.Errorf("byte %#02x in URL", c)
		case c == '%' && encodesControl(raw[i+1:]):
			return fmt.Errorf("control character %.3q in URL", raw[i:])
		}
	}
	return nil
}

func encodesControl(after string) bool {
	if len(after) < 2 {
		return false
	}
	value, err := strconv.ParseUint(after[:2], 16, 8)
	return err == nil && (value < ' ' || value == 0x7f)
}

func (c *Client) checkScheme(scheme string) error {
	if scheme == "https" || scheme == "http" && c.config.Loopback {
		return nil
	}
	return fmt.Errorf("scheme %.20q", scheme)
}

// checkHost returns host and port in normal form.
func (c *Client) checkHost(u *url.URL) (string, error) {
	host := strings.ToLower(u.Hostname())
	if err := c.checkName(host); err != nil {
		return "", err
	}
	port := u.Port()
	if port == "" || port == defaultPort(u.Scheme) {
		return host, nil
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil || number == 0 || port[0] == '0' || !c.permitsPort(uint16(number)) {
		return "", fmt.Errorf("port %.10q", port)
	}
	return host + ":" + port, nil
}

func defaultPort(scheme string) string {
	if scheme == "http" {
		return "80"
	}
	return "443"
}

func (c *Client) permitsPort(port uint16) bool {
	if c.config.Loopback {
		return true // the dialer still refuses it off the loopback
	}
	for _, permitted := range c.ports {
		if port == permitted {
			return true
		}
	}
	return false
}

// checkName accepts the name of a public host. Addresses are refused in every spelling, for no town lives at a number;
// what a name leads to is seen by the dialer.
func (c *Client) checkName(host string) error {
	if c.developmentName(host) {
		return nil
	}
	if len(host) > maxHost || !strings.Contains(host, ".") {
		return fmt.Errorf("host %.80q is not a full domain name", host)
	}
	labels := strings.Split(host, ".")
	for _, label := range labels {
		if !validLabel(label) {
			return fmt.Errorf("host %.80q is not a domain name", host)
		}
	}
	// The WHATWG URL standard calls this "ends in a number": 127.1, 0x7f.1 and 2130706433 are addresses to some.
	last := labels[len(labels)-1]
	if last[0] >= '0' && last[0] <= '9' {
		return fmt.Errorf("host %q is an address", host)
	}
	for _, local := range localDomains {
		if last == local {
			return fmt.Errorf("host %q is local", host)
		}
	}
	return nil
}

// developmentName accepts what only a development network has: mapped names, localhost and loopback addresses.
func (c *Client) developmentName(host string) bool {
	if _, mapped := c.config.Hosts[host]; mapped {
		return true
	}
	if !c.config.Loopback {
		return false
	}
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && loopback.Contains(addr)
}

// validLabel is RFC 1123 2.1: letters, digits and inner hyphens. Other scripts come as punycode.
func validLabel(label string) bool {
	if label == "" || len(label) > maxLabel || label[0] == '-' || label[len(label)-1] == '-' {
		return false
	}
	for i := range len(label) {
		if c := label[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// escapeNonASCII encodes what net/http would send raw; in the path net/url does it.
func escapeNonASCII(query string) string {
	var b strings.Builder
	for i := range len(query) {
		if c := query[i]; c < 0x80 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
