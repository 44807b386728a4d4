package federation

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// law is a rule of another server's reader, and the documents that it is put to.
type law struct {
	source string // where it stands
	reader string
	events string // comma-separated
	at     string // where in the document, such as object.object; "" is the whole
	must   []must
}

// must tells what is wrong with a document, or nothing.
type must func(p paper) string

func (l law) try(t *testing.T, seen papers) {
	t.Helper()
	for event := range strings.SplitSeq(l.events, ",") {
		event = strings.TrimSpace(event)
		if len(seen[l.reader][event]) == 0 {
			t.Errorf("%s: %s gets nothing of %q", l.source, l.reader, event)
		}
		for _, whole := range seen[l.reader][event] {
			l.apply(t, event, whole)
		}
	}
}

func (l law) apply(t *testing.T, event string, whole paper) {
	t.Helper()
	p, ok := inside(whole, l.at)
	if !ok {
		t.Errorf("%s: %q has no object at %q: %v", l.source, event, l.at, whole)
		return
	}
	for _, m := range l.must {
		if wrong := m(p); wrong != "" {
			t.Errorf("%s: %q for %s: %s: %v", l.source, event, l.reader, wrong, p)
		}
	}
}

// inside walks down a path of keys to an embedded object.
func inside(p paper, path string) (paper, bool) {
	for key := range strings.SplitSeq(path, ".") {
		if key == "" {
			continue
		}
		next, ok := p[key].(paper)
		if !ok {
			return nil, false
		}
		p = next
	}
	return p, true
}

// The rules that laws are made of. Each names the keys that it is about.

func has(keys ...string) must {
	return each(keys, func(v any) string { return unless(v != nil, "is missing") })
}

func lacks(keys ...string) must {
	return each(keys, func(v any) string { return unless(v == nil, "must not be there") })
}

func word(keys ...string) must {
	return each(keys, func(v any) string {
		s, ok := v.(string)
		return unless(ok && s != "", "is no string")
	})
}

func list(keys ...string) must {
	return each(keys, func(v any) string {
		_, ok := v.([]any)
		return unless(ok, "is no array")
	})
}

func object(keys ...string) must {
	return each(keys, func(v any) string {
		_, ok := v.(paper)
		return unless(ok, "is no object")
	})
}

func number(keys ...string) must {
	return each(keys, func(v any) string {
		_, ok := v.(float64)
		return unless(ok, "is no number")
	})
}

// past is a moment that is not in the future.
func past(keys ...string) must {
	return each(keys, func(v any) string {
		at, err := time.Parse(time.RFC3339Nano, fmt.Sprint(v))
		return unless(err == nil && !at.After(time.Now()), "is no moment of the past")
	})
}

func is(key string, values ...any) must {
	return each([]string{key}, func(v any) string {
		return unless(slices.Contains(values, v), fmt.Sprintf("is not one of %v", values))
	})
}

// holds: an array that has the values among its entries.
func holds(key string, values ...string) must {
	return each([]string{key}, func(v any) string {
		entries, _ := v.([]any)
		for _, value := range values {
			if !slices.Contains(entries, any(value)) {
				return "does not hold " + value
			}
		}
		return ""
	})
}

func without(key string, values ...string) must {
	return each([]string{key}, func(v any) string {
		entries, _ := v.([]any)
		for _, value := range values {
			if slices.Contains(entries, any(value)) || v == any(value) {
				return "holds " + value
			}
		}
		return ""
	})
}

// size: an array of so many entries.
func size(key string, n int) must {
	return each([]string{key}, func(v any) string {
		entries, ok := v.([]any)
		return unless(ok && len(entries) == n, fmt.Sprintf("has not %d entries", n))
	})
}

// entries puts rules to every entry of an array, which must not be empty.
func entries(key string, rules ...must) must {
	return each([]string{key}, func(v any) string {
		list, _ := v.([]any)
		if len(list) == 0 {
			return "is empty"
		}
		for _, entry := range list {
			p, ok := entry.(paper)
			if !ok {
				return fmt.Sprintf("holds %v, which is no object", entry)
			}
			for _, rule := range rules {
				if wrong := rule(p); wrong != "" {
					return wrong
				}
			}
		}
		return ""
	})
}

// starts: a string that begins so.
func starts(key, prefix string) must {
	return each([]string{key}, func(v any) string {
		return unless(strings.HasPrefix(fmt.Sprint(v), prefix), "does not start with "+prefix)
	})
}

// oneHost: all of these ids live on the host of the document's id.
func oneHost(keys ...string) must {
	return func(p paper) string {
		own, err := url.Parse(fmt.Sprint(p["id"]))
		if err != nil {
			return err.Error()
		}
		return each(keys, func(v any) string {
			at, err := url.Parse(fmt.Sprint(v))
			return unless(err == nil && at.Host == own.Host, "is not on the host of the id")
		})(p)
	}
}

// same: both keys have the same value.
func same(key, other string) must {
	return func(p paper) string {
		a := lookUp(p, key)
		b := lookUp(p, other)
		return unless(fmt.Sprint(a) == fmt.Sprint(b), key+" is not "+other)
	}
}

func each(keys []string, rule func(v any) string) must {
	return func(p paper) string {
		for _, key := range keys {
			if wrong := rule(lookUp(p, key)); wrong != "" {
				return key + " " + wrong
			}
		}
		return ""
	}
}

// lookUp reads a key, or a path of keys with dots.
func lookUp(p paper, key string) any {
	if path, last, deep := cutLast(key); deep {
		inner, _ := inside(p, path)
		return inner[last]
	}
	return p[key]
}

func cutLast(key string) (path, last string, ok bool) {
	at := strings.LastIndex(key, ".")
	if at < 0 {
		return "", key, false
	}
	return key[:at], key[at+1:], true
}

func unless(ok bool, wrong string) string {
	if ok {
		return ""
	}
	return wrong
}
