//go:build unix

package node

import (
	"testing"

	"meent/e2e/townca"
)

// ForTest runs a node until the test ends; end is how, [Node.Stop] or [Node.Kill]. A test that failed shows how the log ends.
func ForTest(t testing.TB, o Options, end func(*Node) error) *Node {
	t.Helper()
	n, err := Start(t.Context(), o)
	townca.Check(t, err)
	t.Cleanup(func() {
		if err := end(n); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("the log of %s ends:\n%s", n.Host, n.Log())
		}
	})
	return n
}

// MustRun gives the node a command, which must succeed, and returns what it printed.
func (n *Node) MustRun(t testing.TB, args ...string) string {
	t.Helper()
	said, err := n.Run(t.Context(), args...)
	if err != nil {
		t.Fatal(err)
	}
	return said
}

// MustResident is [Node.Resident], which must succeed.
func (n *Node) MustResident(t testing.TB, name string) *Visitor {
	t.Helper()
	visitor, err := n.Resident(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return visitor
}
