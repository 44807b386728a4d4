package main

import (
	"os"
	"runtime/debug"
	"sync/atomic"
)

// How much the heap may grow before it is swept, in percent. It is small, and few sweeps cost a few MiB; but the stacks of streams count as
// well, and where there are thousands of them the same percentage would be half of all memory.
const (
	garbagePercent = 250
	crowdedPercent = 60
	crowd          = 1000 // streams
)

// collectLater leaves the choice to who runs the node, where they have made one.
func collectLater() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
}

// thrift sweeps more often while there is a crowd. Safe for concurrent use.
type thrift struct {
	chosen  bool // by who runs the node
	crowded atomic.Bool
}

func newThrift() *thrift { return &thrift{chosen: os.Getenv("GOGC") != ""} }

// meet hears how many streams are open. It takes half a crowd less to go back, so that it does not sway.
func (t *thrift) meet(streams int) {
	switch {
	case t.chosen:
	case streams > crowd && !t.crowded.Swap(true):
		debug.SetGCPercent(crowdedPercent)
	case streams < crowd/2 && t.crowded.Swap(false):
		debug.SetGCPercent(garbagePercent)
	}
}
