package wire

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestGolden reads one invented document per shape that a platform sends.
// To add one: put it into testdata, run with -update, and read the result.
func TestGolden(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no documents", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.MarshalIndent(dump(t, raw), "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			compareTable(t, strings.TrimSuffix(file, ".json")+".golden", string(got)+"\n")
		})
	}
}

// dump reads a document and what is embedded in it.
func dump(t *testing.T, raw []byte) any {
	t.Helper()
	d, err := Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	return dumpDocument(t, d)
}

func dumpDocument(t *testing.T, d *Document) any {
	t.Helper()
	var value any
	var err error
	var embedded []Reference
	switch d.Kind {
	case KindActivity:
		var a Activity
		a, err = d.Activity()
		embedded, value = a.Objects, a
	case KindActor:
		value, err = d.Actor()
	case KindCollection:
		var c Collection
		c, err = d.Collection()
		embedded, value = c.Items, c
	default:
		value, err = d.Object()
	}
	if err != nil {
		t.Fatal(err)
	}
	out := []any{stripZero(t, value)}
	for _, r := range embedded {
		if r.Raw != nil {
			inner, err := r.Decode()
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, dumpDocument(t, inner))
		}
	}
	return out
}

// stripZero keeps what was read, without the raw bytes.
func stripZero(t *testing.T, value any) any {
	t.Helper()
	raw, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return prune(out)
}

func prune(value any) any {
	switch v := value.(type) {
	case map[string]any:
		delete(v, "Raw")
		for key, inner := range v {
			if inner = prune(inner); inner == nil {
				delete(v, key)
			} else {
				v[key] = inner
			}
		}
		if len(v) == 0 {
			return nil
		}
	case []any:
		for i := range v {
			v[i] = prune(v[i])
		}
	case string:
		if v == "" || v == "0001-01-01T00:00:00Z" {
			return nil
		}
	case float64:
		if v == 0 {
			return nil
		}
	case bool:
		if !v {
			return nil
		}
	}
	return value
}
