"""`workload` in platform.yaml: what is accepted, and where wrong input is refused."""

from pathlib import Path

import pytest

from pilothouse.config.platform_spec import load
from pilothouse.config.workload import Workload
from pilothouse.errors import InvalidInput, Problem

pytestmark = pytest.mark.usefixtures("own_folder")

BASE = """\
name: demo
owner: ml-team@example.org
pilot: {expires: 2027-12-31, monthlyBudget: 500}
workload:
"""
ONE = "  steps: [{name: train, command: [churn]}]\n"


def read(text: str) -> Workload:
    Path("platform.yaml").write_text(BASE + text, encoding="utf-8")
    workload = load("platform.yaml", today=None).workload
    assert workload is not None
    return workload


def problem(text: str) -> Problem:
    with pytest.raises(InvalidInput) as refused:
        read(text)
    (only,) = refused.value.problems
    assert only.remedy
    return only


def test_one_step_is_enough_and_the_rest_has_defaults() -> None:
    workload = read(f"  package: churn\n{ONE}")
    (step,) = workload.steps
    assert (workload.python, workload.lock, workload.schedule) == ("3.11", None, None)
    assert (step.needs, step.retries, step.timeout, step.resources.gpus) == ([], 0, "1h", 0)


def test_steps_come_after_those_that_they_need() -> None:
    steps = "[{name: c, command: [x], needs: [b]}, {name: b, command: [x], needs: [a]}, "
    workload = read(f"  package: p\n  steps: {steps}{{name: a, command: [x]}}]\n")
    assert workload.order == ["a", "b", "c"]


def test_parameters_keep_the_types_that_the_file_gives_them() -> None:
    given = read(f"  package: p\n  parameters: {{a: x, b: 2, c: 0.5, d: true, e: '3'}}\n{ONE}")
    assert given.parameters == {"a": "x", "b": 2, "c": 0.5, "d": True, "e": "3"}
    assert [type(value) for value in given.parameters.values()] == [str, int, float, bool, str]


def steps(text: str) -> str:
    return f"  package: p\n  steps: {text}\n"


@pytest.mark.parametrize(
    ("text", "line", "key", "found", "remedy"),
    [
        (ONE, 4, "workload.package", "nothing", "A folder of the project"),
        (steps("[]"), 6, "workload.steps", "a list", "a list of 1 or more items"),
        (
            steps("[{name: a, command: []}]"),
            6,
            "workload.steps[0].command",
            "a list",
            "1 or more items",
        ),
        (
            steps("[{name: a, command: churn train}]"),
            6,
            "workload.steps[0].command",
            "churn train",
            "write a list",
        ),
        (
            steps("[{name: A b, command: [x]}]"),
            6,
            "workload.steps[0].name",
            "A b",
            "lower-case letters",
        ),
        (
            steps("[{name: a, command: [x]}, {name: a, command: [y]}]"),
            6,
            "workload.steps[1].name",
            '"a" a second time',
            "a name of its own",
        ),
        (
            steps("[{name: train, command: [x], needs: [trian]}]"),
            6,
            "workload.steps[0].needs[0]",
            'no step "trian"',
            "did you mean train?",
        ),
        (
            steps("[{name: a, command: [x], needs: [b]}, {name: b, command: [x], needs: [a]}]"),
            6,
            "workload.steps[0].needs",
            "a circle: a needs b needs a",
            "remove one of these needs",
        ),
        (
            steps("[{name: a, command: [x], needs: [a]}]"),
            6,
            "workload.steps[0].needs",
            "a circle: a needs a",
            "remove one",
        ),
        (
            steps("[{name: a, command: [x], timeout: 90}]"),
            6,
            "workload.steps[0].timeout",
            "90",
            "a time such as 60s or 5m",
        ),
        (
            steps("[{name: a, command: [x], resources: {memory: 4}}]"),
            6,
            "workload.steps[0].resources.memory",
            "4",
            "512Mi",
        ),
        (
            f"  package: p\n{ONE}  python: '3'\n",
            7,
            "workload.python",
            '"3"',
            "a minor version of Python",
        ),
        (
            f"  package: p\n{ONE}  schedule: '@daily'\n",
            7,
            "workload.schedule",
            "@daily",
            "five fields of cron",
        ),
        (
            f"  package: p\n{ONE}  schedule: '0 25 * * *'\n",
            7,
            "workload.schedule",
            "0 25",
            "five fields of cron",
        ),
        (
            f"  package: p\n{ONE}  schedule: '0 6 * * * 0'\n",
            7,
            "workload.schedule",
            "0 6",
            "five fields of cron",
        ),
        (f"  package: p\n{ONE}  secrets: [api]\n", 7, "workload.secrets[0]", "api", "API_KEY"),
        (
            f"  package: p\n{ONE}  secrets: [RUN_ID]\n",
            7,
            "workload.secrets[0]",
            "which the platform sets",
            "another name",
        ),
        (
            f"  package: p\n{ONE}  secrets: [API, AWS_REGION]\n",
            7,
            "workload.secrets[1]",
            "which the platform sets",
            "another name",
        ),
        (
            f"  package: p\n{ONE}  secrets: [API, API]\n",
            7,
            "workload.secrets[1]",
            "a second time",
            "remove it",
        ),
        (
            f"  package: p\n{ONE}  parameters: {{a: [1]}}\n",
            7,
            "workload.parameters.a",
            "a list",
            "text, a number",
        ),
    ],
)
def test_wrong_input_is_refused_where_it_stands(
    text: str, line: int, key: str, found: str, remedy: str
) -> None:
    only = problem(text)
    assert (only.line, only.key) == (line, key)
    assert found in only.found
    assert remedy in only.remedy


def test_the_name_of_a_parameter_is_one_that_a_variable_can_have() -> None:
    only = problem(f"  package: p\n{ONE}  parameters: {{Region-1: eu}}\n")
    assert (only.line, only.key) == (7, "workload.parameters.Region-1")
    assert "up to 40 of a-z, 0-9 and _" in only.remedy


def test_what_is_written_of_it_is_read_as_the_same_again() -> None:
    """The state keeps a stack's definition so."""
    resources = "{cpu: 0.5, memory: 1.5Gi, gpus: 1}"
    workload = read(f"  package: p\n  steps: [{{name: a, command: [x], resources: {resources}}}]\n")
    assert (workload.steps[0].resources.cpu, workload.steps[0].resources.memory) == (500, 1536)
    written = workload.model_dump(mode="json", by_alias=True, exclude_unset=True)
    assert written["steps"][0]["resources"] == {"cpu": "500m", "memory": "1536Mi", "gpus": 1}
    assert Workload.model_validate(written) == workload
