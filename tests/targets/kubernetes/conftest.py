"""A stack, and the API of its cluster."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pilothouse.plan import Plan
from tests.targets.kubernetes.fake_api import FakeApi, listed, served, version
from tests.targets.kubernetes.stack import planned

DEFAULT = {"storageclass.kubernetes.io/is-default-class": "true"}
CLASSES = "/apis/storage.k8s.io/v1/storageclasses"


@pytest.fixture
def kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "kubeconfig"
    monkeypatch.setenv("KUBECONFIG", str(path))
    return path


@pytest.fixture
def api(kubeconfig: Path) -> Iterator[FakeApi]:
    standard = {"metadata": {"name": "standard", "annotations": DEFAULT}, "provisioner": "some"}
    fake = FakeApi(
        {
            "/version/": version("34"),
            CLASSES: listed(standard),
            "/api/v1/namespaces": listed(),
            "/api/v1/persistentvolumes": listed(),
        }
    )
    with served(fake, kubeconfig):
        yield fake


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return planned(tmp_path)
