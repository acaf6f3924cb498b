"""The stacks that the policies are held against: what AWS can carry, with every option once."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.targets.aws.graph import stacks
from tests.targets.aws.policies.view import Stack
from tests.targets.suite import platforms

EXAMPLES = {example.stem: example for example, target in platforms.CARRIED if target == "aws"}
MINIMAL = platforms.ROOT / "examples/minimal.yaml"

OPTIONS: Mapping[str, Mapping[str, Any]] = {
    **{option: said for option, said in stacks.OPTIONS.items() if said},
    "closed": {
        "network": {"egress": "endpoints"},
        "tracking": {"server": "tracking-server"},
        "compute": {"domain": True},
        "tags": {"team": "ml"},
    },
    "closed-pipelines": {
        "network": {"egress": "endpoints"},
        "storage": {"encryption": "s3"},
        "engine": "managed",
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
        settings, more = stacks.with_engine(OPTIONS.get(case, {}))
        with (project / "platform.yaml").open("a", encoding="utf-8") as file:
            file.write(more)
        said: dict[str, Any] = {"stack": "aws", "settings": settings}
        plan = platforms.plan_of(project, "aws", **said)
        return Stack(plan, platforms.recorded(project, "aws", **said))
