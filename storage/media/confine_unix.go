//go:build unix

package media

import (
	"fmt"
	"os/exec"
	"syscall"
)

// What a child may use.
const (
	childMemory  = 1 << 30 // bytes that are its own
	childSeconds = 100     // of processor time
	childFile    = 256 << 20
	childFiles   = 64
)

// confine lowers this process's limits for good. What it starts inherits them.
func confine() error {
	for what, most := range map[int]uint64{
		syscall.RLIMIT_DATA: childMemory, syscall.RLIMIT_CPU: childSeconds, syscall.RLIMIT_FSIZE: childFile,
		syscall.RLIMIT_NOFILE: childFiles, syscall.RLIMIT_CORE: 0,
	} {
		if err := syscall.Setrlimit(what, &syscall.Rlimit{Cur: most, Max: most}); err != nil {
			return fmt.Errorf("lower limit %d of a process: %w", what, err)
		}
	}
	return nil
}

// together makes a child and all that it starts end at once.
func together(child *exec.Cmd) {
	child.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	child.Cancel = func() error { return syscall.Kill(-child.Process.Pid, syscall.SIGKILL) }
}
