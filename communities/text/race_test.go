//go:build race

package text

const raceFactor = 10
