package main

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// grace is what an interrupted program gets before it is killed: a program that waits for an answer
// of the engine does not end by itself. The engine itself waits 5 s for the host.
const grace = 2 * time.Second

// runChild runs a command on the host's own output streams until it ends or its context does: then
// it is interrupted, and killed after the grace time. It dies with the host.
func runChild(command *exec.Cmd) error {
	// The kernel's parent is the thread that forked: keep that thread as long as the child lives.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	filter := &interruptFilter{out: os.Stderr}
	command.Stdout, command.Stderr = os.Stdout, filter
	err := runInterruptibly(command, filter.interrupted)
	filter.finish(endedByInterrupt(command.ProcessState))
	return err
}

func runInterruptibly(command *exec.Cmd, beforeInterrupt func()) error {
	command.SysProcAttr = childAttributes()
	command.WaitDelay = grace
	command.Cancel = func() error {
		beforeInterrupt()
		return interrupt(command.Process)
	}
	err := command.Run()
	if errors.Is(err, exec.ErrWaitDelay) {
		return nil // it ended well; something that it started still holds its streams
	}
	return err
}

func endedByInterrupt(state *os.ProcessState) bool {
	if state == nil {
		return false
	}
	status, ok := state.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGINT
}

// environment is what a command would run with.
func environment(command *exec.Cmd) []string {
	if command.Env == nil {
		return os.Environ()
	}
	return command.Env
}
