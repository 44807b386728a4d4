package signature

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// RFC 8785 appendix B.
func TestNumbersOfRFC8785(t *testing.T) {
	t.Parallel()
	for bits, want := range map[uint64]string{
		0x0000000000000000: "0",
		0x8000000000000000: "0",
		0x0000000000000001: "5e-324",
		0x8000000000000001: "-5e-324",
		0x7fefffffffffffff: "1.7976931348623157e+308",
		0xffefffffffffffff: "-1.7976931348623157e+308",
		0x4340000000000000: "9007199254740992",
		0xc340000000000000: "-9007199254740992",
		0x4430000000000000: "295147905179352830000",
		0x44b52d02c7e14af5: "9.999999999999997e+22",
		0x44b52d02c7e14af6: "1e+23",
		0x44b52d02c7e14af7: "1.0000000000000001e+23",
		0x444b1ae4d6e2ef4e: "999999999999999700000",
		0x444b1ae4d6e2ef4f: "999999999999999900000",
		0x444b1ae4d6e2ef50: "1e+21",
		0x3eb0c6f7a0b5ed8c: "9.999999999999997e-7",
		0x3eb0c6f7a0b5ed8d: "0.000001",
		0x41b3de4355555553: "333333333.3333332",
		0x41b3de4355555554: "333333333.33333325",
		0x41b3de4355555555: "333333333.3333333",
		0x41b3de4355555556: "333333333.3333334",
		0x41b3de4355555557: "333333333.33333343",
		0xbecbf647612f3696: "-0.0000033333333333333333",
		0x43143ff3c1cb0959: "1424953923781206.2",
	} {
		if got := string(appendFloat(nil, math.Float64frombits(bits))); got != want {
			t.Errorf("%016x = %s, want %s", bits, got, want)
		}
	}
}

func TestCanonicalize(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, doc, want string }{
		{
			"RFC 8785 3.2.2",
			`{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
			  "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}`,
			`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
		},
		{
			"RFC 8785 3.2.3",
			`{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",
			  "\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}`,
			`{"\r":"Carriage Return","1":"One","` + "\u0080" + `":"Control","ö":"Latin Small Letter O With Diaeresis",` +
				`"€":"Euro Sign","😀":"Emoji: Grinning Face","` + "\ufb33" + `":"Hebrew Letter Dalet With Dagesh"}`,
		},
		{"empty", " { } ", "{}"},
		{"nested", `[ [ ] , { "b" : [ 1 , 2 ] , "a" : { } } ]`, `[[],{"a":{},"b":[1,2]}]`},
		{"not an object", ` "\b\t\n\f\r\u0001\u007f<" `, `"\b\t\n\f\r\u0001` + "\u007f" + `<"`},
		{"same keys in different objects", `{"a":{"a":1},"b":{"a":1}}`, `{"a":{"a":1},"b":{"a":1}}`},
		{"largest exact integer", `9007199254740992`, `9007199254740992`},
		{"long integer of few digits", `1000000000000000000`, `1000000000000000000`},
		{"minus zero", `[-0, -0.0, 0e5]`, `[0,0,0]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := Canonicalize([]byte(tt.doc))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCanonicalizeRefuses(t *testing.T) {
	t.Parallel()
	for name, doc := range map[string]string{
		"J7 key twice":            `{"actor":"a","actor":"b"}`,
		"J7 key twice, deep":      `{"object":[{"id":1,"id":1}]}`,
		"J7 key twice, by escape": `{"actor":"a","\u0061ctor":"b"}`,
		"lone high surrogate":     `"\ud83d"`,
		"lone low surrogate":      `"\ude00 "`,
		"two high surrogates":     `"\ud83d\ud83d"`,
		"surrogate and letter":    `"\ud83d\u0041"`,
		"not UTF-8":               "\"\xff\"",
		"integer loses digits":    `1234567890123456789`,
		"neighbour of 2^53":       `9007199254740993`,
		"number too large":        `1e400`,
		"empty":                   ``,
		"two values":              `{} {}`,
		"trailing comma":          `[1,]`,
		"NaN":                     `NaN`,
		"too deep":                strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Canonicalize([]byte(doc))
			if KindOf(err) != Malformed {
				t.Errorf("got %s, %v", got, err)
			}
		})
	}
}

// Whatever is said in JSON is still said in canonical form, and that form is its own canonical form.
func TestCanonicalFormSaysTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		value := anyJSON(3).Draw(t, "value")
		doc, err := json.MarshalIndent(value, "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		once, err := Canonicalize(doc)
		if err != nil {
			t.Fatalf("%s: %v", doc, err)
		}
		twice, err := Canonicalize(once)
		if err != nil || string(once) != string(twice) {
			t.Fatalf("%s became %s: %v", once, twice, err)
		}
		var before, after any
		if json.Unmarshal(doc, &before) != nil || json.Unmarshal(once, &after) != nil {
			t.Fatalf("%s became %s", doc, once)
		}
		if diff := cmp.Diff(before, after); diff != "" {
			t.Fatal(diff)
		}
	})
}

func anyJSON(depth int) *rapid.Generator[any] {
	leaves := []*rapid.Generator[any]{
		rapid.String().AsAny(),
		rapid.Float64().AsAny(),
		rapid.Int32().AsAny(),
		rapid.Bool().AsAny(),
		rapid.Just[any](nil),
	}
	if depth > 0 {
		inner := rapid.Deferred(func() *rapid.Generator[any] { return anyJSON(depth - 1) })
		leaves = append(leaves,
			rapid.SliceOfN(inner, 0, 4).AsAny(),
			rapid.MapOfN(rapid.String(), inner, 0, 4).AsAny())
	}
	return rapid.OneOf(leaves...)
}
