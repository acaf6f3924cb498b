"""Calls that fail once, and a log of those that were made.

Both are files in the folder that the environment variable CONTROL names, so that tests reach a
double that the engine started too. `faults.json` is a list of faults; `calls.jsonl` gets a line a
call, with neither its parameters nor its answer: these may hold secrets.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event
from typing import Any, Literal

from botocore.exceptions import ClientError, ReadTimeoutError

CONTROL = "PILOTHOUSE_DOUBLE_CONTROL"
Kind = Literal["throttle", "server", "denied", "timeout", "pause"]
_CODES: dict[str, tuple[str, int]] = {
    "throttle": ("ThrottlingException", 400),
    "server": ("InternalFailure", 500),
    "denied": ("AccessDeniedException", 403),
}


@dataclass(frozen=True)
class Point:
    """A call, wherever it happens: what the engine asked for, of which resource, which request.

    `count` is the how-manieth of its like. An empty text stands for any.
    """

    phase: str = ""
    resource: str = ""
    service: str = ""
    operation: str = ""
    count: int = 1

    def matches(self, other: Point) -> bool:
        """Whether it stands for a call, apart from the count."""
        names = ("phase", "resource", "service", "operation")
        return all(getattr(self, n) in {"", getattr(other, n)} for n in names)


@dataclass(frozen=True)
class Fault:
    """A call that fails once: before it has an effect, or `timeout`, after that.

    `pause` makes the call and then waits until it is released, so that the engine can be killed.
    """

    kind: Kind
    at: Point


class Control:
    """The folder with the faults and the log; without one, nothing fails and nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self.folder, self.released = folder, Event()

    @classmethod
    def of_environment(cls) -> Control:
        """The folder that the environment names."""
        named = os.environ.get(CONTROL)
        return cls(Path(named) if named else None)

    def plant(self, *faults: Fault) -> None:
        """Let these calls fail from now on, and forget what failed and what was called."""
        folder = self._needed()
        for old in (*folder.glob("fired-*"), *folder.glob("passed-*"), *folder.glob("paused")):
            old.unlink()
        (folder / "calls.jsonl").unlink(missing_ok=True)
        planted = json.dumps([{"kind": f.kind, "at": asdict(f.at)} for f in faults])
        scratch = folder / "faults.new"
        scratch.write_text(planted, encoding="utf-8")
        scratch.replace(folder / "faults.json")

    def calls(self) -> list[Point]:
        """Every call since faults were planted, each with its count."""
        path, seen = self._needed() / "calls.jsonl", dict[Point, int]()
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        found = []
        for line in lines:
            point = Point(**json.loads(line))
            seen[point] = seen.get(point, 0) + 1
            found.append(Point(point.phase, point.resource, point.service, point.operation,
                               seen[point]))  # fmt: skip
        return found

    def fired(self) -> int:
        """How many faults happened."""
        return len(self.happened())

    def happened(self) -> set[int]:
        """Which faults happened, by their place among those that were planted."""
        return {int(path.name.split("-")[1]) for path in self._needed().glob("fired-*")}

    @contextlib.contextmanager
    def around(self, call: Point) -> Iterator[None]:
        """A call; if it is one that fails, this raises what boto3 would."""
        fault = self._fault(call) if self.folder else None
        if fault in _CODES:
            raise refusal(str(fault), call.operation)
        yield
        if fault == "timeout":
            raise ReadTimeoutError(endpoint_url=f"{call.service}: the answer was lost")
        if fault == "pause":
            (self._needed() / "paused").touch()
            self.released.wait()

    def _fault(self, call: Point) -> str | None:
        folder = self._needed()
        with (folder / "calls.jsonl").open("a", encoding="utf-8") as log:
            line = {name: value for name, value in asdict(call).items() if name != "count"}
            log.write(json.dumps(line) + "\n")
        planted: list[dict[str, Any]] = []
        with contextlib.suppress(FileNotFoundError):
            planted = json.loads((folder / "faults.json").read_text(encoding="utf-8"))
        for number, fault in enumerate(planted):
            at = Point(**fault["at"])
            if at.matches(call) and self._is_turn(number, at.count):
                return str(fault["kind"])
        return None

    def _is_turn(self, number: int, count: int) -> bool:
        """Whether this call is the one of its like that fails; each like is counted by files."""
        for turn in range(1, count + 1):
            name = "fired" if turn == count else "passed"
            with contextlib.suppress(FileExistsError):
                (self._needed() / f"{name}-{number}-{turn}").touch(exist_ok=False)
                return turn == count
        return False

    def _needed(self) -> Path:
        assert self.folder, f"{CONTROL} names no folder"
        return self.folder


def refusal(kind: str, operation: str) -> ClientError:
    """What boto3 raises for an answer of that kind."""
    code, status = _CODES[kind]
    answer: Any = {
        "Error": {"Code": code, "Message": "planted by the test"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(answer, operation)
