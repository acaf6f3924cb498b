"""The platform on AWS, made call by call on an account in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pulumi
from testkit.fake_providers.aws.replay import Replay
from testkit.fake_providers.aws.settings import Settings
from testkit.support.accounts import REGION, account

from pilothouse.plan import Plan
from pilothouse.program.platform import Platform
from tests.targets.suite import platforms
from tests.targets.suite.recorder import record


@contextmanager
def replayed(folder: Path, example: str, **settings: object) -> Iterator[Replay]:
    """An example's graph, made in the order of its dependencies."""
    file = platforms.ROOT / "examples" / f"{example}.yaml"
    plan = platforms.plan_of(platforms.project_of(file, folder / "p"), "aws", settings=settings)
    with account(folder / "control"):
        replay = Replay(Settings(region=REGION))
        record(lambda: _program(plan), replay)
        yield replay


def _program(plan: Plan) -> None:
    pulumi.export("contract", Platform(plan.platform.name, plan).contract)
