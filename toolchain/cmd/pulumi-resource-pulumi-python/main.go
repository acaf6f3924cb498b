// Command pulumi-resource-pulumi-python becomes the Python process that serves dynamic providers.
//
// Upstream's is a shell script that starts Python as a child, which lives on when the engine is
// killed. This one replaces itself, and on Linux the kernel ends it together with the engine.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"

	"pilothouse/toolchain/internal/orphan"
)

func main() {
	if err := become(); err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-resource-pulumi-python:", err)
		os.Exit(1)
	}
}

// become replaces this process; it returns only on errors.
func become() error {
	python, variables, err := choosePython()
	if err != nil {
		return err
	}
	// The wish to die with the engine belongs to the thread that then becomes Python.
	runtime.LockOSThread()
	if err := dieWithParent(); err != nil {
		return err
	}
	if orphan.Now() {
		return nil // the engine died before the wish was heard
	}
	arguments := append([]string{python, "-u", "-m", "pulumi.dynamic"}, os.Args[1:]...)
	return syscall.Exec(python, arguments, variables)
}

// choosePython is the virtualenv's Python with its environment, else the one on PATH.
func choosePython() (string, []string, error) {
	folder, err := virtualenv()
	if err != nil {
		return "", nil, err
	}
	if folder == "" {
		python, err := exec.LookPath(orElse(os.Getenv("PULUMI_PYTHON_CMD"), "python3"))
		return python, os.Environ(), err
	}
	python := filepath.Join(folder, "bin", "python")
	if _, err := os.Stat(python); err != nil {
		return "", nil, fmt.Errorf("the 'virtualenv' option in Pulumi.yaml names %q, which is no "+
			"virtual environment; make it with `pulumi install` or `make setup`", folder)
	}
	return python, activated(folder), nil
}

func orElse(value, other string) string {
	if value == "" {
		return other
	}
	return value
}

func activated(folder string) []string {
	_ = os.Unsetenv("PYTHONHOME") // it would send this Python to another one's library
	_ = os.Setenv("PATH", filepath.Join(folder, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"))
	return os.Environ()
}
