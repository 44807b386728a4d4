package locale

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"meent/communities"
)

func speech(t *testing.T) map[string]*Words {
	t.Helper()
	s, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	byLanguage := map[string]*Words{}
	for _, w := range s.words {
		byLanguage[w.Lang] = w
	}
	return byLanguage
}

var verb = regexp.MustCompile(`%[+#.0-9]*[a-z]`)

// Both languages say the same things, with the same places to fill in.
func TestCataloguesSayTheSameThings(t *testing.T) {
	t.Parallel()
	dutch, english := speech(t)["nl"].texts, speech(t)["en"].texts
	if diff := cmp.Diff(slices.Sorted(maps.Keys(dutch)), slices.Sorted(maps.Keys(english))); diff != "" {
		t.Errorf("keys of nl (-) and en (+) differ:\n%s", diff)
	}
	for key, text := range dutch {
		places := verb.FindAllString(key, -1)
		if strings.HasPrefix(key, "push.") {
			places = []string{"%s"}
		}
		for lang, text := range map[string]string{"nl": text, "en": english[key]} {
			if diff := cmp.Diff(places, verb.FindAllString(text, -1)); diff != "" {
				t.Errorf("%s has other places in %s:\n%s", key, lang, diff)
			}
		}
	}
}

// Every reason for which anything is refused has words in each language, and no words lie unused.
func TestEveryRefusalCanBeSaid(t *testing.T) {
	t.Parallel()
	given, literals := sources(t)
	texts := speech(t)["nl"].texts
	for reason, where := range given {
		if texts[reason] == "" {
			t.Errorf("%s: nobody can say %q", where, reason)
		}
	}
	for key := range texts {
		if !strings.HasPrefix(key, "push.") && !literals[key] {
			t.Errorf("nobody refuses anything because %q", key)
		}
	}
}

// refusing are the functions that make errors for people.
var refusing = []string{"Invalidf", "Forbiddenf", "Conflictf", "Limitedf"}

// sources finds the reasons in the calls that make errors for people, and all texts of the product.
func sources(t *testing.T) (reasons map[string]string, literals map[string]bool) {
	t.Helper()
	reasons, literals = map[string]string{"not found": "NotFound", "deleted": "Gone"}, map[string]bool{}
	for _, room := range []string{"communities", "storage", "federation", "cmd"} {
		err := filepath.WalkDir("../../../"+room, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if text, ok := literal(n); ok {
					literals[text] = true
				}
				if call, ok := n.(*ast.CallExpr); ok && len(call.Args) > 0 && slices.Contains(refusing, nameOf(call.Fun)) {
					text, constant := literal(call.Args[0])
					if !constant {
						t.Errorf("%s: a reason that is not written out cannot be found in a catalogue", path)
					}
					reasons[text] = path
				}
				if made, ok := n.(*ast.CompositeLit); ok && isTownError(made.Type) && len(made.Elts) > 0 {
					t.Errorf("%s: an error for people is made by hand, without a reason to find words by", path)
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return reasons, literals
}

// isTownError tells whether what is made is a [communities.Error], outside the town itself.
func isTownError(of ast.Expr) bool {
	selector, ok := of.(*ast.SelectorExpr)
	return ok && selector.Sel.Name == "Error" && nameOf(selector.X) == "communities"
}

func literal(n ast.Node) (string, bool) {
	basic, ok := n.(*ast.BasicLit)
	if !ok || basic.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(basic.Value)
	return text, err == nil
}

// nameOf is the last word of what is called or made.
func nameOf(of ast.Expr) string {
	switch of := of.(type) {
	case *ast.Ident:
		return of.Name
	case *ast.SelectorExpr:
		return of.Sel.Name
	}
	return ""
}

// A refusal keeps its numbers and names, and words among them are said in the language as well.
func TestRefusals(t *testing.T) {
	t.Parallel()
	words := speech(t)
	for _, test := range []struct {
		err           error
		dutch, englsh string
	}{
		{communities.Forbiddenf("this thread is locked"), "Dit gesprek is gesloten.", "This thread is closed."},
		{communities.Invalidf("%s has at most %d characters", "a title", 300), "Een titel heeft hoogstens 300 tekens.", "A title has at most 300 characters."},
		{communities.Forbiddenf("you are banned from the group %s", "Het plein"), "U mag niet meer schrijven in de groep Het plein.", "You may no longer write in the group Het plein."},
		{communities.Invalidf("what nobody translated %d", 1), "what nobody translated 1", "what nobody translated 1"},
	} {
		refused := (*communities.Error)(nil)
		if !errors.As(test.err, &refused) {
			t.Fatal(test.err)
		}
		if got := words["nl"].Refusal(refused); got != test.dutch {
			t.Errorf("in Dutch %q, want %q", got, test.dutch)
		}
		if got := words["en"].Refusal(refused); got != test.englsh {
			t.Errorf("in English %q, want %q", got, test.englsh)
		}
	}
}

// The first wish that can be fulfilled decides: what the app asks for, then what the person chose, then Dutch.
func TestChoose(t *testing.T) {
	t.Parallel()
	s, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		wishes []string
		lang   string
	}{
		{nil, "nl"},
		{[]string{"", ""}, "nl"},
		{[]string{"en", "nl"}, "en"},
		{[]string{"", "en"}, "en"},
		{[]string{"de", "en"}, "en"},
		{[]string{"en-GB,nl;q=0.5"}, "en"},
		{[]string{"fr, nl;q=0.8, en;q=0.2"}, "nl"},
		{[]string{"*;q=", "en"}, "en"},
		{[]string{"nl-BE", "en"}, "nl"},
	} {
		if got := s.Choose(test.wishes...).Lang; got != test.lang {
			t.Errorf("%q: %s, want %s", test.wishes, got, test.lang)
		}
	}
}
