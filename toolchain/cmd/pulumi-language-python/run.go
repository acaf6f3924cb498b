package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

// shownToUser is the exit code by which the executor says that it has reported the error itself.
const shownToUser = 32

// Run runs a program to its end. A failed check of types and a program that fails are told in the
// response; an environment that cannot run a program is an error.
func (host *languageHost) Run(ctx context.Context, req *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	python, err := usablePython(ctx, req.Info)
	if err != nil {
		return nil, err
	}
	if problem, err := checkTypes(ctx, python, req.Info); err != nil || problem != "" {
		return &pulumirpc.RunResponse{Error: problem}, err
	}
	variables, err := configVariables(req)
	if err != nil {
		return nil, err
	}
	return host.runProgram(ctx, python, host.programArguments(req), variables)
}

func (host *languageHost) runProgram(
	ctx context.Context, python toolchain.Toolchain, arguments, variables []string,
) (*pulumirpc.RunResponse, error) {
	ctx, cancel := host.bounded(ctx)
	defer cancel()

	command, err := python.Command(ctx, arguments...)
	if err != nil {
		return nil, err
	}
	command.Env = append(environment(command), variables...)
	err = runChild(command)
	if ctx.Err() != nil { // an engine that cancels says so itself and does not read this
		return &pulumirpc.RunResponse{Error: "program was interrupted"}, nil
	}
	return outcome(err)
}

// bounded is a context that ends with the request and with the host.
func (host *languageHost) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	forget := context.AfterFunc(host.life, cancel)
	return ctx, func() {
		forget()
		cancel()
	}
}

// programArguments is the command line of the executor; it names its options in its own text.
func (host *languageHost) programArguments(req *pulumirpc.RunRequest) []string {
	arguments := []string{
		"-u", host.executor, // unbuffered: lines appear when the program prints them
		"--project", req.Project,
		"--root_directory", req.Info.RootDirectory,
		"--stack", req.Stack,
		"--organization", req.Organization,
		"--pwd", req.Pwd,
		"--dry_run", strconv.FormatBool(req.DryRun),
		"--parallel", strconv.Itoa(int(req.Parallel)),
		"--monitor", req.MonitorAddress,
		"--engine", host.engine,
	}
	if host.tracing != "" {
		arguments = append(arguments, "--tracing", host.tracing)
	}
	return append(append(arguments, req.Info.EntryPoint), req.Args...)
}

// configVariables hands config over in the environment: a command line could be read by others.
func configVariables(req *pulumirpc.RunRequest) ([]string, error) {
	config, err := json.Marshal(orEmpty(req.Config))
	if err != nil {
		return nil, err
	}
	secretKeys, err := json.Marshal(append([]string{}, req.ConfigSecretKeys...))
	if err != nil {
		return nil, err
	}
	return []string{
		"PULUMI_CONFIG=" + string(config),
		"PULUMI_CONFIG_SECRET_KEYS=" + string(secretKeys),
	}, nil
}

func orEmpty(config map[string]string) map[string]string {
	if config == nil {
		return map[string]string{}
	}
	return config
}

// checkTypes runs the type checker that Pulumi.yaml asks for and returns its complaints.
func checkTypes(ctx context.Context, python toolchain.Toolchain, info *pulumirpc.ProgramInfo) (string, error) {
	options, err := pythonOptions(info)
	if err != nil || options.Typechecker == toolchain.TypeCheckerNone {
		return "", err
	}
	name := strings.ToLower(toolchain.TypeCheckerName(options.Typechecker))
	command, err := python.ModuleCommand(ctx, name, info.ProgramDirectory)
	if err != nil {
		return "", err
	}
	command.Dir = info.RootDirectory
	output, err := command.CombinedOutput()
	if err == nil {
		return "", nil
	}
	return fmt.Sprintf("%s failed: %v\n%s", name, err, output), nil
}

// outcome tells how a program ended in the engine's terms.
func outcome(err error) (*pulumirpc.RunResponse, error) {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return &pulumirpc.RunResponse{}, nil
	case !errors.As(err, &exit):
		return nil, fmt.Errorf("could not run the program: %w", err)
	case exit.ExitCode() == shownToUser:
		return &pulumirpc.RunResponse{Bail: true}, nil
	case exit.ExitCode() < 0:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("program was ended by a signal: %v", exit)}, nil
	}
	return &pulumirpc.RunResponse{
		Error: fmt.Sprintf("program exited with non-zero exit code: %d", exit.ExitCode()),
	}, nil
}
