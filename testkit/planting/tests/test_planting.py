"""What is planted, tried and reported, and how a mistake without a place is."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from testkit.planting.__main__ import main
from testkit.planting.edits import drop, swap
from testkit.planting.mistakes import AnyMistake, Mistake, NotPlanted, Suite, TextMistake, plant
from testkit.planting.places import constant, key

PLAN = "tests/unit/test_plan.py"
VALIDATION = "tests/unit/config/test_validation.py"
MODULE = "pilothouse.plan"
SEEN = Mistake("seen", MODULE, "PARALLELISM", swap(key("small"), 5))
UNSEEN = Mistake(
    "unseen",
    MODULE,
    "Plan.suffix",
    swap(constant("What every physical name of this stack, and of no other, ends with."), ""),
)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A project with a package, a module in it, and a file that is no Python."""
    folder = tmp_path / "src" / "house"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("SIDES = [1, 2]\n")
    (folder / "roof.py").write_text("SIDES = [1, 1]\n")
    (folder / "data.yaml").write_text("sides: 2\n")
    return tmp_path


@pytest.mark.parametrize(
    ("mistake", "file", "text"),
    [
        (Mistake("m", "house", "SIDES", drop(constant(2))), "__init__.py", "SIDES = [1]\n"),
        (TextMistake("m", "src/house/data.yaml", "2", "4"), "data.yaml", "sides: 4\n"),
    ],
)
def test_a_mistake_is_planted_in_its_file(
    mistake: AnyMistake, file: str, text: str, package: Path
) -> None:
    plant(mistake, package)
    assert package.joinpath("src/house", file).read_text() == text


@pytest.mark.parametrize(
    ("mistake", "message"),
    [
        (
            Mistake("swapped", "house.roof", "SIDES", drop(constant(1))),
            r"swapped: in house\.roof:SIDES, the expression 1 occurs 2 times",
        ),
        (
            Mistake("swapped", "house.roof", "FLOORS", drop(constant(1))),
            r"swapped: in house\.roof:FLOORS, a definition of FLOORS occurs 0 times",
        ),
        (Mistake("swapped", "house.cellar", "X", drop(constant(1))), r"swapped: .*cellar\.py does"),
        (
            TextMistake("swapped", "src/house/data.yaml", "nowhere", ""),
            r"swapped: in src/house/data\.yaml, nowhere occurs 0 times",
        ),
        (
            TextMistake("swapped", "src/house/data.yaml", "s", ""),
            r"swapped: in src/house/data\.yaml, s occurs 2 times",
        ),
        (TextMistake("swapped", "src/house/gone.yaml", "s", ""), r"swapped: .*gone\.yaml does not"),
    ],
)
def test_one_without_its_place_is_an_error_that_names_it(
    mistake: AnyMistake, message: str, package: Path
) -> None:
    with pytest.raises(NotPlanted, match=message):
        plant(mistake, package)


def try_plan(mistakes: Sequence[AnyMistake], *options: str, tests: str = PLAN) -> int:
    """The exit code for a suite that has one rung."""
    suite = Suite(rungs={"test_plan": [tests]}, mistakes=mistakes)
    return main(["aws", *options], load={"aws": suite}.__getitem__)


def test_what_is_caught_is_named_and_what_is_missed_counts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert try_plan([SEEN, UNSEEN]) == 1
    seen, unseen, score = capsys.readouterr().out.splitlines()
    assert seen.startswith("seen: caught by test_plan (tests/unit/test_plan.py::")
    assert unseen == "unseen: MISSED"
    assert score.startswith("mistakes caught: 1 of 2, 50.0 %")


def test_only_the_mistakes_that_are_asked_for_are_tried(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert try_plan([SEEN, UNSEEN], "--only", "unse") == 1
    assert capsys.readouterr().out.splitlines()[0] == "unseen: MISSED"


@pytest.mark.parametrize(("options", "caught"), [((), 0), (("--every-rung",), 1)])
def test_a_rung_is_tried_if_those_before_catch_nothing_or_if_all_are_asked_for(
    options: Sequence[str], caught: int, capsys: pytest.CaptureFixture[str]
) -> None:
    copied = "tests/unit/../unit/test_plan.py"
    suite = Suite(
        rungs={
            "cheap": [PLAN],
            "dear": [copied],
            "blind": ["tests/unit/config/test_validation.py"],
        },
        mistakes=[SEEN],
    )
    assert main(["aws", *options], load={"aws": suite}.__getitem__) == 0
    _, *table, _ = capsys.readouterr().out.splitlines()
    assert [line.split(" | ")[:2] for line in table[2:]] == [
        ["| cheap", "1"],
        ["| dear", str(caught)],
        ["| blind", "0"],
    ]


def test_tests_that_fail_anyway_prove_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert try_plan([SEEN], tests="tests/unit/test_that_is_not_there.py") == 2
    assert "without any mistake" in capsys.readouterr().err


def test_a_mistake_that_has_no_place_ends_the_trials(capsys: pytest.CaptureFixture[str]) -> None:
    assert try_plan([Mistake("lost", MODULE, "NOWHERE", drop(key("a")))]) == 2
    assert capsys.readouterr().err.startswith("lost: in pilothouse.plan:NOWHERE, ")


@pytest.mark.parametrize("arguments", [["elsewhere"], ["aws", "--only", "elsewhere"]])
def test_a_target_or_a_name_without_mistakes_is_refused(
    arguments: Sequence[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "elsewhere" in capsys.readouterr().err
