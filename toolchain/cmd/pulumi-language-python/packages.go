package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

//go:embed packages.py
var listPlugins string

// pluginFile is what an SDK's pulumi-plugin.json says.
type pluginFile struct {
	Resource         bool
	Name             string
	Version          string
	Server           string
	Parameterization *struct {
		Name    string
		Version string
		Value   []byte
	}
}

// GetRequiredPackages names the provider plugins of the SDKs in the program's environment.
func (host *languageHost) GetRequiredPackages(
	ctx context.Context, req *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
	files, err := pluginFiles(ctx, req.Info)
	if err != nil {
		return nil, err
	}
	response := &pulumirpc.GetRequiredPackagesResponse{}
	for _, file := range files {
		if file.Resource {
			response.Packages = append(response.Packages, file.dependency())
		}
	}
	return response, nil
}

// pluginFiles asks the program's own Python, because only that knows where it looks for packages.
func pluginFiles(ctx context.Context, info *pulumirpc.ProgramInfo) ([]pluginFile, error) {
	python, err := usablePython(ctx, info)
	if err != nil {
		return nil, err
	}
	command, err := python.Command(ctx, "-c", listPlugins)
	if err != nil {
		return nil, err
	}
	command.Dir = info.ProgramDirectory
	output, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("could not list the plugins of %s: %w%s", command.Path, err, errorText(err))
	}
	var files []pluginFile
	return files, json.Unmarshal(output, &files)
}

func errorText(err error) string {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return "\n" + string(exit.Stderr)
	}
	return ""
}

func (file *pluginFile) dependency() *pulumirpc.PackageDependency {
	dependency := &pulumirpc.PackageDependency{
		Kind: "resource", Name: file.Name, Version: file.Version, Server: file.Server,
	}
	if extra := file.Parameterization; extra != nil {
		dependency.Parameterization = &pulumirpc.PackageParameterization{
			Name: extra.Name, Version: extra.Version, Value: extra.Value,
		}
	}
	return dependency
}
