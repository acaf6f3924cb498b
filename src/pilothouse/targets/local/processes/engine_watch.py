"""Ends a provider's process as soon as the Pulumi engine that started it ends.

An engine that exits ends its plugins. A killed engine leaves them running, and a provider that went
on creating resources would race with the next run, which repairs them.
"""

import os
import threading
from functools import cache

import psutil

from pilothouse.targets.local.processes import operating_system


@cache
def end_with_engine() -> None:
    """Watch the engine from a thread; does nothing without an engine as ancestor."""
    engine = next((p for p in psutil.Process().parents() if p.name() == "pulumi"), None)
    if engine:
        threading.Thread(target=_exit_after, args=(engine.pid,), daemon=True).start()


def _exit_after(pid: int) -> None:
    operating_system.wait_for_end(pid)
    os._exit(1)
