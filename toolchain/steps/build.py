"""Builds the tool chain from pinned Go modules, whose checksums are in go.sum."""

import pathlib
import shutil
import subprocess

from steps import golang
from steps.places import Places
from steps.running import Step, run

SDK = "github.com/pulumi/pulumi/sdk/v3"
CLI = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
EXECUTOR = "pulumi-language-python-exec"


def build(places: Places, into: pathlib.Path) -> None:
    """Build the CLI, its Python language host and the host of dynamic providers."""
    go = golang.provide(places)
    flags = f"-s -w -X {SDK}/go/common/version.Version={places.pulumi_version()}"
    step = Step(
        "build pulumi and its Python language host (about 4 minutes the first time)",
        [go, "build", "-trimpath", "-ldflags", flags, "-o", f"{into}/", CLI, "./cmd/..."],
        places.toolchain / "logs" / "build.log",
        cwd=places.source,
        environment=golang.environment(),
        remedy="Is the Go module proxy reachable? If not, set GOPROXY.",
    )
    run(step)
    shutil.copyfile(_sdk_folder(go, places) / "python/cmd" / EXECUTOR, into / EXECUTOR)


def _sdk_folder(go: pathlib.Path, places: Places) -> pathlib.Path:
    """The folder of the SDK in Go's module cache, where the build put it."""
    done = subprocess.run(
        [go, "list", "-m", "-f", "{{.Dir}}", SDK], cwd=places.source,
        env=golang.environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return pathlib.Path(done.stdout.strip())
