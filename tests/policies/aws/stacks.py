"""The stacks that the policies are held against: what AWS can carry, with every option once."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.graph import platforms
from tests.policies.aws.view import Stack

EXAMPLES = {example.stem: example for example, target in platforms.CARRIED if target == "aws"}
MINIMAL = platforms.ROOT / "examples/minimal.yaml"

EXISTING = {
    "vpcId": "vpc-0123456789abcdef0",
    "privateSubnetIds": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
}
OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "endpoints": {"network": {"egress": "endpoints"}},
    "existing-network": {"network": EXISTING},
    "keys-of-aws": {"storage": {"encryption": "s3"}},
    "tracking-server": {"tracking": {"server": "tracking-server"}},
    "pipelines": {"orchestration": {"kind": "pipelines"}},
    "domain": {"compute": {"domain": True}},
    "cheapest": {
        "network": EXISTING,
        "storage": {"encryption": "s3"},
        "orchestration": {"kind": "pipelines"},
    },
    "closed": {
        "network": {"egress": "endpoints"},
        "tracking": {"server": "tracking-server"},
        "compute": {"domain": True},
        "tags": {"team": "ml"},
    },
    "pipelines-with-domain": {
        "network": {"egress": "endpoints"},
        "storage": {"encryption": "s3"},
        "orchestration": {"kind": "pipelines"},
        "compute": {"domain": True},
    },
}
"""What a stack file may say, on the smallest platform."""

CASES = [*EXAMPLES, *OPTIONS]
every_stack = pytest.mark.parametrize("case", CASES)


@cache
def stack_of(case: str) -> Stack:
    """The stack of an example as it is, or of the smallest one with an option."""
    with tempfile.TemporaryDirectory() as folder:
        project = platforms.project_of(EXAMPLES.get(case, MINIMAL), Path(folder))
        said = {"stack": "aws", "settings": OPTIONS.get(case, {})}
        plan = platforms.plan_of(project, "aws", **said)
        return Stack(plan, platforms.recorded(project, "aws", **said))
