"""The lock that allows one set-up at a time in a checkout."""

import collections.abc
import contextlib
import fcntl
import os
import pathlib

from steps.running import say


@contextlib.contextmanager
def hold(lock: pathlib.Path) -> collections.abc.Iterator[None]:
    """Hold a lock file; wait while another set-up holds it. A killed set-up releases it."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _acquire(descriptor, lock)
        os.set_inheritable(descriptor, True)
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, lock: pathlib.Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say(f"another set-up holds {lock}; waiting until it ends")
        fcntl.flock(descriptor, fcntl.LOCK_EX)
