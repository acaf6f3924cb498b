"""MlflowPeople against a server that answers as MLflow does; the live tests ask MLflow itself."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from pilothouse.config.platform_spec import Role
from pilothouse.errors import PilothouseError
from pilothouse.services.mlflow import settings
from pilothouse.targets.local.resources.mlflow_people import MlflowPeopleProvider
from tests.targets.local.crud import State, create, update

PROVIDER = MlflowPeopleProvider()
ANN, BEN, EVE = "ann@example.org", "ben@example.org", "eve@example.org"
MARK, VIEWER, USER = settings.PEOPLE_MARK, "pilothouse-viewer", "pilothouse-user"
LOGINS = "pilothouse-oidc"
READ = dict.fromkeys(settings.RESOURCE_TYPES, "READ")


class Server(BaseHTTPRequestHandler):
    """The users and roles of MLflow's API: a user is a password, roles, and admin or not."""

    users: dict[str, tuple[str, set[str], bool]]
    roles: list[tuple[str, dict[str, str]]]
    asked: list[str]

    def do_GET(self) -> None:
        self._reply()

    def do_POST(self) -> None:
        self._reply()

    def do_PATCH(self) -> None:
        self._reply()

    def do_DELETE(self) -> None:
        self._reply()

    def _reply(self) -> None:
        path = self.path.rstrip("?").partition("/mlflow/")[2]
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"] or 0)) or "{}")
        name, _, password = (
            base64.b64decode(self.headers["Authorization"][6:]).decode().partition(":")
        )
        known, _, admin = self.users.get(name, ("", set(), False))
        status = 200 if known == password and (admin or path == "users/current") else 401
        answer: Any = {}
        if status == 200:
            self.asked.append(path)
            answer = getattr(self, path.replace("/", "_").replace("-", "_"))(body) or {}
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def users_current(self, _body: Any) -> None:
        """Whoever logs in may ask who that is."""

    def users_list(self, _body: Any) -> Any:
        return {
            "users": [
                {"username": name, "is_admin": admin, "roles": [{"name": role} for role in roles]}
                for name, (_, roles, admin) in self.users.items()
            ]
        }

    def roles_list(self, _body: Any) -> Any:
        return {"roles": [self._role(index) for index in range(len(self.roles))]}

    def _role(self, index: int) -> Any:
        name, permissions = self.roles[index]
        held = [
            {
                "id": f"{index} {kind}",
                "resource_type": kind,
                "resource_pattern": "*",
                "permission": p,
            }
            for kind, p in permissions.items()
        ]
        return {"id": index, "name": name, "permissions": held}

    def roles_create(self, body: Any) -> Any:
        self.roles.append((body["name"], {}))
        return {"role": self._role(len(self.roles) - 1)}

    def roles_permissions_add(self, body: Any) -> None:
        permissions = self.roles[body["role_id"]][1]
        assert body["resource_type"] not in permissions
        permissions[body["resource_type"]] = body["permission"]

    def roles_permissions_update(self, body: Any) -> None:
        index, kind = body["role_permission_id"].split()
        self.roles[int(index)][1][kind] = body["permission"]

    def roles_assign(self, body: Any) -> None:
        self.users[body["username"]][1].add(self.roles[body["role_id"]][0])

    def roles_unassign(self, body: Any) -> None:
        self.users[body["username"]][1].remove(self.roles[body["role_id"]][0])

    def users_create(self, body: Any) -> None:
        assert body["username"] not in self.users
        self.users[body["username"]] = (body["password"], set(), False)

    def users_delete(self, body: Any) -> None:
        del self.users[body["username"]]

    def users_update_password(self, body: Any) -> None:
        _, roles, admin = self.users[body["username"]]
        self.users[body["username"]] = (body["password"], roles, admin)

    def users_update_admin(self, body: Any) -> None:
        password, roles, _ = self.users[body["username"]]
        self.users[body["username"]] = (password, roles, body["is_admin"])

    def log_message(self, *words: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    Server.users = {"admin": ("of the admin", set(), True), EVE: ("of Eve", set(), False)}
    Server.roles, Server.asked = [], []
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()
        thread.join()


def inputs(
    server: str, roles: Mapping[str, Role], word: str = "old", *, oidc: bool = False
) -> State:
    people = settings.people(roles, {name: f"{word} of {name}" for name in roles}, oidc=oidc)
    return {
        "name": "people",
        "server": server,
        "admin_password": "of the admin",
        "people": people,
    }


def made() -> dict[str, tuple[str, set[str], bool]]:
    """The users that were not there before."""
    return {name: user for name, user in Server.users.items() if name not in ("admin", EVE)}


def test_people_are_made_changed_and_deleted_and_others_left_alone(server: str) -> None:
    olds = create(PROVIDER, inputs(server, {ANN: "viewer", BEN: "admin"}))
    assert made() == {
        ANN: (f"old of {ANN}", {MARK, VIEWER}, False),
        BEN: (f"old of {BEN}", {MARK}, True),
    }
    assert dict(Server.roles)[VIEWER] == READ
    olds = update(PROVIDER, olds, inputs(server, {BEN: "user"}, "new"))
    assert made() == {BEN: (f"new of {BEN}", {MARK, USER}, False)}
    update(PROVIDER, olds, inputs(server, {}))
    assert made() == {}
    assert Server.users[EVE] == ("of Eve", set(), False)


def test_permissions_that_were_changed_by_hand_are_set_again(server: str) -> None:
    create(PROVIDER, inputs(server, {ANN: "viewer"}))
    dict(Server.roles)[VIEWER]["experiment"] = "MANAGE"
    del dict(Server.roles)[VIEWER]["prompt"]
    create(PROVIDER, inputs(server, {ANN: "viewer"}))
    assert dict(Server.roles)[VIEWER] == READ


def test_without_people_nothing_is_made(server: str) -> None:
    create(PROVIDER, inputs(server, {}))
    assert Server.asked == ["users/list"]


def test_with_a_provider_its_roles_are_there_and_accounts_of_its_logins_stay(server: str) -> None:
    olds = create(PROVIDER, inputs(server, {ANN: "viewer"}))
    login = ("of a login", {LOGINS, VIEWER}, False)
    Server.users[BEN] = login
    olds = update(PROVIDER, olds, inputs(server, {}, oidc=True))
    assert made() == {BEN: login}
    assert dict(Server.roles).keys() >= {LOGINS, VIEWER, USER}
    update(PROVIDER, olds, inputs(server, {}))
    assert made() == {}


def test_somebody_of_a_login_becomes_one_of_people(server: str) -> None:
    create(PROVIDER, inputs(server, {}, oidc=True))
    Server.users[ANN] = ("of a login", {LOGINS, USER}, True)
    create(PROVIDER, inputs(server, {ANN: "viewer"}))
    assert made() == {ANN: (f"old of {ANN}", {MARK, VIEWER}, False)}


def test_an_account_of_somebody_else_is_refused_before_anything_is_changed(server: str) -> None:
    with pytest.raises(PilothouseError, match=f"an account {EVE} that pilothouse did not make"):
        create(PROVIDER, inputs(server, {ANN: "viewer", EVE: "viewer"}))
    assert made() == {}
    assert Server.asked == ["users/list"]


def test_an_account_that_a_killed_run_could_not_mark_is_taken_over(server: str) -> None:
    Server.users[ANN] = (f"old of {ANN}", set(), False)
    create(PROVIDER, inputs(server, {ANN: "viewer"}))
    assert made() == {ANN: (f"old of {ANN}", {MARK, VIEWER}, False)}


def test_a_refusal_is_an_error_without_the_passwords(server: str) -> None:
    with pytest.raises(PilothouseError) as caught:
        create(PROVIDER, {**inputs(server, {ANN: "viewer"}), "admin_password": "wrong"})
    assert str(caught.value) == "MLflow answers 401 to users/list"
