//go:build unix

package main

import (
	"errors"
	"time"

	"meent/e2e/node"
)

const startTarget = 300 // milliseconds, of every start but the first

// start is the time from the command to the first answer: on an empty database, and again.
func (b *bench) start(d database) (err error) {
	dir, err := b.stage.place()
	if err != nil {
		return err
	}
	dsn, err := d.create()
	if err != nil {
		return err
	}
	n, err := node.New(node.Options{Host: "middelstad.test", Dir: dir, Database: dsn})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.Kill()) }()
	for _, start := range []struct {
		name, note string
		target     float64
	}{
		{"first start", "makes tables, keys, an administrator and an example group", 0},
		{"second start", "to the first answer", startTarget},
	} {
		began := time.Now()
		if err := n.Start(b.ctx); err != nil {
			return err
		}
		b.print(figure{Name: start.name, Database: d.name, Value: milliseconds(time.Since(began)), Unit: "ms", Target: start.target, Note: start.note})
		if err := n.Stop(); err != nil {
			return err
		}
	}
	return nil
}
