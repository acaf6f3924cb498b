"""The files that a service creates outside its stack's folder, such as sockets in /tmp.

Their names are made of ports, which another stack may use as well. A file belongs to a stack if its
service has it on record and no process of another stack listens on it.
"""

import json
from collections.abc import Collection
from pathlib import Path

from pilothouse.targets.local.processes import files, process_table

RECORD = "outside_files.json"  # in the service's working folder


def record(folder: Path, paths: Collection[str]) -> None:
    """Write down, before it starts, what the service of this working folder will create."""
    if paths:
        files.write_private(folder / RECORD, json.dumps(sorted(paths)))


def owned(home: Path, services: str = "*") -> list[Path]:
    """The existing outside files of a stack's services, by a pattern of their names."""
    recorded = {
        path
        for file in home.glob(f"services/{services}/{RECORD}")
        for path in json.loads(file.read_text())
        if Path(path).exists()
    }
    taken = process_table.sockets_of_others(home) if recorded else set()
    return [Path(path) for path in sorted(recorded - taken)]
