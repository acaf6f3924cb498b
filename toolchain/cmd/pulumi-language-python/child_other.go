//go:build !linux

package main

import (
	"os"
	"syscall"
)

// childAttributes leaves a child in the host's group: the engine's kill of the group reaches it.
func childAttributes() *syscall.SysProcAttr {
	return nil
}

func interrupt(child *os.Process) error {
	return child.Signal(os.Interrupt)
}
