"""What is left of a local stack: processes, ports, sockets, files, DAGs of the team."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pilothouse.services.airflow.settings import DAG_ID, DAG_PROCESSOR
from pilothouse.services.workload import DAG_ID as WORKLOAD_DAG
from pilothouse.targets.interface import Leftover
from pilothouse.targets.local.processes import outside_files, process_table
from pilothouse.targets.local.processes.layout import DAGS, PORTS, Layout
from pilothouse.targets.local.processes.process_environment import working_folder


def find(layout: Layout, kept: tuple[str, ...]) -> list[Leftover]:
    """Everything that belongs to the stack's folder; of its folders, those of `kept` may stay."""
    folder = layout.home
    return [
        *_processes(folder),
        *_ports(layout),
        *_files(folder, kept),
        *_dag_files(folder, kept),
        *(_leftover("socket", str(path)) for path in outside_files.owned(folder)),
    ]


def _processes(home: Path) -> Iterator[Leftover]:
    for process in process_table.of_folder(home):
        yield _leftover("process", str(process.pid), process_table.describe(process))


def _ports(layout: Layout) -> Iterator[Leftover]:
    owners = process_table.listeners()
    for role in PORTS:
        port = layout.port(role)
        owner = owners.get(port)
        if owner and process_table.belongs(owner, layout.home):
            yield _leftover("port", str(port), process_table.describe(owner))


def _files(home: Path, kept: tuple[str, ...]) -> Iterator[Leftover]:
    for path in sorted(home.iterdir()) if home.is_dir() else ():
        yield Leftover(
            kind="file", name=str(path), verdict="kept" if path.name in kept else "present"
        )
    if home.is_dir() and not kept:
        yield _leftover("file", str(home))


def _dag_files(home: Path, kept: tuple[str, ...]) -> Iterator[Leftover]:
    """The team's own DAGs in the stack's folder, which somebody may miss.

    Airflow also finds those that were put beside the workload's, which nothing keeps.
    """
    for path in _sources(home / DAGS):
        yield Leftover(
            kind="DAG file", name=str(path), verdict="kept" if DAGS in kept else "present"
        )
    for path in _sources(working_folder(home, DAG_PROCESSOR) / "dags"):
        if path.stem not in (DAG_ID, WORKLOAD_DAG):
            yield _leftover("DAG file", str(path))


def _sources(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")


def _leftover(kind: str, name: str, detail: str = "") -> Leftover:
    return Leftover(kind=kind, name=name, verdict="present", detail=detail)
