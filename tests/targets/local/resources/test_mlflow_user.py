"""MlflowUser against a server that answers as MLflow does, also where it refuses."""

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pilothouse.errors import PilothouseError
from pilothouse.targets.local.resources.mlflow_user import MlflowUserProvider
from tests.targets.local.crud import State, create, update

PROVIDER = MlflowUserProvider()
USERS = "/api/2.0/mlflow/users"


class Users(BaseHTTPRequestHandler):
    """The users' part of MLflow's API, for one administrator."""

    passwords: dict[str, str]

    def do_POST(self) -> None:
        self._answer(f"{USERS}/create", exists=False)

    def do_PATCH(self) -> None:
        self._answer(f"{USERS}/update-password", exists=True)

    def _answer(self, path: str, *, exists: bool) -> None:
        user = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        admin = base64.b64encode(b"admin:of the admin").decode()
        if self.path != path or self.headers["Authorization"] != f"Basic {admin}":
            self.send_response(401)
        elif (user["username"] in self.passwords) is not exists:
            self.send_response(400)
        else:
            self.passwords[user["username"]] = user["password"]
            self.send_response(200)
        self.end_headers()

    def log_message(self, *words: object) -> None:
        """Say nothing."""


@pytest.fixture
def user() -> Iterator[State]:
    Users.passwords = {}
    with ThreadingHTTPServer(("127.0.0.1", 0), Users) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield {
            "name": "workload",
            "username": "workload",
            "server": f"http://127.0.0.1:{server.server_address[1]}",
            "admin_password": "of the admin",
            "password": "first",
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
