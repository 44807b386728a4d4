package federation

import (
	"os"
	"strings"
	"testing"

	"meent/communities"
)

// TestEveryTaskIsInTheHandbook: one page lists every task and its worker.
func TestEveryTaskIsInTheHandbook(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/tasks.md")
	if err != nil {
		t.Fatal(err)
	}
	road := &Road{town: &communities.Town{}}
	for kind := range road.Tasks() {
		if !strings.Contains(string(page), "| `"+kind+"` |") {
			t.Errorf("docs/tasks.md does not tell of the task %s", kind)
		}
	}
}
