"""Airflow's pools, variables and connections as a file has them, by Airflow's REST API.

A variable of Airflow's own records which of them were made for the file, so that what people made
in the console is neither changed nor deleted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pilothouse.config.airflow_objects import OWN_PREFIX
from pilothouse.config.secret_references import filled
from pilothouse.errors import InvalidInput

if TYPE_CHECKING:
    from pilothouse.config.airflow_objects import AirflowObjects
    from pilothouse.services.airflow.api import Call

RECORD = f"{OWN_PREFIX}_objects"
NAMES: Mapping[str, str] = {"pools": "name", "variables": "key", "connections": "connection_id"}
"""The kinds of objects, each with the field of its name."""
PAGE = 100

Named = Mapping[str, Collection[str]]
"""Names of objects by their kind."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How many objects of each kind were written, and how many were removed."""

    written: Mapping[str, int]
    removed: Mapping[str, int]


def converge(call: Call, objects: AirflowObjects, secrets: Mapping[str, str]) -> Outcome:
    """Make Airflow have these objects, and no other ones that were made for the file.

    Raises InvalidInput, with nothing changed, where one of them is there and was not made for it.
    """
    wanted = _bodies(objects, secrets)
    there = {kind: _list(call, kind) for kind in NAMES}
    recorded = there["variables"].get(RECORD)
    marks = frozenset(json.loads(recorded["value"]) if recorded else ())
    ours = {kind: [name for name in there[kind] if _mark(kind, name) in marks] for kind in NAMES}
    _check_others(objects, wanted, there, ours)
    # What is about to be made is recorded before it is there: a run that is killed loses none.
    marks = _record(call, marks, _marks(wanted) | _marks(ours))
    for kind, bodies in wanted.items():
        for name, body in bodies.items():
            _put(call, kind, name, body, there[kind].get(name))
    gone = {kind: [name for name in ours[kind] if name not in wanted[kind]] for kind in NAMES}
    for kind, names in gone.items():
        for name in names:
            call("DELETE", f"/{kind}/{name}")
    _record(call, marks, _marks(wanted))
    return Outcome(written=_counts(wanted), removed=_counts(gone))


def _bodies(
    objects: AirflowObjects, secrets: Mapping[str, str]
) -> Mapping[str, Mapping[str, dict[str, Any]]]:
    """What Airflow is told of each object, by its kind and its name."""
    data = filled(objects.model_dump(by_alias=True), secrets)
    for connection in data["connections"].values():
        connection["extra"] = json.dumps(connection["extra"]) if connection["extra"] else None
    variables = {name: {"value": _text(value)} for name, value in data["variables"].items()}
    return {"pools": data["pools"], "variables": variables, "connections": data["connections"]}


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _list(call: Call, kind: str) -> dict[str, Mapping[str, Any]]:
    """All objects of a kind that Airflow has, by their names."""
    found: dict[str, Mapping[str, Any]] = {}
    while True:
        page = call("GET", f"/{kind}?limit={PAGE}&offset={len(found)}")[kind]
        found |= {each[NAMES[kind]]: each for each in page}
        if len(page) < PAGE:
            return found


def _check_others(objects: AirflowObjects, wanted: Named, there: Named, ours: Named) -> None:
    problems = [
        objects.problem(
            (kind, name),
            found=f"{name}, which is in Airflow and was not made for this file",
            remedy="delete it in Airflow's console, or give this one another name",
        )
        for kind in NAMES
        for name in wanted[kind]
        if name in there[kind] and name not in ours[kind]
    ]
    if problems:
        raise InvalidInput(problems)


def _put(
    call: Call, kind: str, name: str, body: Mapping[str, Any], before: Mapping[str, Any] | None
) -> None:
    """Make the object, or change what was there; one by one, as Airflow's log of actions masks it.

    A change calls a pool's name `pool`, and cannot take away a password.
    """
    if before and before.get("password") and not body.get("password"):
        call("DELETE", f"/{kind}/{name}")
        before = None
    if before:
        field = "pool" if kind == "pools" else NAMES[kind]
        call("PATCH", f"/{kind}/{name}", {field: name, **body})
    else:
        call("POST", f"/{kind}", {NAMES[kind]: name, **body})


def _record(call: Call, before: frozenset[str], now: frozenset[str]) -> frozenset[str]:
    """Record `now`, which is none where nothing is left of the file."""
    if now and now != before:
        body = {"value": json.dumps(sorted(now)), "description": "what pilothouse has made"}
        _put(call, "variables", RECORD, body, {"key": RECORD} if before else None)
    elif before and not now:
        call("DELETE", f"/variables/{RECORD}")
    return now


def _marks(named: Named) -> frozenset[str]:
    return frozenset(_mark(kind, name) for kind, names in named.items() for name in names)


def _mark(kind: str, name: str) -> str:
    """What the record has of an object: Airflow may mask a name that is some password too."""
    return hashlib.sha256(f"{kind}/{name}".encode()).hexdigest()[:16]


def _counts(named: Named) -> Mapping[str, int]:
    return {kind: len(names) for kind, names in named.items() if names}
