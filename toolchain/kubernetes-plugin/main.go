// Command pulumi-resource-kubernetes is the official provider, which also ends with its engine.
//
// Upstream asks the engine every five minutes whether it lives, so that a plugin outlives a killed
// engine for minutes and may go on to change the cluster.
package main

import (
	_ "embed"
	"os"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version"

	"pilothouse/toolchain/internal/orphan"
)

//go:embed schema-embed.json
var schema []byte

//go:embed terraform-mapping-embed.json
var mapping []byte

func main() {
	go func() {
		orphan.Wait()
		os.Exit(1)
	}()
	provider.Serve("kubernetes", version.Version, schema, mapping)
}
