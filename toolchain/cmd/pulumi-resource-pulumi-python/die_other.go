//go:build !linux

package main

// dieWithParent has no counterpart here: Python ends when the engine's connection does.
func dieWithParent() error {
	return nil
}
