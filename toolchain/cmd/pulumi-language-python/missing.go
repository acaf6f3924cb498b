package main

import (
	"context"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// missing says what this host leaves to the official one, and how to do without it.
func missing(what, remedy string) error {
	return status.Errorf(codes.Unimplemented,
		"this Python language host cannot %s; %s, or install the official Pulumi CLI", what, remedy)
}

// GenerateProgram would write Python code for imported or converted resources.
func (host *languageHost) GenerateProgram(
	context.Context, *pulumirpc.GenerateProgramRequest,
) (*pulumirpc.GenerateProgramResponse, error) {
	return nil, missing("generate code", "pass --generate-code=false to `pulumi import`")
}

// GenerateProject would write a Python project from a converted program.
func (host *languageHost) GenerateProject(
	context.Context, *pulumirpc.GenerateProjectRequest,
) (*pulumirpc.GenerateProjectResponse, error) {
	return nil, missing("generate projects", "write the project by hand")
}

// GeneratePackage would write a Python SDK from a provider's schema.
func (host *languageHost) GeneratePackage(
	context.Context, *pulumirpc.GeneratePackageRequest,
) (*pulumirpc.GeneratePackageResponse, error) {
	return nil, missing("generate SDKs", "use a published SDK")
}

// Pack would build a distribution of an SDK.
func (host *languageHost) Pack(
	context.Context, *pulumirpc.PackRequest,
) (*pulumirpc.PackResponse, error) {
	return nil, missing("pack SDKs", "use `python -m build`")
}

// Link would add a local SDK to a program's requirements.
func (host *languageHost) Link(
	context.Context, *pulumirpc.LinkRequest,
) (*pulumirpc.LinkResponse, error) {
	return nil, missing("link SDKs", "add the package to the program's requirements")
}
