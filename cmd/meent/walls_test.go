package main_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The five folders that hold the product. All else is about it: papers, packaging, and tests that drive the real binary.
var product = []string{"cmd", "federation", "storage", "migrations", "communities"}

// A wall keeps what is named in banned (an import path and all below it) out of a room (a folder and all below it; "" is
// the whole house), except in the rooms and for the paths named in doors.
type wall struct {
	room   string
	banned string
	doors  []string
	tests  bool // whether test files must keep to it as well
	why    string
}

var walls = []wall{
	{"communities", "meent", []string{"meent/communities"}, false, "what a node is for depends on nothing that a node is made of"},
	{"communities", "net/http", nil, false, "one rule for every door: the town does not know who knocks"},
	{"communities", "database/sql", nil, false, "the town states what it needs kept; how, is the archive's business"},
	{"communities", "github.com/uptrace/bun", nil, false, "as database/sql"},
	{"communities", "github.com/go-fed", nil, false, "a post is a post, whatever the road it came by"},
	{"communities", "github.com/riverqueue", nil, false, "verbs say what must happen next; the archive queues it"},
	{"migrations", "meent", nil, true, "history never changes, today's structs do"},
	{"storage", "meent/federation", nil, false, "imports fall one way: federation -> storage"},
	{"storage", "meent/cmd", nil, true, "imports fall one way: cmd -> storage"},
	{"federation", "meent/cmd", nil, true, "imports fall one way: cmd -> federation"},
	{"federation/wire", "meent", []string{"meent/federation/wire"}, true, "a wire format could be lifted out tomorrow"},
	{"federation/signature", "meent", []string{"meent/federation/signature"}, true, "the same"},
	{"federation/preview", "meent", []string{"meent/federation/preview"}, true, "what strangers wrote is read apart from everything else"},
	{"", "github.com/go-fed/activity", []string{"federation/wire", "e2e/bench"}, true, "it loses fields, and its types would spread; the benchmark measures it bare"},
	{"", "github.com/go-fed/httpsig", []string{"federation/signature", "e2e/bench"}, true, "it accepts signatures that our policy refuses; the benchmark measures it bare"},
	{"", "meent/e2e", []string{"cmd/meent", "e2e"}, true, "the product does not know its testers; only the program's own tests meet them"},
	{"", "meent/storage/storagetest", []string{"storage/storagetest", "e2e"}, false, "throw-away databases are for tests"},
	{"", "testing", []string{"storage/storagetest", "e2e"}, false, "it brings its flags along"},
	{"", "log", []string{"log/slog", "e2e"}, false, "it writes to a global; a *slog.Logger is passed in"},
	{"", "github.com/lib/pq", nil, true, "one PostgreSQL driver: pgx"},
}

func TestImportsKeepToTheWalls(t *testing.T) {
	t.Parallel()
	for _, file := range goFiles(t) {
		for _, imported := range file.imports(t) {
			for _, wall := range walls {
				if wall.stops(file, imported) {
					t.Errorf("%s imports %s: %s", file.path, imported, wall.why)
				}
			}
		}
	}
}

// The walls themselves: each row is a file, an import, and whether some wall stops it.
func TestWallsStopWhatTheySay(t *testing.T) {
	t.Parallel()
	tests := []struct {
		file, imported string
		stopped        bool
	}{
		{"communities/post.go", "meent/communities/text", false},
		{"communities/post.go", "meent/storage", true},
		{"communities/text/render.go", "net/http", true},
		{"communities/post_test.go", "net/http", false},
		{"communities/post.go", "net/url", false},
		{"storage/post.go", "database/sql", false},
		{"storage/post.go", "meent/federation/wire", true},
		{"storage/post_test.go", "meent/storage/storagetest", false},
		{"storage/post.go", "meent/storage/storagetest", true},
		{"federation/wire/read.go", "github.com/go-fed/activity/streams", false},
		{"federation/inbox.go", "github.com/go-fed/activity/streams", true},
		{"federation/inbox_test.go", "github.com/go-fed/httpsig", true},
		{"cmd/meent/main.go", "log/slog", false},
		{"cmd/meent/main.go", "log", true},
		{"cmd/meent/web/group.go", "meent/federation", false},
	}
	for _, test := range tests {
		stops := func(w wall) bool { return w.stops(goFile{path: test.file}, test.imported) }
		if got := slices.ContainsFunc(walls, stops); got != test.stopped {
			t.Errorf("%s imports %s: stopped is %t, want %t", test.file, test.imported, got, test.stopped)
		}
	}
}

