package main

import (
	"bytes"
	"io"
	"sync"
)

const tracebackStart = "Traceback (most recent call last):"

// interruptFilter passes a program's error stream on. From an interrupt on it holds the text back,
// because only the program's end tells whether a traceback in it is the interrupt's own noise.
type interruptFilter struct {
	out io.Writer

	lock    sync.Mutex
	holding bool
	held    bytes.Buffer
}

func (filter *interruptFilter) Write(text []byte) (int, error) {
	filter.lock.Lock()
	defer filter.lock.Unlock()
	if filter.holding {
		return filter.held.Write(text)
	}
	return filter.out.Write(text)
}

// interrupted is to be called right before the program gets its interrupt.
func (filter *interruptFilter) interrupted() {
	filter.lock.Lock()
	defer filter.lock.Unlock()
	filter.holding = true
}

// finish passes on what was held back, without the traceback if the interrupt ended the program.
func (filter *interruptFilter) finish(byInterrupt bool) {
	text := filter.held.Bytes()
	if byInterrupt {
		text, _, _ = bytes.Cut(text, []byte(tracebackStart))
	}
	_, _ = filter.out.Write(text) // the engine may be gone: nobody is left to tell
}
