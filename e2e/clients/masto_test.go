//go:build unix

package clients

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"meent/e2e/node"
	"meent/e2e/npm"
	"meent/e2e/postoffice"
	"meent/e2e/workshop"
	"meent/storage/storagetest"
)

// Masto, which web apps are built on, goes through all groups of endpoints. Its own tests say what is expected; here is only the town.
func TestMasto(t *testing.T) {
	t.Parallel()
	dir, err := npm.Install("clients/masto")
	if err != nil {
		workshop.Lacking(t, err)
	}
	storagetest.Each(t, func(t *testing.T, dsn string) {
		o := node.Options{
			Host: "localhost", Dir: filepath.Join(t.TempDir(), "node"), Database: dsn, // that name it finds by itself
			Env: []string{"MEENT_SMTP=" + postoffice.Open(t, false).URL, "MEENT_MAIL_FROM=post@stad.example"},
		}
		w := town{t, t.Context(), node.ForTest(t, o, (*node.Node).Stop)}
		tokens := map[string]string{}
		for name, role := range map[string]string{"anna": "resident", "bert": "resident", "cor": "resident", "dora": "admin"} {
			w.run("person", "add", name, "--email", name+"@stad.example", "--role", role)
			tokens[name] = w.run("token", "create", "--person", name, "--scopes", "read write follow push admin:read admin:write")
		}
		w.run("group", "add", "fietsen", "--title", "Fietsen", "--owner", "dora")
		w.run("registrations", "approval")
		w.run("announce", "add", "Het zwembad is dicht.")
		known, err := json.Marshal(tokens)
		w.must(err)
		env := append(os.Environ(), "MEENT_URL="+w.node.Base, "MEENT_STREAMS=ws"+strings.TrimPrefix(w.node.Base, "http"),
			"MEENT_TOKENS="+string(known), "MEENT_CALLED="+t.TempDir())
		for _, args := range [][]string{{"--test", "--test-concurrency=1"}, {"every.mjs"}} {
			suite := exec.CommandContext(t.Context(), "node", args...)
			suite.Dir, suite.Env = dir, env
			if said, err := suite.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, said)
			}
		}
	})
}
