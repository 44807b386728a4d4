//go:build unix

// Package storm_test kills the real program, and the database below it, without warning while others write to it, and counts afterwards
// what was lost, what took effect twice and what was not brought on. docs/storm.md tells what was counted.
package storm_test

import (
	"flag"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"meent/e2e/node"
	"meent/storage/storagetest"
)

var rounds = flag.Int("storm.rounds", roundsAsked(), "how often to strike; also MEENT_STORM_ROUNDS")

const fewRounds = 6

func roundsAsked() int {
	if n, err := strconv.Atoi(os.Getenv("MEENT_STORM_ROUNDS")); err == nil {
		return n
	}
	return fewRounds
}

const villagers = 12 // hosts that follow the group

// kill -9 of the sender, of the receiver and of both, in the midst of the storm.
func TestKilledNodesLoseNothing(t *testing.T) { //nolint:paralleltest // see besideOthers
	besideOthers(t)
	storagetest.Each(t, func(t *testing.T, database string) {
		s := &storm{region: found(t, database, villagers)}
		for round := range *rounds {
			s.blow(t, round, func() { strike(t, s.struck()...) })
		}
		s.judge(t, "killed nodes")
	})
}

// besideOthers lets short storms rage at the same time. Long ones would only wait for each other.
func besideOthers(t *testing.T) {
	t.Helper()
	if *rounds <= fewRounds {
		t.Parallel()
	}
}

// struck chooses who is killed: the node that sends, the one that receives, or both.
func (s *storm) struck() []*node.Node {
	return [][]*node.Node{{s.a}, {s.b}, {s.a, s.b}}[rand.IntN(3)]
}

// strike kills nodes at a moment that nobody foresees, and starts them again.
func strike(t *testing.T, nodes ...*node.Node) {
	t.Helper()
	time.Sleep(rand.N(400 * time.Millisecond))
	for _, n := range nodes {
		if err := n.Kill(); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(rand.N(200 * time.Millisecond))
	for _, n := range nodes {
		if err := n.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// The database crashes below a node that goes on, as with pg_ctl stop -m immediate.
func TestCrashedDatabaseLosesNothing(t *testing.T) { //nolint:paralleltest // see besideOthers
	besideOthers(t)
	cluster := storagetest.NewDurable(t)
	s := &storm{region: found(t, cluster.Database(t), villagers)}
	for round := range *rounds {
		s.blow(t, round, func() {
			time.Sleep(rand.N(400 * time.Millisecond))
			cluster.Stop(t, "immediate")
			time.Sleep(rand.N(200 * time.Millisecond))
			cluster.Start(t)
		})
	}
	s.judge(t, "crashed database")
}

// Two processes serve one node from one database; one dies for good, and the other does what both had promised.
func TestTwinGoesOn(t *testing.T) {
	t.Parallel()
	s := &storm{region: found(t, storagetest.Postgres(t), villagers)}
	twin, err := s.a.Twin(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := twin.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = twin.Kill() })
	s.doors = []string{s.a.Listen, twin.Listen}
	s.blow(t, 0, func() {
		time.Sleep(rand.N(400 * time.Millisecond))
		if err := twin.Kill(); err != nil {
			t.Fatal(err)
		}
	})
	s.judge(t, "one of two processes killed")
}
