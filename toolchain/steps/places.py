"""Where the set-up reads and writes: everything it makes lies in two ignored folders."""

import dataclasses
import pathlib
import re


class SetupError(Exception):
    """A step cannot go on; the text says what was found and what to do."""


@dataclasses.dataclass(frozen=True)
class Places:
    """The files and folders of one checkout."""

    root: pathlib.Path

    @property
    def made(self) -> pathlib.Path:
        """Everything but `.venv` that the set-up makes."""
        return self.root / ".toolchain"

    @property
    def bin(self) -> pathlib.Path:
        """What must come first on PATH; empty when the machine's own pulumi is used."""
        return self.made / "bin"

    @property
    def building(self) -> pathlib.Path:
        """Unfinished work; of no worth after a crash."""
        return self.made / "building"

    @property
    def venv(self) -> pathlib.Path:
        """The Python environment of pilothouse and of the Pulumi program."""
        return self.root / ".venv"

    @property
    def source(self) -> pathlib.Path:
        """The Go module of the tool chain."""
        return self.root / "toolchain"

    def lock(self, name: str) -> pathlib.Path:
        """A hashed requirements lock."""
        return self.root / "locks" / f"{name}.txt"

    def pulumi_version(self) -> str:
        """The version that go.mod pins, without the v; CLI and SDK are the same."""
        text = (self.source / "go.mod").read_text(encoding="utf-8")
        found = re.search(r"^\s*github\.com/pulumi/pulumi/pkg/v3 v(\S+)", text, re.MULTILINE)
        if not found:
            raise SetupError(f"{self.source / 'go.mod'} does not name pulumi's pkg/v3")
        return found[1]

    def go_version(self) -> str:
        """The oldest Go that can build the tool chain."""
        text = (self.source / "go.mod").read_text(encoding="utf-8")
        found = re.search(r"^go (\S+)$", text, re.MULTILINE)
        if not found:
            raise SetupError(f"{self.source / 'go.mod'} has no go line")
        return found[1]
