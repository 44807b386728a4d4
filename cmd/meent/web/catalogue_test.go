package web

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func catalogues(t *testing.T) map[string]*catalogue {
	t.Helper()
	c, err := readCatalogues(time.UTC, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCataloguesSayTheSameThings(t *testing.T) {
	t.Parallel()
	speech := catalogues(t)
	dutch, english := speech["nl"].texts, speech["en"].texts
	if diff := cmp.Diff(slices.Sorted(maps.Keys(dutch)), slices.Sorted(maps.Keys(english))); diff != "" {
		t.Errorf("keys of nl (-) and en (+) differ:\n%s", diff)
	}
	places := regexp.MustCompile(`%[a-z]`)
	for key, text := range dutch {
		if diff := cmp.Diff(places.FindAllString(text, -1), places.FindAllString(english[key], -1)); diff != "" {
			t.Errorf("%s has other places to fill in nl (-) and en (+):\n%s", key, diff)
		}
	}
}

// Every key that a page or the code names is there, and no text lies unused.
func TestCatalogueHoldsWhatPagesSay(t *testing.T) {
	t.Parallel()
	texts := catalogues(t)["nl"].texts
	used := map[string]bool{"months": true}
	for _, key := range namedKeys(t) {
		for _, form := range []string{key, key + ".one", key + ".other", key + ".text"} {
			used[form] = true
		}
		if texts[key] == "" && texts[key+".other"] == "" && !strings.HasSuffix(key, ".") {
			t.Errorf("%q is not in the catalogue", key)
		}
	}
	for key := range texts {
		prefix := key[:strings.LastIndex(key, ".")+1]
		if !used[key] && !used[prefix] {
			t.Errorf("%q is never said", key)
		}
	}
}

// namedKeys finds the keys in templates ({{t "key"}}) and in the code ("key"); a key that ends in a dot is completed by a value.
func namedKeys(t *testing.T) []string {
	t.Helper()
	prefixes := map[string]bool{}
	for key := range catalogues(t)["nl"].texts {
		prefix, _, _ := strings.Cut(key, ".")
		prefixes[prefix] = true
	}
	delete(prefixes, "months")
	inTemplates := regexp.MustCompile(`\b[tn] "([a-z0-9.]+)"`)
	inCode := regexp.MustCompile(`"((?:` + strings.Join(slices.Sorted(maps.Keys(prefixes)), "|") + `)\.[a-z0-9.]*)"`)
	var keys []string
	for _, source := range sources(t) {
		for _, pattern := range []*regexp.Regexp{inTemplates, inCode} {
			for _, match := range pattern.FindAllStringSubmatch(source, -1) {
				keys = append(keys, match[1])
			}
		}
	}
	return keys
}
