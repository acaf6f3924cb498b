"""checkov finds nothing in the stacks but what is meant, and for that there is a reason."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest
from testkit.support.checkov import Report, scanned

from tests.targets.aws.policies import terraform
from tests.targets.aws.policies.planting import Fault, at
from tests.targets.aws.policies.stacks import CASES, stack_of
from tests.targets.aws.policies.view import Stack, given
from tests.targets.suite import platforms

PASSED_EACH = 1.5
"""So many rules of checkov's, at least, are about a resource, on average."""


@dataclass(frozen=True)
class Skip:
    """Why a finding is meant, and in which stacks it may be found."""

    reason: str
    where: Callable[[Stack], bool] = lambda _stack: True


def _chose_keys_of_aws(stack: Stack) -> bool:
    return not stack.plan.settings.has_key


def _wants_no_versions(stack: Stack) -> bool:
    return not stack.plan.platform.storage.versioning


def _has_only_jobs(stack: Stack) -> bool:
    interfaces = [
        resource for resource in stack.kind("VpcEndpoint") if "subnetIds" in given(resource)
    ]
    return not stack.kind("Environment") and not interfaces


_KEYS = Skip(
    "only with `storage.encryption: s3`, which asks for AES-256 with AWS's own keys instead of a "
    "key of the stack's",
    _chose_keys_of_aws,
)
SKIPS: Mapping[str, Skip] = {
    "CKV2_AWS_5": Skip(
        "only with pipelines: their jobs are in the group while they run, and checkov does not "
        "read their definition as `residents_are_private` does",
        _has_only_jobs,
    ),
    "CKV2_AWS_62": Skip("nobody listens: an event without a receiver protects nothing"),
    "CKV_AWS_144": Skip(
        "a pilot's data stays in the region that was named, and goes with the pilot; a copy "
        "elsewhere would outlive it"
    ),
    "CKV_AWS_18": Skip(
        "only the stack's own roles reach a bucket; an account that has to know who read what has "
        "a trail of data events, which outlives the stack as a bucket of logs in it would not"
    ),
    "CKV_AWS_338": Skip(
        "`orchestration.logRetentionDays` says how long, 30 days unless the team says more, which "
        "rule 30 holds; most pilots are over within a year"
    ),
    "CKV_AWS_297": Skip(
        "a schedule names a pipeline and a role and nothing else, and is encrypted with AWS's own "
        "key; for the stack's, the role that starts runs would have to decrypt with it"
    ),
    "CKV_AWS_21": Skip("only where `storage.versioning` is false", _wants_no_versions),
    "CKV_AWS_136": _KEYS,
    "CKV_AWS_145": _KEYS,
    "CKV_AWS_158": _KEYS,
    "CKV_AWS_187": _KEYS,
}
"""What checkov would have otherwise, by its rule."""

OPEN = {"protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlocks": ["0.0.0.0/0"]}
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
PLANTED: Mapping[str, Fault] = {
    "CKV_AWS_53": at("BucketPublicAccessBlock data", "blockPublicAcls", False),
    "CKV_AWS_56": at("BucketPublicAccessBlock dags", "restrictPublicBuckets", False),
    "CKV_AWS_62": at("RolePolicy job", "policy Statement 0", EVERYTHING),
    "CKV_AWS_60": at("Role job-role", "assumeRolePolicy Statement 0 Principal", {"AWS": "*"}),
    "CKV_AWS_24": at("SecurityGroup members", "ingress 0", OPEN),
    "CKV_AWS_7": at("Key key", "enableKeyRotation", False),
    "CKV_AWS_51": at("Repository workload", "imageTagMutability", "MUTABLE"),
    "CKV_AWS_130": at("Subnet private-a", "mapPublicIpOnLaunch", True),
    "CKV_AWS_243": at("Environment airflow", "loggingConfiguration workerLogs enabled", False),
}
"""By the rule that has to find it."""


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """One scan of all stacks and of one with faults, since checkov takes seconds to start."""
    folder = tmp_path_factory.mktemp("plans")
    bad = stack_of("minimal")
    for fault in PLANTED.values():
        bad = Stack(bad.plan, fault.change(bad.graph))
    for name, stack in [*((case, stack_of(case)) for case in CASES), ("planted", bad)]:
        (folder / f"{name}.json").write_text(json.dumps(terraform.plan(stack)), encoding="utf-8")
    return scanned(folder, "terraform_plan", by_file=True)


def findings(report: Report) -> list[tuple[str, str]]:
    """Case and rule of what was found in good stacks."""
    found = [item.split(" ")[0:2] for item in report.failed]
    return [(case.rstrip(":"), rule) for case, rule in found if case != "planted:"]


def test_nothing_is_found_but_what_is_meant(report: Report) -> None:
    wrong = [
        (case, rule)
        for case, rule in findings(report)
        if rule not in SKIPS or not SKIPS[rule].where(stack_of(case))
    ]
    assert wrong == []
    assert report.skipped == []


def test_nothing_is_left_out_that_is_not_found(report: Report) -> None:
    assert {rule for _, rule in findings(report)} == SKIPS.keys()


def test_every_resource_was_looked_at(report: Report) -> None:
    asked = sum(len(stack_of(case).resources) for case in [*CASES, "minimal"])
    assert report.objects == asked
    assert report.passed > PASSED_EACH * asked


def test_every_planted_fault_is_found(report: Report) -> None:
    found = {item.split(" ")[1] for item in report.failed if item.startswith("planted: ")}
    assert found >= PLANTED.keys()


def test_every_reason_is_documented() -> None:
    text = (platforms.ROOT / "docs/aws-checks.md").read_text(encoding="utf-8")
    for rule, skip in SKIPS.items():
        assert f"| {rule} | {skip.reason} |" in text
