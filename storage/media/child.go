package media

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"meent/communities"
)

// childName is what a process of this program is called that works on one file and does nothing else.
const childName = "meent-media"

// What a child may use.
const (
	childMemory  = shadowed << 30 // bytes that are its own
	childSeconds = 100            // of processor time
	childFile    = 256 << 20
	childFiles   = 64
)

// Called tells whether this process was started by a [Workshop]. A program that has one asks this before all else, and does [Work] then.
func Called() bool { return len(os.Args) == 1 && os.Args[0] == childName }

// job is what a child is told, on its standard input. It works in the folder of the job.
type job struct {
	Kind    Kind
	Purpose communities.Purpose
	Tools   Tools
}

// report is what a child answers, on its standard output: what was made, or why nothing can be.
type report struct {
	Made    Made
	Refusal string
}

// Work is the whole life of a child. It gives up what it does not need, before it looks at a byte of the file (SECURITY D11, D17, D20).
func Work() int {
	debug.SetMemoryLimit(childMemory / 2) // collect harder before the hard limit ends it
	if err := confine(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	made, err := work()
	var refused *communities.Error
	if err != nil && !errors.As(err, &refused) {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	r := report{Made: made}
	if refused != nil {
		r.Refusal = refused.Message
	}
	if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
		return 1
	}
	return 0
}

func work() (made Made, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			fmt.Fprintln(os.Stderr, "a decoder failed:", fault)
			err = errBroken
		}
	}()
	var j job
	if err := json.NewDecoder(os.Stdin).Decode(&j); err != nil {
		return made, fmt.Errorf("read the job: %w", err)
	}
	if !j.Kind.isPicture() {
		return makeFilm(j)
	}
	content, err := readGiven()
	if err != nil {
		return made, err
	}
	return makePicture(j, content)
}

func readGiven() ([]byte, error) {
	file, err := os.Open(givenName)
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(io.LimitReader(file, MaxPictureBytes+1))
	return content, errors.Join(err, file.Close())
}
