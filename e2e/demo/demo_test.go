//go:build unix

package main

import (
	"strings"
	"testing"

	"meent/e2e/townca"
)

// The demo holds what it promises: a conversation across two towns, visible in both.
func TestDemo(t *testing.T) {
	t.Parallel()
	var said strings.Builder
	err := run(t.Context(), &said, true)
	if err != nil {
		t.Log(&said)
	}
	townca.Check(t, err)
	for _, want := range []string{question, plan} {
		if strings.Count(said.String(), want) != 2 {
			t.Errorf("%q was not seen on both nodes:\n%s", want, &said)
		}
	}
}
