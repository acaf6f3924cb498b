"""The client of the cluster's API."""

from __future__ import annotations

import pytest

from pilothouse.errors import PilothouseError
from pilothouse.plan import Plan
from pilothouse.targets.kubernetes.clients.cluster import Cluster
from tests.targets.kubernetes.fake_api import (
    FakeApi,
)


def test_errors_do_not_show_credentials(api: FakeApi, plan: Plan) -> None:
    api.status = 401
    with pytest.raises(PilothouseError) as caught:
        Cluster(plan.settings).version()
    assert "hush" not in str(caught.value)
