"""Ends a provider's process as soon as the Pulumi engine that started it ends.

An engine that exits ends its plugins. A killed engine leaves them running, and a provider that went
on creating resources would race with the next run, which repairs them.
"""

import os
import select
import sys
import threading
from functools import cache

import psutil


@cache
def end_with_engine() -> None:
    """Watch the engine from a thread; does nothing without an engine as ancestor, or off Linux."""
    engine = next((p for p in psutil.Process().parents() if p.name() == "pulumi"), None)
    if engine is None or sys.platform != "linux":
        return
    pidfd = os.pidfd_open(engine.pid)
    threading.Thread(target=_exit_after, args=(pidfd,), daemon=True).start()


def _exit_after(pidfd: int) -> None:
    select.select([pidfd], [], [])
    os._exit(1)
