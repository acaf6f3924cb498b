"""How Airflow is brought to the objects of a file: what is called, and what is left alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from pilothouse.config.airflow_objects import AirflowObjects
from pilothouse.errors import InvalidInput, PilothouseError
from pilothouse.services.airflow import objects
from pilothouse.services.airflow.objects import NAMES, RECORD, Outcome, converge

PASSWORD = "hunter2"


class Airflow:
    """Keeps objects as Airflow's API does; the call number `breaks` and those after it fail."""

    def __init__(self) -> None:
        self.has: dict[str, dict[str, dict[str, Any]]] = {kind: {} for kind in NAMES}
        self.changes: list[str] = []
        self.breaks = 1000

    def __call__(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        found = re.fullmatch(r"/(\w+)(?:/([^?]+))?(?:\?limit=(\d+)&offset=(\d+))?", path)
        assert found
        kind, name, limit, offset = found.groups()
        if method == "GET":
            everything = list(self.has[kind].values())
            return {kind: everything[int(offset) : int(offset) + int(limit)]}
        if len(self.changes) >= self.breaks:
            raise PilothouseError("Airflow is gone")
        if method == "DELETE":
            del self.has[kind][name]
        else:
            self._write(method, kind, name, dict(body or {}))
        self.changes.append(f"{method} {path}")
        return None

    def _write(self, method: str, kind: str, name: str | None, body: dict[str, Any]) -> None:
        field = "pool" if (method, kind) == ("PATCH", "pools") else NAMES[kind]
        called = body.pop(field)
        assert (name in self.has[kind], called == name) == (
            (True, True) if method == "PATCH" else (False, False)
        )
        assert method == "PATCH" or called not in self.has[kind]
        if not body.get("password"):
            body.pop("password", None)  # as in Airflow: it stays as it was
        self.has[kind].setdefault(called, {NAMES[kind]: called}).update(body)


def wanted(**kinds: object) -> AirflowObjects:
    return AirflowObjects.model_validate(kinds)


FIRST = wanted(
    pools={"small": {"slots": 2}},
    variables={"limit": 7, "api_token": {"secret": "TOKEN"}},
    connections={
        "prices": {"conn_type": "http", "password": {"secret": "TOKEN"}, "extra": {"a": [1]}}
    },
)
SECRETS = {"TOKEN": PASSWORD}


def test_airflow_gets_what_the_file_has() -> None:
    airflow = Airflow()
    outcome = converge(airflow, FIRST, SECRETS)
    assert outcome == Outcome(written={"pools": 1, "variables": 2, "connections": 1}, removed={})
    assert airflow.has["pools"]["small"]["slots"] == 2
    assert airflow.has["variables"]["limit"]["value"] == "7"
    assert airflow.has["variables"]["api_token"]["value"] == PASSWORD
    assert airflow.has["connections"]["prices"]["password"] == PASSWORD
    assert airflow.has["connections"]["prices"]["extra"] == '{"a": [1]}'


def test_what_is_there_is_changed_and_what_the_file_lacks_is_removed() -> None:
    airflow = Airflow()
    converge(airflow, FIRST, SECRETS)
    outcome = converge(airflow, wanted(pools={"small": {"slots": 3}}), {})
    assert outcome == Outcome(written={"pools": 1}, removed={"variables": 2, "connections": 1})
    assert airflow.has["pools"]["small"]["slots"] == 3
    assert airflow.has["connections"] == {}
    assert airflow.has["variables"].keys() == {RECORD}


def test_a_password_goes_with_its_line() -> None:
    airflow = Airflow()
    converge(airflow, FIRST, SECRETS)
    converge(airflow, wanted(connections={"prices": {"conn_type": "http"}}), {})
    assert "password" not in airflow.has["connections"]["prices"]


def test_nothing_is_left_of_an_empty_file() -> None:
    airflow = Airflow()
    converge(airflow, FIRST, SECRETS)
    converge(airflow, wanted(), {})
    assert airflow.has == {kind: {} for kind in NAMES}
    airflow.changes.clear()
    converge(airflow, wanted(), {})
    assert airflow.changes == []


def test_what_people_made_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "PAGE", 2)
    airflow = Airflow()
    for number in range(5):
        airflow("POST", "/pools", {"name": f"byhand{number}", "slots": 1})
    converge(airflow, FIRST, SECRETS)
    airflow.changes.clear()
    with pytest.raises(InvalidInput, match="byhand4, which is in Airflow"):
        converge(airflow, wanted(pools={"byhand4": {"slots": 9}}), {})
    assert airflow.changes == []
    converge(airflow, wanted(), {})
    assert airflow.has["pools"].keys() == {f"byhand{number}" for number in range(5)}


def _converge_twice(airflow: Airflow) -> None:
    converge(airflow, FIRST, SECRETS)
    converge(airflow, wanted(pools={"other": {"slots": 1}}), {})


@pytest.mark.parametrize("calls", range(12))
def test_a_run_that_is_killed_loses_nothing_and_can_be_made_again(calls: int) -> None:
    airflow = Airflow()
    airflow.breaks = calls
    with pytest.raises(PilothouseError, match="gone"):
        _converge_twice(airflow)
    airflow.breaks = 1000
    converge(airflow, FIRST, SECRETS)
    converge(airflow, wanted(), {})
    assert airflow.has == {kind: {} for kind in NAMES}


def test_what_was_deleted_in_the_console_is_made_again() -> None:
    airflow = Airflow()
    converge(airflow, FIRST, SECRETS)
    airflow("DELETE", "/pools/small")
    converge(airflow, FIRST, SECRETS)
    assert "small" in airflow.has["pools"]


def test_the_record_has_no_name_that_airflow_would_mask() -> None:
    """Airflow puts stars in the place of each text that is some connection's password."""
    airflow = Airflow()
    converge(airflow, FIRST, {"TOKEN": "prices"})
    assert "prices" not in airflow.has["variables"][RECORD]["value"]


def test_its_paths_are_short_enough_for_every_way_to_airflow() -> None:
    from pilothouse.targets.aws.clients.mwaa_runs import LONGEST_PATH

    airflow = Airflow()
    name = "n" * 50
    long = wanted(
        pools={name: {"slots": 1}}, variables={name: 1}, connections={name: {"conn_type": "http"}}
    )
    converge(airflow, long, {})
    converge(airflow, long, {})
    assert len(airflow.changes) == 7
    assert max(len(each.partition(" ")[2]) for each in airflow.changes) <= LONGEST_PATH
