"""The accounts of people in both consoles: what each role may do, new passwords, and the end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
from testkit.support.people import CREATED, OK, Login, logins, set_people
from testkit.support.stacks import Stack
from testkit.support.waiting import eventually

pytestmark = [pytest.mark.live, pytest.mark.timeout(900)]

PEOPLE = {
    "vera@example.org": "viewer",
    "ugo@example.org": "user",
    "ada@example.org": "admin",
    "rolf@example.org": "viewer",
}
HAND_MADE = {"username": "hand@example.org", "password": "made by hand 1"}
REFUSED = HTTPStatus.FORBIDDEN
DAG = "/api/v2/dags/pilothouse_workload"


@pytest.fixture(scope="module")
def peopled(stack: Stack) -> Iterator[Stack]:
    """The stack with people, and without them at the end."""
    file = stack.project / "platform.yaml"
    before = file.read_text()
    set_people(stack, PEOPLE)
    stack.run("up")
    yield stack
    file.write_text(before)
    stack.run("up")


@pytest.fixture
def people(peopled: Stack, contract: Any) -> dict[str, Login]:
    """The people by their first names, with the passwords that they have now."""
    return logins(peopled, **addresses(contract))


def addresses(contract: Any) -> dict[str, str]:
    return {name: contract[name]["uri"] for name in ("tracking", "orchestration")}


@pytest.fixture(scope="module")
def admin(contract: Any) -> Login:
    """The stack's own administrator."""
    return Login(**addresses(contract), **contract["tracking"]["login"])


@pytest.fixture
def airflow_admin(contract: Any) -> Login:
    return Login(**addresses(contract), **contract["orchestration"]["login"])


@pytest.fixture(scope="module")
def experiment(admin: Login) -> Iterator[str]:
    """An experiment that the administrator made."""
    made = admin.makes_experiment("of the administrator")
    yield made
    admin.deletes_experiment(made)


def test_a_viewer_sees_everything_and_changes_nothing_of_others(
    people: dict[str, Login], experiment: str
) -> None:
    viewer = people["vera"]
    assert {"Default", "of the administrator"} <= viewer.experiments()
    assert [viewer.starts_run(each) for each in ("0", experiment)] == [REFUSED, REFUSED]
    assert viewer.deletes_experiment(experiment) == REFUSED
    assert viewer.makes_user() == REFUSED
    assert viewer.airflow("GET", DAG) == OK
    assert viewer.airflow("PATCH", DAG, {"is_paused": True}) == REFUSED
    assert viewer.airflow("POST", "/api/v2/pools", {"name": "v", "slots": 1}) == REFUSED
    assert viewer.airflow("GET", "/auth/fab/v1/users") == REFUSED


def test_a_user_works_with_everything_and_deletes_only_what_is_the_users(
    people: dict[str, Login], experiment: str
) -> None:
    user = people["ugo"]
    assert {"Default", "of the administrator"} <= user.experiments()
    assert [user.starts_run(each) for each in ("0", experiment)] == [OK, OK]
    assert user.deletes_experiment(experiment) == REFUSED
    assert user.deletes_experiment(user.makes_experiment("of a user for a while")) == OK
    assert user.makes_user() == REFUSED
    assert user.airflow("PATCH", DAG, {"is_paused": False}) == OK
    assert user.airflow("POST", "/api/v2/pools", {"name": "u", "slots": 1}) == CREATED
    assert user.airflow("DELETE", "/api/v2/pools/u") == HTTPStatus.NO_CONTENT
    assert user.airflow("GET", "/auth/fab/v1/users") == REFUSED


def test_an_admin_manages_users_and_what_others_made(
    people: dict[str, Login], admin: Login
) -> None:
    person = people["ada"]
    assert person.makes_user() == OK
    assert person.mlflow("DELETE", "2.0/mlflow/users/delete", json={"username": "made"}).is_success
    assert person.deletes_experiment(admin.makes_experiment("of another for a while")) == OK
    assert person.airflow("GET", "/auth/fab/v1/users") == OK


