"""The deployer's policy allows what the stack's graph needs, and no more."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from testkit.support import iam

from pilothouse.errors import PilothouseError
from pilothouse.program.build import record_graph
from pilothouse.targets.aws.clients.account import Account
from pilothouse.targets.aws.operations import deployer_policy
from pilothouse.targets.aws.operations.deployer_policy import Document
from pilothouse.targets.aws.resources import TABLE
from pilothouse.targets.dry_run import Recorded, Recording
from tests.targets.aws.graph.stacks import TEAM
from tests.targets.aws.managed import Managed
from tests.targets.aws.plans import plan_of
from tests.targets.aws.teardown import clean_up, everything, leftovers

NAMED_KEY = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555"
STACKS: Mapping[str, Mapping[str, Any]] = {
    "default": {},
    "pipelines": {"engine": "managed"},
    "domain": {"compute": {"domain": True}},
    "endpoints": {"network": {"egress": "endpoints"}},
    "server": {"tracking": {"server": "tracking-server"}},
    "named-key": {"storage": {"keyArn": NAMED_KEY}},
    "schedule": {"engine": "managed", "team": TEAM},
    "bare": {"storage": {"encryption": "s3"}},
    "existing": {"network": {"vpcId": "vpc-0123456789abcdef0",
                             "privateSubnetIds": ["subnet-0123456789abcdef0",
                                                  "subnet-0123456789abcdef1"]}},
}  # fmt: skip
CREATES = ("kms:CreateKey", "kms:TagResource", "elasticfilesystem:CreateFileSystem")
"""What can't be scoped and is no look: a name comes with the answer."""

SHARED = {
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": ["aws:ec2/securityGroup:SecurityGroup"]
}
"""What needs the same rights as something else, and goes only with that."""


@cache
def graph(stack: str) -> Recording:
    return record_graph(plan_of("aws", **STACKS[stack]))


@cache
def documents(stack: str) -> list[Document]:
    return deployer_policy.documents(plan_of("aws", **STACKS[stack]), graph(stack))


def types() -> list[str]:
    found = {resource.type for stack in STACKS for resource in graph(stack)}
    return sorted(token for token in found if token.startswith("aws:"))


@pytest.mark.parametrize("stack", STACKS)
def test_every_policy_fits_and_few_enough_are_needed(stack: str) -> None:
    assert len(documents(stack)) <= 10, "IAM attaches no more to a role"
    for document in documents(stack):
        assert 0 < deployer_policy.size(document) <= deployer_policy.LIMIT
        assert document["Version"] == "2012-10-17"


@pytest.mark.parametrize("stack", STACKS)
def test_everything_that_is_not_a_look_is_scoped(stack: str) -> None:
    for statement in iam.statements(documents(stack)):
        assert "*" not in statement["Action"]
        if "*" in statement["Resource"]:
            assert statement["Resource"] == ["*"]
            assert not [action for action in statement["Action"] if not is_look(action)]


def is_look(action: str) -> bool:
    verb = action.partition(":")[2]
    looks = verb.startswith(("Describe", "Get", "List", "View")) and "*" not in verb
    return looks or action in CREATES


@pytest.mark.parametrize("stack", STACKS)
def test_what_has_a_name_is_scoped_to_the_stacks(stack: str) -> None:
    suffix = plan_of("aws").suffix
    for arn in (
        arn for statement in iam.statements(documents(stack)) for arn in statement["Resource"]
    ):
        if arn.startswith(
            (
                "arn:aws:s3:",
                "arn:aws:airflow:",
                "arn:aws:ecr:",
                "arn:aws:budgets:",
                "arn:aws:scheduler:",
            )
        ):
            assert suffix in arn
        assert "UNKNOWN" not in arn
        assert "{" not in arn


@pytest.mark.parametrize("stack", STACKS)
def test_roles_are_passed_by_name_and_to_services_that_need_them(stack: str) -> None:
    passing = [
        item for item in iam.statements(documents(stack)) if "iam:PassRole" in item["Action"]
    ]
    assert passing
    for statement in passing:
        assert all(plan_of("aws").suffix in arn for arn in statement["Resource"])
        services = statement["Condition"]["StringEquals"]["iam:PassedToService"]
        assert services
        assert all(service.endswith(".amazonaws.com") for service in services)


