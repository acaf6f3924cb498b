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


def test_an_external_database_has_no_backups(api: FakeApi, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="restore it where it runs"):
        KubernetesOperations(planned(tmp_path, database=DATABASE)).backups()


def test_volumes_and_the_secrets_of_their_data_are_retained(api: FakeApi, plan: Plan) -> None:
    operations = KubernetesOperations(plan)
    retained = {kind for kind in MOCKED if operations.is_retained({"type": kind})}
    assert {kind.rpartition(":")[2] for kind in retained} == {
        "Namespace",
        "NamespaceGuard",
        "PersistentVolumeClaim",
        "Secrets",
    }


def test_the_contract_is_reachable_by_ports_of_this_machine(api: FakeApi, plan: Plan) -> None:
    empty = Capability(uri="", console="")
    uri = f"http://mlflow.{namespace_of(plan)}.svc:5000"
    tracking = Capability(uri=uri, console="")
    contract = Contract(storage=empty, compute=empty, tracking=tracking, orchestration=empty)
    with KubernetesOperations(plan).accessible(contract) as accessible:
        assert accessible.tracking.uri.startswith("http://127.0.0.1:")


@pytest.mark.parametrize(("ready_timeout", "seconds"), [("90s", 120), ("5m", 330), ("1h", 3630)])
def test_a_job_has_a_limit_after_the_plugins_own(
    api: FakeApi, tmp_path: Path, ready_timeout: str, seconds: int
) -> None:
    operations = KubernetesOperations(planned(tmp_path, readyTimeout=ready_timeout))
    for operation in ("create", "create-replacement", "update"):
        limit = operations.limit("kubernetes:batch/v1:Job", operation)
        assert limit
        assert limit.seconds == seconds
        assert f"raise readyTimeout ({ready_timeout})" in limit.remedy


def test_what_the_plugin_ends_by_itself_has_no_limit(api: FakeApi, plan: Plan) -> None:
    operations = KubernetesOperations(plan)
    assert operations.limit("kubernetes:batch/v1:Job", "delete") is None
    kinds = {kind for kind in MOCKED if operations.limit(kind, "create")}
    assert kinds == {"kubernetes:batch/v1:Job"}
