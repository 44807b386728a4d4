package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// event is one line of `go test -json` (go doc test2json).
type event struct {
	Action  string
	Package string
	Test    string // empty for the package as a whole
	Output  string
}

// name is PACKAGE.TEST.
func (e event) name() string { return e.Package + "." + e.Test }

// run is what is known of a test run so far.
type run struct {
	passed, failed int
	broken         []string // packages that failed outside any test
	skips          []skip
	said           map[string]*strings.Builder // by test (a package as a whole is PACKAGE.), until it passes
	failedIn       map[string]bool             // packages in which a test failed
}

type skip struct{ test, why string }

// follow reads events to the end and passes on what is worth seeing at once: how each package ended and what failed tests said.
func follow(events io.Reader, screen io.Writer) (*run, error) {
	r := &run{said: map[string]*strings.Builder{}, failedIn: map[string]bool{}}
	reader := bufio.NewReader(events)
	for {
		line, err := reader.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			if seeErr := r.line(line, screen); seeErr != nil {
				return nil, seeErr
			}
		}
		if err == io.EOF {
			return r, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// line takes one line in; what is no event comes from a tool before the tests and is shown as it is.
func (r *run) line(line []byte, screen io.Writer) error {
	var e event
	if json.Unmarshal(line, &e) != nil {
		_, err := screen.Write(line)
		return err
	}
	return r.event(e, screen)
}

func (r *run) event(e event, screen io.Writer) error {
	switch e.Action {
	case "output":
		return r.output(e, screen)
	case "build-output":
		_, err := io.WriteString(screen, e.Output)
		return err
	case "pass":
		if e.Test != "" {
			r.passed++
		}
		delete(r.said, e.name())
	case "skip":
		r.skip(e)
	case "fail":
		return r.fail(e, screen)
	}
	return nil
}

// output shows the closing line of a package and keeps the rest until it is known how the test ends.
func (r *run) output(e event, screen io.Writer) error {
	if e.Test == "" && isClosing(e.Output) {
		_, err := io.WriteString(screen, e.Output)
		return err
	}
	kept := r.said[e.name()]
	if kept == nil {
		kept = &strings.Builder{}
		r.said[e.name()] = kept
	}
	kept.WriteString(e.Output)
	return nil
}

func isClosing(output string) bool {
	for _, start := range []string{"ok  \t", "FAIL\t", "?   \t", "---\t"} {
		if strings.HasPrefix(output, start) {
			return true
		}
	}
	return false
}

// skip counts skipped tests; a package as a whole is "skipped" when it has none.
func (r *run) skip(e event) {
	if e.Test != "" {
		r.skips = append(r.skips, skip{e.name(), r.reason(e.name())})
	}
	delete(r.said, e.name())
}

// reason is what a skipped test said, without the frame that the testing package puts around it.
func (r *run) reason(test string) string {
	said := r.said[test]
	if said == nil {
		return "no reason given"
	}
	var reasons []string
	for line := range strings.Lines(said.String()) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "===") && !strings.HasPrefix(line, "---") {
			reasons = append(reasons, line)
		}
	}
	return strings.Join(reasons, " ")
}

func (r *run) fail(e event, screen io.Writer) error {
	if e.Test != "" {
		r.failed++
		r.failedIn[e.Package] = true
	} else if !r.failedIn[e.Package] {
		r.broken = append(r.broken, e.Package) // it did not build, panicked or ran out of time
	}
	said := r.said[e.name()]
	delete(r.said, e.name())
	if said == nil {
		return nil
	}
	_, err := io.WriteString(screen, said.String())
	return err
}

// report prints the skipped tests and the counts, and tells whether all is well.
func (r *run) report(screen io.Writer, strict bool, allowed map[string]bool) bool {
	well := r.failed == 0 && len(r.broken) == 0 && r.passed > 0
	for _, skip := range r.skips {
		verdict := "skipped"
		if strict && !allowed[skip.test] {
			verdict, well = "MUST NOT BE SKIPPED", false
		}
		fmt.Fprintf(screen, "%s: %s: %s\n", verdict, skip.test, skip.why)
	}
	for _, name := range r.broken {
		fmt.Fprintf(screen, "BROKEN: %s\n", name)
	}
	fmt.Fprintf(screen, "%d passed, %d failed, %d skipped\n", r.passed, r.failed+len(r.broken), len(r.skips))
	return well
}
