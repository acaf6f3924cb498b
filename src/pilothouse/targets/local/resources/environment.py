"""The Python environment of a service, which uv installs from a hashed lock."""

import fcntl
import hashlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import MappingProxyType

import pulumi

from pilothouse.packages import uv
from pilothouse.targets.local.processes import files
from pilothouse.targets.local.resources.converge import (
    ConvergingProvider,
    ConvergingResource,
    Props,
)


class EnvironmentProvider(ConvergingProvider):
    """Installs the lock, and the source tree, if there is one, without its dependencies.

    The folder's name contains the digest of its content, so that stacks share environments. They
    outlive their stacks: `make clean-environments` removes them.
    """

    replace_on = frozenset({"path"})

    def ensure(self, props: Props) -> Props:
        install(Path(props["path"]), Path(props["lock"]), props.get("source"))
        return {}

    def observe(self, props: Props) -> str | None:
        return "" if is_complete(Path(props["path"])) else None

    def remove(self, props: Props) -> None:
        """Does nothing: other stacks may use the environment."""


def install(
    path: Path,
    lock: Path,
    source: str | None,
    *,
    python: str = sys.executable,
    options: Sequence[str] = (),
    variables: Mapping[str, str] = MappingProxyType({"UV_PYTHON_DOWNLOADS": "never"}),
) -> None:
    """Create the environment at `path` unless it is complete.

    `options` are added to each installation, `variables` to uv's environment, which holds the lock
    of the folder until it ends, even if this process is killed. Raises UvFailed if uv fails.
    """
    with _lock(path) as descriptor:
        if is_complete(path):
            return
        files.remove(path)
        run = partial(uv.run, descriptors=[descriptor], variables=variables)
        run("venv", "--python", python, str(path))
        program = str(path / "bin" / "python")
        install = ("pip", "install", "--compile-bytecode", "--quiet", "--python", program)
        run(*install, *options, "--require-hashes", "-r", str(lock))
        if source:
            run(*install, *options, "--no-deps", "--no-build-isolation", source)
        _stamp(path).touch()


def environment_path(folder: Path, name: str, lock: Path, source: Path | None) -> Path:
    """The path of an environment: its name, with a digest of the interpreter and the content."""
    digest = hashlib.sha256(sys.version.encode())
    sources = [*sorted(source.rglob("*.py")), source / "pyproject.toml"] if source else []
    for file in (lock, *sources):
        digest.update(file.read_bytes())
    return folder / f"{name}-{digest.hexdigest()[:12]}"


def _stamp(path: Path) -> Path:
    return path / ".complete"


def is_complete(path: Path) -> bool:
    """Whether the environment is installed to its end."""
    return _stamp(path).is_file()


@contextmanager
def _lock(path: Path) -> Iterator[int]:
    """Hold the lock of an environment; every process that has the descriptor open holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file.fileno()


class Environment(ConvergingResource, module="pilothouse", name="Environment"):
    """A virtual environment at `path`. A destroy retains it for other stacks."""

    path: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        folder: Path,
        lock: Path,
        opts: pulumi.ResourceOptions,
        source: Path | None = None,
    ) -> None:
        path = environment_path(folder, name, lock, source)
        props = {"name": name, "path": str(path), "lock": str(lock)}
        if source:
            props["source"] = str(source)
        super().__init__(
            EnvironmentProvider(),
            name,
            props,
            pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(retain_on_delete=True)),
        )

    def package(self, *names: str) -> pulumi.Output[str]:
        """The path of a file or folder of a package, such as `package("mlflow", "server")`."""
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        return self.program("lib", version, "site-packages", *names)

    def program(self, *names: str) -> pulumi.Output[str]:
        """The path of a file or folder of the environment, such as `program("bin", "airflow")`."""
        return self.path.apply(lambda path: str(Path(path, *names)))
