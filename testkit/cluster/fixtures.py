"""The fixture `cluster`: a real Kubernetes for a test session, empty at first and gone afterwards.

A conftest imports it: `from testkit.cluster.fixtures import cluster`.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from testkit.cluster import machine
from testkit.cluster.cluster import Cluster, down, up
from testkit.cluster.requirements import missing
from testkit.cluster.settings import ClusterError, Places, places

GIVEN_VARIABLE = "PILOTHOUSE_TEST_KUBECONFIG"

_shared: list[Cluster] = []


class Lacking(ClusterError):
    """This machine lacks what a cluster of our own needs; the message lists it."""


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The session's cluster, the same one for every conftest that imports this."""
    if _shared:
        yield _shared[0]
        return
    with ExitStack() as stack:
        made = entered(stack)
        _shared.append(made)
        yield made
        _shared.clear()


def entered(stack: ExitStack) -> Cluster:
    """Any cluster, until `stack` is left; a skip where the machine lacks something, in CI none."""
    try:
        return stack.enter_context(any_cluster())
    except Lacking as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))
    except ClusterError as error:
        pytest.fail(str(error))


@contextmanager
def any_cluster() -> Iterator[Cluster]:
    """The cluster that the environment names, else one of our own; ClusterError without either."""
    given = os.environ.get(GIVEN_VARIABLE)
    if not given:
        with own_cluster(places()) as made:
            yield made
    elif Path(given).is_file():
        yield Cluster(Path(given))
    else:
        raise ClusterError(f"{GIVEN_VARIABLE} names {given}, which is no file")


@contextmanager
def own_cluster(where: Places) -> Iterator[Cluster]:
    """A cluster that starts empty and is taken down whatever happens.

    Should this process be killed, the cluster ends by itself; the next one clears up.
    """
    require(where)
    with machine.alone(), _terminable():
        refuse_one_by_hand()
        down(where, reset=True)
        line = None
        try:
            made, line = up(where, session=True)
            yield made
        finally:
            try:
                down(where, reset=True)
            finally:
                if line:
                    line.close()


def require(where: Places) -> None:
    """Raise Lacking with everything that the machine lacks."""
    if lacking := missing(where):
        reason = "; ".join(str(one) for one in lacking)
        raise Lacking(f"the test cluster can't run here: {reason}")


def refuse_one_by_hand() -> None:
    """Never end what somebody has brought up to look at."""
    running = machine.running()
    if running and running.process() and not running.session:
        raise ClusterError(
            f"a test cluster is up: name it in {GIVEN_VARIABLE} to use it, "
            "or end it with `python -m testkit.cluster down`"
        )


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM end the session as Ctrl-C does, so that what was made is taken away."""

    def end(*_: object) -> None:
        pytest.exit("SIGTERM", returncode=128 + signal.SIGTERM)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
