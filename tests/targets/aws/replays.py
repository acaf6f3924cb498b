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
from tests.targets.aws.graph.stacks import with_engine
from tests.targets.suite import platforms
from tests.targets.suite.recorder import record


@contextmanager
def replayed(folder: Path, example: str, **settings: object) -> Iterator[Replay]:
    """An example's graph, made in the order of its dependencies."""
    file = platforms.ROOT / "examples" / f"{example}.yaml"
    said, more = with_engine(settings)
    project = platforms.project_of(file, folder / "p")
    with (project / "platform.yaml").open("a", encoding="utf-8") as text:
        text.write(more)
    plan = platforms.plan_of(project, "aws", settings=said)
    with account(folder / "control"):
        replay = Replay(Settings(region=REGION))
        record(lambda: _program(plan), replay)
        yield replay


def _program(plan: Plan) -> None:
    pulumi.export("contract", Platform(plan.platform.name, plan).contract)
