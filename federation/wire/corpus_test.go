package wire

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"meent/federation/wire/corpus"
)

var update = flag.Bool("update", false, "rewrite golden files and docs/corpus.md")

// tally counts what became of one platform's documents.
type tally struct {
	files      int
	understood map[string]int
	disputed   int
	refused    map[Reason]int
}

// TestCorpus takes every real document that MEENT_CORPUS holds: each is
// understood or refused with a reason. docs/corpus.md shows the result.
func TestCorpus(t *testing.T) {
	root := os.Getenv("MEENT_CORPUS")
	if root == "" {
		t.Skip("MEENT_CORPUS is not set: no corpus of real documents to read")
	}
	documents, err := corpus.Read(root)
	if err != nil {
		t.Fatal(err)
	}
	tallies := make(map[string]*tally)
	for _, d := range documents {
		if tallies[d.Platform] == nil {
			tallies[d.Platform] = &tally{understood: map[string]int{}, refused: map[Reason]int{}}
		}
		tallies[d.Platform].add(t, filepath.Base(d.File), d.Raw)
	}
	compareTable(t, "../../docs/corpus.md", corpusTable(tallies))
}

func (c *tally) add(t *testing.T, name string, raw []byte) {
	t.Helper()
	c.files++
	class, disputed, err := understand(raw)
	if err != nil {
		reason := ReasonOf(err)
		if reason == "" {
			t.Errorf("%s: refused without a reason: %v", name, err)
		}
		t.Logf("%s: %v", name, err)
		c.refused[reason]++
		return
	}
	c.understood[class]++
	if disputed {
		c.disputed++
	}
}

// understand classifies a document as whoever fetched it would, by trying the
// reader of each protocol.
func understand(raw []byte) (class string, disputed bool, err error) {
	d, err := Decode(raw)
	if err == nil {
		class, err = readAs(d)
		return class, d.Recognition != Known || d.AssumedContext, err
	}
	if ReasonOf(err) != ReasonType {
		return "", false, err
	}
	if _, jrd := ParseJRD(raw); jrd == nil {
		return "jrd", false, nil
	}
	if _, info := ParseNodeInfo(raw); info == nil {
		return "nodeinfo", false, nil
	}
	if _, discovery := ParseNodeInfoDiscovery(raw); discovery == nil {
		return "nodeinfo", false, nil
	}
	var only map[string]json.RawMessage
	if json.Unmarshal(raw, &only) == nil && len(only) == 1 && only["@context"] != nil {
		return "context", false, nil
	}
	return "", false, err
}

// readAs reads a document wholly, with everything embedded in it.
func readAs(d *Document) (string, error) {
	switch d.Kind {
	case KindActivity:
		a, err := d.Activity()
		if err == nil {
			err = readEmbedded(a.Objects)
		}
		return "activity", err
	case KindActor:
		_, err := d.Actor()
		if _, noKeys := d.Keys(); err != nil && noKeys == nil {
			return "key", nil // what GoToSocial shows to strangers
		}
		return "actor", err
	case KindCollection:
		c, err := d.Collection()
		if err == nil {
			err = readEmbedded(c.Items)
		}
		return "collection", err
	case KindKey:
		_, err := d.Keys()
		return "key", err
	default:
		_, err := d.Object()
		return "object", err
	}
}

func readEmbedded(references []Reference) error {
	for _, r := range references {
		if r.Raw == nil {
			continue
		}
		inner, err := r.Decode()
		if err != nil {
			return err
		}
		if inner.Kind == KindActor { // inside an Update or Delete only its id counts
			continue
		}
		if _, err := readAs(inner); err != nil {
			return err
		}
	}
	return nil
}

func corpusTable(tallies map[string]*tally) string {
	var b strings.Builder
	b.WriteString(corpusIntroduction)
	total := tally{understood: map[string]int{}, refused: map[Reason]int{}}
	for _, platform := range slices.Sorted(maps.Keys(tallies)) {
		c := tallies[platform]
		writeRow(&b, platform, c)
		total.files += c.files
		total.disputed += c.disputed
		for class, n := range c.understood {
			total.understood[class] += n
		}
		for reason, n := range c.refused {
			total.refused[reason] += n
		}
	}
	writeRow(&b, "**all**", &total)
	return b.String()
}

const corpusIntroduction = `# What we understand

Every document of a corpus of real ones goes through the reader (` + "`federation/wire`" + `). This table is written by its test
(` + "`MEENT_CORPUS=... go test ./federation/wire -run TestCorpus -update`" + `) and compared by it. The fifth column counts the documents that we understand
although go-fed/activity alone refuses them: it does not know their type, or finds no @context, or disputes a value. Placeholders in fixtures (scrubbed or templated ids) are filled in first. Folders that are no platform: ` + "`as2-valid`, `as2-invalid`" + ` (tests of
the specification, many without id or type), ` + "`contexts`, `fep`" + ` (examples in proposals, often fragments), ` + "`synthetic`" + ` (tests of libraries),
` + "`http-mocks`, `nodeinfo`, `webfinger`, `misc`" + `. Reasons are explained in ` + "`federation/wire/refusal.go`" + `.

| platform | files | understood | as | despite go-fed | refused by reason |
| --- | ---: | ---: | --- | ---: | --- |
`

func writeRow(b *strings.Builder, platform string, c *tally) {
	understood := 0
	for _, n := range c.understood {
		understood += n
	}
	fmt.Fprintf(b, "| %s | %d | %d | %s | %d | %s |\n", platform, c.files, understood, counts(c.understood), c.disputed, counts(c.refused))
}

func counts[K ~string](m map[K]int) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, fmt.Sprintf("%s %d", k, m[k]))
	}
	return strings.Join(parts, ", ")
}

// compareTable compares a generated file with the one in the tree, or writes it.
func compareTable(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s is not what the documents give now (-update rewrites it):\n%s", file, diff)
	}
}
