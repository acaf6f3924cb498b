"""The files of a folder of DAGs: which count, and what is refused without running them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pilothouse.config import dag_files
from pilothouse.errors import InvalidInput, Problem

pytestmark = pytest.mark.usefixtures("own_folder")

RESERVED = ("pilothouse_workload", "workload")


def write(**texts: str) -> None:
    for name, text in texts.items():
        path = Path("dags", f"{name}.py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def read() -> dag_files.DagFiles:
    return dag_files.read(Path("dags"), RESERVED)


def problems() -> list[Problem]:
    with pytest.raises(InvalidInput) as refused:
        read()
    assert all(problem.remedy for problem in refused.value.problems)
    return list(refused.value.problems)


def test_every_file_counts_but_what_is_hidden_or_made_by_python() -> None:
    write(**{"a": "", "team/b": "", "__pycache__/c": "(", ".git/d": "("})
    for name in (".airflowignore", ".env", "team/query.sql"):
        Path("dags", name).touch()
    files = read()
    assert files.paths == (".airflowignore", "a.py", "team/b.py", "team/query.sql")
    assert files.count == 2


def test_a_folder_may_be_empty() -> None:
    Path("dags").mkdir()
    assert read().paths == ()


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("import os\n\ndef (\n", 3, "invalid syntax"),
        ("\nreturn 1\n", 2, "'return' outside function"),
        ("x = 1\x00\n", None, "null bytes"),
    ],
)
def test_what_does_not_compile_is_refused_with_file_and_line(
    text: str, line: int | None, said: str
) -> None:
    write(good="x = 1\n", bad=text)
    (only,) = problems()
    assert only.file == "dags/bad.py"
    assert line is None or only.line == line
    assert said in only.found


def test_bytes_of_another_encoding_are_read_where_the_file_says_so() -> None:
    Path("dags").mkdir()
    Path("dags/a.py").write_bytes("# coding: latin-1\nx = 'ü'\n".encode("latin-1"))
    assert read().count == 1
    Path("dags/a.py").write_bytes("x = 'ü'\n".encode("latin-1"))
    assert problems()[0].file == "dags/a.py"


def test_code_of_a_file_is_not_run_and_its_warnings_are_not_shown(
    recwarn: pytest.WarningsRecorder,
) -> None:
    write(a="raise SystemExit('it ran')\nx = '\\d'\n")
    assert read().count == 1
    assert not recwarn.list


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("DAG('workload')\n", 1),
        ("import airflow.sdk\nwith airflow.sdk.DAG(\n    dag_id='workload',\n):\n    pass\n", 3),
        ("@dag\ndef workload(): ...\n", 2),
        ("@dag(schedule=None)\ndef workload(): ...\n", 1),
        ("@sdk.dag(dag_id='pilothouse_workload')\ndef churn(): ...\n", 1),
        ("@dag('workload')\ndef churn(): ...\n", 1),
    ],
)
def test_an_id_of_the_platforms_own_dags_is_refused(text: str, line: int) -> None:
    write(a=text)
    (only,) = problems()
    assert (only.file, only.line) == ("dags/a.py", line)
    assert "which is the platform's own" in only.found


@pytest.mark.parametrize(
    "text",
    [
        "@dag(dag_id='churn')\ndef workload(): ...\n",
        "@task\ndef workload(): ...\n",
        "DAG(NAME)\n",
        "@dag(dag_id=NAME)\ndef workload(): ...\n",
        "Graph('workload')\n",
    ],
)
def test_what_only_looks_like_it_is_accepted(text: str) -> None:
    write(a=text)
    assert read().count == 1


def test_one_id_in_two_files_is_refused_at_the_second() -> None:
    write(a="DAG('churn')\nDAG('churn')\n", b="\n@dag\ndef churn(): ...\n", c="DAG('other')\n")
    (only,) = problems()
    assert (only.file, only.line) == ("dags/b.py", 3)
    assert only.found == "the DAG churn, which is in dags/a.py too"


def test_symlinks_are_refused_since_no_bucket_has_them() -> None:
    write(a="")
    Path("dags/b.py").symlink_to("a.py")
    Path("dags/folder").symlink_to("..")
    assert [problem.found for problem in problems()] == ["a symlink to a.py", "a symlink to .."]


def test_everything_that_is_wrong_is_said_at_once() -> None:
    write(a="(", b="DAG('workload')", c="def")
    assert [problem.file for problem in problems()] == ["dags/a.py", "dags/b.py", "dags/c.py"]
