"""What `gc` shows, asks a target for, and says that it freed."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from typing_extensions import override

from pilothouse.contract import Contract
from pilothouse.errors import PilothouseError, Refused
from pilothouse.lifecycle.commands import gc
from pilothouse.lifecycle.stack import Stack
from pilothouse.services.mlflow.garbage import Garbage, read_garbage
from tests.unit.lifecycle.still_stack import EmptyTarget, TextReport, still_stack

WEEK = 7 * 86400.0
RUNS = Garbage(runs=("one", "two"), experiments=("7",), objects=3, bytes=2_500_000)


class Tracked(EmptyTarget):
    """A target that finds `found`, and of which `freed` goes."""

    def __init__(self, found: Garbage, freed: Garbage | None = None) -> None:
        super().__init__()
        self.found, self.freed = found, freed or found
        self.asked: list[float] = []

    @override
    def find_garbage(self, contract: Contract, older_than: float) -> Garbage:
        self.asked.append(older_than)
        return self.found

    @override
    def collect_garbage(self, contract: Contract, older_than: float) -> Garbage:
        self.asked.append(older_than)
        return self.freed

    @override
    def artifact_retention(self) -> str:
        return "the bucket keeps them"


@pytest.fixture
def stack_with(tmp_path: Path) -> Callable[[Garbage], tuple[Stack, Tracked]]:
    def make(found: Garbage, freed: Garbage | None = None) -> tuple[Stack, Tracked]:
        target = Tracked(found, freed)
        return still_stack(tmp_path, target), target

    return make


Make = Callable[..., tuple[Stack, Tracked]]


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("7d", timedelta(days=7)),
        ("1d12h", timedelta(days=1, hours=12)),
        ("90m", timedelta(minutes=90)),
        ("1d2h3m4s", timedelta(days=1, hours=2, minutes=3, seconds=4)),
        ("0s", timedelta()),
    ],
)
def test_an_age_is_written_as_in_mlflow(text: str, age: timedelta) -> None:
    assert gc.read_age(text) == age


@pytest.mark.parametrize(
    "text", ["", "7", "d", "week", "-7d", "7d ", "12h1d", "1.5d", "٣d", "9999999d"]
)
def test_another_text_is_refused_with_what_is_right(text: str) -> None:
    with pytest.raises(Refused, match=r"--older-than: found .*; give days, hours.*such as 7d"):
        gc.read_age(text)


def test_what_would_go_is_shown_first(stack_with: Make) -> None:
    stack, target = stack_with(RUNS)
    report = TextReport()
    candidates = gc.show(stack, report, "7d")
    assert target.asked == [WEEK]
    assert candidates.garbage == RUNS
    assert report.lines == [
        "looking for what was deleted in local more than 7d ago",
        "to be deleted for good: 2 runs, 0 models, 1 experiment, 3 artifacts of 2.5 MB",
        "  run one",
        "  run two",
        "  experiment 7",
    ]
    assert report.told == {"garbage": vars(RUNS)}


def test_the_retention_of_the_platform_is_the_default(stack_with: Make) -> None:
    stack, target = stack_with(RUNS)
    gc.show(stack, TextReport(), None)
    assert target.asked == [stack.plan.platform.storage.retention_days * 86400.0]


def test_nothing_to_delete_is_said(stack_with: Make) -> None:
    stack, _ = stack_with(Garbage())
    report = TextReport()
    assert not gc.show(stack, report, "7d").garbage
    assert report.lines[-1] == "there is nothing to delete"
    assert report.told == {"garbage": vars(Garbage()), "freed": vars(Garbage())}


def test_many_ids_are_counted(stack_with: Make) -> None:
    stack, _ = stack_with(Garbage(runs=[str(number) for number in range(23)]))
    report = TextReport()
    gc.show(stack, report, "7d")
    assert len([line for line in report.lines if line.startswith("  run ")]) == gc.LISTED
    assert report.lines[-1] == "  and 3 more runs"


def test_what_is_deleted_while_people_decide_stays(stack_with: Make) -> None:
    stack, target = stack_with(RUNS)
    candidates = gc.show(stack, TextReport(), "7d")
    time.sleep(0.05)
    gc.run(stack, TextReport(), candidates)
    shown, deleted = target.asked
    assert shown + 0.05 <= deleted < shown + 60


def test_what_is_gone_counts_and_what_the_store_keeps_is_told(stack_with: Make) -> None:
    freed = Garbage(runs=("one",), objects=1, bytes=50)
    stack, _ = stack_with(RUNS, freed)
    report = TextReport()
    gc.run(stack, report, gc.show(stack, TextReport(), "7d"))
    assert report.lines == [
        "deleted for good: 1 run, 0 models, 0 experiments, 1 artifact of 50 bytes",
        "of the artifacts, the bucket keeps them",
    ]
    assert report.told == {"freed": vars(freed), "retention": "the bucket keeps them"}


def test_without_artifacts_nothing_is_kept(stack_with: Make) -> None:
    stack, _ = stack_with(Garbage(runs=("one",)))
    report = TextReport()
    gc.run(stack, report, gc.show(stack, TextReport(), "7d"))
    assert report.told["retention"] == ""
    assert len(report.lines) == 1


def test_a_target_that_cannot_says_why(tmp_path: Path) -> None:
    stack = still_stack(tmp_path)
    with pytest.raises(Refused, match="garbage collection is not supported on this target"):
        gc.show(stack, TextReport(), "7d")


@pytest.mark.parametrize("output", ["", "no\n", "{\n", '{"other": 1}\n'])
def test_an_output_without_an_answer_is_an_error(output: str) -> None:
    with pytest.raises(PilothouseError, match="gave no answer"):
        read_garbage(output)
