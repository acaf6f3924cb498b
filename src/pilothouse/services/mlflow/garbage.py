"""What was deleted in MLflow, as `mlflow_gc.py` finds it or deletes it for good."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from pilothouse.errors import PilothouseError

SHOWN_LINES = 20


@dataclass(frozen=True, kw_only=True)
class Garbage:
    """What was deleted in MLflow before, and still exists or is now gone for good.

    runs, models, experiments: their ids.
    objects, bytes: the number and the size of their artifacts.
    """

    runs: Sequence[str] = ()
    models: Sequence[str] = ()
    experiments: Sequence[str] = ()
    objects: int = 0
    bytes: int = 0

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self.runs or self.models or self.experiments)


def read_garbage(output: str) -> Garbage:
    """What the last line of JSON in the output of `mlflow_gc.py` says.

    Raises PilothouseError with the end of the output where it has none.
    """
    lines = output.splitlines()
    answers = [line for line in lines if line.startswith("{")]
    try:
        return Garbage(**json.loads(answers[-1]))
    except (IndexError, ValueError, TypeError) as error:
        tail = "\n".join(lines[-SHOWN_LINES:])
        raise PilothouseError(f"MLflow's garbage collection gave no answer:\n{tail}") from error


def arguments(action: str, older_than: float) -> list[str]:
    """The arguments of `mlflow_gc.py`: `list` or `delete`, and an age in seconds."""
    return [action, f"{older_than:.3f}s"]
