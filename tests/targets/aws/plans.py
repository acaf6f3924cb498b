"""Plans of stacks on AWS."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pilothouse import plan, targets
from pilothouse.config import platform_spec
from pilothouse.config.platform_spec import Orchestration
from pilothouse.config.workload import Workload
from pilothouse.plan import Plan
from pilothouse.targets.aws.settings.target import AwsSettings

ROOT = Path(__file__).parents[3]
ACCOUNT = "123456789012"
REGION = "us-east-1"

Engine = Literal["airflow", "managed"]


def plan_of(
    stack: str,
    example: str = "minimal",
    engine: Engine = "airflow",
    team: Mapping[str, Any] | None = None,
    **settings: Any,
) -> Plan[AwsSettings]:
    """The plan of an example's platform as `stack`, with these settings of the stack file.

    team: its own workload.
    """
    platform = platform_spec.load(ROOT / "examples" / f"{example}.yaml", today=None)
    changes: dict[str, Any] = {"orchestration": Orchestration(engine=engine)}
    if team:
        changes["workload"] = Workload.model_validate(team)
    return plan.make(
        platform.model_copy(update=changes),
        stack=stack,
        target="aws",
        lacks=targets.registered()["aws"].lacks,
        settings=AwsSettings.model_validate({"region": REGION, "accountId": ACCOUNT, **settings}),
        project=ROOT,
    )
