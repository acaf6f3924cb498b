"""Runs one step of the team's package: inputs from the store, the command, outputs to the store.

    python run_step.py [--environments FOLDER --delivered FILE] [--secret NAME] [--tries N]
        DEFINITION STEP

DEFINITION is the JSON file with the steps, RUN of the environment the JSON document of the run:
`id`, and `conf`, with which it was started. A service whose variables are too short for that
gives RUN_ID, RUN_PACKAGE (a digest, or `current`), RUN_INPUTS (a token, or `own`), and PARAM_… for
each parameter. All other variables are the contract's. Exit codes: the command's own, 1 in the
place of 99; 99 where the run has not asked for the step; 2 where the run's document is not valid.

It needs the standard library and boto3, and nothing of pilothouse: it runs in any image.
"""

import argparse
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
import venv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

SKIPPED = 99
GRACE = 20  # seconds between SIGTERM and SIGKILL
TOKEN = re.compile(r"[a-z0-9][a-z0-9-]{6,62}")
DIGEST = re.compile(r"[0-9a-f]{12}")
REFERENCE = re.compile(r"\$\$\(|\$\(([A-Za-z_][A-Za-z0-9_]*)\)")
BEGINS, ENDS = "pilothouse: step begins", "pilothouse: step ends"
"""The first and the last line that a step says, by which its log is found in its task's."""
OWN = "pilothouse"
"""The key of a run's `conf` that `pilothouse run` writes; the other keys are parameters."""
CURRENT, OWN_OUTPUTS = "current", "own"
"""What stands in variables, which may not be empty, for the delivered package and the run."""
CURRENT_FILE = "packages/current.json"
"""The object that names the newest package, unless the definition has another as `current`."""
PAUSE = 3  # seconds between two tries
CLIENT = Config(connect_timeout=5, read_timeout=60, retries={"max_attempts": 5, "mode": "standard"})


class InvalidRunError(Exception):
    """What the run was started with cannot be used."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run: its token, the digest of its package ("" for the delivered one), its parameters.

    steps: the names of the steps that it asks for. inputs: the token of the run whose outputs
    the steps find.
    """

    token: str
    package: str
    parameters: Mapping[str, object]
    steps: Sequence[str]
    inputs: str


def read_run(document: Mapping[str, Any], definition: Mapping[str, Any]) -> Run:
    """The run of `document`; InvalidRunError where a part of it is not valid."""
    conf = dict(document.get("conf") or {})
    own = conf.pop(OWN, {})
    token = own.get("token") or _token_of(str(document["id"]))
    defaults = definition["parameters"]
    if unknown := sorted(set(conf) - set(defaults)):
        raise InvalidRunError(f"no parameter {', '.join(unknown)}; there are: {sorted(defaults)}")
    run = Run(
        token=token,
        package=own.get("package", ""),
        parameters={**defaults, **conf},
        steps=own.get("steps") or list(definition["steps"]),
        inputs=own.get("inputs") or token,
    )
    for name in ("token", "inputs"):
        if not TOKEN.fullmatch(getattr(run, name)):
            raise InvalidRunError(f"{name} {getattr(run, name)!r}: 7 to 63 of a-z, 0-9 and -")
    if run.package and not DIGEST.fullmatch(run.package):
        raise InvalidRunError(f"package {run.package!r}: the 12 digits of a digest")
    return run


def document_of(known: dict[str, str], definition: Mapping[str, Any]) -> Mapping[str, Any]:
    """The run's document, whose variables are taken out of `known`."""
    if "RUN" in known:
        document: Mapping[str, Any] = json.loads(known.pop("RUN"))
        return document
    package, inputs = known.pop("RUN_PACKAGE"), known.pop("RUN_INPUTS")
    own = {
        "package": "" if package == CURRENT else package,
        "inputs": "" if inputs == OWN_OUTPUTS else inputs,
    }
    parameters = {
        name: _value_of(known[_variable(name)], default)
        for name, default in definition["parameters"].items()
    }
    return {"id": known.pop("RUN_ID"), "conf": {**parameters, OWN: own}}


def _value_of(text: str, default: object) -> object:
    """The parameter that a variable has, of the type of its default."""
    if isinstance(default, str):
        return text
    try:
        value = json.loads(text.lower())
    except ValueError:
        value = text
    if type(value) is type(default) or (type(default) is float and type(value) is int):
        return value
    raise InvalidRunError(f"{text!r}: a value such as {json.dumps(default)} is needed")


def _variable(parameter: str) -> str:
    return f"PARAM_{parameter.upper()}"


