// Command summary reads the output of `go test -json` and says what a person needs to know: a line per package, all that a
// failed test said, every skipped test with its reason, and as the last line the three counts. It exists because a skipped
// test looks like success: with -strict, a skip that no line of the -allow file expects makes it exit with an error.
//
//	go test -json ./... | go run ./e2e/summary -strict -allow .ci/skips
//
// Each line of the -allow file is PACKAGE.TEST, a space, and the reason; lines that begin with # are remarks.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	strict := flag.Bool("strict", false, "exit with an error if a test was skipped that -allow does not name")
	allow := flag.String("allow", "", "file that names the tests that may be skipped, with reasons")
	flag.Parse()
	allowed, err := readAllowed(*allow)
	if err != nil {
		fmt.Fprintln(os.Stderr, "summary:", err)
		os.Exit(2)
	}
	run, err := follow(os.Stdin, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "summary:", err)
		os.Exit(2)
	}
	if !run.report(os.Stdout, *strict, allowed) {
		os.Exit(1)
	}
}

// readAllowed reads the tests that may be skipped; no name means none.
func readAllowed(name string) (map[string]bool, error) {
	if name == "" {
		return nil, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	return parseAllowed(file)
}

func parseAllowed(lines io.Reader) (map[string]bool, error) {
	allowed := map[string]bool{}
	scanner := bufio.NewScanner(lines)
	for scanner.Scan() {
		line := strings.TrimSpace(scanner.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		test, reason, found := strings.Cut(line, " ")
		if !found || strings.TrimSpace(reason) == "" {
			return nil, fmt.Errorf("%q may be skipped without a reason", test)
		}
		allowed[test] = true
	}
	return allowed, scanner.Err()
}
