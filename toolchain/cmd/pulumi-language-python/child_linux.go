package main

import (
	"os"
	"syscall"
)

// childAttributes puts a child into a group of its own, so that it is interrupted by the host alone
// (which then knows why it ends), and lets the kernel kill it when the host is gone.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// interrupt reaches the child and what it has started.
func interrupt(child *os.Process) error {
	return syscall.Kill(-child.Pid, syscall.SIGINT)
}
