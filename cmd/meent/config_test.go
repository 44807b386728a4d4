package main

import (
	"bytes"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// parse reads a command line as main does, without running the command.
func parse(t *testing.T, args ...string) (*Config, error) {
	t.Helper()
	p := &program{}
	parser, err := newParser(p, terminal{out: &bytes.Buffer{}, err: &bytes.Buffer{}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse(args)
	return &p.Config, err
}

func write(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "meent.env")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// Not parallel: it sets the environment.
func TestAFlagBeatsTheEnvironmentWhichBeatsTheFile(t *testing.T) {
	file := write(t, "# ours\nMEENT_NODE_NAME=file\nMEENT_LOG_LEVEL=debug\nexport MEENT_LISTEN=\"127.0.0.1:1\"\nPATH=/nowhere\nMEENT_DEV_LOOPBACK=true\n")
	t.Setenv("MEENT_NODE_NAME", "environment")
	t.Setenv("MEENT_LISTEN", "127.0.0.1:2")
	t.Setenv("MEENT_TRUSTED_PROXIES", "127.0.0.1/32,10.0.0.0/8")
	config, err := parse(t, "serve", "--config", file, "--listen", "127.0.0.1:3")
	if err != nil {
		t.Fatal(err)
	}
	got := []any{config.NodeName, config.LogLevel, config.Listen, config.DevLoopback, config.LogFormat, config.TrustedProxies}
	want := []any{
		"environment", "debug", "127.0.0.1:3", true, "text",
		[]netip.Prefix{netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("10.0.0.0/8")},
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
}

func TestMisspeltSettingsAreRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"MEENT_LISSEN=127.0.0.1:1": "there is no setting MEENT_LISSEN",
		"listen: 127.0.0.1:1":      "is not KEY=VALUE",
		"MEENT_LOG_LEVEL=loud":     "must be one of",
	} {
		if _, err := parse(t, "serve", "--config", write(t, text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}

func TestDatabaseLivesInTheDataFolder(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"serve", "--data", "/var/lib/meent"}, "sqlite:/var/lib/meent/meent.db"},
		{[]string{"serve", "--database", "postgres://meent@/meent"}, "postgres://meent@/meent"},
	} {
		config, err := parse(t, test.args...)
		if err != nil || config.database() != test.want {
			t.Errorf("%v: %q, %v; want %q", test.args, config.database(), err, test.want)
		}
	}
}

func TestPublicURL(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"https://Praat.Example.org/":     "https://praat.example.org",
		"http://localhost:8080":          "http://localhost:8080",
		"praat.example.org":              "",
		"https://praat.example.org/pad":  "",
		"https://u:p@praat.example.org":  "",
		"https://praat.example.org/?a=b": "",
		"ftp://praat.example.org":        "",
		"":                               "",
	} {
		if got, err := parsePublicURL(text); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
}

// The pages of the handbook say what the program says.
func TestReferencePagesAreFresh(t *testing.T) {
	t.Parallel()
	parser, err := newParser(&program{}, terminal{out: &bytes.Buffer{}, err: &bytes.Buffer{}})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"configuration.md": configurationPage(parser.Model), "commands.md": commandsPage(parser.Model)} {
		got, err := os.ReadFile(filepath.Join("..", "..", "docs", name))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("docs/%s differs; run `go generate ./cmd/meent`:\n%s", name, diff)
		}
	}
}
