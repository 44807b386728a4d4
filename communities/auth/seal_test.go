package auth

import (
	"bytes"
	"testing"
)

// What is sealed opens where it belongs, and nowhere else.
func TestSeals(t *testing.T) {
	t.Parallel()
	own, err := NewSealer([]byte("node"), "push")
	if err != nil {
		t.Fatal(err)
	}
	other, err := NewSealer([]byte("node"), "post")
	if err != nil {
		t.Fatal(err)
	}
	sealed := own.Seal("token", "anna")
	if bytes.Contains(sealed, []byte("token")) || bytes.Equal(sealed, own.Seal("token", "anna")) {
		t.Error("it can be read, or compared")
	}
	if text, err := own.Open(sealed, "anna"); err != nil || text != "token" {
		t.Errorf("opened as %q, %v", text, err)
	}
	changed := bytes.Clone(sealed)
	changed[0] ^= 1
	for name, open := range map[string]func() (string, error){
		"elsewhere":      func() (string, error) { return own.Open(sealed, "bert") },
		"for another":    func() (string, error) { return other.Open(sealed, "anna") },
		"changed":        func() (string, error) { return own.Open(changed, "anna") },
		"nothing sealed": func() (string, error) { return own.Open(nil, "anna") },
	} {
		if text, err := open(); err == nil {
			t.Errorf("%s: %q", name, text)
		}
	}
}
