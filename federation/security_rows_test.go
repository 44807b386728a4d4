package federation

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// sections are the known weaknesses of other servers, and how many rows each has.
var sections = map[string]int{"S": 28, "B": 22, "J": 7, "I": 14, "U": 24, "H": 17, "O": 21, "V": 19, "D": 26, "P": 8}

var testFunction = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)

// replayed are the tests that attack the running program.
const replayed = "../e2e/"

// TestSecurityRows holds docs/security-rows.tsv to the tests that there are: each row names tests that exist, of which one attacks the
// running program, or says why none does.
func TestSecurityRows(t *testing.T) {
	t.Parallel()
	list, err := os.ReadFile("../docs/security-rows.tsv")
	if err != nil {
		t.Fatal(err)
	}
	known, seen := allTests(t), map[string]bool{}
	for line := range strings.Lines(string(list)) {
		columns := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(columns) != 3 {
			t.Fatalf("%q has %d columns", line, len(columns))
		}
		row, tests, reason := columns[0], strings.Fields(columns[1]), columns[2]
		if row == "row" {
			continue
		}
		if seen[row] {
			t.Errorf("%s stands there twice", row)
		}
		seen[row] = true
		attacked := false
		for _, name := range tests {
			path, exists := known[name]
			if !exists {
				t.Errorf("%s: there is no %s", row, name)
			}
			attacked = attacked || strings.HasPrefix(path, replayed)
		}
		if attacked == (reason != "") {
			t.Errorf("%s needs a test that attacks the running program or a reason, and not both", row)
		}
	}
	for section, rows := range sections {
		for n := 1; n <= rows; n++ {
			if !seen[section+strconv.Itoa(n)] {
				t.Errorf("%s%d is missing", section, n)
			}
		}
	}
}

// allTests finds the tests of the module, and where each stands: if there are several of a name, one that attacks the running program.
func allTests(t *testing.T) map[string]string {
	t.Helper()
	known := map[string]string{}
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, match := range testFunction.FindAllStringSubmatch(string(source), -1) {
			if !strings.HasPrefix(known[match[1]], replayed) {
				known[match[1]] = path
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return known
}
