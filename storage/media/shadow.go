//go:build !race

package media

// shadowed is how many times the memory is needed that a program says it needs.
const shadowed = 1
