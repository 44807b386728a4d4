//go:build unix

package media

import (
	"fmt"
	"os/exec"
	"syscall"
)

// confine lowers this process's limits for good. What it starts inherits them. A limit that is lower already stays.
func confine() error {
	for what, most := range map[int]uint64{
		syscall.RLIMIT_DATA: childMemory, syscall.RLIMIT_CPU: childSeconds, syscall.RLIMIT_FSIZE: childFile,
		syscall.RLIMIT_NOFILE: childFiles, syscall.RLIMIT_CORE: 0,
	} {
		var is syscall.Rlimit
		if err := syscall.Getrlimit(what, &is); err != nil {
			return fmt.Errorf("read limit %d of a process: %w", what, err)
		}
		most = min(most, is.Max)
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
