"""The same kills as `tests.targets.local.live.chaos`, of a stack on an AWS account in memory.

`python -m tests.targets.aws.chaos 20` kills the engine, the command, the program, its host or the
provider. The account's services are in this process, which nobody kills.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.targets.aws.stage import stage
from tests.targets.local.live.chaos import VICTIMS, Scene, main


@contextmanager
def account_scene() -> Iterator[Scene]:
    """A stack in an account of its own."""
    provider = {"provider": lambda process: "testkit.fake_providers.aws" in process.cmdline()}
    with tempfile.TemporaryDirectory() as control, stage(Path(control), spawned=True) as made:
        yield Scene(
            stack=made.stack,
            up_seconds=17.0,
            down_seconds=7.0,
            victims={**VICTIMS, **provider},
            traces=made.stack.traces,
        )


if __name__ == "__main__":
    sys.exit(main(__doc__, account_scene))
