"""The paths that the set-up reads and writes; it writes to two folders that git ignores."""

import dataclasses
import pathlib
import re

RECIPE = pathlib.Path(__file__).resolve().parents[2]
"""The folder with `toolchain` and `locks`: a checkout, or a folder of the installed package."""


class SetupError(Exception):
    """A step failed; the message says why, and the remedy."""


@dataclasses.dataclass(frozen=True)
class Places:
    """The files and folders of one project, which the recipe fills; a checkout is both."""

    root: pathlib.Path
    recipe: pathlib.Path = RECIPE

    @property
    def toolchain(self) -> pathlib.Path:
        """The folder of all that the set-up creates besides `.venv`."""
        return self.root / ".toolchain"

    @property
    def bin(self) -> pathlib.Path:
        """The folder that must come first on PATH; empty if the machine's pulumi is used."""
        return self.toolchain / "bin"

    @property
    def plugins(self) -> pathlib.Path:
        """The folder of provider plugins that the set-up has built, for PATH too."""
        return self.toolchain / "plugins"

    @property
    def kubernetes_plugin(self) -> pathlib.Path:
        """The Go module of the Kubernetes provider plugin."""
        return self.source / "kubernetes-plugin"

    @property
    def building(self) -> pathlib.Path:
        """The folder of an unfinished build, which is deleted after a crash."""
        return self.toolchain / "building"

    @property
    def venv(self) -> pathlib.Path:
        """The Python environment of pilothouse and of the Pulumi program."""
        return self.root / ".venv"

    @property
    def source(self) -> pathlib.Path:
        """The Go module of the tool chain."""
        return self.recipe / "toolchain"

    def lock(self, name: str) -> pathlib.Path:
        """A hashed requirements lock."""
        return self.recipe / "locks" / f"{name}.txt"

    def locked(self, package: str, lock: str) -> str:
        """The version of a package in a lock."""
        file = self.lock(lock)
        line = rf"^{re.escape(package)}==(\S+)"
        found = re.search(line, file.read_text(encoding="utf-8"), re.MULTILINE)
        if not found:
            raise SetupError(f"{file} has no {package}")
        return found[1]

    def pulumi_version(self) -> str:
        """The version of the CLI that go.mod pins, without the v; at least the Python SDK's."""
        text = (self.source / "go.mod").read_text(encoding="utf-8")
        found = re.search(r"^\s*github\.com/pulumi/pulumi/pkg/v3 v(\S+)", text, re.MULTILINE)
        if not found:
            raise SetupError(f"{self.source / 'go.mod'} does not require pulumi's pkg/v3")
        return found[1]

    def go_version(self) -> str:
        """The oldest Go that can build the tool chain."""
        text = (self.source / "go.mod").read_text(encoding="utf-8")
        found = re.search(r"^go (\S+)$", text, re.MULTILINE)
        if not found:
            raise SetupError(f"{self.source / 'go.mod'} has no go line")
        return found[1]
