"""Forwarded ports: what cannot be forwarded says why."""

from __future__ import annotations

import socket

import pytest

from pilothouse.plan import Plan
from pilothouse.targets.kubernetes.clients.cluster import Cluster
from pilothouse.targets.kubernetes.clients.port_forward import LOOPBACK, forward_port
from pilothouse.targets.kubernetes.naming import namespace_of
from tests.targets.kubernetes.fake_api import FakeApi
from tests.targets.kubernetes.stack import path_of


def read_from(port: int) -> bytes:
    """What the caller of a forwarded port gets until it is closed."""
    with socket.create_connection((LOOPBACK, port), timeout=10) as caller:
        return caller.recv(1)


def ready_pod(name: str) -> dict[str, object]:
    ready = {"type": "Ready", "status": "True"}
    return {"metadata": {"name": name}, "status": {"phase": "Running", "conditions": [ready]}}


def test_a_component_without_a_ready_pod_is_named(
    api: FakeApi, plan: Plan, caplog: pytest.LogCaptureFixture
) -> None:
    api.documents[f"{path_of(plan)}/pods"] = {"kind": "PodList", "items": []}
    with forward_port(Cluster(plan.settings), namespace_of(plan), "mlflow", 5000) as port:
        assert [read_from(port), read_from(port)] == [b"", b""]
    assert caplog.messages == [caplog.messages[0]] * 2
    assert "no pod of mlflow in namespace" in caplog.text
    assert "pilothouse status" in caplog.text


def test_a_forward_that_the_cluster_refuses_says_so(
    api: FakeApi, plan: Plan, caplog: pytest.LogCaptureFixture
) -> None:
    pods = {"kind": "PodList", "items": [ready_pod("mlflow-0")]}
    api.documents[f"{path_of(plan)}/pods"] = pods
    api.refuses = lambda path: path.endswith("/portforward")
    with forward_port(Cluster(plan.settings), namespace_of(plan), "mlflow", 5000) as port:
        assert read_from(port) == b""
    assert "cannot forward a connection" in caplog.text
    assert "403" in caplog.text
