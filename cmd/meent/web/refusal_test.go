package web

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Each reason is one that the town or a page really gives, and what is said instead has room for what it names.
func TestRefusalsAreThoseOfTheTown(t *testing.T) {
	t.Parallel()
	reasons := reasons(t)
	texts := catalogues(t)["nl"]
	for _, refusal := range refusals {
		example := strings.NewReplacer("%s", "Plein", "%d", "7").Replace(refusal.reason)
		given := false
		for _, reason := range reasons {
			given = given || reason.MatchString(example)
		}
		if !given {
			t.Errorf("nobody says %q", refusal.reason)
		}
		if said := texts.refusal(example); said == example || strings.Contains(said, "%!") {
			t.Errorf("%q becomes %q", example, said)
		}
	}
}

// reasons are the formats in the calls that make errors for people, in the town and in the pages.
func reasons(t *testing.T) []*regexp.Regexp {
	t.Helper()
	var found []*regexp.Regexp
	for _, pattern := range []string{"../../../communities/*.go", "*.go", "../*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if file != "refusal.go" && !strings.HasSuffix(file, "_test.go") {
				found = append(found, literals(t, file)...)
			}
		}
	}
	return found
}

func literals(t *testing.T, path string) []*regexp.Regexp {
	t.Helper()
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), path, source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var found []*regexp.Regexp
	ast.Inspect(file, func(n ast.Node) bool {
		literal, ok := n.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING || !regexp.MustCompile(`[a-z]{3,} [a-z]{2,}`).MatchString(literal.Value) {
			return true
		}
		text, err := strconv.Unquote(literal.Value)
		if err != nil {
			t.Fatal(err)
		}
		pattern := strings.NewReplacer("%s", ".+", "%d", "[0-9]+", "%q", ".+").Replace(regexp.QuoteMeta(text))
		found = append(found, regexp.MustCompile("^"+pattern+"$"))
		return true
	})
	return found
}
