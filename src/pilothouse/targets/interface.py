"""What a target gives to the lifecycle besides its components: operations, and a renderer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, Protocol

from typing_extensions import TypeVar

from pilothouse.errors import Refused

if TYPE_CHECKING:
    from pathlib import Path

    from pilothouse.config.dag_files import DagFiles
    from pilothouse.config.platform_spec import Platform
    from pilothouse.config.workload import Workload
    from pilothouse.contract import Contract
    from pilothouse.packages.package import Package
    from pilothouse.plan import Plan
    from pilothouse.services.mlflow.garbage import Garbage
    from pilothouse.targets.dry_run import Recording

SettingsT = TypeVar("SettingsT", default=Any)

ServiceState = Literal["running", "starting", "stopped", "failed"]

ALLOW_DATA_LOSS_VARIABLE = "PILOTHOUSE_ALLOW_DATA_LOSS"
"""Names, by commas, what a run of the program may delete or replace though it holds data; * all."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One line of a preflight: what was checked, whether it passed, and the remedy if not."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""


@dataclass(frozen=True, kw_only=True)
class ServiceStatus:
    """One service of a running stack, as its supervisor and its probe see it."""

    name: str
    state: ServiceState
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Leftover:
    """Something of a stack that exists outside of its state.

    `verdict` is `present` (it should not exist), `kept` (by choice), `pending` (it is deleted
    without further action; `detail` says when) or `unknown` (the lookup failed, which fails a
    teardown).
    """

    kind: str
    name: str
    verdict: Literal["present", "kept", "pending", "unknown"]
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Backup:
    """A backup of a stack's databases: its name, which sorts by its time, and its size."""

    name: str
    bytes: int


@dataclass(frozen=True, kw_only=True)
class PipelineAccess:
    """How the jobs of a CI system reach a stack.

    templates: a folder with two templates for each system: `<system>.yml` runs a script where the
    stack can be reached, `<system>.txt` says what people set up for that. None for a stack on the
    machine of its job, with which it ends.
    values: what these templates name, besides the values that every template has.
    """

    templates: Path | None
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class PendingCreate:
    """A create that the engine began and that was not seen to succeed: a URN and its type."""

    urn: str
    type: str


@dataclass(frozen=True, kw_only=True)
class OperationLimit:
    """After how many seconds an operation interrupts the engine, and what to do about that.

    A provider with a timeout of its own gives the better error: the limit is longer than that.
    """

    seconds: float
    remedy: str