func (w wall) stops(file goFile, imported string) bool {
	if file.isTest() && !w.tests {
		return false
	}
	isDoor := func(door string) bool { return within(file.path, door) || within(imported, door) }
	return within(file.path, w.room) && within(imported, w.banned) && !slices.ContainsFunc(w.doors, isDoor)
}

// The faces that people and apps meet lie side by side in cmd/meent; only the program itself knows them all.
func TestFacesAreSiblings(t *testing.T) {
	t.Parallel()
	const faces, words = "meent/cmd/meent/", "locale" // words are no face: they are what faces share
	face := func(imported string) string {
		name, _, _ := strings.Cut(strings.TrimPrefix(imported, faces), "/")
		return name
	}
	for _, file := range goFiles(t) {
		own := path.Join("meent", path.Dir(file.path)) + "/"
		if !strings.HasPrefix(own, faces) || own == faces {
			continue
		}
		for _, imported := range file.imports(t) {
			if strings.HasPrefix(imported, faces) && face(imported) != face(own) && face(imported) != words {
				t.Errorf("%s imports %s: a rule that two faces share belongs in communities", file.path, imported)
			}
		}
	}
}

// Configuration is read once, in package main, and handed down as values; whatever else reads it cannot be tested in parallel.
func TestOnlyTheProgramReadsTheEnvironment(t *testing.T) {
	t.Parallel()
	readers := []string{"Getenv", "LookupEnv", "Environ", "ExpandEnv"}
	for _, file := range goFiles(t) {
		if file.isTest() || within(file.path, "e2e") || within(file.path, "storage/storagetest") || path.Dir(file.path) == "cmd/meent" {
			continue
		}
		ast.Inspect(file.syntax, func(node ast.Node) bool {
			selector, found := node.(*ast.SelectorExpr)
			if !found || !slices.Contains(readers, selector.Sel.Name) {
				return true
			}
			if from, found := selector.X.(*ast.Ident); found && from.Name == "os" {
				t.Errorf("%s: os.%s is for package main", file.at(node), selector.Sel.Name)
			}
			return true
		})
	}
}

// A package is called by what it gives, in one plain word.
func TestPackageNamesSaySomething(t *testing.T) {
	t.Parallel()
	empty := []string{"util", "utils", "common", "helper", "helpers", "model", "models", "manager", "processor", "misc", "base", "shared"}
	for _, file := range goFiles(t) {
		if name := strings.TrimSuffix(file.syntax.Name.Name, "_test"); slices.Contains(empty, name) {
			t.Errorf("%s: package %s could hold anything, so it will", file.path, name)
		}
	}
}

// Exactly one file of a package says why the package exists.
func TestEachPackageSaysOnceWhyItExists(t *testing.T) {
	t.Parallel()
	comments := map[string][]string{}
	for _, file := range goFiles(t) {
		if file.isTest() {
			continue
		}
		dir := path.Dir(file.path)
		comments[dir] = append(comments[dir], nil...)
		if file.syntax.Doc != nil {
			comments[dir] = append(comments[dir], path.Base(file.path))
		}
	}
	for dir, files := range comments {
		if len(files) != 1 {
			t.Errorf("%s: %d package comments %v, want one", dir, len(files), files)
		}
	}
}

