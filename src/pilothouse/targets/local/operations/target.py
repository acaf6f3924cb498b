"""The operations of a local stack: preflight, status, logs, cleanup, leftovers."""

from __future__ import annotations

import os
import shutil
import socket
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pilothouse.errors import PilothouseError, Refused
from pilothouse.services import oidc, seaweedfs
from pilothouse.targets.interface import (
    Check,
    Leftover,
    Operations,
    ServiceState,
    ServiceStatus,
)
from pilothouse.targets.local.operations import command_line, delivery, garbage, leftovers
from pilothouse.targets.local.processes import (
    operating_system,
    outside_files,
    process_table,
    supervision,
)
from pilothouse.targets.local.processes.layout import DAGS, LOOPBACK, PORTS, Layout
from pilothouse.targets.local.resources import home
from pilothouse.targets.local.resources.home import KEEP_DATA_VARIABLE, KEPT, HomeProvider
from pilothouse.targets.local.resources.supervisor import SupervisorProvider
from pilothouse.targets.local.settings.dags import resolve
from pilothouse.targets.local.settings.target import LocalPlan, LocalSettings

if TYPE_CHECKING:
    from pilothouse.config.dag_files import DagFiles
    from pilothouse.config.platform_spec import Platform
    from pilothouse.config.workload import Workload
    from pilothouse.contract import Contract
    from pilothouse.packages.package import Package
    from pilothouse.services.mlflow.garbage import Garbage
    from pilothouse.targets.dry_run import Recording

DISK_NEEDED = 4 << 30  # bytes: 2.1 GB of environments, their unpacking, and data
MEMORY_NEEDED = 3 << 30  # bytes: 1.8 GB idle, and a run of the workload
CAPABILITIES = {"CAP_SETGID": 6, "CAP_SETUID": 7}  # of <linux/capability.h>
_IS_FREE = "free or used by this stack"
_IN_HOME = "in the stack's folder, with which `down` would delete it"
_STATES: Mapping[str, ServiceState] = {
    "RUNNING": "running",
    "STARTING": "starting",
    "STOPPED": "stopped",
    "STOPPING": "stopped",
}


