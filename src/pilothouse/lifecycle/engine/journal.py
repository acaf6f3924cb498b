"""Which creates of a stack began and were not seen to succeed.

The engine's state has what was made once the provider's reply came. A reply that never comes, or
comes as an error after the effect took place, leaves something that no state knows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pilothouse.files import write_atomically
from pilothouse.targets.interface import PendingCreate

if TYPE_CHECKING:
    from pulumi.automation.events import EngineEvent

    from pilothouse.lifecycle.engine.project import Project

FOLDER = "journal"
CREATES = frozenset({"create", "create-replacement"})


@dataclass(frozen=True)
class Journal:
    """One stack's, in a file that exists only while a create is unfinished or a run under way."""

    path: Path

    @classmethod
    def of(cls, project: Project, stack: str) -> Journal:
        """The journal of a stack of this clone."""
        return cls(project.folder / FOLDER / f"{stack}.json")

    def unfinished(self) -> tuple[PendingCreate, ...] | None:
        """The creates that were not seen to succeed.

        None where that is unknown: the run that wrote the journal was killed, or the file was cut.
        """
        try:
            document = json.loads(self.path.read_text())
            creates = tuple(PendingCreate(**entry) for entry in document["began"])
            return creates if document["ended"] else None
        except FileNotFoundError:
            return ()
        except (ValueError, KeyError, TypeError):
            return None

    def clear(self) -> None:
        """Delete it: what it lists has been dealt with."""
        self.path.unlink(missing_ok=True)

    @contextmanager
    def recording(
        self, on_event: Callable[[EngineEvent], None]
    ) -> Iterator[Callable[[EngineEvent], None]]:
        """A listener that keeps the journal and passes each event on.

        The journal says from the start that a run is under way, and goes on saying so if the run
        is killed or the engine's last event is not seen.
        """
        run = _Run(self)
        run.write()

        def listen(event: EngineEvent) -> None:
            run.note(event)
            on_event(event)

        try:
            yield listen
        finally:
            run.end()

    def write(self, creates: dict[str, str], *, ended: bool) -> None:
        """Replace the file as a whole."""
        entries = [{"urn": urn, "type": kind} for urn, kind in creates.items()]
        write_atomically(self.path, json.dumps({"ended": ended, "began": entries}, indent=2))


class _Run:
    """The creates of one run of the engine that are open."""

    def __init__(self, journal: Journal) -> None:
        self._journal, self._creates = journal, dict[str, str]()
        self._ended = False

    def note(self, event: EngineEvent) -> None:
        if event.resource_pre_event:
            step = event.resource_pre_event.metadata
            if step.op.value in CREATES:
                self._creates[step.urn] = step.type
                self.write()
        elif event.res_outputs_event:
            if self._creates.pop(event.res_outputs_event.metadata.urn, None):
                self.write()
        elif event.cancel_event:
            self._ended = True  # the engine's last word

    def end(self) -> None:
        if self._ended and not self._creates:
            self._journal.clear()
        else:
            self.write()

    def write(self) -> None:
        self._journal.write(self._creates, ended=self._ended)
