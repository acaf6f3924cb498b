"""The proof's package in the bucket: delivered once for an image and a content, or refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
from moto import mock_aws
from testkit.support.tools import uv

from pilothouse.contract import Capability
from pilothouse.errors import InvalidInput, Refused
from pilothouse.packages import lock
from pilothouse.packages.package import Package
from pilothouse.services import proof
from pilothouse.targets.kubernetes.clients.target import BY_POD
from pilothouse.targets.kubernetes.operations import airflow_image, delivery, proof_package
from pilothouse.targets.kubernetes.operations.airflow_image import Found
from pilothouse.targets.kubernetes.settings.target import KubernetesPlan
from tests.targets.suite import platforms

STORAGE = Capability(
    uri="s3://pilot-data",
    console="",
    environment={"AWS_REGION": "us-east-1"},
    secrets={"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"},
)
NO_CLUSTER = cast("Any", None)
WHOLE = proof.LOCK.read_text(encoding="utf-8")
SMALL = lock.without(WHOLE, lock.names(WHOLE) - {"six"})
"""The lock with one package that needs no other."""


def plan(**settings: Any) -> KubernetesPlan:
    return cast(
        "KubernetesPlan",
        platforms.plan_of(platforms.ROOT, "kubernetes", settings=settings),
    )


@pytest.fixture
def bucket() -> Iterator[Any]:
    with mock_aws():
        made = boto3.resource("s3", region_name="us-east-1").Bucket("pilot-data")
        made.create()
        yield made


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """The namespaces whose image was looked into; the package has one small dependency."""
    small, namespaces = tmp_path / "requirements.txt", list[str]()
    small.write_text(SMALL)
    monkeypatch.setattr(proof, "LOCK", small)
    monkeypatch.setenv("PATH", str(uv().parent), prepend=":")

    def look(_cluster: Any, namespace: str) -> Found:
        namespaces.append(namespace)
        return Found(python="3.12", installed=[])

    monkeypatch.setattr(airflow_image, "look", look)
    return namespaces


def deliver(wanted: KubernetesPlan) -> str:
    return proof_package.deliver(NO_CLUSTER, "pilot", wanted, STORAGE)


def test_it_is_delivered_once(bucket: Any, asked: list[str]) -> None:
    said = deliver(plan())
    current = json.loads(bucket.Object("packages/proof.json").get()["Body"].read())
    keys = {found.key for found in bucket.objects.all()}
    assert said == f"package pilothouse-workload {current['package']} for Python 3.11 is delivered"
    assert keys == {"packages/proof.json", f"packages/{current['package']}.tar.gz"}
    assert deliver(plan()) == ""
    assert asked == []


def test_another_image_gets_it_anew(bucket: Any, asked: list[str]) -> None:
    deliver(plan())
    own = plan(images={"airflow": "registry.example.org/airflow:1"})
    assert "for Python 3.12 is delivered" in deliver(own)
    assert asked == ["pilot"]


def test_an_image_of_the_workload_needs_none(bucket: Any, asked: list[str]) -> None:
    assert deliver(plan(images={"workload": "registry.example.org/workload:1"})) == ""
    assert list(bucket.objects.all()) == []


def test_a_bucket_that_only_pods_write_to_needs_an_image() -> None:
    by_role = Capability(uri="s3://team", console="", submit={"kind": BY_POD})
    with pytest.raises(Refused, match=r"images\.workload"):
        proof_package.deliver(NO_CLUSTER, "pilot", plan(), by_role)


def test_a_package_for_another_python_is_refused_with_what_the_image_has(tmp_path: Path) -> None:
    made = Package(name="churn", digest="0", python="3.11", requirements=tmp_path, wheel=None)
    delivery.check_python(plan(), Found(python="3.11", installed=[]), made)
    with pytest.raises(InvalidInput, match=r"workload\.python.*3\.11.*3\.12"):
        delivery.check_python(plan(), Found(python="3.12", installed=[]), made)


def test_the_digest_of_the_proof_follows_its_lock(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = proof.content_digest()
    assert before == proof.content_digest()
    other = tmp_path / "requirements.txt"
    other.write_text(SMALL)
    monkeypatch.setattr(proof, "LOCK", other)
    assert proof.content_digest() != before
