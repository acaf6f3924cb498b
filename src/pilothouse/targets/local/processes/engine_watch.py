"""Ends a provider's process as soon as the Pulumi engine that started it is gone.

The engine ends its plugins when it stops by itself, but a killed engine leaves them behind, and
one that goes on making things would race with the run that comes to repair them.
"""

import os
import select
import sys
import threading
from functools import cache

import psutil


@cache
def end_with_engine() -> None:
    """Watch the engine from a thread; nothing to do where it is not an ancestor or not on Linux."""
    engine = next((p for p in psutil.Process().parents() if p.name() == "pulumi"), None)
    if engine is None or sys.platform != "linux":
        return
    watched = os.pidfd_open(engine.pid)
    threading.Thread(target=_exit_after, args=(watched,), daemon=True).start()


def _exit_after(pidfd: int) -> None:
    select.select([pidfd], [], [])
    os._exit(1)
