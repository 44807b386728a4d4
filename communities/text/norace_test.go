//go:build !race

package text

const raceFactor = 1
