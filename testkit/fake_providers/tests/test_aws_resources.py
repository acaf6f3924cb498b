"""The AWS double's resources without an engine: partial creations, drift, faults, deletions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from testkit.fake_providers.aws import account, resources
from testkit.fake_providers.aws.clients import Clients
from testkit.fake_providers.aws.comparison import means, same
from testkit.fake_providers.aws.faults import Control, Fault, Point
from testkit.fake_providers.aws.resources import Resource
from testkit.fake_providers.aws.settings import Settings
from testkit.fake_providers.aws.table import entry_of
from testkit.fake_providers.core.protocol import Failed, PartlyDone
from testkit.fake_providers.core.values import UNKNOWN
from testkit.support import accounts
from testkit.support.accounts import REGION, Account

BUCKET = "aws:s3/bucket:Bucket"
KEY = "aws:kms/key:Key"
VPC = "aws:ec2/vpc:Vpc"
DATA = {"bucket": "data", "forceDestroy": True, "tags": {"a": "b"}}


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Account]:
    with accounts.account(tmp_path, spawned=True) as made:
        yield made


@pytest.fixture
def clients(cloud: Account) -> Clients:
    return Clients(REGION, control=cloud.control)


def resource(clients: Clients, token: str, phase: str = "create") -> Resource:
    label = f"{token.rpartition(':')[2]} it"
    return Resource(entry_of(token), label, phase, Settings(region=REGION), clients, Event())


def created(clients: Clients, token: str, inputs: dict[str, Any]) -> str:
    return resources.created(resource(clients, token), inputs)[0]


def labels(token: str, old: dict[str, Any], new: dict[str, Any]) -> tuple[list[str], list[str]]:
    """What changes, and what of it replaces."""
    entry = entry_of(token)
    found = resources.differences(entry, old, new)
    return [c.label for c in found], [c.label for c in resources.replacing(entry, old, found)]


@pytest.mark.parametrize("kind", ["throttle", "server", "denied"])
def test_a_call_that_fails_before_it_has_an_effect_makes_nothing(
    cloud: Account, clients: Clients, kind: Any
) -> None:
    cloud.control.plant(Fault(kind, Point("create", "Bucket it", "s3", "create_bucket")))
    with pytest.raises(Failed, match="planted by the test"):
        created(clients, BUCKET, DATA)
    assert account.contents(REGION) == []
    assert cloud.control.fired() == 1
    assert created(clients, BUCKET, DATA) == "data"


def test_a_call_whose_answer_is_lost_has_had_its_effect(cloud: Account, clients: Clients) -> None:
    cloud.control.plant(Fault("timeout", Point(operation="create_bucket")))
    with pytest.raises(Failed, match="the answer was lost"):
        created(clients, BUCKET, DATA)
    assert account.contents(REGION) == ["bucket data"]


def test_a_creation_that_fails_halfway_is_kept_and_finished_by_an_update(
    cloud: Account, clients: Clients
) -> None:
    inputs = {"enableKeyRotation": True}
    cloud.control.plant(Fault("server", Point("create", operation="enable_key_rotation")))
    with pytest.raises(PartlyDone) as partly:
        created(clients, KEY, inputs)
    key = partly.value.resource_id
    assert account.contents(REGION) == [f"key {key}"]
    updating = resource(clients, KEY, "update")
    outputs = resources.updated(updating, key, partly.value.outputs, inputs, inputs)
    assert outputs["keyId"] == key
    assert account.backend("kms", REGION).keys[key].key_rotation_status


def test_only_the_call_that_is_meant_fails_and_only_once(cloud: Account, clients: Clients) -> None:
    cloud.control.plant(Fault("server", Point("create", "", "s3", "head_bucket", count=2)))
    created(clients, BUCKET, {"bucket": "first"})
    with pytest.raises(PartlyDone):
        created(clients, BUCKET, {"bucket": "second"})
    created(clients, BUCKET, {"bucket": "third"})
    assert cloud.control.fired() == 1


def test_the_log_names_every_call_and_nothing_of_what_it_said(
    cloud: Account, clients: Clients, tmp_path: Path
) -> None:
    cloud.control.plant()
    created(clients, BUCKET, DATA)
    calls = [
        (call.phase, call.resource, call.operation, call.count) for call in cloud.control.calls()
    ]
    assert calls == [
        ("create", "Bucket it", "create_bucket", 1),
        ("create", "Bucket it", "put_bucket_tagging", 1),
        ("create", "Bucket it", "head_bucket", 1),
        ("create", "Bucket it", "get_bucket_tagging", 1),
    ]
    assert "data" not in (tmp_path / "calls.jsonl").read_text()


def test_what_was_changed_outside_is_seen_and_the_rest_is_as_it_was_written(
    clients: Clients,
) -> None:
    created(clients, BUCKET, DATA)
    reading = resource(clients, BUCKET, "read")
    seen = resources.read(reading, "data", DATA, {})
    assert seen
    assert seen.inputs == DATA
    tags = {"TagSet": [{"Key": "a", "Value": "other"}]}
    clients.get("s3").put_bucket_tagging(Bucket="data", Tagging=tags)
    seen = resources.read(reading, "data", DATA, {})
    assert seen
    assert seen.inputs == DATA | {"tags": {"a": "other"}}
    clients.get("s3").delete_bucket(Bucket="data")
    assert resources.read(reading, "data", DATA, {}) is None


def test_an_import_without_inputs_finds_them(clients: Clients) -> None:
    wanted = {"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": True, "tags": {"a": "b"}}
    vpc = created(clients, VPC, wanted)
    seen = resources.read(resource(clients, VPC, "read"), vpc, {}, {})
    assert seen
    assert labels(VPC, seen.inputs, wanted) == (["enableDnsSupport"], [])


def test_a_bucket_with_versions_goes_only_where_that_was_asked_for(clients: Clients) -> None:
    created(clients, BUCKET, DATA)
    s3 = clients.get("s3")
    s3.put_bucket_versioning(Bucket="data", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="data", Key="a", Body=b"1")
    s3.put_object(Bucket="data", Key="a", Body=b"2")
    s3.delete_object(Bucket="data", Key="a")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resources, "PATIENCE", 0.1)
        with pytest.raises(Failed, match="BucketNotEmpty"):
            resources.deleted(resource(clients, BUCKET, "delete"), "data", {"bucket": "data"}, {})
    resources.deleted(resource(clients, BUCKET, "delete"), "data", DATA, {})
    assert account.contents(REGION) == []


def test_a_deletion_waits_for_what_holds_on_to_it(clients: Clients) -> None:
    from threading import Timer

    vpc = created(clients, VPC, {"cidrBlock": "10.0.0.0/16"})
    ec2 = clients.get("ec2")
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    later = Timer(0.3, lambda: ec2.delete_subnet(SubnetId=subnet))
    later.start()
    resources.deleted(resource(clients, VPC, "delete"), vpc, {}, {})
    later.join()
    assert account.contents(REGION) == []


def test_what_is_gone_already_is_deleted_without_complaint(clients: Clients) -> None:
    resources.deleted(resource(clients, VPC, "delete"), "vpc-0123456789abcdef0", {}, {})


REPLACING = [
    (BUCKET, {"bucket": "a"}, {"bucket": "b"}, ["bucket"], ["bucket"]),
    (BUCKET, {"bucket": "a"}, {"bucket": "a", "tags": {"a": "b"}}, ["tags"], []),
    (BUCKET, {"bucket": "a"}, {"bucket": "a", "forceDestroy": True}, ["forceDestroy"], []),
    (VPC, {"cidrBlock": "10.0.0.0/16"}, {"cidrBlock": UNKNOWN}, ["cidrBlock"], ["cidrBlock"]),
    (
        "aws:mwaa/environment:Environment",
        {"networkConfiguration": {"subnetIds": ["a", "b"], "securityGroupIds": ["s"]}},
        {"networkConfiguration": {"subnetIds": ["b", "a"], "securityGroupIds": ["t"]}},
        ["networkConfiguration"], [],
    ),
    (
        "aws:mwaa/environment:Environment",
        {"networkConfiguration": {"subnetIds": ["a", "b"]}},
        {"networkConfiguration": {"subnetIds": ["a", "c"]}},
        ["networkConfiguration"], ["networkConfiguration"],
    ),
    (KEY, {"policy": '{"a": [1], "b": 2}'}, {"policy": '{"b":2,"a":1}'}, [], []),
    (KEY, {"policy": "{}"}, {}, [], []),
]  # fmt: skip


@pytest.mark.parametrize(("token", "old", "new", "changed", "replaced"), REPLACING)
def test_what_an_update_does_is_told_before(
    token: str, old: Any, new: Any, changed: list[str], replaced: list[str]
) -> None:
    assert labels(token, old, new) == (changed, replaced)


ALIKE = [
    (1, 1.0, True), ("10.00", "10.0", True), ("1", 1, True), (True, "true", False),
    (0, False, False), ([], None, True), (["a", "b"], ["b", "a"], True),
    (["a", "a"], ["a", "b"], False), ({"a": 1}, {"a": 1, "b": 2}, True), ("a", "b", False),
    ('{"Action": ["a", "b"]}', '{"Action":["b","a"]}', True),
    ('{"Action": "a"}', '{"Action": "b"}', False), (False, None, True),
]  # fmt: skip


@pytest.mark.parametrize(("wanted", "found", "alike"), ALIKE)
def test_values_are_compared_by_what_they_mean(wanted: Any, found: Any, alike: bool) -> None:
    assert means(wanted, found) is alike


def test_more_than_was_wanted_is_not_the_same() -> None:
    assert not same({"a": 1}, {"a": 1, "b": 2})


def test_a_control_without_a_folder_lets_everything_pass() -> None:
    with Control(None).around(Point("create", "a", "s3", "create_bucket")):
        passed = True
    assert passed
