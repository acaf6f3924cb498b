package main

import (
	"context"
	"errors"
	"io"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// InstallDependencies makes the program's environment and installs what the program lists.
func (host *languageHost) InstallDependencies(
	req *pulumirpc.InstallDependenciesRequest, server pulumirpc.LanguageRuntime_InstallDependenciesServer,
) error {
	python, err := pythonOf(req.Info)
	if err != nil {
		return err
	}
	ctx, cancel := host.bounded(server.Context())
	defer cancel()
	streams, out, errs, err := rpcutil.MakeInstallDependenciesStreams(server, req.IsTerminal)
	if err != nil {
		return err
	}
	err = python.InstallDependencies(
		ctx, req.Info.ProgramDirectory, req.UseLanguageVersionTools, true, out, errs)
	return errors.Join(err, streams.Close())
}

// Template turns a fresh template's requirements into what the chosen toolchain reads.
func (host *languageHost) Template(
	ctx context.Context, req *pulumirpc.TemplateRequest,
) (*pulumirpc.TemplateResponse, error) {
	python, err := pythonOf(req.Info)
	if err != nil {
		return nil, err
	}
	err = python.PrepareProject(
		ctx, req.ProjectName, req.Info.ProgramDirectory, false, io.Discard, io.Discard)
	return &pulumirpc.TemplateResponse{}, err
}

// RuntimeOptionsPrompts asks nothing: without options the environment is found by its lock file.
func (host *languageHost) RuntimeOptionsPrompts(
	context.Context, *pulumirpc.RuntimeOptionsRequest,
) (*pulumirpc.RuntimeOptionsResponse, error) {
	return &pulumirpc.RuntimeOptionsResponse{}, nil
}
