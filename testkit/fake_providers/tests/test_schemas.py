"""Kubernetes' own schemas, where they are installed."""

from typing import Any

import pytest

from testkit.fake_providers.kubernetes import schemas

POLICY = {
    "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "a"},
    "spec": {"podSelector": {}, "policyTypes": ["Sideways"]},
}  # fmt: skip


def test_without_them_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schemas, "AVAILABLE", False)
    assert schemas.problems(POLICY) == []


@pytest.mark.skipif(not schemas.AVAILABLE, reason="kubernetes-validate is not installed")
@pytest.mark.parametrize(
    ("change", "path"),
    [({}, []), ({"spec": {"podSelector": {}, "policyTypes": "Ingress"}}, ["spec.policyTypes"])],
)
def test_what_does_not_fit_is_named(change: Any, path: list[str]) -> None:
    assert [place for place, _ in schemas.problems(POLICY | change)] == path


@pytest.mark.skipif(not schemas.AVAILABLE, reason="kubernetes-validate is not installed")
def test_kinds_that_they_do_not_know_pass() -> None:
    assert schemas.problems({"apiVersion": "example.com/v1", "kind": "Widget"}) == []
