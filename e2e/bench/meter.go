//go:build unix

package main

import (
	"syscall"
	"time"

	"meent/e2e/node"
)

// meter reads the processor time of a node and of its database.
type meter struct {
	process int
	server  int
}

func (d database) meter(n *node.Node) meter { return meter{process: n.PID(), server: d.server} }

// used is what both have used since they began.
func (m meter) used() (time.Duration, error) {
	total, err := node.CPU(m.process)
	if err != nil || m.server == 0 {
		return total, err
	}
	more, err := node.CPUOfAll(m.server)
	return total + more, err
}

// during is what both use while fn runs.
func (m meter) during(fn func() error) (time.Duration, error) {
	before, err := m.used()
	if err != nil {
		return 0, err
	}
	if err := fn(); err != nil {
		return 0, err
	}
	after, err := m.used()
	return after - before, err
}

// own is the processor time that this process uses while fn runs, and the server of a database with it.
func own(server int, fn func() error) (time.Duration, error) {
	read := func() (time.Duration, error) {
		var usage syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
			return 0, err
		}
		total := time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
		if server == 0 {
			return total, nil
		}
		more, err := node.CPUOfAll(server)
		return total + more, err
	}
	before, err := read()
	if err != nil {
		return 0, err
	}
	if err := fn(); err != nil {
		return 0, err
	}
	after, err := read()
	return after - before, err
}