def _token_of(name: str) -> str:
    """A token for a run that Airflow began: what its id has of the characters that one may have."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:63].rstrip("-")


class Store:
    """The files that steps hand on, and the packages, in the bucket of the contract."""

    def __init__(self, uri: str) -> None:
        parts = urlsplit(uri)
        self._folder = parts.path.strip("/")
        self._bucket = boto3.resource("s3", config=CLIENT).Bucket(parts.netloc)

    def fetch_package(self, digest: str, current: str, path: Path) -> None:
        """Put the archive of a package, or of the one that `current` names, at `path`."""
        try:
            digest = digest or json.loads(self._read(current))["package"]
            self._bucket.download_file(self._key(f"packages/{digest}.tar.gz"), str(path))
        except ClientError as error:
            raise InvalidRunError(
                f"no package {digest or current} in the store: {error}"
            ) from error

    def _read(self, name: str) -> bytes:
        body: bytes = self._bucket.Object(self._key(name)).get()["Body"].read()
        return body

    def _key(self, name: str) -> str:
        return f"{self._folder}/{name}".lstrip("/")

    def fetch(self, token: str, step: str, folder: Path) -> int:
        """Put what `step` of the run wrote into `folder`; the number of files."""
        prefix = self._prefix(token, step)
        found_objects = list(self._bucket.objects.filter(Prefix=prefix))
        for found in found_objects:
            path = folder / found.key.removeprefix(prefix)
            if folder not in path.resolve().parents:
                raise InvalidRunError(f"{found.key}: a name that leads out of the folder")
            path.parent.mkdir(parents=True, exist_ok=True)
            self._bucket.download_file(found.key, str(path))
        return len(found_objects)

    def keep(self, token: str, step: str, folder: Path) -> int:
        """Make the files of `folder` what `step` of the run wrote; the number of files."""
        prefix = self._prefix(token, step)
        names = {str(path.relative_to(folder)): path for path in _files(folder)}
        for found in self._bucket.objects.filter(Prefix=prefix):
            if found.key.removeprefix(prefix) not in names:
                found.delete()
        for name, path in names.items():
            self._bucket.upload_file(str(path), prefix + name)
        return len(names)

    def _prefix(self, token: str, step: str) -> str:
        return self._key(f"runs/{token}/outputs/{step}/")


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def expand(command: Sequence[str], variables: Mapping[str, str]) -> list[str]:
    """The command with `$(NAME)` replaced as Kubernetes does it.

    An unknown name stays as it is, and `$$(` becomes `$(`.
    """

    def value(found: re.Match[str]) -> str:
        return "$(" if found[1] is None else variables.get(found[1], found[0])

    return [REFERENCE.sub(value, word) for word in command]


def variables_of(run: Run, step: str, folder: Path, known: Mapping[str, str]) -> dict[str, str]:
    """The environment of the command; `known` has the contract's variables and the secrets."""
    parameters = {_variable(name): _text(value) for name, value in run.parameters.items()}
    return {
        **known,
        **parameters,
        "PARAMETERS": json.dumps(run.parameters, sort_keys=True),
        "RUN_TOKEN": run.token,
        "STEP": step,
        "INPUTS": str(folder / "inputs"),
        "OUTPUTS": str(folder / "outputs"),
        "TMPDIR": str(folder / "tmp"),
        "PYTHONUNBUFFERED": "1",
    }


def _text(value: object) -> str:
    """A parameter as a variable: text as it is, all else as JSON writes it."""
    return value if isinstance(value, str) else json.dumps(value)


def read_secrets(name: str, wanted: Sequence[str]) -> Mapping[str, str]:
    """The variables `wanted` of the JSON document in AWS Secrets Manager's secret `name`."""
    client = boto3.client("secretsmanager", config=CLIENT)
    try:
        found = json.loads(client.get_secret_value(SecretId=name)["SecretString"])
    except (ClientError, KeyError, ValueError) as error:
        raise InvalidRunError(f"secret {name}: no JSON document of texts: {error}") from None
    if missing := [key for key in wanted if not isinstance(found.get(key), str)]:
        raise InvalidRunError(f"secret {name} has no text {', '.join(missing)}")
    return {key: found[key] for key in wanted}


def run_command(
    command: Sequence[str], variables: Mapping[str, str], folder: Path, limit: float | None = None
) -> int:
    """Run the command in `folder`; its exit code. A SIGTERM, or `limit` seconds, end it first."""
    program = shutil.which(command[0], path=variables["PATH"])
    if program is None:
        raise InvalidRunError(f"no program {command[0]!r} on the PATH {variables['PATH']}")
    with subprocess.Popen([program, *command[1:]], env=variables, cwd=folder) as process:

        def stop() -> None:
            process.terminate()
            try:
                process.wait(GRACE)
            except subprocess.TimeoutExpired:
                process.kill()

        def end(number: int, _frame: FrameType | None) -> None:
            stop()
            sys.exit(128 + number)

        signal.signal(signal.SIGTERM, end)
        try:
            code = process.wait(limit)
        except subprocess.TimeoutExpired:
            say(f"pilothouse: {command[0]} has not ended within {limit} s")
            stop()
            code = process.wait()
    if code < 0:
        say(f"pilothouse: {command[0]} was ended by {signal.Signals(-code).name}")
        return 128 - code
    return code