def test_passwords_are_shown_on_request_alone(stack: Stack, people: dict[str, Login]) -> None:
    passwords = [login.password for login in people.values()]
    said = [stack.run("people"), stack.run("status", "--show-secrets"), stack.run("env")]
    logs = [path.read_text(errors="replace") for path in stack.project.rglob("*.log")]
    state = stack.pulumi("stack", "export")
    assert logs
    for text in (*said, *logs, state, json.dumps(stack.json("status", "--show-secrets"))):
        assert not [password for password in passwords if password in text]
    assert "vera@example.org  viewer" in said[0]


def test_a_rotated_password_ends_the_old_one_at_once_and_lasts(
    stack: Stack, contract: Any, people: dict[str, Login]
) -> None:
    old, other = people["rolf"], people["vera"]
    assert old.is_known() == (True, True)
    assert old.password not in stack.run("people", "--rotate", old.username)
    assert old.is_known() == (False, False)
    new = logins(stack, **addresses(contract))["rolf"]
    assert new.is_known() == (True, True)
    assert other.is_known() == (True, True)
    stack.run("preview", "--expect-no-changes")
    stack.run("up")
    assert logins(stack, **addresses(contract))["rolf"] == new
    assert new.is_known() == (True, True)


def test_somebody_without_an_account_gets_no_new_password(
    stack: Stack, people: dict[str, Login]
) -> None:
    said = stack.run("people", "--rotate", "vero@example.org", expect=2)
    assert "has no account 'vero@example.org'; did you mean vera@example.org?" in said


def test_a_role_changes_with_the_line_and_an_account_goes_with_it(
    stack: Stack, contract: Any, people: dict[str, Login], admin: Login, airflow_admin: Login
) -> None:
    leaving, staying, changing = people["ugo"], people["ada"], people["vera"]
    leaving.makes_experiment("of who left")
    open_page = leaving.airflow_page()
    make_by_hand(admin, airflow_admin)
    hand = Login(**addresses(contract), **HAND_MADE)
    try:
        set_people(stack, {"vera@example.org": "user", "ada@example.org": "viewer"})
        stack.run("up")
        assert leaving.is_known() == (False, False)
        eventually(lambda: not open_page.get("/api/v2/dags").is_success, seconds=60)
        assert "of who left" in admin.experiments()
        assert changing.starts_run("0") == OK
        assert changing.airflow("PATCH", DAG, {"is_paused": False}) == OK
        assert staying.starts_run("0") == REFUSED
        assert staying.makes_user() == REFUSED
        assert staying.airflow("GET", "/auth/fab/v1/users") == REFUSED
        assert hand.is_known() == (True, True)
        set_people(stack, {HAND_MADE["username"]: "viewer"})
        said = stack.run("up", expect=1)
        assert "has an account hand@example.org that pilothouse did not make: delete it" in said
        assert hand.is_known() == (True, True)
        set_people(stack, {})
        stack.run("up")
        assert changing.is_known() == (False, False)
        assert hand.is_known() == (True, True)
    finally:
        open_page.close()
        admin.mlflow("DELETE", "2.0/mlflow/users/delete", json={"username": HAND_MADE["username"]})
        airflow_admin.airflow("DELETE", f"/auth/fab/v1/users/{HAND_MADE['username']}")
        set_people(stack, PEOPLE)
        stack.run("up")


def make_by_hand(admin: Login, airflow_admin: Login) -> None:
    """An account of an administrator's own making in both services."""
    made = admin.mlflow("POST", "2.0/mlflow/users/create", json=HAND_MADE)
    assert made.status_code == OK, made.text
    names = {"first_name": "Hand", "last_name": "Made", "email": "hand@example.org"}
    body = {**HAND_MADE, **names, "roles": [{"name": "Viewer"}]}
    assert airflow_admin.airflow("POST", "/auth/fab/v1/users", body) in (OK, CREATED)
