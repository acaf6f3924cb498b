"""The team's DAGs around an `up`: what is checked before it, and what is said of the delivery."""

from __future__ import annotations

from pathlib import Path

import pytest
from typing_extensions import override

from pilothouse.config.dag_files import DagFiles
from pilothouse.contract import Contract
from pilothouse.errors import InvalidInput
from pilothouse.lifecycle import dags
from tests.unit.lifecycle.still_stack import EmptyTarget, TextReport, still_stack

DAG = 'from airflow.sdk import DAG\n\nDAG("{name}")\n'


class Reader(EmptyTarget):
    """A target whose Airflow reads `folder`, or none for a reason."""

    def __init__(self, folder: Path | None, reason: str = "") -> None:
        super().__init__()
        self.folder, self.reason = folder, reason
        self.delivered: list[DagFiles] = []

    @override
    def dags_folder(self) -> Path | None:
        return self.folder

    @override
    def why_no_dags(self) -> str:
        return self.reason

    @override
    def deliver_dags(self, contract: Contract, files: DagFiles) -> str:
        self.delivered.append(files)
        return "delivered"


def folder_of(project: Path, name: str) -> Path:
    folder = project / "dags"
    folder.mkdir()
    (folder / "team.py").write_text(DAG.format(name=name), encoding="utf-8")
    (folder / "query.sql").touch()
    return folder


def test_the_folder_of_the_target_is_read_and_delivered(tmp_path: Path) -> None:
    target = Reader(folder_of(tmp_path, "churn"))
    stack, report = still_stack(tmp_path, target), TextReport()
    files = dags.check(stack, report)
    assert files
    dags.deliver(stack, stack.contract(), report, files)
    assert [each.paths for each in target.delivered] == [("query.sql", "team.py")]
    assert report.lines == ["delivered"]
    assert report.told == {"dags": {"folder": str(tmp_path / "dags"), "files": 1}}


@pytest.mark.parametrize("name", dags.RESERVED)
def test_an_id_of_the_platforms_own_dags_is_refused(tmp_path: Path, name: str) -> None:
    stack = still_stack(tmp_path, Reader(folder_of(tmp_path, name)))
    with pytest.raises(InvalidInput, match=rf"team.py:3: found the DAG {name}, which is the plat"):
        dags.check(stack, TextReport())


def test_a_folder_that_the_target_does_not_use_is_named_with_the_reason(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "churn")
    stack, report = still_stack(tmp_path, Reader(None, "it has no Airflow")), TextReport()
    assert dags.check(stack, report) is None
    assert report.lines == [f"! {folder} is not given to Airflow: it has no Airflow"]


def test_nothing_is_said_where_the_stack_file_names_another_folder(tmp_path: Path) -> None:
    folder_of(tmp_path, "churn")
    stack, report = still_stack(tmp_path, Reader(None)), TextReport()
    assert dags.check(stack, report) is None
    assert report.lines == []


def test_nothing_is_said_where_there_is_no_folder(tmp_path: Path) -> None:
    stack, report = still_stack(tmp_path, Reader(None, "it has no Airflow")), TextReport()
    assert dags.check(stack, report) is None
    assert report.lines == []
