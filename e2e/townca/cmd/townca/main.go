// Command townca settles test hosts for whoever is not a Go test: the demo's scripts and the Node self-test of the foreign
// server.
//
//	townca DIR NAME...
//
// It writes DIR/ca.pem, DIR/hosts.d/NAME/{cert,key,ca}.pem, and DIR/hosts with an address of its own for each name.
package main

import (
	"fmt"
	"os"

	"meent/e2e/townca"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: townca DIR NAME...")
		os.Exit(2)
	}
	if err := issue(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "townca:", err)
		os.Exit(1)
	}
}

func issue(dir string, names []string) error {
	town, err := townca.Open(dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, err := town.Settle(name); err != nil {
			return err
		}
		if _, err := town.Issue(name); err != nil {
			return err
		}
	}
	return nil
}
