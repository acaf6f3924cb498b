// Command pulumi-language-python is the Python language host of the Pulumi engine.
//
// The engine starts it with its own address as argument and reads the port from the first line of
// standard output; what programs print follows on the same streams. The host ends on SIGINT or
// SIGTERM, and when the engine is gone, and takes its running program with it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/logging"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"

	"pilothouse/toolchain/internal/orphan"
)

const executorName = "pulumi-language-python-exec"

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-language-python:", err)
		os.Exit(1)
	}
}

// serve answers the engine until a signal or the engine's end.
func serve() error {
	tracing := flag.String("tracing", "", "address of a tracing endpoint, handed on to programs")
	flag.Parse()
	logging.InitLogging(false, 0, false)

	executor, err := besideThis(executorName)
	if err != nil {
		return err
	}
	life, end := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer end()
	host := &languageHost{executor: executor, engine: flag.Arg(0), tracing: *tracing, life: life}
	go func() {
		orphan.Wait()
		end()
	}()
	return host.answer(life)
}

// answer serves gRPC on a free loopback port and tells the engine which. When life ends it takes no
// more calls and returns after the answers of the running ones, which end with life.
func (host *languageHost) answer(life context.Context) error {
	stop := make(chan bool)
	context.AfterFunc(life, func() { close(stop) })
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: stop,
		Init: func(server *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(server, host)
			return nil
		},
		Options: rpcutil.OpenTracingServerInterceptorOptions(nil),
	})
	if err != nil {
		return err
	}
	fmt.Println(handle.Port)
	return <-handle.Done
}

// besideThis finds a file in the folder of this executable.
func besideThis(name string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	path := filepath.Join(filepath.Dir(self), name)
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("%s is missing beside %s; run `make toolchain`: %w", name, self, err)
	}
	return path, nil
}
