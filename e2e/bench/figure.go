//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"time"
)

// figure is one line of output.
type figure struct {
	Name     string  `json:"name"`
	Database string  `json:"database"`
	Value    float64 `json:"value"`
	Unit     string  `json:"unit"`
	Floor    float64 `json:"floor,omitempty"`  // what no program can go below, or what the value is compared with
	Ratio    float64 `json:"ratio,omitempty"`  // value / floor
	Target   float64 `json:"target,omitempty"` // the largest ratio that we want or, without a floor, the largest value
	Note     string  `json:"note,omitempty"`
}

func printFigure(f figure) {
	if f.Floor > 0 {
		f.Ratio = round(f.Value / f.Floor)
	}
	f.Value, f.Floor = round(f.Value), round(f.Floor)
	line, err := json.Marshal(f)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err) // a value that is no number
		return
	}
	fmt.Println(string(line))
}

// round keeps three digits: more would be noise.
func round(v float64) float64 {
	if v == 0 {
		return 0
	}
	scale := math.Pow(10, 2-math.Floor(math.Log10(math.Abs(v))))
	return math.Round(v*scale) / scale
}

func microseconds(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
func mebibytes(n int64) float64            { return float64(n) / (1 << 20) }

// quantile of durations, by rank.
func quantile(sample []time.Duration, q float64) time.Duration {
	sorted := slices.Sorted(slices.Values(sample))
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}
