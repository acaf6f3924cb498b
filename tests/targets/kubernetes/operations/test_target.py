"""The operations of the target on a stack."""

from __future__ import annotations

from pathlib import Path

import pytest

from pilothouse.errors import Refused
from pilothouse.targets.kubernetes.operations.target import KubernetesOperations
from tests.targets.kubernetes.fake_api import (
    FakeApi,
)
from tests.targets.kubernetes.stack import (
    DATABASE,
    planned,
)
from tests.targets.suite.mocked_types import MOCKED

OPERATIONS = KubernetesOperations()


def test_a_database_that_is_not_ours_is_not_restored(api: FakeApi, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="restore it where it runs"):
        OPERATIONS.backups(planned(tmp_path, database=DATABASE))


def test_a_local_data_volume_stays_and_what_can_be_made_again_goes() -> None:
    stays = {kind for kind in MOCKED if OPERATIONS.stays({"type": kind})}
    assert {kind.rpartition(":")[2] for kind in stays} == {
        "Namespace",
        "PersistentVolumeClaim",
        "Secrets",
    }