def say(text: str) -> None:
    """A line of the step's log."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - the log of the task


def environment_of(run: Run, environments: Path, delivered: Path) -> tuple[Path, Mapping[str, str]]:
    """The environment of the run's package, and the secrets, as they were delivered.

    An environment's name in the folder `environments` ends with the digest of its package;
    `delivered` is the file with the newest delivery.
    """
    try:
        document = json.loads(delivered.read_text())
    except OSError:
        raise InvalidRunError("no package is delivered yet: run `pilothouse up`") from None
    environment = environments / f"team-{run.package or document['package']}"
    if not environment.is_dir():
        raise InvalidRunError(f"no environment {environment}: run `pilothouse run`")
    return environment, document["secrets"]


def install(run: Run, store: Store, current: str, folder: Path) -> Path:
    """An environment in `folder` with the run's package, by this interpreter."""
    archive, environment = folder / "package.tar.gz", folder / "environment"
    store.fetch_package(run.package, current, archive)
    with tarfile.open(archive) as tar:
        # Before 3.11.4 Python knows no filters; the archive is our own.
        tar.extraction_filter = getattr(tarfile, "data_filter", None)
        tar.extractall(folder / "package")  # noqa: S202 - filtered
    archive.unlink()
    about = json.loads((folder / "package" / "package.json").read_text())
    here = {
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "machine": platform.machine(),
    }
    for name, value in here.items():
        if about[name] != value:
            raise InvalidRunError(
                f"the package is for {name} {about[name]}, and this image has {value}: set "
                "workload.python in platform.yaml, or name another image"
            )
    venv.create(environment, symlinks=True)
    (packages,) = environment.glob("lib/python*/site-packages")
    for path in (folder / "package" / "site-packages").iterdir():
        path.rename(packages / path.name)
    for program in (packages / "bin").glob("*"):
        _set_interpreter(program, environment / "bin" / "python")
        program.rename(environment / "bin" / program.name)
    return environment


def _set_interpreter(program: Path, python: Path) -> None:
    """Have a script that names a Python in its first line run by this one."""
    first, newline, rest = program.read_bytes().partition(b"\n")
    if first.startswith(b"#!") and b"python" in first:
        program.write_bytes(f"#!{python}".encode() + newline + rest)


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--environments", type=Path, metavar="FOLDER")
    parser.add_argument("--delivered", type=Path, metavar="FILE")
    parser.add_argument("--secret", metavar="NAME")
    parser.add_argument("--tries", type=int, metavar="N")
    parser.add_argument("definition", type=Path)
    parser.add_argument("step")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """Run the step that the arguments name; the exit code."""
    options = _parse(arguments)
    step, definition = options.step, json.loads(options.definition.read_text())
    known = dict(os.environ)
    run = read_run(document_of(known, definition), definition)
    if step not in run.steps:
        say(f"pilothouse: the run asked for {', '.join(run.steps)} only")
        return SKIPPED
    wanted, store = definition["steps"][step], Store(known["DATA_URI"])
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made).resolve()
        if options.environments:
            environment, secrets = environment_of(run, options.environments, options.delivered)
        else:
            current = definition.get("current", CURRENT_FILE)
            environment, secrets = install(run, store, current, folder), {}
        if options.secret:
            secrets = read_secrets(options.secret, definition["secrets"])
        known |= {**secrets, "PATH": f"{environment}/bin{os.pathsep}{os.defpath}"}
        (folder / "inputs").mkdir()
        for need in wanted["needs"]:
            count = store.fetch(run.inputs, need, folder / "inputs" / need)
            say(f"pilothouse: {count} files of {need}")
        variables = variables_of(run, step, folder, known)
        code = _try_command(wanted, variables, folder, options.tries)
        if code == 0:
            count = store.keep(run.token, step, folder / "outputs")
            say(f"pilothouse: {count} files handed on")
    return 1 if code == SKIPPED else code


def _try_command(
    wanted: Mapping[str, Any], variables: Mapping[str, str], folder: Path, tries: int | None
) -> int:
    """The exit code of the step's command; with `tries` its time-out and its retries are ours."""
    limit = None if tries is None else wanted["timeout"]
    for number in range(1, (tries or 1) + 1):
        for name in ("outputs", "tmp", "work"):
            shutil.rmtree(folder / name, ignore_errors=True)
            (folder / name).mkdir()
        if number > 1:
            say(f"pilothouse: try {number} of {tries} in {PAUSE} s")
            time.sleep(PAUSE)
        command = expand(wanted["command"], variables)
        code = run_command(command, variables, folder / "work", limit)
        if code == 0:
            break
    return code


def _main(arguments: Sequence[str]) -> int:
    say(BEGINS)
    try:
        code = main(arguments)
    except InvalidRunError as error:
        say(f"pilothouse: {error}")
        code = 2
    say(f"{ENDS}: exit code {code}")
    return code


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
