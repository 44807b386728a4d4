package main

import (
	"runtime"
	"runtime/debug"
)

type versionCommand struct{}

// Run implements the command.
func (versionCommand) Run(t terminal) error { //nolint:unparam // kong wants to hear of an error
	t.say("meent %s (%s, %s/%s)", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}

// version is the release that was built, or the commit, as the Go tool recorded it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" && len(setting.Value) >= shortCommit {
			return setting.Value[:shortCommit]
		}
	}
	return "devel"
}

const shortCommit = 12
