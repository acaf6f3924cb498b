"""What exists of a stack after a teardown, and whether it may."""

from __future__ import annotations

import pytest

from pilothouse.errors import PilothouseError
from pilothouse.plan import Plan
from pilothouse.targets.interface import Leftover
from pilothouse.targets.kubernetes.clients.cluster import Cluster
from pilothouse.targets.kubernetes.naming import namespace_of
from pilothouse.targets.kubernetes.operations import leftovers
from tests.targets.kubernetes.fake_api import FakeApi, listed, named
from tests.targets.kubernetes.stack import volume


def leftovers_of(plan: Plan, *, keep_data: bool) -> list[Leftover]:
    return list(leftovers.find_leftovers(Cluster(plan.settings), plan, keep_data=keep_data))


def test_the_namespace_and_its_volumes_are_found(api: FakeApi, plan: Plan) -> None:
    assert leftovers_of(plan, keep_data=False) == []
    api.documents["/api/v1/namespaces"] = listed(named("pilot", dict(plan.tags)))
    ours, foreign = volume("pv-1", namespace_of(plan)), volume("pv-2", "elsewhere")
    api.documents["/api/v1/persistentvolumes"] = listed(ours, foreign)
    found = leftovers_of(plan, keep_data=False)
    assert [(item.kind, item.name, item.verdict) for item in found] == [
        ("namespace", "pilot", "present"),
        ("persistent volume", "pv-1", "present"),
    ]


def test_a_refused_request_fails_the_proof(api: FakeApi, plan: Plan) -> None:
    api.status = 403
    with pytest.raises(PilothouseError, match="refuses: that is forbidden here"):
        leftovers_of(plan, keep_data=False)


def test_only_volumes_and_their_namespace_are_kept(keeping: FakeApi, plan: Plan) -> None:
    found = {item.kind: item.verdict for item in leftovers_of(plan, keep_data=True)}
    assert found == {"namespace": "kept", "object": "present", "persistent volume": "kept"}
    assert {item.verdict for item in leftovers_of(plan, keep_data=False)} == {"present"}


def test_a_released_volume_is_not_kept(keeping: FakeApi, plan: Plan) -> None:
    keeping.documents["/api/v1/persistentvolumes"] = listed(volume("pv-1", namespace_of(plan)))
    found = {item.kind: item.verdict for item in leftovers_of(plan, keep_data=True)}
    assert found["persistent volume"] == "present"