class LocalOperations(Operations[LocalSettings]):
    """A local stack seen without its state."""

    leftover_kinds = ("process", "port", "socket", "file", "DAG file")
    named_kinds = frozenset({"DAG file"})
    data_kinds = frozenset({"Bucket", "Home", "PostgresCluster", "Secrets"})
    reads_airflow_lock = True
    secrets_remedy = (
        "export it, or put it into the file that `workload.secretsFile` names under "
        "`pilothouse:local` in the stack file"
    )
    no_backups = (
        "a local stack makes no backups: copy its folder, `home` in the stack file, "
        "after `pilothouse down --keep-data`"
    )
    no_pause = ""

    @cached_property
    def layout(self) -> Layout:
        """The stack's folders and ports."""
        return Layout.of(self.plan)

    @property
    def _is_owner(self) -> bool:
        return home.is_owned(
            self.layout.home,
            home.make_mark(self.plan),
            is_default=self.plan.settings.home is None,
        )

    def preflight(self, graph: Callable[[], Recording]) -> list[Check]:
        """The folder, ports, disk, memory, PostgreSQL's user and root's right, the provider."""
        return [
            self._folder_check(),
            *_dags_checks(self.layout),
            *_path_checks(self.layout),
            *_port_checks(self.layout),
            _disk_check(self.layout),
            _memory_check(),
            _user_check(self.plan),
            _capability_check(),
            *_provider_checks(self.plan),
        ]

    def _folder_check(self) -> Check:
        folder = self.layout.home
        ok = self._is_owner
        return Check(
            name=f"folder {folder}",
            ok=ok,
            detail=_IS_FREE if ok else home.OTHERS_FOLDER,
            remedy=home.REMEDY,
        )

    def services(self) -> list[ServiceStatus]:
        """Every program under the stack's supervisord."""
        programs = supervision.programs(self.layout.home) if self._is_owner else {}
        return [
            ServiceStatus(
                name=name, state=_STATES.get(program.state, "failed"), detail=program.description
            )
            for name, program in sorted(programs.items())
        ]

    def logs(self, service: str, lines: int) -> Iterable[str]:
        """The end of a service's log; PilothouseError names the services that have one."""
        log = supervision.log_path(self.layout.home, service)
        if not log.is_file():
            known = sorted(path.stem for path in log.parent.glob("*.log"))
            raise PilothouseError(f"no log of {service!r}; there are: {', '.join(known) or 'none'}")
        with log.open(errors="replace") as file:
            return [line.rstrip("\n") for line in deque(file, lines)]

    def pause(self) -> None:
        """End the stack's supervisord with all services; their folders stay."""
        if not self._is_owner:
            raise Refused(f"no stack {self.plan.stack} of this project is in {self.layout.home}")
        SupervisorProvider().remove({"home": str(self.layout.home)})

    def stops_at_expiry(self) -> str:
        """The services, by their own supervisord."""
        return "the services end, the stack's folder stays"

    def find_garbage(self, contract: Contract, older_than: float) -> Garbage:
        """What MLflow's garbage collection would delete."""
        return garbage.run(self.layout, contract.tracking, "list", older_than)

    def collect_garbage(self, contract: Contract, older_than: float) -> Garbage:
        """Run MLflow's garbage collection."""
        return garbage.run(self.layout, contract.tracking, "delete", older_than)

    def prepare_package(self, platform: Platform, workload: Workload, package: Package) -> None:
        """Install the package's environment, which stacks share."""
        delivery.prepare(self.layout, platform, workload, package)

    def deliver_package(
        self, contract: Contract, package: Package, secrets: Mapping[str, str]
    ) -> None:
        """Write which environment and which secrets a step uses."""
        delivery.deliver(self.layout, package, secrets)

    def dags_folder(self) -> Path | None:
        """The project's, unless the stack file alone says where DAGs are."""
        return self.layout.project_dags

    def why_no_dags(self) -> str:
        """Where there are none, the stack file names another folder."""
        return ""

    def deliver_dags(self, contract: Contract, files: DagFiles) -> str:
        """Nothing: Airflow reads the folder itself."""
        return f"Airflow reads the team's DAGs from {files.folder} itself"

    def workload_secrets(self, names: Sequence[str]) -> Mapping[str, str | None]:
        """Those of the environment, else of the file that is named, else of the last delivery."""
        named = self.plan.settings.workload.read_secrets(self.plan.project)
        known = {**delivery.delivered_secrets(self.layout), **named, **os.environ}
        return {name: known[name] for name in names if known.get(name)}

    def secret_values(self, names: Sequence[str]) -> Mapping[str, str | None]:
        """Those of the workload, whose values are all here."""
        return self.workload_secrets(names)

    def why_no_airflow_objects(self) -> str:
        """Nothing: the stack's Airflow is its own."""
        return ""

    def run_command(self, program: str, arguments: Sequence[str], contract: Contract) -> int:
        """Run it on this machine."""
        return command_line.run(self.layout, contract, program, arguments)

    def artifact_retention(self) -> str:
        """Noncurrent versions, where the bucket has them."""
        return seaweedfs.artifact_retention(self.plan.platform)

    def destroy_variables(self, *, keep_data: bool) -> Mapping[str, str]:
        """What tells the providers to keep the data."""
        return {KEEP_DATA_VARIABLE: "1"} if keep_data else {}

    def clean_up(self, *, keep_data: bool) -> None:
        """End and remove what the state did not have, as the folder's own provider would."""
        folder = self.layout.home
        if self._is_owner and folder.is_dir():
            SupervisorProvider().remove({"home": str(folder)})
            for path in outside_files.owned(folder):
                path.unlink()
            HomeProvider().clear(folder, keep_data=keep_data)

    def leftovers(self, *, keep_data: bool) -> list[Leftover]:
        """The processes, the ports, the files and the sockets that belong to the stack's folder."""
        if not self._is_owner:
            return []
        return leftovers.find(self.layout, KEPT if keep_data else ())


def _dags_checks(layout: Layout) -> list[Check]:
    """The folders of DAGs that the stack file and platform.yaml name, where they cannot be used."""
    return [*_own_dags_checks(layout), *_project_dags_checks(layout)]


