"""The team's DAGs for a stack: checked before anything changes, then given to Airflow."""

from __future__ import annotations

from pilothouse.config import dag_files, team_dags
from pilothouse.config.dag_files import DagFiles
from pilothouse.contract import Contract
from pilothouse.lifecycle.report import Report
from pilothouse.lifecycle.stack import Stack
from pilothouse.services.airflow.settings import DAG_ID
from pilothouse.services.workload import DAG_ID as WORKLOAD_DAG

RESERVED = (DAG_ID, WORKLOAD_DAG)
"""The ids of the platform's own DAGs."""


def check(stack: Stack, report: Report) -> DagFiles | None:
    """The files of the project that Airflow gets; None where it gets none.

    Warns where the project has a folder of DAGs that the target does not use. Raises InvalidInput
    for what is wrong with a file.
    """
    folder = stack.operations.dags_folder()
    if folder:
        return dag_files.read(folder, RESERVED)
    unused = team_dags.find(stack.project.root, stack.plan.platform)
    if unused and (reason := stack.operations.why_no_dags()):
        report.warnings([f"{unused} is not given to Airflow: {reason}"])
    return None


def deliver(stack: Stack, contract: Contract, report: Report, files: DagFiles) -> None:
    """Have Airflow read the files; the contract is accessible from here."""
    report.say(stack.operations.deliver_dags(contract, files))
    report.document({"dags": {"folder": str(files.folder), "files": files.count}})
