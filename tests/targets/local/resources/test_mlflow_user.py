"""MlflowUser against a server that answers as MLflow does, also where it refuses."""

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pilothouse.errors import PilothouseError
from pilothouse.targets.local.resources.mlflow_user import MlflowUserProvider
from tests.targets.local.crud import State, create, is_changed, update

PROVIDER = MlflowUserProvider()
USERS = "/api/2.0/mlflow/users"
GRANT = "/api/3.0/mlflow/users/permissions/grant"


class Users(BaseHTTPRequestHandler):
    """The users' part of MLflow's API, for one administrator."""

    passwords: dict[str, str]
    grants: dict[tuple[str, str, str], str]

    def do_POST(self) -> None:
        if self.path == GRANT:
            self._grant()
        else:
            self._answer(f"{USERS}/create", exists=False)

    def do_PATCH(self) -> None:
        self._answer(f"{USERS}/update-password", exists=True)

    def _answer(self, path: str, *, exists: bool) -> None:
        user = self._body()
        if self.path != path or not self._is_admin():
            self._reply(401)
        elif (user["username"] in self.passwords) is not exists:
            self._reply(400)
        else:
            self.passwords[user["username"]] = user["password"]
            self._reply(200)

    def _grant(self) -> None:
        grant = self._body()
        key = (grant["username"], grant["resource_type"], grant["resource_id"])
        if not self._is_admin():
            self._reply(401)
        elif grant["permission"] not in ("READ", "USE", "EDIT", "MANAGE"):
            self._reply(400, "INVALID_PARAMETER_VALUE")
        elif key in self.grants:
            self._reply(400, "RESOURCE_ALREADY_EXISTS")
        else:
            self.grants[key] = grant["permission"]
            self._reply(200)

    def _body(self) -> dict[str, str]:
        return dict(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _is_admin(self) -> bool:
        admin = base64.b64encode(b"admin:of the admin").decode()
        return self.headers["Authorization"] == f"Basic {admin}"

    def _reply(self, status: int, code: str = "") -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps({"error_code": code}).encode())

    def log_message(self, *words: object) -> None:
        """Say nothing."""


@pytest.fixture
def user() -> Iterator[State]:
    Users.passwords, Users.grants = {}, {}
    with ThreadingHTTPServer(("127.0.0.1", 0), Users) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield {
            "name": "workload",
            "username": "workload",
            "server": f"http://127.0.0.1:{server.server_address[1]}",
            "admin_password": "of the admin",
            "password": "first",
            "experiments": {"0": "EDIT"},
        }
        server.shutdown()
        thread.join()


def test_a_user_is_made(user: State) -> None:
    create(PROVIDER, user)
    assert Users.passwords == {"workload": "first"}


def test_a_user_that_is_there_gets_its_password(user: State) -> None:
    Users.passwords["workload"] = "of a killed run"
    create(PROVIDER, user)
    assert Users.passwords == {"workload": "first"}
    update(PROVIDER, user, {"password": "second"})
    assert Users.passwords == {"workload": "second"}


def test_a_refusal_is_an_error_without_the_passwords(user: State) -> None:
    with pytest.raises(PilothouseError) as caught:
        create(PROVIDER, {**user, "admin_password": "wrong"})
    assert str(caught.value) == "MLflow refused user workload: 401"


def test_a_user_may_edit_the_experiments_that_it_is_given(user: State) -> None:
    create(PROVIDER, user)
    assert Users.grants == {("workload", "experiment", "0"): "EDIT"}


def test_a_permission_that_an_administrator_has_changed_stays(user: State) -> None:
    Users.grants["workload", "experiment", "0"] = "MANAGE"
    create(PROVIDER, user)
    assert Users.grants == {("workload", "experiment", "0"): "MANAGE"}


def test_a_stack_of_before_gets_the_permission_by_an_update(user: State) -> None:
    assert is_changed(PROVIDER, {**user, "experiments": {}, "drift": ""}, user)


def test_a_permission_that_mlflow_refuses_is_an_error(user: State) -> None:
    with pytest.raises(PilothouseError, match="user workload permission PET on experiment 0: 400"):
        create(PROVIDER, {**user, "experiments": {"0": "PET"}})
