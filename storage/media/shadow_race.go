//go:build race

package media

// shadowed: the race detector keeps a shadow of each byte, several times as large.
const shadowed = 10
