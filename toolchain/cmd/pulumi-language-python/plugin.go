package main

import (
	"context"
	"errors"
	"os/exec"
	"runtime"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// RunPlugin runs a provider that is written in Python until it ends or the engine hangs up.
func (host *languageHost) RunPlugin(
	req *pulumirpc.RunPluginRequest, server pulumirpc.LanguageRuntime_RunPluginServer,
) error {
	if req.Kind == "analyzer" {
		return status.Error(codes.Unimplemented, "this Python language host runs no policy packs")
	}
	ctx, cancel := host.bounded(server.Context())
	defer cancel()

	command, err := pluginCommand(ctx, req)
	if err != nil {
		return err
	}
	code, err := streamPlugin(command, server)
	if err != nil {
		return err
	}
	return server.Send(&pulumirpc.RunPluginResponse{
		Output: &pulumirpc.RunPluginResponse_Exitcode{Exitcode: code},
	})
}

func pluginCommand(ctx context.Context, req *pulumirpc.RunPluginRequest) (*exec.Cmd, error) {
	python, err := usablePython(ctx, req.Info)
	if err != nil {
		return nil, err
	}
	command, err := python.Command(ctx, append([]string{"-u", req.Info.ProgramDirectory}, req.Args...)...)
	if err != nil {
		return nil, err
	}
	folder, err := python.VirtualEnvPath(ctx)
	if err != nil {
		return nil, err
	}
	command.Dir = req.Pwd
	command.Env = req.Env
	if folder != "" {
		command.Env = toolchain.ActivateVirtualEnv(req.Env, folder)
	}
	return command, nil
}

// streamPlugin runs a plugin with its output sent to the engine and returns its exit code.
func streamPlugin(command *exec.Cmd, server pulumirpc.LanguageRuntime_RunPluginServer) (int32, error) {
	streams, out, errs, err := rpcutil.MakeRunPluginStreams(server, false)
	if err != nil {
		return 0, err
	}
	// As for programs: the thread that forked must live as long as the child.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	command.Stdout, command.Stderr = out, errs
	err = runInterruptibly(command, func() {})
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return int32(exit.ExitCode()), streams.Close()
	}
	return 0, errors.Join(err, streams.Close())
}
