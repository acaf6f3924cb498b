//go:build tools

// Package tools names the programs that are built from pinned modules.
package tools

import _ "github.com/rhysd/actionlint/cmd/actionlint"
