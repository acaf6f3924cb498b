"""The stores of a real platform: its own program, with real providers for what it stands on.

The recorder is the engine: it hands the inputs of every resource of the foundation and the storage
to the resource's own provider; MLflow and Airflow are only recorded.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi

from pilothouse.program import load
from pilothouse.program.platform import Platform
from pilothouse.targets.local.processes import process_table
from pilothouse.targets.local.resources.bucket import BucketProvider
from pilothouse.targets.local.resources.certificates import CertificatesProvider
from pilothouse.targets.local.resources.converge import ConvergingProvider
from pilothouse.targets.local.resources.home import HomeProvider
from pilothouse.targets.local.resources.postgres_cluster import PostgresClusterProvider
from pilothouse.targets.local.resources.ready import ReadyProvider
from pilothouse.targets.local.resources.secrets import SecretsProvider
from pilothouse.targets.local.resources.service import ServiceProvider
from pilothouse.targets.local.resources.supervisor import SupervisorProvider
from tests.targets.local.crud import create, refresh, update
from tests.targets.local.machine import free_ports
from tests.targets.suite import mocked_types, platforms
from tests.targets.suite.recorder import Outputs, Recording, record

PORTS = 20
MADE = ("postgres", "postgres-ready", "seaweedfs")  # services and gates that are real here

PROVIDERS: Mapping[str, ConvergingProvider] = {
    "Bucket": BucketProvider(),
    "Certificates": CertificatesProvider(),
    "Home": HomeProvider(),
    "PostgresCluster": PostgresClusterProvider(),
    "Ready": ReadyProvider(),
    "Secrets": SecretsProvider(),
    "Service": ServiceProvider(),
    "Supervisor": SupervisorProvider(),
}


@dataclass(frozen=True)
class Stores:
    """What runs: the graph, and the state of each real resource by its label."""

    graph: Recording
    state: dict[str, dict[str, Any]]

    @property
    def home(self) -> Path:
        return Path(self.state["Home home"]["path"])

    def provider(self, label: str) -> ConvergingProvider:
        return PROVIDERS[label.partition(" ")[0]]

    def secret(self, resource: str, name: str) -> str:
        """A generated secret, such as `secret("postgres", "airflow")`."""
        return str(self.state[f"Secrets {resource}-secrets"]["values"][name])

    def update(self, label: str, **changes: Any) -> None:
        """Update a resource as the engine does when inputs of it change."""
        olds = self.state[label]
        self.state[label] = update(self.provider(label), olds, changes)

    def drift(self, label: str) -> str:
        """What a refresh finds amiss."""
        return str(refresh(self.provider(label), self.state[label])["drift"])


@contextmanager
def running_stores(folder: Path, environments: Path) -> Iterator[Stores]:
    """The stores of the smallest example in `folder`; nothing of them is left."""
    state: dict[str, dict[str, Any]] = {}
    try:
        yield Stores(_made(folder, environments, state), state)
    finally:
        _deleted(state)
    assert process_table.of_folder(folder) == []
    assert not (folder / "stack").exists()
    assert not any(Path(path).exists() for path in state["Service seaweedfs"]["leaves"])


def _made(folder: Path, environments: Path, state: dict[str, dict[str, Any]]) -> Recording:
    project = platforms.project_of(platforms.ROOT / "examples/minimal.yaml", folder / "project")
    settings = {
        "home": str(folder / "stack"),
        "environments": str(environments),
        "basePort": free_ports(PORTS),
    }
    plan = load.plan_of_engine(
        project, "local", target="local", settings=settings, today=platforms.TODAY
    )

    def program() -> None:
        pulumi.export("contract", Platform(plan.platform.name, plan).contract)

    return record(program, {token: _real(token, state) for token in mocked_types.MOCKED})


def _real(token: str, state: dict[str, dict[str, Any]]) -> Outputs:
    """The outputs of the real provider, or the mocked ones of a resource that stays unmade."""
    kind = token.rpartition(":")[2]

    def outputs(name: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        if kind not in PROVIDERS or (kind in ("Service", "Ready") and name not in MADE):
            return mocked_types.MOCKED[token](name, inputs)
        made = create(PROVIDERS[kind], inputs)
        state[f"{kind} {name}"] = made
        return {key: value for key, value in made.items() if key not in inputs}

    return outputs


def _deleted(state: dict[str, dict[str, Any]]) -> None:
    for label in reversed(state):
        PROVIDERS[label.partition(" ")[0]].delete("id", state[label])
