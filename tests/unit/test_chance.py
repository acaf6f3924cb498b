"""What is drawn at random is drawn again from the same seed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.conftest import seeded
from tests.targets.local.live.chaos import VICTIMS, Kill, draw_kill

PARTS = {"command", *VICTIMS}
SECONDS = 28.0


def kills(seed: int, name: str = "a test") -> list[Kill]:
    chance = seeded(seed, name)
    return [draw_kill(VICTIMS, SECONDS, chance) for _ in range(2)]


def test_the_same_seed_draws_the_same_kills() -> None:
    assert kills(7) == kills(7)


def test_another_seed_and_another_test_draw_other_kills() -> None:
    drawn = [kills(7), kills(8), kills(7, "another test")]
    assert all(one not in drawn[:place] for place, one in enumerate(drawn))


def test_two_kills_of_a_test_differ() -> None:
    first, second = kills(7)
    assert first != second


def test_every_part_is_killed_within_the_time_and_the_program_most_often() -> None:
    drawn = [kill for seed in range(200) for kill in kills(seed)]
    first = [kill.order[0] for kill in drawn]
    assert set(first) == PARTS
    assert all(sorted(kill.order) == sorted(PARTS) for kill in drawn)
    assert all(0.2 <= kill.delay <= SECONDS for kill in drawn)
    assert len(drawn) / 2 < first.count("program") < len(drawn) * 3 / 4


DRAWING = """
def test_draws(chance):
    print("drawn", chance.random())
    raise AssertionError
"""


def failing(folder: Path, *options: str) -> str:
    """What pytest prints of a test that draws and fails, with these tests' conftest."""
    (folder / "conftest.py").write_text("from tests.conftest import chance\n")
    (folder / "test_draws.py").write_text(DRAWING)
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", folder, "--rootdir", folder, *options],
        cwd=root, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


def line(output: str, start: str) -> str:
    return next(one for one in output.splitlines() if one.startswith(start))


def test_a_run_prints_its_seed_and_a_failure_the_option_that_repeats_it(tmp_path: Path) -> None:
    first = failing(tmp_path)
    (told,) = {one.rpartition(" ")[2] for one in first.splitlines() if "--randomly-seed=" in one}
    assert "Using --randomly-seed=" in first[: first.index("test_draws.py")]
    again = failing(tmp_path, told)
    assert line(again, "drawn ") == line(first, "drawn ")
    assert line(failing(tmp_path, "--randomly-seed=1"), "drawn ") != line(first, "drawn ")


def test_without_pytest_randomly_the_draws_are_the_same_each_time(tmp_path: Path) -> None:
    off = ("-p", "no:randomly")
    assert line(failing(tmp_path, *off), "drawn ") == line(failing(tmp_path, *off), "drawn ")
