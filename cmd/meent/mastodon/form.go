package mastodon

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"meent/communities"
)

// form is what a request says, in whichever way it was written: in the address, as a form, in parts or as JSON. Lists and records are
// named as Rails names them, which is what apps send: a, a[b], a[0][b]. A list is a name with several values; its [] is dropped.
type form struct {
	values url.Values
	files  map[string]*given // by the name of the field, where the route takes files
	shelf  shelf
}

// What a request may hold (SECURITY D): a text of the greatest length, each character as JSON writes it.
const (
	maxBody   = 1 << 20
	maxFields = 1000
	maxDepth  = 8
)

var errUnreadable = communities.Invalidf("This request cannot be read")

// readForm reads a request. Files are put on the shelf; the caller closes the form when it has done with them.
func readForm(w http.ResponseWriter, r *http.Request, s shelf) (form, error) {
	f := form{values: url.Values{}, shelf: s}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return f, errUnreadable
	}
	f.add(query)
	if r.Body == nil || r.Method == http.MethodGet || r.Method == http.MethodHead {
		return f, nil
	}
	media, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	read, known := readers[media]
	if !known {
		return f, nil
	}
	if err := read(&f, w, r, params["boundary"]); err != nil {
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
			return f, errTooLarge
		}
		return f, errUnreadable
	}
	if len(f.values) > maxFields {
		return f, errUnreadable
	}
	return f, nil
}

var readers = map[string]func(*form, http.ResponseWriter, *http.Request, string) error{
	"application/json":                  (*form).readJSON,
	"application/x-www-form-urlencoded": (*form).readURLEncoded,
	"multipart/form-data":               (*form).readParts,
}

func (f *form) readURLEncoded(w http.ResponseWriter, r *http.Request, _ string) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return err
	}
	values, err := url.ParseQuery(string(body))
	f.add(values)
	return err
}

func (f *form) readJSON(w http.ResponseWriter, r *http.Request, _ string) error {
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	decoder.UseNumber()
	var body map[string]any
	if err := decoder.Decode(&body); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	for name, value := range body {
		if err := f.flatten(name, value, 0); err != nil {
			return err
		}
	}
	return nil
}

// flatten writes a JSON value as a form would; null is as good as absent.
func (f *form) flatten(name string, value any, depth int) error {
	if depth > maxDepth || len(f.values) > maxFields {
		return errUnreadable
	}
	switch value := value.(type) {
	case nil:
	case map[string]any:
		for key, inner := range value {
			if err := f.flatten(name+"["+key+"]", inner, depth+1); err != nil {
				return err
			}
		}
	case []any:
		if len(value) == 0 {
			f.values[name] = nil
		}
		for i, inner := range value {
			at := name
			if _, record := inner.(map[string]any); record {
				at = name + "[" + strconv.Itoa(i) + "]"
			}
			if err := f.flatten(at, inner, depth+1); err != nil {
				return err
			}
		}
	default:
		f.values.Add(strings.TrimSuffix(name, "[]"), fmt.Sprint(value))
	}
	return nil
}

func (f *form) readParts(w http.ResponseWriter, r *http.Request, boundary string) error {
	if boundary == "" {
		return errUnreadable
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody+f.shelf.room)
	parts, err := r.MultipartReader()
	if err != nil {
		return err
	}
	values := url.Values{}
	for left := maxBody; ; {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			f.add(values)
			return nil
		}
		if err != nil {
			return err
		}
		if part.FileName() != "" {
			if err := f.take(part); err != nil {
				return err
			}
			continue
		}
		text, err := io.ReadAll(io.LimitReader(part, int64(left)+1))
		if left -= len(text); err != nil || left < 0 || len(values) > maxFields {
			return errors.Join(err, errUnreadable)
		}
		values.Add(part.FormName(), string(text))
	}
}

// add takes over a form. The members of x[][a] are counted: the first of each name makes the first record.
func (f *form) add(values url.Values) {
	for name, list := range values {
		name = strings.TrimSuffix(name, "[]")
		before, after, records := strings.Cut(name, "[][")
		if !records {
			f.values[name] = append(f.values[name], list...)
			continue
		}
		for i, value := range list {
			f.values.Add(before+"["+strconv.Itoa(i)+"]["+after, value)
		}
	}
}

// has tells whether a field was given, be it empty.
func (f form) has(name string) bool {
	_, ok := f.values[name]
	return ok
}

// text returns a field; "" when absent.
func (f form) text(name string) string { return f.values.Get(name) }

// given returns a field, nil when absent.
func (f form) given(name string) *string {
	if !f.has(name) {
		return nil
	}
	value := f.text(name)
	return &value
}

// list returns all values of a field.
func (f form) list(name string) []string { return f.values[name] }

// falsy is what Mastodon takes for no (ActiveModel::Type::Boolean).
var falsy = []string{"", "0", "f", "false", "off", "no"}

// flag tells whether a field says yes.
func (f form) flag(name string) bool {
	return f.has(name) && !slices.Contains(falsy, strings.ToLower(f.text(name)))
}

// givenFlag returns a yes or no, nil when absent.
func (f form) givenFlag(name string) *bool {
	if !f.has(name) {
		return nil
	}
	value := f.flag(name)
	return &value
}

// number returns a whole number, otherwise when absent or none.
func (f form) number(name string, otherwise int) int {
	if n, err := strconv.Atoi(strings.TrimSpace(f.text(name))); err == nil {
		return n
	}
	return otherwise
}

// records returns the members of a list of records, in order of their keys: fields_attributes[0][name].
func (f form) records(name string) []form {
	byKey := map[string]form{}
	var keys []string
	for field, values := range f.values {
		match := recordField.FindStringSubmatch(field)
		if match == nil || match[1] != name {
			continue
		}
		if _, known := byKey[match[2]]; !known {
			byKey[match[2]] = form{values: url.Values{}}
			keys = append(keys, match[2])
		}
		byKey[match[2]].values[match[3]] = values
	}
	slices.SortFunc(keys, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
	list := make([]form, len(keys))
	for i, key := range keys {
		list[i] = byKey[key]
	}
	return list
}

var recordField = regexp.MustCompile(`^([^\[\]]+)\[([^\[\]]*)\]\[([^\[\]]+)\]$`)
