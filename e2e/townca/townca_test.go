package townca_test

import (
	"crypto/tls"
	"crypto/x509"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"meent/e2e/townca"
)

func TestHostIsTrustedByTheTownOnly(t *testing.T) {
	t.Parallel()
	town := open(t, t.TempDir())
	stranger := open(t, t.TempDir())
	server := serve(t, town, "one.example", "127.0.0.1")

	tests := []struct {
		name    string
		roots   *x509.CertPool
		host    string
		trusted bool
	}{
		{"its name", town.Pool(), "one.example", true},
		{"its address", town.Pool(), "127.0.0.1", true},
		{"another name", town.Pool(), "two.example", false},
		{"another town", stranger.Pool(), "one.example", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if err := get(server.URL, test.roots, test.host); (err == nil) != test.trusted {
				t.Errorf("get as %s: error %v, want trusted = %t", test.host, err, test.trusted)
			}
		})
	}
}

func TestReopenedTownKeepsItsRoot(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	before := open(t, dir)
	server := serve(t, open(t, dir), "one.example")
	if err := get(server.URL, before.Pool(), "one.example"); err != nil {
		t.Errorf("the first root does not trust what the reopened town issued: %v", err)
	}
}

func TestDamagedRootIsNotReplaced(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	town := open(t, dir)
	if err := os.WriteFile(town.CAFile(), []byte("not a certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := townca.Open(dir); err == nil {
		t.Error("a damaged root was silently replaced; every certificate it signed would be void")
	}
}

func TestKeysAreForTheOwnerOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := open(t, dir).Issue("one.example"); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode().Perm())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestIssueWantsAName(t *testing.T) {
	t.Parallel()
	if _, err := open(t, t.TempDir()).Issue(); err == nil {
		t.Error("issued a certificate for nobody")
	}
}

func open(t *testing.T, dir string) *townca.Authority {
	t.Helper()
	town, err := townca.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return town
}

func serve(t *testing.T, town *townca.Authority, names ...string) *httptest.Server {
	t.Helper()
	issued, err := town.Issue(names...)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.LoadX509KeyPair(issued.CertFile, issued.KeyFile)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

func get(url string, roots *x509.CertPool, name string) error {
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: name}}
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Get(url)
	if err != nil {
		return err
	}
	return response.Body.Close()
}
