"""What in an account belongs to a stack: by its names, its tags, or its ARN."""

from __future__ import annotations

from typing import Any

import pytest

from pilothouse.plan import Plan
from pilothouse.targets.aws.clients.account import STACK_TAGS, Account, tags_by_key
from tests.targets.aws.plans import plan_of


@pytest.fixture
def own(plan: Plan) -> Account:
    """The account of a stack, whose tagging API knows one ARN."""
    account = Account(plan)
    account.tagged_arns = frozenset({"arn:aws:ecr:us-east-1:123456789012:repository/shared"})
    return account


def test_a_resource_belongs_to_the_stack_by_its_name(own: Account) -> None:
    for name in (own.plan.name("data"), f"alias/{own.plan.name('key')}"):
        assert own.belongs_to_stack(name)
    suffix = own.plan.suffix
    for name in ("", "data", f"another-data-{suffix}", plan_of("aws2").name("data")):
        assert not own.belongs_to_stack(name)


def test_a_resource_belongs_to_the_stack_by_its_tags(own: Account) -> None:
    tags = {key: own.plan.tags[key] for key in STACK_TAGS}
    assert own.belongs_to_stack(tags={**tags, "pilothouse-owner": "somebody-else"})
    for key in STACK_TAGS:
        assert not own.belongs_to_stack(tags={**tags, key: "another"})
        assert not own.belongs_to_stack(tags={k: v for k, v in tags.items() if k != key})


def test_a_resource_belongs_to_the_stack_by_an_arn_that_is_tagged(own: Account) -> None:
    (arn,) = own.tagged_arns
    assert own.belongs_to_stack("shared", arn=arn)
    assert not own.belongs_to_stack("shared", arn=f"{arn}-2")


def test_names_that_services_derive_are_recognised(own: Account) -> None:
    environment = own.plan.name("airflow")
    for name in (f"airflow-{environment}-Task", f"/aws/sagemaker/Endpoints/{environment}"):
        assert own.is_derived_name(name)
        assert not own.belongs_to_stack(name)
    for name in ("/aws/sagemaker/TrainingJobs", f"airflow-another-{own.plan.suffix}-Task"):
        assert not own.is_derived_name(name)


@pytest.mark.parametrize(
    "tags",
    [
        {"team": "ml"},
        [{"Key": "team", "Value": "ml"}],
        [{"key": "team", "value": "ml"}],
        [{"TagKey": "team", "TagValue": "ml"}],
    ],
)
def test_tags_are_read_in_every_form_that_services_have(tags: Any) -> None:
    assert tags_by_key(tags) == {"team": "ml"}
