"""A PostgreSQL cluster with a role and databases for each application."""

import os
import pwd
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pulumi

from pilothouse.errors import PilothouseError
from pilothouse.targets.local.processes import files, launch, process_table, supervision
from pilothouse.targets.local.resources.converge import (
    ConvergingProvider,
    ConvergingResource,
    Props,
)

VERSION_FILE = "PG_VERSION"  # of PostgreSQL's own, with the major version
_MESSAGE = re.compile("ERROR:|FATAL:|PANIC:|error:")
INITDB = (
    "--auth-host=scram-sha-256",
    "--auth-local=reject",
    "--encoding=UTF8",
    "--locale=C.UTF-8",
    "--no-instructions",
    "--no-sync",  # the folder is renamed when complete; after a crash it is created anew
    "--username=postgres",
)


class PostgresClusterProvider(ConvergingProvider):
    """Sets the cluster up in single-user mode, with the server stopped; passwords go by pipe."""

    replace_on = frozenset({"data"})

    def ensure(self, props: Props) -> Props:
        data = Path(props["data"])
        if (data / VERSION_FILE).exists():
            _check_version(data, props)
        supervision.end_program(Path(props["home"]), props["service"])
        if data.exists():
            _run_statements(data, props, _password_statements(props["roles"]))
        else:
            _initialise(data, props)
        return {"revision": time.time()}

    def observe(self, props: Props) -> str | None:
        return "" if (Path(props["data"]) / VERSION_FILE).is_file() else None

    def remove(self, props: Props) -> None:
        """The data is removed with the stack's folder, unless data is retained."""


def _check_version(data: Path, props: Props) -> None:
    """Raise PilothouseError where the data are of another major version than the programs."""
    found = (data / VERSION_FILE).read_text(encoding="ascii").strip()
    version = _run([f"{props['programs']}/postgres", "--version"], props, "")
    major = re.search(r"(\d+)", version)
    if major and found != major[1]:
        raise PilothouseError(
            f"the databases in {data} are of PostgreSQL {found}, which PostgreSQL {major[1]} of "
            "this version of pilothouse cannot read; nothing was changed. Use the version of "
            "pilothouse that set the stack up, or delete the stack with its data (`pilothouse "
            "down`) and set it up anew"
        )


def _initialise(data: Path, props: Props) -> None:
    """Create the cluster under another name, and rename it once it is complete."""
    unfinished = data.with_name(f"{data.name}.new")
    process_table.end(process_table.of_folder(unfinished), first=signal.SIGKILL, seconds=5)
    files.remove(unfinished)
    unfinished.mkdir(mode=0o700)
    if user := _server_user(props):
        shutil.chown(unfinished, user, pwd.getpwnam(user).pw_gid)
    _run([f"{props['programs']}/initdb", *INITDB, "-D", str(unfinished)], props, "")
    _run_statements(unfinished, props, _creation_statements(props["roles"]))
    unfinished.rename(data)


def _creation_statements(roles: Mapping[str, Mapping[str, object]]) -> list[str]:
    statements = []
    for role, properties in roles.items():
        statements.append(f"CREATE ROLE {role} LOGIN PASSWORD '{properties['password']}'")
        for database in _strings(properties["databases"]):
            statements.append(f"CREATE DATABASE {database} OWNER {role}")
            statements.append(f"REVOKE ALL ON DATABASE {database} FROM PUBLIC")
    return statements


def _password_statements(roles: Mapping[str, Mapping[str, object]]) -> list[str]:
    return [f"ALTER ROLE {role} PASSWORD '{roles[role]['password']}'" for role in roles]


def _strings(value: object) -> Sequence[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _run_statements(data: Path, props: Props, statements: Sequence[str]) -> None:
    """Run the statements in single-user mode, where a failure shows as an ERROR line only."""
    command = [f"{props['programs']}/postgres", "--single", "-D", str(data), "postgres"]
    output = _run(command, props, "\n".join([*statements, ""]))
    if "ERROR:" in output:
        raise PilothouseError(f"PostgreSQL refused a statement in {data}: {_errors(output)}")


def _errors(output: str) -> str:
    """The error messages, without the statements after them, which contain passwords."""
    return "; ".join(line for line in output.splitlines() if _MESSAGE.search(line))


def _run(command: list[str], props: Props, stdin: str) -> str:
    done = subprocess.run(
        launch.arguments(command, user=_server_user(props), die_with_parent="SIGKILL"),
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd="/",
        check=False,
    )
    if done.returncode != 0:
        name = Path(command[0]).name
        raise PilothouseError(f"{name} ended with {done.returncode}: {_errors(done.stdout)}")
    return done.stdout


def _server_user(props: Props) -> str:
    return str(props["user"]) if os.geteuid() == 0 else ""


class PostgresCluster(ConvergingResource, module="pilothouse", name="PostgresCluster"):
    """A PostgreSQL data folder. A change stops the server, which restarts on a new `revision`.

    `roles` gives the password and the databases of each role. `programs` is the folder of
    PostgreSQL's programs, `service` the name of the server under supervisord.
    """

    data: pulumi.Output[str]
    revision: pulumi.Output[float]

    def __init__(
        self,
        name: str,
        *,
        home: pulumi.Input[str],
        data: pulumi.Input[str],
        programs: pulumi.Input[str],
        service: str,
        user: str,
        roles: pulumi.Input[Mapping[str, Mapping[str, object]]],
        opts: pulumi.ResourceOptions,
    ) -> None:
        props = {
            "name": name,
            "home": home,
            "data": data,
            "programs": programs,
            "service": service,
            "user": user,
            "roles": pulumi.Output.secret(roles),
        }
        super().__init__(PostgresClusterProvider(), name, props, opts, outputs=("revision",))
