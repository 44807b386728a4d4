package fetch

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestParseHosts(t *testing.T) {
	t.Parallel()
	got, err := ParseHosts(strings.NewReader("# towns\n127.0.0.1  A.test b.test # two\n\n127.0.0.2\tc.test\r\n127.0.0.1 a.test\n"))
	if err != nil {
		t.Fatal(err)
	}
	one, two := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2")
	want := map[string]netip.Addr{"a.test": one, "b.test": one, "c.test": two}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
		t.Error(diff)
	}
}

func TestParseHostsErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"a.test 127.0.0.1":   `hosts line 1: "a.test" is not an IP address`,
		"\n127.0.0.1":        `hosts line 2: no name after address 127.0.0.1`,
		"127.0.0.1 a.test/x": `hosts line 1: "a.test/x" is not a host name`,
		"127.0.0.1 a.test\n127.0.0.2 b.test A.test": `hosts line 2: "a.test" is already 127.0.0.1`,
		strings.Repeat("x", 1<<17):                  `read hosts: bufio.Scanner: token too long`,
	}
	for in, want := range tests {
		if _, err := ParseHosts(strings.NewReader(in)); err == nil || err.Error() != want {
			t.Errorf("%.40q: got %v, want %s", in, err, want)
		}
	}
}
