package main

import (
	"os"
	"strings"
	"testing"

	"meent/storage/storagetest"
)

// One page lists every task of the node, also those that are not the road's.
func TestEveryTaskIsInTheHandbook(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/tasks.md")
	if err != nil {
		t.Fatal(err)
	}
	tasks := newHouse(t, storagetest.SQLite(t)).tasks()
	if tasks["push"] == nil {
		t.Error("nobody calls phones")
	}
	for kind := range tasks {
		if !strings.Contains(string(page), "| `"+kind+"` |") {
			t.Errorf("docs/tasks.md does not tell of the task %s", kind)
		}
	}
}
