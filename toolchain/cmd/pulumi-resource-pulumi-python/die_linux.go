package main

import "golang.org/x/sys/unix"

// dieWithParent asks the kernel for SIGKILL when the engine ends; the wish survives exec.
func dieWithParent() error {
	return unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0)
}
