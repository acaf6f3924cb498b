"""Several files of a kubeconfig are one, as kubectl merges them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pilothouse.errors import PilothouseError
from pilothouse.plan import Plan
from pilothouse.targets.kubernetes.clients import kubeconfig
from pilothouse.targets.kubernetes.clients.cluster import Cluster
from tests.targets.kubernetes.fake_api import write_kubeconfig
from tests.targets.kubernetes.stack import planned


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Two files, each with a cluster of its own; KUBECONFIG names a missing one before them."""
    made = [tmp_path / "first", tmp_path / "second"]
    for port, file in enumerate(made, start=1):
        write_kubeconfig(file, port, file.name)
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join(map(str, [tmp_path / "missing", *made])))
    return made


def host(plan: Plan) -> str:
    return str(Cluster(plan.settings).client.configuration.host)


def test_the_first_current_context_is_used(files: list[Path], plan: Plan) -> None:
    assert host(plan) == "http://127.0.0.1:1"


def test_a_file_without_a_current_context_decides_nothing(files: list[Path], plan: Plan) -> None:
    text = files[0].read_text().replace("current-context: first", "current-context: ''")
    files[0].write_text(text)
    assert host(plan) == "http://127.0.0.1:2"


def test_a_named_context_may_be_in_any_file(files: list[Path], tmp_path: Path) -> None:
    assert host(planned(tmp_path, context="second")) == "http://127.0.0.1:2"


def test_an_empty_variable_means_the_default_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", "")
    assert kubeconfig.location() is None
    assert kubeconfig.current_context() is None


def test_a_broken_file_is_reported_with_the_remedy(files: list[Path], plan: Plan) -> None:
    files[0].write_text("a: [")
    with pytest.raises(PilothouseError, match=r"(?s)cannot load kubeconfig.*set KUBECONFIG"):
        host(plan)
