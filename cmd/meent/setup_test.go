package main

import (
	"bytes"
	"io"
	"log/slog"
	"sync"
	"testing"

	"meent/communities"
	"meent/storage/storagetest"
)

// Several processes may start on one new archive at once: one of them sets the node up, and all of them run.
func TestManyStartsMakeOneNode(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, dsn string) {
		const starts = 4
		config := &Config{Data: t.TempDir(), Database: dsn, PublicURL: "https://praat.example.org"}
		nodes, errs, said := make([]*node, starts), make([]error, starts), make([]bytes.Buffer, starts)
		var all sync.WaitGroup
		for i := range starts {
			all.Go(func() {
				nodes[i], errs[i] = config.setUp(t.Context(), slog.New(slog.DiscardHandler), nil, terminal{out: &said[i], err: io.Discard})
			})
		}
		all.Wait()
		makers := 0
		for i := range starts {
			if errs[i] != nil {
				t.Fatal(errs[i])
			}
			if said[i].Len() > 0 {
				makers++
			}
			if nodes[i].self.ID != nodes[0].self.ID {
				t.Error("two nodes live in one archive")
			}
		}
		admins, err := nodes[0].archive.Staff(t.Context(), communities.RoleAdmin)
		if err != nil || len(admins) != 1 || makers != 1 {
			t.Errorf("%d administrators, made by %d processes, %v; want one of each", len(admins), makers, err)
		}
		for _, n := range nodes {
			if err := n.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}
