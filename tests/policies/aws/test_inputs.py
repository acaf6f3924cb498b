"""What every resource is given is what the SDK's own types take, which the SDK does not look at."""

import pytest

from tests.doubles import inputs
from tests.policies.aws.planting import Fault, at
from tests.policies.aws.sdk import arguments
from tests.policies.aws.stacks import every_stack, stack_of
from tests.policies.aws.view import Stack, given
from tests.policies.planting import GONE


def complaints(stack: Stack) -> list[str]:
    return [
        f"{each.label}: {place} {text}"
        for each in stack.resources
        for place, text in inputs.problems(arguments(each.type), given(each))
    ]


@every_stack
def test_every_input_is_what_the_sdk_takes(case: str) -> None:
    assert complaints(stack_of(case)) == []
    assert len(stack_of(case).resources) > 25


FAULTS = [
    at("Vpc vpc", "cidr", "10.0.0.0/8"),
    at("SecurityGroup members", "ingress 0 toPort", GONE),
    at("SecurityGroup members", "egress 1 cidrBlocks", "0.0.0.0/0"),
    at("Environment airflow", "dagS3Path", GONE),
    at("Environment airflow", "loggingConfiguration taskLog", {"enabled": True}),
    at("Bucket data", "forceDestroy", "yes"),
    at("LogGroup task", "retentionInDays", "30"),
    at("MlflowApp mlflow", "artifactStoreUrl", "s3://a/b"),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name.replace(" ", "-"))
def test_a_fault_is_seen(fault: Fault) -> None:
    assert complaints(fault.planted()) != []
