package main

import (
	"context"
	"fmt"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

// usablePython is the Python that Pulumi.yaml's runtime options name, checked to exist.
func usablePython(ctx context.Context, info *pulumirpc.ProgramInfo) (toolchain.Toolchain, error) {
	python, err := pythonOf(info)
	if err != nil {
		return nil, err
	}
	return python, python.ValidateVenv(ctx)
}

// pythonOf is the Python that Pulumi.yaml's runtime options name; it need not exist yet.
func pythonOf(info *pulumirpc.ProgramInfo) (toolchain.Toolchain, error) {
	options, err := pythonOptions(info)
	if err != nil {
		return nil, err
	}
	return toolchain.ResolveToolchain(options)
}

// pythonOptions reads `virtualenv`, `toolchain` and `typechecker`; other keys are left to the engine.
func pythonOptions(info *pulumirpc.ProgramInfo) (toolchain.PythonOptions, error) {
	options := toolchain.PythonOptions{Root: info.RootDirectory, ProgramDir: info.ProgramDirectory}
	given := map[string]string{}
	for key, value := range info.Options.AsMap() {
		given[key] = fmt.Sprint(value)
	}
	options.Virtualenv = given["virtualenv"]
	if err := setToolchain(&options, given["toolchain"]); err != nil {
		return options, err
	}
	return options, setTypechecker(&options, given["typechecker"])
}

func setToolchain(options *toolchain.PythonOptions, name string) error {
	switch name {
	case "":
		options.Toolchain = toolchain.Auto
	case "pip":
		options.Toolchain = toolchain.Pip
	case "poetry":
		options.Toolchain = toolchain.Poetry
	case "uv":
		options.Toolchain = toolchain.Uv
	default:
		return fmt.Errorf("unsupported toolchain %q in Pulumi.yaml; use pip, poetry or uv", name)
	}
	return nil
}

func setTypechecker(options *toolchain.PythonOptions, name string) error {
	switch name {
	case "":
		options.Typechecker = toolchain.TypeCheckerNone
	case "mypy":
		options.Typechecker = toolchain.TypeCheckerMypy
	case "pyright":
		options.Typechecker = toolchain.TypeCheckerPyright
	default:
		return fmt.Errorf("unsupported typechecker %q in Pulumi.yaml; use mypy or pyright", name)
	}
	return nil
}