def test_what_ec2_makes_is_changed_only_with_the_stacks_tag() -> None:
    for statement in iam.statements(documents("default")):
        changes = [action for action in statement["Action"] if action.startswith("ec2:Delete")]
        if changes and "network-interface" not in str(statement["Resource"]):
            equals = statement["Condition"]["StringEquals"]
            assert equals == {"aws:ResourceTag/pilothouse-stack": "aws"}, changes


@pytest.mark.parametrize("kind", types())
def test_every_type_of_the_graph_has_its_rights(kind: str) -> None:
    actions = own_actions(kind)
    assert any(action.partition(":")[2].startswith(("Create", "Put", "Allocate", "Authorize",
                                                  "Associate", "Modify", "Set"))
               for action in actions)  # fmt: skip


@pytest.mark.parametrize("kind", types())
def test_a_type_that_goes_from_the_graph_takes_its_rights_with_it(kind: str) -> None:
    stack = next(case for case in STACKS if kind in {found.type for found in graph(case)})
    plan, whole = plan_of("aws", **STACKS[stack]), graph(stack)
    goes = {kind, *SHARED.get(kind, ())}
    kept = {urn: resource for urn, resource in whole.resources.items() if resource.type not in goes}
    before = scopes(documents(stack))
    after = scopes(deployer_policy.documents(plan, replace(whole, resources=kept)))
    assert after < before
    assert {action for action, _ in before - after} & own_actions(kind)


def scopes(found: list[Document]) -> set[tuple[str, str]]:
    return {
        (action, arn + json.dumps(statement.get("Condition", {})))
        for statement in iam.statements(found)
        for action in statement["Action"]
        for arn in statement["Resource"]
    }


def own_actions(kind: str) -> set[str]:
    permissions = TABLE.of_type(kind).permissions
    return {action for permission in permissions for action in permission.actions.split()}


def test_a_type_without_rights_is_an_error_that_names_it() -> None:
    whole = graph("default")
    unheard = replace(next(iter(whole)), urn="urn:x", type="aws:x/unheardOf:UnheardOf", custom=True)
    more: Mapping[str, Recorded] = {**whole.resources, "urn:x": unheard}
    with pytest.raises(PilothouseError, match="aws:x/unheardOf:UnheardOf"):
        deployer_policy.documents(plan_of("aws"), replace(whole, resources=more))


def test_what_a_sweep_and_its_proof_call_is_allowed(account: Account, managed: Managed) -> None:
    everything(account)
    managed.called.clear()
    leftovers(account)
    clean_up(account)
    assert len(set(managed.called)) > 50
    allowed = documents("domain")
    pipeline = documents("schedule")
    assert iam.refused([*allowed, *pipeline], managed.called) == []


def test_a_call_that_no_policy_allows_is_seen() -> None:
    calls = [("s3", "PutBucketWebsite"), ("s3", "ListBuckets")]
    assert iam.refused(documents("default"), calls) == ["s3:PutBucketWebsite"]


def on_keys(stack: str) -> dict[str, set[tuple[str, ...]]]:
    """The actions on keys that are no look, with what they are allowed on."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for statement in iam.statements(documents(stack)):
        for action in statement["Action"]:
            if action.startswith("kms:") and not action.startswith(("kms:List", "kms:Describe")):
                found.setdefault(action, set()).add(tuple(statement["Resource"]))
    return found


def test_a_key_that_is_not_the_stack_s_may_be_used_and_no_other_made_or_deleted() -> None:
    allowed = on_keys("named-key")
    assert {"kms:CreateGrant", "kms:Decrypt", "kms:Encrypt"} < allowed.keys()
    assert not {"kms:CreateKey", "kms:ScheduleKeyDeletion", "kms:CreateAlias"} & allowed.keys()
    assert {scope for scopes in allowed.values() for scope in scopes} == {(NAMED_KEY,)}


def test_without_a_key_no_right_on_keys_is_needed() -> None:
    assert on_keys("bare") == {}
    assert "kms:CreateKey" in on_keys("default")
