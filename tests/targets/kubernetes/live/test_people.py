"""The accounts of `access.people` on a cluster, through the ports that `open` forwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

import pytest
from testkit.support.clusters import ClusterStack
from testkit.support.people import OK, Login, logins, set_people

from tests.targets.kubernetes.live.platform import opened

# `local` shows the same in each run of CI.
pytestmark = [pytest.mark.live, pytest.mark.long, pytest.mark.timeout(1500)]

VERA, UGO = "vera@example.org", "ugo@example.org"
DAG = "/api/v2/dags/pilothouse_workload"


@contextmanager
def people(platform: ClusterStack) -> Iterator[dict[str, Login]]:
    """The people by their first names, as their passwords are now."""
    with opened(platform) as contract:
        tracking, orchestration = contract["tracking"], contract["orchestration"]
        yield logins(platform.stack, tracking.console, orchestration.console)


def test_accounts_come_with_the_line_change_and_go_with_it(platform: ClusterStack) -> None:
    file = platform.stack.project / "platform.yaml"
    before = file.read_text()
    try:
        set_people(platform.stack, {VERA: "viewer", UGO: "user"})
        platform.stack.run("up")
        with people(platform) as now:
            vera, ugo = now["vera"], now["ugo"]
            assert vera.is_known() == ugo.is_known() == (True, True)
            assert vera.starts_run("0") == HTTPStatus.FORBIDDEN
            assert vera.airflow("PATCH", DAG, {"is_paused": False}) == HTTPStatus.FORBIDDEN
            assert ugo.starts_run("0") == OK
            assert ugo.airflow("PATCH", DAG, {"is_paused": False}) == OK
        set_people(platform.stack, {VERA: "viewer"})
        platform.stack.run("people", "--rotate", VERA)
        with people(platform) as now:
            old = {"username": VERA, "password": vera.password}
            where = {name: getattr(now["vera"], name) for name in ("tracking", "orchestration")}
            gone = {"username": UGO, "password": ugo.password}
            assert now["vera"].is_known() == (True, True)
            assert Login(**where, **old).is_known() == (False, False)
            assert Login(**where, **gone).is_known() == (False, False)
    finally:
        file.write_text(before)
        platform.stack.run("up")
