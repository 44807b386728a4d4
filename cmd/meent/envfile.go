package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/alecthomas/kong"
)

// envFile is a file of settings, by their environment name: one KEY=VALUE a line, # before a comment, quotes around a value
// where it needs them. systemd (EnvironmentFile=) and container tools read the same form.
type envFile map[string]string

func readEnvFile(r io.Reader) (kong.Resolver, error) {
	file := envFile{}
	lines := bufio.NewScanner(r)
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, value, found := strings.Cut(strings.TrimPrefix(line, "export "), "=")
		if !found {
			return nil, fmt.Errorf("configuration file, line %d: %q is not KEY=VALUE", number, line)
		}
		file[strings.TrimSpace(key)] = unquote(strings.TrimSpace(value))
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the configuration file: %w", err)
	}
	return file, nil
}

func unquote(value string) string {
	for _, quote := range []string{`"`, `'`} {
		if len(value) >= 2 && strings.HasPrefix(value, quote) && strings.HasSuffix(value, quote) {
			return value[1 : len(value)-1]
		}
	}
	return value
}

// Validate refuses lines of ours that no setting has, for a misspelt setting would be silently without effect. Others are left alone:
// such a file often serves more programs.
func (f envFile) Validate(app *kong.Application) error {
	known := map[string]bool{}
	for _, flag := range app.Flags {
		for _, name := range flag.Envs {
			known[name] = true
		}
	}
	for key := range f {
		if strings.HasPrefix(key, "MEENT_") && !known[key] {
			return fmt.Errorf("configuration file: there is no setting %s", key)
		}
	}
	return nil
}

// Resolve finds a setting that neither the command line nor the environment gives.
func (f envFile) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, name := range flag.Envs {
		if _, set := os.LookupEnv(name); set {
			return nil, nil
		}
		if value, found := f[name]; found {
			return value, nil
		}
	}
	return nil, nil
}
