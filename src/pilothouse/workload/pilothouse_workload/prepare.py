"""Step 1: put the data set into the store and read the same bytes back."""

from typing import Any

from pilothouse_workload import dataset
from pilothouse_workload.errors import WorkloadError
from pilothouse_workload.settings import Settings
from pilothouse_workload.store import Store


def prepare(settings: Settings, store: Store) -> dict[str, Any]:
    """Write the data set; returns its name, rows and checksum as they were read back."""
    content = dataset.as_csv()
    store.put(dataset.FILE, content)
    rows = len(dataset.from_csv(checked(store, dataset.sha256(content))).labels)
    return {
        "run_token": settings.run_token,
        "data_set": dataset.NAME,
        "rows": rows,
        "sha256": dataset.sha256(content),
    }


def checked(store: Store, sha256: str) -> bytes:
    """The data set as it is in the store; WorkloadError unless its checksum is `sha256`."""
    content = store.get(dataset.FILE)
    if (found := dataset.sha256(content)) != sha256:
        raise WorkloadError(
            f"the store gave back other bytes of {dataset.FILE} than were written: "
            f"sha256 {found} instead of {sha256}; repeat `prepare`"
        )
    return content
