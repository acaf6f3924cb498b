"""Finds or deletes for good what was deleted in MLflow before: `mlflow_gc.py (list|delete) AGE`.

Run by MLflow's own interpreter. MLFLOW_BACKEND_STORE_URI is the database of runs and models.
MLFLOW_TRACKING_URI is the server that knows where artifacts are, and MLFLOW_TRACKING_USERNAME an
admin of it. AGE is as in MLflow, such as 90d or 1d12h: newer deletions stay.

The last line of the output is JSON: the ids of the `runs`, `models` and `experiments` that would
go or are gone, and the number (`objects`) and the size (`bytes`) of their artifacts.
"""

import json
import os
import re
import sys
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from mlflow.cli import gc
from mlflow.entities import ViewType
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from mlflow.tracking import _get_store
from mlflow.utils.time import get_current_time_millis

PARTS = re.compile(r"([\d.]+)([dhms])")
UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
MARGIN = timedelta(minutes=1)
"""Within which MLflow reads the clock after this program did."""


@dataclass
class Garbage:
    """Ids, and the artifacts that go with them."""

    runs: list[str] = field(default_factory=list)
    models: list[str] = field(default_factory=list)
    experiments: list[str] = field(default_factory=list)
    objects: int = 0
    bytes: int = 0


@dataclass(frozen=True, kw_only=True)
class Deleted:
    """A run, model or experiment that was deleted; an experiment has no artifacts of its own."""

    kind: str
    id: str
    artifacts: str = ""


def main(action: str, age: str) -> None:
    """Do it, and print what was found or freed."""
    store = _get_store(os.environ["MLFLOW_BACKEND_STORE_URI"])
    limit = timedelta(**{UNITS[unit]: float(number) for number, unit in PARTS.findall(age)})
    garbage = _list(store, limit) if action == "list" else _delete(store, limit, age)
    sys.stdout.write(f"{json.dumps(asdict(garbage))}\n")


def _list(store: Any, limit: timedelta) -> Garbage:
    return _sum({item: _measure(item) for item in _find(store, limit)})


def _delete(store: Any, limit: timedelta, age: str) -> Garbage:
    """What is gone: of all that MLflow may take, measured before and after."""
    before = {item: _measure(item) for item in _find(store, limit - MARGIN)}
    # The command's own function: on a command line, everybody would see the URL's password.
    arguments = ["--backend-store-uri", os.environ["MLFLOW_BACKEND_STORE_URI"]]
    gc.main([*arguments, "--older-than", age], standalone_mode=False)
    left = set(_find(store, limit - MARGIN))
    freed = {}
    for item in before.keys() - left:
        (objects, size), (objects_left, size_left) = before[item], _measure(item)
        freed[item] = objects - objects_left, size - size_left
    return _sum(freed)


def _sum(items: dict[Deleted, tuple[int, int]]) -> Garbage:
    garbage = Garbage()
    for item, (objects, size) in sorted(items.items(), key=lambda each: each[0].id):
        getattr(garbage, item.kind).append(item.id)
        garbage.objects += objects
        garbage.bytes += size
    return garbage


def _find(store: Any, limit: timedelta) -> list[Deleted]:
    """What was deleted longer ago than `limit`, by the questions that MLflow's command asks."""
    age = max(0, int(limit.total_seconds() * 1000))
    runs = [store.get_run(run).info for run in store._get_deleted_runs(older_than=age)]
    models = [
        store.get_logged_model(model, allow_deleted=True)
        for model in store._get_deleted_logged_models(older_than=age)
    ]
    return [
        *(Deleted(kind="runs", id=run.run_id, artifacts=run.artifact_uri) for run in runs),
        *(Deleted(kind="models", id=m.model_id, artifacts=m.artifact_location) for m in models),
        *(Deleted(kind="experiments", id=each) for each in _find_experiments(store, age)),
    ]


def _find_experiments(store: Any, age: int) -> list[str]:
    changed = f"last_update_time < {get_current_time_millis() - age}"
    found, token = [], None
    while True:
        page = store.search_experiments(
            view_type=ViewType.DELETED_ONLY, filter_string=changed, page_token=token
        )
        found += [experiment.experiment_id for experiment in page]
        token = page.token
        if not token:
            return found


def _measure(item: Deleted) -> tuple[int, int]:
    """The number of artifacts that exist now, and their bytes."""
    if not item.artifacts:
        return 0, 0
    repository = get_artifact_repository(item.artifacts)
    objects, size, folders = 0, 0, [None]
    while folders:
        for file in repository.list_artifacts(folders.pop()):
            if file.is_dir:
                folders.append(file.path)
            else:
                objects, size = objects + 1, size + (file.file_size or 0)
    return objects, size


if __name__ == "__main__":
    main(*sys.argv[1:])
