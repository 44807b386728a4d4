package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The events below are written as go test writes them, one JSON object per line.
func stream(lines ...string) string { return strings.Join(lines, "\n") + "\n" }

func TestReport(t *testing.T) {
	t.Parallel()
	const (
		passes      = `{"Action":"pass","Package":"meent/a","Test":"TestOne"}`
		packageEnds = `{"Action":"output","Package":"meent/a","Output":"ok  \tmeent/a\t0.01s\n"}` + "\n" + `{"Action":"pass","Package":"meent/a"}`
		saysWhy     = `{"Action":"output","Package":"meent/a","Test":"TestTwo","Output":"    a_test.go:7: no browser\n"}`
		skips       = `{"Action":"skip","Package":"meent/a","Test":"TestTwo"}`
		fails       = `{"Action":"fail","Package":"meent/a","Test":"TestTwo"}`
		packageFail = `{"Action":"output","Package":"meent/a","Output":"FAIL\tmeent/a\t0.01s\n"}` + "\n" + `{"Action":"fail","Package":"meent/a"}`
	)
	tests := []struct {
		name   string
		events string
		strict bool
		allow  string
		well   bool
		screen string
	}{
		{
			name: "all pass", events: stream(passes, packageEnds), strict: true, well: true,
			screen: "ok  \tmeent/a\t0.01s\n1 passed, 0 failed, 0 skipped\n",
		},
		{
			name: "a skip is told", events: stream(passes, saysWhy, skips, packageEnds), well: true,
			screen: "ok  \tmeent/a\t0.01s\nskipped: meent/a.TestTwo: a_test.go:7: no browser\n1 passed, 0 failed, 1 skipped\n",
		},
		{
			name: "a skip fails a strict run", events: stream(passes, saysWhy, skips, packageEnds), strict: true, well: false,
			screen: "ok  \tmeent/a\t0.01s\nMUST NOT BE SKIPPED: meent/a.TestTwo: a_test.go:7: no browser\n1 passed, 0 failed, 1 skipped\n",
		},
		{
			name: "unless it is expected", events: stream(passes, saysWhy, skips, packageEnds), strict: true,
			allow: "# remark\nmeent/a.TestTwo needs a microphone\n", well: true,
			screen: "ok  \tmeent/a\t0.01s\nskipped: meent/a.TestTwo: a_test.go:7: no browser\n1 passed, 0 failed, 1 skipped\n",
		},
		{
			name: "a failure says what it said", events: stream(passes, saysWhy, fails, packageFail), well: false,
			screen: "    a_test.go:7: no browser\nFAIL\tmeent/a\t0.01s\n1 passed, 1 failed, 0 skipped\n",
		},
		{
			name: "a package that does not build",
			events: stream(passes, `{"ImportPath":"meent/b","Action":"build-output","Output":"b.go:1: undefined: x\n"}`,
				`{"Action":"fail","Package":"meent/b","FailedBuild":"meent/b"}`), well: false,
			screen: "b.go:1: undefined: x\nBROKEN: meent/b\n1 passed, 1 failed, 0 skipped\n",
		},
		{name: "a package without tests", events: stream(passes, `{"Action":"skip","Package":"meent/c"}`), strict: true, well: true, screen: "1 passed, 0 failed, 0 skipped\n"},
		{name: "words of another tool", events: stream("go: downloading", passes), well: true, screen: "go: downloading\n1 passed, 0 failed, 0 skipped\n"},
		{name: "silence is no success", events: "", well: false, screen: "0 passed, 0 failed, 0 skipped\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			allowed, err := parseAllowed(strings.NewReader(test.allow))
			if err != nil {
				t.Fatal(err)
			}
			var screen strings.Builder
			run, err := follow(strings.NewReader(test.events), &screen)
			if err != nil {
				t.Fatal(err)
			}
			if well := run.report(&screen, test.strict, allowed); well != test.well {
				t.Errorf("well is %t", well)
			}
			if diff := cmp.Diff(test.screen, screen.String()); diff != "" {
				t.Errorf("screen (-want +got):\n%s", diff)
			}
		})
	}
}

func TestASkipNeedsAReason(t *testing.T) {
	t.Parallel()
	if _, err := parseAllowed(strings.NewReader("meent/a.TestTwo\n")); err == nil {
		t.Error("a test may be skipped without a reason")
	}
}

func TestLongLines(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1<<20)
	events := fmt.Sprintf(`{"Action":"output","Package":"meent/a","Test":"TestOne","Output":"%s"}`, long) + "\n" +
		`{"Action":"pass","Package":"meent/a","Test":"TestOne"}`
	run, err := follow(strings.NewReader(events), &strings.Builder{})
	if err != nil {
		t.Fatal(err)
	}
	if run.passed != 1 {
		t.Errorf("%d passed", run.passed)
	}
}
