package fetch

import (
	"bufio"
	"fmt"
	"io"
	"net/netip"
	"strings"
)

// ParseHosts reads the lines of a hosts file (hosts(5)): an address, then names; # starts a comment. The errors name the
// line. A name may stand there once.
func ParseHosts(r io.Reader) (map[string]netip.Addr, error) {
	hosts := map[string]netip.Addr{}
	lines := bufio.NewScanner(r)
	for number := 1; lines.Scan(); number++ {
		if err := addHosts(hosts, lines.Text()); err != nil {
			return nil, fmt.Errorf("hosts line %d: %w", number, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read hosts: %w", err)
	}
	return hosts, nil
}

func addHosts(hosts map[string]netip.Addr, line string) error {
	line, _, _ = strings.Cut(line, "#")
	fields := strings.Fields(line)
	if len(fields) == 0 {
		return nil
	}
	addr, err := netip.ParseAddr(fields[0])
	if err != nil {
		return fmt.Errorf("%q is not an IP address", fields[0])
	}
	if len(fields) == 1 {
		return fmt.Errorf("no name after address %s", addr)
	}
	for _, name := range fields[1:] {
		if err := addHost(hosts, strings.ToLower(name), addr); err != nil {
			return err
		}
	}
	return nil
}

func addHost(hosts map[string]netip.Addr, name string, addr netip.Addr) error {
	for label := range strings.SplitSeq(name, ".") {
		if !validLabel(label) {
			return fmt.Errorf("%q is not a host name", name)
		}
	}
	if earlier, taken := hosts[name]; taken && earlier != addr {
		return fmt.Errorf("%q is already %s", name, earlier)
	}
	hosts[name] = addr
	return nil
}