class Operations(ABC, Generic[SettingsT]):
    """What a target can tell of a stack, and do to it, by querying what runs, not the state.

    Of the engine and its state it knows what it is handed: resources, and the contract.
    A target overrides what is not a no-op there. `leftover_kinds` names every kind of thing that
    `leftovers` looks for; `no_backups` says why there are none, where there are none, and
    `no_garbage_collection` why what was deleted in tracking cannot be deleted for good.
    `data_kinds` are the kinds of resources whose data stay with `down --keep-data` although the
    engine deletes the resources, `named_kinds` the kinds of leftovers that people made, of which
    `down` shows every name. `no_pause` says why nothing can be paused, "" where it can.
    `secrets_remedy` says how the workload's secrets get their values. `reads_airflow_lock`: whether
    its Airflow has the packages of the project's `airflow.lock`.
    """

    leftover_kinds: ClassVar[tuple[str, ...]]
    data_kinds: ClassVar[frozenset[str]] = frozenset()
    named_kinds: ClassVar[frozenset[str]] = frozenset()
    no_backups: ClassVar[str] = "backups are not supported on this target"
    no_garbage_collection: ClassVar[str] = "garbage collection is not supported on this target"
    secrets_remedy: ClassVar[str] = ""
    reads_airflow_lock: ClassVar[bool] = False
    no_command_lines: ClassVar[str] = "the services' command lines are not supported on this target"
    no_pause: ClassVar[str] = "a pause is not supported on this target"
    no_workload: ClassVar[str] = "the team's workload is not supported on this target"

    def __init__(self, plan: Plan[SettingsT]) -> None:
        self.plan = plan

    def preflight(self, graph: Callable[[], Recording]) -> list[Check]:
        """Whether `up` can work here; called before anything is made.

        `graph` gives the recorded dry run of the stack's program, computed when it is called.
        """
        return []

    @abstractmethod
    def services(self) -> list[ServiceStatus]:
        """The stack's services; empty if nothing runs."""

    @abstractmethod
    def logs(self, service: str, lines: int) -> Iterable[str]:
        """The last `lines` lines of a service's log; PilothouseError for an unknown service."""

    def up_variables(self) -> Mapping[str, str]:
        """Environment variables for the engine during an `up` after a preflight that passed."""
        return {}

    def destroy_variables(self, *, keep_data: bool) -> Mapping[str, str]:
        """Environment variables for the engine during a destroy."""
        return {}

    def limit(self, resource_type: str, operation: str) -> OperationLimit | None:
        """The limit of an operation, such as `create`, on a resource of a type; None where none."""
        return None

    def is_retained(self, resource: Mapping[str, Any]) -> bool:
        """Whether a resource, as the state has it, is retained when data are kept."""
        return False

    def backups(self) -> list[Backup]:
        """The backups that can be restored, oldest first; Refused where none are made."""
        raise Refused(self.no_backups)

    def restore(self, backup: str) -> None:
        """Restore the databases from `backup`; the next `up` starts what was stopped for that.

        Raises Refused where no backups are made.
        """
        raise Refused(self.no_backups)

    def find_garbage(self, contract: Contract, older_than: float) -> Garbage:
        """What was deleted in tracking more than `older_than` seconds ago and is not gone for good.

        Raises Refused where the target cannot delete it, PilothouseError where that fails.
        """
        raise Refused(self.no_garbage_collection)

    def collect_garbage(self, contract: Contract, older_than: float) -> Garbage:
        """Delete for good what `find_garbage` finds; what is gone, by looking again.

        Raises Refused where the target cannot do that, PilothouseError where it fails.
        """
        raise Refused(self.no_garbage_collection)

    def prepare_package(self, platform: Platform, workload: Workload, package: Package) -> None:
        """Make ready what the steps of the platform's workload need of its package.

        No run changes for that. Raises InvalidInput where the workload cannot run here with it.
        """
        raise Refused(self.no_workload)

    def deliver_package(
        self, contract: Contract, package: Package, secrets: Mapping[str, str]
    ) -> None:
        """Have the runs that begin from now on use the package that `prepare_package` knows.

        `contract` is accessible from here, `secrets` are the values that `workload_secrets` gave.
        """
        raise Refused(self.no_workload)

    def workload_secrets(self, names: Sequence[str]) -> Mapping[str, str | None]:
        """The secrets of the workload that there are, of `names`.

        Each with its value, or with None where the steps get it without a delivery.
        """
        raise Refused(self.no_workload)

    def secret_values(self, names: Sequence[str]) -> Mapping[str, str | None]:
        """The secrets that there are, of `names`, from where the workload's come from.

        Each with its value, or with None where it is there and cannot be read from here now.
        """
        raise Refused(self.no_workload)

    def why_no_airflow_objects(self) -> str:
        """Why Airflow gets no pools, variables and connections of a file; "" where it does."""
        return "pools, variables and connections are not supported on this target"

    def prepare_proof(self, contract: Contract) -> str:
        """Give runs of the built-in workload its package; a sentence, "" where they have it.

        `contract` is accessible from here. Raises PilothouseError where that fails.
        """
        return ""

    def deliver_airflow_requirements(self, contract: Contract) -> str:
        """Give Airflow the packages of `airflow.lock`; a sentence that says so, "" if it has them.

        `contract` is accessible from here. Raises PilothouseError where that fails.
        """
        return ""

    def dags_folder(self) -> Path | None:
        """The folder of the project whose DAGs Airflow gets here; None where it gets none."""
        return None

    def why_no_dags(self) -> str:
        """Why Airflow gets none where the project has a folder; "" where the stack file says so."""
        return "the team's DAGs are not supported on this target"

    def deliver_dags(self, contract: Contract, files: DagFiles) -> str:
        """Have Airflow read the files of `dags_folder` as they are now; a sentence that says so.

        `contract` is accessible from here. Raises PilothouseError where that fails.
        """
        raise Refused(self.why_no_dags())

    def run_command(self, program: str, arguments: Sequence[str], contract: Contract) -> int:
        """Run a service's own command line, `airflow` or `mlflow`, on the stack; its exit code.

        What it says goes to this process's outputs. Raises Refused where the target has none.
        """
        raise Refused(self.no_command_lines)

    def stopped_by_pause(self) -> list[str]:
        """What a pause stops, by name: by default the services that are not stopped."""
        return [each.name for each in self.services() if each.state != "stopped"]

    def lost_in_pause(self) -> str:
        """What a pause deletes for good, and what stays; "" where nothing is lost."""
        return ""

    def resume_takes(self) -> str:
        """How long it is known to take to start everything again; "" where nobody knows."""
        return ""

    def start_stopped(self) -> None:
        """Start what is stopped and what the engine does not start; called before an `up`.

        Raises PilothouseError where it does not start.
        """

    def pause(self) -> None:
        """Stop all that runs, and keep what holds data; an `up` starts it again.

        Raises Refused where the target cannot do that, PilothouseError where something goes on.
        """
        raise Refused(self.no_pause)

    def stops_at_expiry(self) -> str:
        """What ends by itself after the pilot's last day, and what stays; "" where nothing ends."""
        return ""

    def why_nothing_stops(self) -> str:
        """Why `stops_at_expiry` is "", and what to write in place of that, if anything."""
        return "this stack has nothing that can"

    def artifact_retention(self) -> str:
        """What the store keeps of deleted artifacts, as a sentence; "" if it keeps nothing."""
        return ""

    @abstractmethod
    def clean_up(self, *, keep_data: bool) -> None:
        """Remove what a killed run made and no state has."""

    def remove_orphans(
        self, pending: Sequence[PendingCreate] | None, recorded: Sequence[Mapping[str, Any]]
    ) -> list[str]:
        """Remove what `pending` creates made and the state does not have; the names of it.

        `pending` is None where a run was killed and it is unknown which creates it began.
        `recorded` are the state's resources. Raises PilothouseError where data would be lost.
        """
        return []

    def accessible(self, contract: Contract) -> AbstractContextManager[Contract]:
        """A context with the contract as a caller outside of the platform can use it."""
        return nullcontext(contract)

    @abstractmethod
    def leftovers(self, *, keep_data: bool) -> list[Leftover]:
        """Everything of the stack that exists now, of each of `leftover_kinds`, by looking."""


GeneratedSecrets = Mapping[str, Mapping[str, str]]
"""Secrets by name, each group by the logical name of the resource that holds it."""


@dataclass(frozen=True, kw_only=True)
class Rendering:
    """What a stack is made of, as files.

    files: texts by file name, in the order in which they can be applied one by one.
    secrets: what was generated for them; None where placeholders stand in its place.
    placeholders: these, such as `<storage/admin-secret>`, sorted.
    warnings: what the program warned of.
    """

    files: Mapping[str, str]
    secrets: GeneratedSecrets | None
    placeholders: Sequence[str]
    warnings: Sequence[str]


class Renderer(Protocol):
    """A target's way to write a stack as files instead of making it: no engine, no network."""

    def __call__(self, program: Callable[[], object], known: GeneratedSecrets | None) -> Rendering:
        """What `program`, which makes the platform, asks for.

        `known` are the secrets to use, and more are generated as needed; None puts recognisable
        placeholders in the place of all of them.
        """
