"""Plans of stacks on AWS."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pilothouse import plan, targets
from pilothouse.config import platform_spec
from pilothouse.plan import Plan
from pilothouse.targets.aws.settings.target import AwsSettings

ROOT = Path(__file__).parents[3]
ACCOUNT = "123456789012"
REGION = "us-east-1"


def plan_of(stack: str, example: str = "minimal", **settings: Any) -> Plan:
    """The plan of an example's platform as `stack`, with these settings of the stack file."""
    return plan.make(
        platform_spec.load(ROOT / "examples" / f"{example}.yaml", today=None),
        stack=stack,
        target="aws",
        features=targets.registered()["aws"].features,
        settings=AwsSettings.model_validate({"region": REGION, "accountId": ACCOUNT, **settings}),
        project=ROOT,
    )
