"""The DAG files of the targets, which people open in Airflow: what they share is equal in all.

Each is a plain file, so that it can be read where it runs; this test takes the place of a template.
"""

import ast
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pilothouse_workload import settings, steps

import pilothouse
from pilothouse.services.airflow.settings import DAG_ID

FILES = sorted(Path(pilothouse.__file__).parent.glob(f"targets/*/assets/dags/{DAG_ID}.py"))
OWN = {"default_args"}  # retries and time-outs follow from how long a task takes there

every_file = pytest.mark.parametrize("file", FILES, ids=lambda path: path.parts[-4])


@cache
def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def constant(file: Path, name: str) -> Any:
    """The value of a constant of a DAG file; None if the file has no such constant."""
    for node in parsed(file).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return ast.literal_eval(node.value)
    return None


def dag(file: Path) -> ast.Call:
    """The call that makes the one DAG of a file."""
    calls = [node for node in ast.walk(parsed(file)) if isinstance(node, ast.Call)]
    (found,) = (call for call in calls if ast.unparse(call.func) == "DAG")
    return found


def shared_arguments(file: Path) -> dict[str, str]:
    arguments = {str(keyword.arg): ast.unparse(keyword.value) for keyword in dag(file).keywords}
    assert arguments.keys() > OWN
    return {name: text for name, text in arguments.items() if name not in OWN}


def test_several_targets_have_one() -> None:
    assert len(FILES) >= 3


@every_file
def test_it_has_the_id_that_runs_are_started_by(file: Path) -> None:
    assert [ast.literal_eval(argument) for argument in dag(file).args] == [DAG_ID]


@every_file
def test_its_arguments_are_those_of_the_others(file: Path) -> None:
    assert shared_arguments(file) == shared_arguments(FILES[0])


@every_file
def test_its_tasks_are_the_steps_of_the_workload(file: Path) -> None:
    """A file without STEPS gets the steps with its jobs, which the target's own tests check."""
    assert constant(file, "STEPS") in (tuple(steps.STEPS), None)


def test_most_name_the_steps_themselves() -> None:
    assert len([file for file in FILES if constant(file, "STEPS")]) >= 2


@every_file
@pytest.mark.parametrize(
    "token",
    [
        "abcdefg",
        "0-abcde",
        "a" * 63,
        "abcdef",
        "a" * 64,
        "-abcdefg",
        "Abcdefg",
        "abcdefg\n",
        "abcdefg ",
        "",
    ],
)
def test_it_takes_the_tokens_that_the_workload_takes(file: Path, token: str) -> None:
    taken = re.search(constant(file, "PATTERN"), token) is not None
    assert taken == (settings.TOKEN.fullmatch(token) is not None)


@every_file
def test_its_pattern_is_the_workloads_to_the_end_of_the_token(file: Path) -> None:
    assert constant(file, "PATTERN") == rf"^{settings.TOKEN.pattern}(?![\s\S])"
