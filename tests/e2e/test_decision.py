"""`examples/decision`: a newcomer goes from needs to a report that a browser shows."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from testkit.support.browsers import browser
from testkit.support.console_visits import NEEDS_BROWSER
from testkit.support.stacks import (
    REPOSITORY,
    Stack,
    empty_folder,
    end_all,
    free_block,
    own_package_environments,
)

from tests.e2e.test_installed import share_environments

pytestmark = [pytest.mark.live, pytest.mark.timeout(1200), NEEDS_BROWSER]
SCRIPT = REPOSITORY / "examples" / "decision" / "decide.sh"


@pytest.fixture
def stack() -> Iterator[Stack]:
    """A new project, on ports and with environments of this machine."""
    with own_package_environments(), empty_folder() as folder:
        made = Stack(folder / "demo", "local", free_block())
        environment = made.environment()
        command = ["pilothouse", "init", str(made.project), "--target", "local"]
        subprocess.run(command, env=environment, check=True, capture_output=True)
        share_environments(made)
        (made.project / "tmp").mkdir(exist_ok=True)
        try:
            yield made
        finally:
            end_all(made)


def test_the_example_goes_from_needs_to_a_report(stack: Stack, tmp_path: Path) -> None:
    done = subprocess.run(
        [SCRIPT, stack.project],
        env={**stack.environment(), "COLUMNS": "160"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "worth a pilot, the best first" in done.stdout
    assert "proved in" in done.stdout
    assert "36 months, with people" in done.stdout
    assert stack.traces() == []
    with browser(tmp_path) as reader:
        reader.go((stack.project / "report.html").as_uri())
        assert "What the team needs" in reader.text
        assert "train" in reader.text
        assert reader.errors() == []
