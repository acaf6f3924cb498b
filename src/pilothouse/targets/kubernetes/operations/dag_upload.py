"""The team's DAGs in the bucket of data, from which each pod that reads DAGs takes them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from pilothouse.services.object_store import S3ObjectStore
from pilothouse.targets.kubernetes.settings.team_dags import PREFIX

if TYPE_CHECKING:
    from pilothouse.config.dag_files import DagFiles
    from pilothouse.contract import Capability


def deliver(storage: Capability[str], files: DagFiles) -> str:
    """Make the bucket's DAGs those of the folder, and say so.

    What is there with the same content stays as it is, and what is not in the folder goes. Raises
    PilothouseError where the store refuses or does not answer.
    """
    store = S3ObjectStore(storage)
    there = store.digests(f"{PREFIX}/")
    wanted = {f"{PREFIX}/{path}": files.folder / path for path in files.paths}
    changed = [name for name, file in wanted.items() if there.get(name) != _digest(file)]
    for name in changed:
        store.write(name, wanted[name])
    gone = sorted(there.keys() - wanted.keys())
    for name in gone:
        store.remove(name)
    return (
        f"the team's DAGs are delivered: of {len(wanted)} files {len(changed)} are written, and "
        f"{len(gone)} are removed"
    )


def _digest(file: Path) -> str:
    """The content's digest as a store has it of what was written at once."""
    return hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest()
