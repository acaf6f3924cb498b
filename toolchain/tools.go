//go:build tools

// Package toolchain pins the commands that are built from other modules.
package toolchain

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
