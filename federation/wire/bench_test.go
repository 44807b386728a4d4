package wire

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/go-fed/activity/streams"
)

func benchInput(b *testing.B) []byte {
	b.Helper()
	raw, err := os.ReadFile("testdata/mastodon_create_note.json")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	return raw
}

// BenchmarkDecodeCreateNote is what ingesting costs here: gate, go-fed, and
// both structs.
func BenchmarkDecodeCreateNote(b *testing.B) {
	raw := benchInput(b)
	for b.Loop() {
		d, err := Decode(raw)
		if err != nil {
			b.Fatal(err)
		}
		a, err := d.Activity()
		if err != nil {
			b.Fatal(err)
		}
		inner, err := a.Objects[0].Decode()
		if err != nil {
			b.Fatal(err)
		}
		if _, err := inner.Object(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkGoFedDecode is the floor: encoding/json and go-fed alone.
func BenchmarkGoFedDecode(b *testing.B) {
	raw := benchInput(b)
	for b.Loop() {
		var doc map[string]any
		if err := json.Unmarshal(raw, &doc); err != nil {
			b.Fatal(err)
		}
		if _, err := streams.ToType(b.Context(), doc); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGate(b *testing.B) {
	raw := benchInput(b)
	for b.Loop() {
		if _, err := parse(raw); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkEncodeCreateNote and BenchmarkGoFedEncode write the same activity.
func BenchmarkEncodeCreateNote(b *testing.B) {
	create, note := decoded(b)
	for b.Loop() {
		inner, err := note.Embed()
		if err != nil {
			b.Fatal(err)
		}
		create.Objects = []Reference{inner}
		if _, err := create.Encode(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGoFedEncode(b *testing.B) {
	var doc map[string]any
	if err := json.Unmarshal(benchInput(b), &doc); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		value, err := streams.ToType(b.Context(), doc)
		if err != nil {
			b.Fatal(err)
		}
		out, err := streams.Serialize(value)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := json.Marshal(out); err != nil {
			b.Fatal(err)
		}
	}
}

func decoded(b *testing.B) (Activity, Object) {
	b.Helper()
	d, err := Decode(benchInput(b))
	if err != nil {
		b.Fatal(err)
	}
	create, err := d.Activity()
	if err != nil {
		b.Fatal(err)
	}
	inner, err := create.Objects[0].Decode()
	if err != nil {
		b.Fatal(err)
	}
	note, err := inner.Object()
	if err != nil {
		b.Fatal(err)
	}
	return create, note
}
