package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// virtualenv is the absolute folder that Pulumi.yaml's runtime options mean, empty if none. The
// engine hands them over as PULUMI_RUNTIME_<OPTION>.
func virtualenv() (string, error) {
	folder := os.Getenv("PULUMI_RUNTIME_VIRTUALENV")
	tool := os.Getenv("PULUMI_RUNTIME_TOOLCHAIN")
	switch {
	case folder != "":
		return fromProject(folder)
	case tool == "uv":
		return fromProject(".venv")
	case tool == "poetry":
		return poetryEnvironment()
	}
	return "", nil
}

// fromProject resolves a path as Pulumi.yaml means it: from its own folder. The engine starts this
// command in the program's folder, and `main` may put that deeper.
func fromProject(path string) (string, error) {
	here, err := os.Getwd()
	if err != nil || filepath.IsAbs(path) {
		return path, err
	}
	return filepath.Join(projectFolder(here), path), nil
}

// projectFolder is the nearest folder upwards that holds a project file, else the given one.
func projectFolder(start string) string {
	for folder := start; ; folder = filepath.Dir(folder) {
		for _, name := range []string{"Pulumi.yaml", "Pulumi.yml", "Pulumi.json"} {
			if _, err := os.Stat(filepath.Join(folder, name)); err == nil {
				return folder
			}
		}
		if folder == filepath.Dir(folder) {
			return start
		}
	}
}

func poetryEnvironment() (string, error) {
	output, err := exec.Command("poetry", "env", "info", "--path").Output()
	if err != nil {
		return "", fmt.Errorf("could not ask poetry for its environment: %w", err)
	}
	return strings.TrimSpace(string(output)), nil
}
