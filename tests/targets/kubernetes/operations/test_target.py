"""The operations of the target on a stack."""

from __future__ import annotations

from pathlib import Path

import pytest

from pilothouse.contract import Capability, Contract
from pilothouse.errors import Refused
from pilothouse.plan import Plan
from pilothouse.targets.kubernetes.naming import namespace_of
from pilothouse.targets.kubernetes.operations.target import KubernetesOperations
from tests.targets.kubernetes.fake_api import FakeApi
from tests.targets.kubernetes.stack import DATABASE, planned
from tests.targets.suite.mocked_types import MOCKED

OPERATIONS = KubernetesOperations()


def test_an_external_database_has_no_backups(api: FakeApi, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="restore it where it runs"):
        OPERATIONS.backups(planned(tmp_path, database=DATABASE))


def test_volumes_and_the_secrets_of_their_data_are_retained() -> None:
    stays = {kind for kind in MOCKED if OPERATIONS.stays({"type": kind})}
    assert {kind.rpartition(":")[2] for kind in stays} == {
        "Namespace",
        "PersistentVolumeClaim",
        "Secrets",
    }


def test_the_contract_is_reachable_by_ports_of_this_machine(api: FakeApi, plan: Plan) -> None:
    empty = Capability(uri="", console="")
    uri = f"http://mlflow.{namespace_of(plan)}.svc:5000"
    tracking = Capability(uri=uri, console="")
    contract = Contract(storage=empty, compute=empty, tracking=tracking, orchestration=empty)
    with OPERATIONS.reachable(plan, contract) as reachable:
        assert reachable.tracking.uri.startswith("http://127.0.0.1:")
