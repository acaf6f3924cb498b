"""A small program through the real engine, before the AWS double in both of its modes."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from testkit.fake_providers.aws import account
from testkit.fake_providers.aws.faults import Fault, Point
from testkit.fake_providers.core import plugin
from testkit.support import accounts
from testkit.support.accounts import REGION, Account, Project

pytestmark = pytest.mark.engine

PROGRAM = """
import pulumi, pulumi_aws
from pulumi_aws.ec2.subnet import Subnet
from pulumi_aws.ec2.vpc import Vpc
from pulumi_aws.iam.role import Role
from pulumi_aws.s3.bucket import Bucket
from pulumi_aws.s3.bucket_versioning import BucketVersioning

size = pulumi.Config().get("size") or "16"
aws = pulumi_aws.Provider(
    "aws", region="eu-west-1", default_tags={"tags": {"owner": "me"}},
    skip_credentials_validation=True, skip_requesting_account_id=True,
)
opts = pulumi.ResourceOptions(provider=aws)
vpc = Vpc("vpc", cidr_block=f"10.0.0.0/{size}", tags={"Name": "small"}, opts=opts)
Subnet("a", vpc_id=vpc.id, cidr_block="10.0.0.0/24", availability_zone="eu-west-1a", opts=opts)
bucket = Bucket("data", bucket="data", force_destroy=True, opts=opts)
BucketVersioning(
    "data", bucket=bucket.bucket, versioning_configuration={"status": "Enabled"}, opts=opts
)
Role("job", name="job", assume_role_policy='{"Version": "2012-10-17", "Statement": []}', opts=opts)
"""


@pytest.fixture(params=[False, True], ids=["resident", "spawned"])
def cloud(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Account]:
    with accounts.account(tmp_path / "control", spawned=request.param) as made:
        yield made


@pytest.fixture
def small(cloud: Account, tmp_path: Path) -> Iterator[Project]:
    made = accounts.project(tmp_path / "project", PROGRAM, cloud.variables)
    try:
        yield made
    finally:
        made.end()
        assert made.processes_after(5) == []


def test_a_stack_lives_its_whole_life(small: Project, cloud: Account) -> None:
    assert "7 to create" in small.pulumi("preview")
    assert account.contents(REGION) == []
    small.up()
    small.pulumi("preview", "--expect-no-changes")
    small.up("--expect-no-changes")
    assert small.resources()["Vpc vpc"]["outputs"]["tagsAll"] == {"Name": "small", "owner": "me"}
    s3 = cloud.client("s3")
    s3.put_bucket_versioning(Bucket="data", VersioningConfiguration={"Status": "Suspended"})
    seen = small.pulumi("refresh", "--preview-only", "--expect-no-changes", code=7)
    assert re.search(r"BucketVersioning data\s+update", seen), seen
    small.up("--refresh")
    assert s3.get_bucket_versioning(Bucket="data")["Status"] == "Enabled"
    small.pulumi("config", "set", "size", "20")
    assert small.planned() == {"Vpc vpc": "replace", "Subnet a": "replace"}
    small.destroy()
    assert account.contents(REGION) == []


@pytest.mark.skipif(not plugin.is_double("aws"), reason="only the double plants faults")
def test_a_killed_engine_leaves_no_process_and_a_pending_creation(
    small: Project, cloud: Account
) -> None:
    cloud.control.plant(Fault("pause", Point("create", operation="create_vpc")))
    process = small.start("up", "--yes", "--skip-preview")
    end = time.monotonic() + 60
    while not (small.folder.parent / "control/paused").exists() and time.monotonic() < end:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert small.processes_after(10) == []
    pending = small.state()["deployment"].get("pending_operations", [])
    assert "aws:ec2/vpc:Vpc" in [each["resource"]["type"] for each in pending]
    assert any(line.startswith("vpc ") for line in account.contents(REGION))


@pytest.mark.skipif(not plugin.is_double("aws"), reason="only the double plants faults")
def test_a_failed_call_fails_the_update_and_the_next_one_converges(
    small: Project, cloud: Account
) -> None:
    cloud.control.plant(Fault("throttle", Point("create", "Subnet a", "ec2", "create_subnet")))
    assert "ThrottlingException" in small.up(code=1)
    assert cloud.control.fired() == 1
    small.up()
    small.pulumi("preview", "--expect-no-changes")
    small.destroy()
    assert account.contents(REGION) == []
