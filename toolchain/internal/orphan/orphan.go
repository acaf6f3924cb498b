// Package orphan lets a process notice that the one that started it is gone, SIGKILL included.
//
// The engine gives each plugin a pipe as standard input and keeps the other end. The kernel closes
// that end when the engine dies, however it dies, so a hang-up is the one sign that needs no
// polling and cannot be missed at start.
package orphan

import "golang.org/x/sys/unix"

// Wait returns once the other end of standard input is gone. It never returns when standard input
// is no pipe (a terminal, /dev/null, closed): nobody holds the other end then.
func Wait() {
	for {
		switch signs := poll(-1); {
		case signs&unix.POLLHUP != 0:
			return
		case signs&unix.POLLNVAL != 0:
			select {}
		}
	}
}

// Now says whether the other end of standard input is gone already.
func Now() bool {
	return poll(0)&unix.POLLHUP != 0
}

// poll asks for no event: hang-ups are reported anyway and input is left alone. A signal may end
// it without a result.
func poll(timeout int) int16 {
	input := []unix.PollFd{{Fd: 0}}
	if _, err := unix.Poll(input, timeout); err != nil {
		return 0
	}
	return input[0].Revents
}
