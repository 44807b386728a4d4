package fetch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// forbidden outside this package, by import path: every way to open a connection or to trust one blindly.
var forbidden = map[string][]string{
	"net":        {"Dial", "DialTimeout", "DialTCP", "DialUDP", "DialIP", "DialUnix", "Dialer"},
	"net/http":   {"Get", "Head", "Post", "PostForm", "Client", "DefaultClient", "Transport", "DefaultTransport"},
	"crypto/tls": {"Dial", "DialWithDialer", "Dialer"},
}

// doors are other packages that may dial, each with the reason why fetch cannot do it for them.
var doors = map[string]string{
	"federation/fetch": "the one outbound client",
}

// TestOneDoor is rows S13 and O20: no other file of the module reaches the network by itself or skips TLS checks.
func TestOneDoor(t *testing.T) {
	t.Parallel()
	root := moduleRoot(t)
	files := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return skipDir(relative, entry.Name())
		}
		if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			files++
			for _, use := range uses(t, path) {
				t.Errorf("%s uses %s: ask federation/fetch", relative, use)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d files", files)
}

func skipDir(relative, name string) error {
	_, door := doors[filepath.ToSlash(relative)]
	hidden := len(name) > 1 && strings.HasPrefix(name, ".")
	if door || hidden || relative == "e2e" || name == "testdata" || name == "node_modules" {
		return filepath.SkipDir
	}
	return nil
}

// TestWallHolds proves that the walk finds what it looks for: this package itself.
func TestWallHolds(t *testing.T) {
	t.Parallel()
	var found []string
	for _, file := range []string{"dial.go", "client.go"} {
		found = append(found, uses(t, file)...)
	}
	for _, want := range []string{"net.Dialer", "net/http.Transport"} {
		if !slices.Contains(found, want) {
			t.Errorf("did not find %s in %v", want, found)
		}
	}
}

func moduleRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the working directory")
		}
		dir = filepath.Dir(dir)
	}
}

// uses returns the forbidden names in a file.
func uses(t *testing.T, path string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	imports := map[string]string{}
	for _, spec := range file.Imports {
		from := strings.Trim(spec.Path.Value, `"`)
		name := from[strings.LastIndexByte(from, '/')+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		imports[name] = from
	}
	var found []string
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if pkg, ok := n.X.(*ast.Ident); ok && slices.Contains(forbidden[imports[pkg.Name]], n.Sel.Name) {
				found = append(found, imports[pkg.Name]+"."+n.Sel.Name)
			}
		case *ast.Ident:
			if n.Name == "InsecureSkipVerify" {
				found = append(found, n.Name)
			}
		}
		return true
	})
	return found
}
