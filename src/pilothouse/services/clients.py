"""How a running stack is used from here: the fourth face of a target, with its defaults.

The defaults are those of the open-source services; a target with services of its own inherits
from `Clients`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from pilothouse.errors import PilothouseError, Refused
from pilothouse.services import probes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pilothouse.contract import Capability, Contract, Probe
    from pilothouse.services.airflow.api import Call
    from pilothouse.services.workflows import WorkflowClient
    from pilothouse.services.workload import WorkloadRuns


class ObjectStore(Protocol):
    """What is read of a stack's storage."""

    def address(self, name: str) -> str:
        """Where people find the object `name`."""

    def read(self, name: str) -> bytes:
        """The object's content.

        Raises ObjectNotFound, and PilothouseError where the store refuses or does not answer.
        """


class TrackingClient(Protocol):
    """What is asked of a stack's experiment tracking and model registry."""

    def find_runs(self, token: str) -> list[str]:
        """The ids of the runs that are tagged with `token`."""

    def find_model_versions(self, model: str, token: str) -> list[str]:
        """The versions of a registered model that are tagged with `token`."""


class Clients:
    """Clients of what a contract promises."""

    def find_failure(self, probe: Probe) -> str:
        """Why the service behind `probe` does not answer as it should; "" if it does."""
        if probe.kind not in probes.KINDS:
            raise PilothouseError(f"no client probes services of kind {probe.kind!r}")
        return probes.find_failure(probe)

    def own_hosts(self, contract: Contract) -> list[str]:
        """The hosts of the stack's own services, which no proxy leads to."""
        addresses = {
            probe.address
            for _, capability in contract
            for probe in capability.probes
            if probe.kind in probes.KINDS
        }
        return sorted({probes.host_of(address) for address in addresses})

    def workflows(self, orchestration: Capability[str]) -> WorkflowClient:
        """A client that starts runs and follows them, by the way that the capability names."""
        kind = orchestration.submit["kind"]
        if kind not in self.submitters():
            raise PilothouseError(f"no client submits runs by {kind!r}")
        return self.submitters()[kind](orchestration)

    def submitters(self) -> Mapping[str, Callable[[Capability[str]], WorkflowClient]]:
        """The ways of submitting runs that this target's clients know, by the contract's kind."""
        from pilothouse.services.airflow.client import airflow_api

        return {"airflow-api": airflow_api}

    def workload_runs(self, orchestration: Capability[str]) -> WorkloadRuns:
        """A client of the runs of the team's workload; Refused where the stack has none."""
        from pilothouse.services.airflow.workload import AirflowWorkloadRuns

        if "workload" not in orchestration.submit:
            raise Refused(
                "the stack has no workload: add `workload` to platform.yaml and run `pilothouse up`"
            )
        return AirflowWorkloadRuns.of(orchestration, orchestration.submit["workload"])

    def airflow(self, orchestration: Capability[str]) -> Call:
        """Calls of Airflow's REST API, where the capability is Airflow."""
        from pilothouse.services.airflow.api import HttpApi

        return HttpApi(orchestration)

    def object_store(self, storage: Capability[str]) -> ObjectStore:
        """A client of the store."""
        from pilothouse.services.object_store import S3ObjectStore

        return S3ObjectStore(storage)

    def tracking(self, tracking: Capability[str]) -> TrackingClient:
        """A client of MLflow, by the user that the capability names."""
        from pilothouse.services.mlflow.client import MlflowClient, basic_auth

        return MlflowClient(tracking.uri, basic_auth(tracking))
