"""People with accounts in both consoles: what they may do there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx
import yaml

from testkit.support.stacks import Stack

OK, CREATED = HTTPStatus.OK, HTTPStatus.CREATED


@dataclass(frozen=True, kw_only=True)
class Login:
    """Calls of both services, at these URLs, by one user."""

    tracking: str
    orchestration: str
    username: str
    password: str

    def mlflow(self, method: str, path: str, **call: Any) -> httpx.Response:
        """A call of MLflow, below `/api/`."""
        auth = (self.username, self.password)
        return httpx.request(method, f"{self.tracking}/api/{path}", auth=auth, timeout=30, **call)

    def experiments(self) -> set[str]:
        """The names of the experiments that the user sees."""
        reply = self.mlflow("POST", "2.0/mlflow/experiments/search", json={"max_results": 100})
        return {each["name"] for each in reply.raise_for_status().json()["experiments"]}

    def starts_run(self, experiment: str) -> HTTPStatus:
        """The status of a new run in an experiment, by its id."""
        body = {"experiment_id": experiment}
        return HTTPStatus(self.mlflow("POST", "2.0/mlflow/runs/create", json=body).status_code)

    def makes_experiment(self, name: str) -> str:
        """The id of a new experiment."""
        reply = self.mlflow("POST", "2.0/mlflow/experiments/create", json={"name": name})
        return str(reply.raise_for_status().json()["experiment_id"])

    def deletes_experiment(self, experiment: str) -> HTTPStatus:
        """The status of the deletion of an experiment, by its id."""
        body = {"experiment_id": experiment}
        reply = self.mlflow("POST", "2.0/mlflow/experiments/delete", json=body)
        return HTTPStatus(reply.status_code)

    def makes_user(self) -> HTTPStatus:
        """The status of a new user `made`."""
        body = {"username": "made", "password": "of a user 123"}
        return HTTPStatus(self.mlflow("POST", "2.0/mlflow/users/create", json=body).status_code)

    def airflow(self, method: str, path: str, body: Any = None) -> HTTPStatus:
        """The status of a call of Airflow; that of the login, where this is refused."""
        with httpx.Client(base_url=self.orchestration, timeout=60) as client:
            login = {"username": self.username, "password": self.password}
            reply = client.post("/auth/token", json=login)
            if reply.status_code == CREATED:
                token = reply.json()["access_token"]
                headers = {"Authorization": f"Bearer {token}"}
                reply = client.request(method, path, json=body, headers=headers)
            return HTTPStatus(reply.status_code)

    def airflow_page(self) -> httpx.Client:
        """A client that has logged in to Airflow, and can read its DAGs."""
        client = httpx.Client(base_url=self.orchestration, timeout=60)
        login = {"username": self.username, "password": self.password}
        token = client.post("/auth/token", json=login).raise_for_status().json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        client.get("/api/v2/dags").raise_for_status()
        return client

    def is_known(self) -> tuple[bool, bool]:
        """Whether MLflow and Airflow know the user by this password."""
        tracked = self.mlflow("GET", "2.0/mlflow/users/current").status_code
        return tracked == OK, self.airflow("GET", "/api/v2/dags") == OK


def set_people(stack: Stack, people: Mapping[str, str]) -> None:
    """Write `access.people` of the platform."""
    file = stack.project / "platform.yaml"
    platform = yaml.safe_load(file.read_text())
    platform["access"] = {
        "people": [{"email": email, "role": role} for email, role in people.items()]
    }
    file.write_text(yaml.safe_dump(platform))


def logins(stack: Stack, tracking: str, orchestration: str) -> dict[str, Login]:
    """The people of a stack by their first names, with the passwords that they have now."""
    shown = stack.json("people", "--show-secrets")["people"]
    return {
        email.partition("@")[0]: Login(
            tracking=tracking,
            orchestration=orchestration,
            username=email,
            password=person["password"],
        )
        for email, person in shown.items()
    }
