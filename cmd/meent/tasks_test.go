package main

import (
	"os"
	"strings"
	"testing"

	"meent/storage/storagetest"
)

// TestEveryTaskIsInTheHandbook: one page lists every task of the node.
func TestEveryTaskIsInTheHandbook(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/tasks.md")
	if err != nil {
		t.Fatal(err)
	}
	for kind := range newHouse(t, storagetest.SQLite(t)).tasks() {
		if !strings.Contains(string(page), "| `"+kind+"` |") {
			t.Errorf("docs/tasks.md does not tell of the task %s", kind)
		}
	}
}
