"""One set-up at a time in a checkout."""

import collections.abc
import contextlib
import fcntl
import os
import pathlib

from steps.running import say


@contextlib.contextmanager
def alone(lock: pathlib.Path) -> collections.abc.Iterator[None]:
    """Hold a lock file; wait for another set-up that holds it. A killed one holds nothing."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _take(descriptor, lock)
        os.set_inheritable(descriptor, True)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, lock: pathlib.Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say(f"another set-up holds {lock}; waiting for its end")
        fcntl.flock(descriptor, fcntl.LOCK_EX)
