//go:build unix

// Package hostile_test attacks the running program as hostile servers do: each row of the list of what went wrong elsewhere
// (docs/security-rows.tsv) is replayed against it over HTTP, by servers with keys of their own, and afterwards nothing may have changed:
// not in what the node shows, not in its tables, not in what it sends, and nobody inside may have been knocked at. The rows that a case
// replays stand beside it, so that the list can be held against them.
package hostile_test