// The top level is the plan of the house: a new folder there is a new plan.
func TestTopLevelIsThePlan(t *testing.T) {
	t.Parallel()
	allowed := append([]string{"docs", "deploy", "e2e"}, product...)
	made := []string{"bin", "build", "data", "demo"} // by make; not kept
	entries, err := os.ReadDir(house(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		name := entry.Name()
		if entry.IsDir() && !strings.HasPrefix(name, ".") && !slices.Contains(allowed, name) && !slices.Contains(made, name) {
			t.Errorf("%s/ is not in the plan of docs/architecture.md", name)
		}
	}
	for _, file := range goFiles(t) {
		if room, _, _ := strings.Cut(file.path, "/"); room != "e2e" && !slices.Contains(product, room) {
			t.Errorf("%s: Go code lives in %v, or in e2e if it drives them from outside", file.path, product)
		}
	}
}

// A file is read in one sitting.
func TestFilesCanBeReadInOneSitting(t *testing.T) {
	t.Parallel()
	const sitting = 700 // lines
	for _, file := range goFiles(t) {
		if lines := file.set.File(file.syntax.Pos()).LineCount(); lines > sitting {
			t.Errorf("%s has %d lines, more than %d: what is its second story?", file.path, lines, sitting)
		}
	}
}

// migrations/SUMS has one line "SHA-256  file" for each step, written when it lands. From then on some database has been
// through it, so it never changes: what is wrong is put right by the next step.
func TestMigrationsNeverChange(t *testing.T) {
	t.Parallel()
	room := filepath.Join(house(t), "migrations")
	landed := readSums(t, filepath.Join(room, "SUMS"))
	for _, name := range migrationFiles(t, room) {
		text, err := os.ReadFile(filepath.Join(room, name))
		if err != nil {
			t.Fatal(err)
		}
		digest := sha256.Sum256(text)
		switch sum := hex.EncodeToString(digest[:]); landed[name] {
		case sum:
		case "":
			t.Errorf("migrations/%s has not landed: `make sums` adds its line to migrations/SUMS", name)
		default:
			t.Errorf("migrations/%s changed after it landed: put it back, and write a new pair", name)
		}
		delete(landed, name)
		if twin := otherDirection(name); !exists(filepath.Join(room, twin)) {
			t.Errorf("migrations/%s has no migrations/%s", name, twin)
		}
	}
	for name := range landed {
		t.Errorf("migrations/%s landed and is gone: put it back", name)
	}
}

func migrationFiles(t *testing.T, room string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(room)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), ".sql") {
			names = append(names, entry.Name())
		}
	}
	return names
}

func readSums(t *testing.T, file string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	sums := map[string]string{}
	for line := range bytes.Lines(text) {
		sum, name, found := strings.Cut(strings.TrimSpace(string(line)), "  ")
		if !found || sums[name] != "" {
			t.Fatalf("%s: %q is not one line per file", file, line)
		}
		sums[name] = sum
	}
	return sums
}

// otherDirection names the way back of a step, and the way there of a way back.
func otherDirection(name string) string {
	if stem, up := strings.CutSuffix(name, ".up.sql"); up {
		return stem + ".down.sql"
	}
	return strings.TrimSuffix(name, ".down.sql") + ".up.sql"
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// within tells whether a slash-separated path is at or below a folder; everything is below "".
func within(name, folder string) bool {
	return folder == "" || name == folder || strings.HasPrefix(name, folder+"/")
}

// goFile is one parsed file of the house; its path is relative to the root and has slashes.
type goFile struct {
	path   string
	set    *token.FileSet
	syntax *ast.File
}

func (f goFile) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }

func (f goFile) imports(t *testing.T) (paths []string) {
	t.Helper()
	for _, spec := range f.syntax.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, imported)
	}
	return paths
}

func (f goFile) at(node ast.Node) string {
	return fmt.Sprintf("%s:%d", f.path, f.set.Position(node.Pos()).Line)
}

// goFiles parses every Go file of the house.
func goFiles(t *testing.T) (files []goFile) {
	t.Helper()
	root := os.DirFS(house(t))
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && skipped(entry.Name()):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		file := goFile{path: name, set: token.NewFileSet()}
		file.syntax, err = parser.ParseFile(file.set, name, text, parser.ParseComments|parser.SkipObjectResolution)
		files = append(files, file)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("the house is empty")
	}
	return files
}

// skipped names folders that hold no code of ours.
func skipped(dir string) bool {
	return strings.HasPrefix(dir, ".") || dir == "node_modules" || dir == "testdata" || dir == "data" || dir == "build"
}

// house is the root of the repository, two floors above this test.
func house(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	return root
}
