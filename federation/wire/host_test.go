package wire

import "testing"

func TestCanonicalHost(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"https://Dorp.Example/x?y#z", "dorp.example"},
		{"https://dorp.example:443/", "dorp.example"},
		{"http://dorp.example:80", "dorp.example"},
		{"http://localhost:8080/u/anna", "localhost:8080"},
		{"dorp.example", "dorp.example"},
		{"DORP.example:8443", "dorp.example:8443"},
		{"https://café.example", "xn--caf-dma.example"},
		{"https://CAFÉ.example", "xn--caf-dma.example"},
		{"https://xn--caf-dma.example", "xn--caf-dma.example"},
		{"https://192.0.2.1/", "192.0.2.1"},
		{"https://[2001:DB8::1]:8443/", "[2001:db8::1]:8443"},
		// SECURITY.md B13
		{"https://dorp.example./", ""},
		{"https://dorp。example/", ""},
		{"https://dorp．example/", ""},
		{"https://dorp｡example/", ""},
		{"https://ｄorp.example/", ""},
		{"https://dorp..example/", ""},
		{"dorp.ex/ample", ""},
		{"https://dorp.example:/", ""},
		{"https://a@dorp.example/", ""},
		{"https://dorp.example\\@evil.example/", ""},
		{"https://dorp_.example/", ""},
		{"https://-dorp.example/", ""},
		{"https://xn--a.example/", ""},
		{"ftp://dorp.example/", ""},
		{"javascript:alert(1)", ""},
		{"https:///x", ""},
		{"", ""},
	} {
		got, err := CanonicalHost(c.in)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%q: got %q (%v), want %q", c.in, got, err, c.want)
		}
	}
}

func TestSameOrigin(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b         string
		host, origin bool
	}{
		{"https://dorp.example/a", "https://DORP.example:443/b", true, true},
		{"https://dorp.example/a", "http://dorp.example/b", true, false},
		{"https://dorp.example/a", "https://dorp.example:8443/b", false, false},
		{"https://dorp.example/a", "https://dorp.example./a", false, false},
		{"https://dorp.example/a", "https://dοrp.example/a", false, false}, // Greek o
		{"https://dorp.example./a", "https://dorp.example./a", false, false},
		{"", "", false, false},
	} {
		if got := SameHost(c.a, c.b); got != c.host {
			t.Errorf("SameHost(%q, %q) = %v", c.a, c.b, got)
		}
		if got := SameOrigin(c.a, c.b); got != c.origin {
			t.Errorf("SameOrigin(%q, %q) = %v", c.a, c.b, got)
		}
	}
}

// TestHTTPURL holds SECURITY.md H4.
func TestHTTPURL(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]bool{
		"https://dorp.example/x": true, "http://dorp.example": true, "HTTPS://dorp.example/": true,
		"javascript:alert(1)": false, "data:text/html,x": false, "vbscript:x": false, "\tjava\nscript:x": false,
		" https://dorp.example": false, "https://dorp.example/\n": false, "//dorp.example": false, "/x": false, "https:x": false,
		"https://": false, "https://u@dorp.example/": false, "": false, "httpx://dorp.example": false,
	} {
		if got := HTTPURL(in); got != want {
			t.Errorf("HTTPURL(%q) = %v", in, got)
		}
	}
}
