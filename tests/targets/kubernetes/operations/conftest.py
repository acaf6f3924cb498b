"""A stack in a state that an interrupted run left."""

from __future__ import annotations

import pytest

from pilothouse.plan import Plan
from pilothouse.targets.kubernetes.naming import namespace_of
from tests.targets.kubernetes.fake_api import FakeApi, listed, named
from tests.targets.kubernetes.stack import path_of, pod, volume


@pytest.fixture
def keeping(api: FakeApi, plan: Plan) -> FakeApi:
    """The stack's namespace with a pod beside the volume, as an interrupted run left it."""
    space = namespace_of(plan)
    ours = named(space, dict(plan.tags))
    api.documents |= {path_of(plan): ours, "/api/v1/namespaces": listed(ours)}
    api.documents[f"{path_of(plan)}/pods"] = listed(pod("task-1", "ContainerCreating"))
    bound = volume("pv-1", space) | {"status": {"phase": "Bound"}}
    api.documents["/api/v1/persistentvolumes"] = listed(bound)
    return api
