package mastodon

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The same words are understood however they are written.
func TestThreeWaysToWrite(t *testing.T) {
	t.Parallel()
	want := map[string][]string{
		"status": {"hoi & zo"}, "sensitive": {"true"}, "poll[options]": {"a", "b"}, "poll[expires_in]": {"300"},
		"fields_attributes[0][name]": {"x"}, "fields_attributes[1][name]": {"y"},
	}
	for media, body := range map[string]string{
		"application/json; charset=utf-8": `{"status":"hoi & zo","sensitive":true,"poll":{"options":["a","b"],"expires_in":300},
			"fields_attributes":[{"name":"x"},{"name":"y"}],"in_reply_to_id":null}`,
		"application/x-www-form-urlencoded": "status=hoi+%26+zo&sensitive=true&poll[options][]=a&poll[options][]=b&poll[expires_in]=300" +
			"&fields_attributes[0][name]=x&fields_attributes[1][name]=y",
		"multipart/form-data; boundary=B": parts("status", "hoi & zo", "sensitive", "true", "poll[options][]", "a", "poll[options][]", "b",
			"poll[expires_in]", "300", "fields_attributes[][name]", "x", "fields_attributes[][name]", "y"),
	} {
		f, err := readForm(httptest.NewRecorder(), requestOf(media, body), shelf{})
		if err != nil {
			t.Errorf("%s: %v", media, err)
		}
		if diff := cmp.Diff(want, map[string][]string(f.values)); diff != "" {
			t.Errorf("%s:\n%s", media, diff)
		}
		names := []string{}
		for _, record := range f.records("fields_attributes") {
			names = append(names, record.text("name"))
		}
		if diff := cmp.Diff([]string{"x", "y"}, names); diff != "" {
			t.Errorf("%s:\n%s", media, diff)
		}
	}
}

func requestOf(media, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", media)
	return r
}

func parts(fields ...string) string {
	var b strings.Builder
	for i := 0; i < len(fields); i += 2 {
		b.WriteString("--B\r\nContent-Disposition: form-data; name=\"" + fields[i] + "\"\r\n\r\n" + fields[i+1] + "\r\n")
	}
	return b.String() + "--B--\r\n"
}

// What is broken, or without measure, is refused and costs little (SECURITY D).
func TestFormsWithoutMeasure(t *testing.T) {
	t.Parallel()
	for name, test := range map[string][2]string{
		"no JSON":         {"application/json", `{"a":`},
		"a list":          {"application/json", `[1]`},
		"deep":            {"application/json", strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000)},
		"many fields":     {"application/x-www-form-urlencoded", strings.Repeat("a", 1) + manyFields(2000)},
		"large":           {"application/json", `{"a":"` + strings.Repeat("x", maxBody) + `"}`},
		"large in parts":  {"multipart/form-data; boundary=B", parts("a", strings.Repeat("x", maxBody+1))},
		"no boundary":     {"multipart/form-data", "x"},
		"broken encoding": {"application/x-www-form-urlencoded", "a=%zz"},
	} {
		if _, err := readForm(httptest.NewRecorder(), requestOf(test[0], test[1]), shelf{}); err == nil {
			t.Errorf("%s is read", name)
		}
	}
}

func manyFields(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("&f" + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + strings.Repeat("y", i/26) + "=1")
	}
	return b.String()
}

func FuzzForm(f *testing.F) {
	f.Add("application/json", `{"a":[{"b":1},"c"],"d":{"e":null}}`)
	f.Add("application/x-www-form-urlencoded", "a[][b]=1&a[][b]=2&c[]=3")
	f.Add("multipart/form-data; boundary=B", parts("a", "b"))
	f.Fuzz(func(t *testing.T, media, body string) {
		read, err := readForm(httptest.NewRecorder(), requestOf(media, body), shelf{})
		if err == nil && len(read.values) > maxFields {
			t.Errorf("%d fields", len(read.values))
		}
		read.records("a")
	})
}
