"""Every planted mistake still has its place, and one that has none is an error."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.mutants.__main__ import SUITES, main
from tests.mutants.mistakes import REPOSITORY, Mistake, NotPlanted, Suite

PLAN = "tests/unit/test_plan.py"
PLANTED = [
    (REPOSITORY / suite.folder, mistake) for suite in SUITES.values() for mistake in suite.mistakes
]


@pytest.mark.parametrize(("folder", "mistake"), PLANTED, ids=[m.name for _, m in PLANTED])
def test_a_mistake_can_be_planted(folder: Path, mistake: Mistake, tmp_path: Path) -> None:
    before = (folder / mistake.file).read_text()
    shutil.copy(folder / mistake.file, tmp_path)
    mistake.plant(tmp_path)
    after = (tmp_path / mistake.file).read_text()
    assert after != before
    if mistake.file.endswith(".py"):
        compile(after, mistake.file, "exec")


def test_there_are_many_of_them_and_no_two_have_one_name() -> None:
    for suite in SUITES.values():
        names = {mistake.name for mistake in suite.mistakes}
        assert len(names) == len(suite.mistakes) >= 25


@pytest.mark.parametrize("old", ["nowhere", "a"])
def test_one_without_its_place_is_an_error_that_names_it(old: str, tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text("a = a\n")
    with pytest.raises(NotPlanted, match=r"swapped: code\.py has this"):
        Mistake("swapped", "code.py", old, "b").plant(tmp_path)


def test_a_target_without_mistakes_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["elsewhere"])
    assert ended.value.code == 2
    assert "elsewhere" in capsys.readouterr().err


def tried(
    monkeypatch: pytest.MonkeyPatch,
    tests: str,
    mistakes: Sequence[Mistake] = (),
) -> int:
    suite = Suite(folder="src/pilothouse", rungs={"test_plan": [tests]}, mistakes=mistakes)
    monkeypatch.setattr("tests.mutants.__main__.SUITES", {"small": suite})
    return main(["small"])


def test_what_is_caught_is_named_and_what_is_missed_counts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mistakes = [
        Mistake("seen", "plan.py", '"small": 4', '"small": 5'),
        Mistake("unseen", "plan.py", 'names, tags. Pure."""', 'names and tags. Pure."""'),
    ]
    assert tried(monkeypatch, PLAN, mistakes) == 1
    seen, unseen, score = capsys.readouterr().out.splitlines()
    assert seen.startswith("seen: caught by test_plan (tests/unit/test_plan.py::")
    assert unseen == "unseen: MISSED"
    assert score.startswith("mistakes caught: 1 of 2, 50.0 %")


@pytest.mark.parametrize(("options", "caught"), [((), 0), (("--every-rung",), 1)])
def test_a_rung_is_tried_if_those_before_catch_nothing_or_if_all_are_asked_for(
    options: Sequence[str],
    caught: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    mistakes = [Mistake("seen", "plan.py", '"small": 4', '"small": 5')]
    copied = "tests/unit/../unit/test_plan.py"
    suite = Suite(
        folder="src/pilothouse",
        rungs={"cheap": [PLAN], "dear": [copied], "blind": ["tests/unit/test_validation.py"]},
        mistakes=mistakes,
    )
    monkeypatch.setattr("tests.mutants.__main__.SUITES", {"small": suite})
    assert main(["small", *options]) == 0
    _, *table, _ = capsys.readouterr().out.splitlines()
    assert [line.split(" | ")[:2] for line in table[2:]] == [
        ["| cheap", "1"],
        ["| dear", str(caught)],
        ["| blind", "0"],
    ]


def test_tests_that_fail_anyway_prove_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tried(monkeypatch, "tests/unit/test_that_is_not_there.py") == 2
    assert "without any mistake" in capsys.readouterr().err
