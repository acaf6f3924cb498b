"""Plans of stacks on AWS."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from pilothouse import plan, spec
from pilothouse.plan import Plan

ROOT = Path(__file__).parents[2]
ACCOUNT = "123456789012"
REGION = "us-east-1"


def plan_of(stack: str) -> Plan:
    """The plan of the smallest platform as `stack`."""
    settings = SimpleNamespace(
        region=REGION, account_id=ACCOUNT, zones=[f"{REGION}a", f"{REGION}b"]
    )
    return plan.make(
        spec.load(ROOT / "examples/minimal.yaml", today=None),
        stack=stack,
        target="aws",
        features=(),
        settings=settings,
        project=ROOT,
    )