def _project_dags_checks(layout: Layout) -> list[Check]:
    folder = layout.project_dags
    if folder is None or not folder.resolve().is_relative_to(layout.home.resolve()):
        return []
    return [
        Check(
            name=f"folder of DAGs {folder}",
            ok=False,
            detail=_IN_HOME,
            remedy="set `orchestration.dags` in platform.yaml to another folder",
        )
    ]


def _own_dags_checks(layout: Layout) -> list[Check]:
    if layout.dags == layout.home / DAGS:
        return []
    if layout.dags.is_relative_to(layout.home):
        wrong = _IN_HOME
    elif not layout.dags.is_dir():
        wrong = "does not exist"
    else:
        return []
    return [
        Check(
            name=f"folder of DAGs {layout.dags}",
            ok=False,
            detail=wrong,
            remedy="set `dags.folder` under `pilothouse:local` in the stack file to a folder of "
            "your own that exists",
        )
    ]


def _provider_checks(plan: LocalPlan) -> list[Check]:
    """The OpenID Connect provider, if there is one."""
    provider, settings = plan.platform.access.oidc, plan.settings.oidc
    if provider is None or settings is None:
        return []
    ca_file = str(resolve(plan.project, settings.ca_file)) if settings.ca_file else ""
    fault = oidc.find_fault(provider, settings.read_secret(plan.project), ca_file)
    return [
        Check(
            name=f"provider {provider.issuer}",
            ok=fault is None,
            detail=fault.found if fault else f"knows the client {provider.client_id}",
            remedy=fault.remedy if fault else "",
        )
    ]


def _port_checks(layout: Layout) -> Iterator[Check]:
    owners = process_table.listeners()
    for role in PORTS:
        port = layout.port(role)
        owner = owners.get(port)
        taken = _is_listening(port) and not (owner and process_table.belongs(owner, layout.home))
        holder = process_table.describe(owner)
        yield Check(
            name=f"port {port} for {role}",
            ok=not taken,
            detail=f"in use by {holder}" if taken else _IS_FREE,
            remedy="end that process, or set `basePort` under `pilothouse:local` in the stack file",
        )


def _disk_check(layout: Layout) -> Check:
    folder = next(path for path in (layout.home, *layout.home.parents) if path.is_dir())
    free = shutil.disk_usage(folder).free
    return Check(
        name=f"disk under {folder}",
        ok=free >= DISK_NEEDED,
        detail=f"{free >> 30} GiB free",
        remedy=f"free {DISK_NEEDED >> 30} GiB, or set `home` and `environments` in the stack file",
    )


def _memory_check() -> Check:
    free = process_table.available_memory()
    return Check(
        name="memory",
        ok=free >= MEMORY_NEEDED,
        detail=f"{free >> 20} MiB available",
        remedy=f"a local stack needs {MEMORY_NEEDED >> 30} GiB",
    )


def _path_checks(layout: Layout) -> list[Check]:
    """Those of the folders whose paths supervisord cannot read."""
    folders = {"home": layout.home, "environments": layout.environments}
    return [
        Check(
            name=f"path {folder}",
            ok=False,
            detail=f"has {sign!r}, with which supervisord cannot read its configuration",
            remedy=f"rename the folder, or set `{key}` under `pilothouse:local` in the stack file "
            "to another one",
        )
        for key, folder in folders.items()
        if (sign := supervision.find_unreadable(folder))
    ]


def _user_check(plan: LocalPlan) -> Check:
    import pwd

    user = plan.settings.postgres_user
    used = os.geteuid() == 0
    exists = user in {entry.pw_name for entry in pwd.getpwall()}
    found = f"user {user!r} {'exists' if exists else 'does not exist'}"
    return Check(
        name="PostgreSQL's user",
        ok=exists or not used,
        detail=found if used else "not used: pilothouse does not run as root",
        remedy="set `postgresUser` under `pilothouse:local` in the stack file",
    )


def _capability_check() -> Check:
    used = os.geteuid() == 0
    missing = operating_system.missing_capabilities(CAPABILITIES) if used else []
    return Check(
        name="permission to change the user",
        ok=not missing,
        detail=f"root lacks {', '.join(missing)}, and PostgreSQL does not run as root"
        if missing
        else "root has it"
        if used
        else "not used: pilothouse does not run as root",
        remedy="run pilothouse as another user than root, or give the container these capabilities "
        f"(`--cap-add`): {', '.join(CAPABILITIES)}",
    )


def _is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0
