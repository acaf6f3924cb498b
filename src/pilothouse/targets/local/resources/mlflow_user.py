"""A user of the MLflow server, created by its REST API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pulumi

from pilothouse.errors import PilothouseError
from pilothouse.targets.local.resources.converge import (
    ConvergingProvider,
    ConvergingResource,
    Props,
)

if TYPE_CHECKING:
    import httpx

BAD_REQUEST = 400
EXISTS = "RESOURCE_ALREADY_EXISTS"
TIMEOUT = 30.0  # seconds


class MlflowUserProvider(ConvergingProvider):
    """Creates the user, or sets the password of an existing one, and gives it permissions.

    A permission on one of the experiments that the user has already stays as it is.
    """

    def ensure(self, props: Props) -> Props:
        user = {"username": props["username"], "password": props["password"]}
        reply = _call(props, "POST", "2.0/mlflow/users/create", user)
        if reply.status_code == BAD_REQUEST:
            reply = _call(props, "PATCH", "2.0/mlflow/users/update-password", user)
        if not reply.is_success:
            raise PilothouseError(f"MLflow refused user {props['username']}: {reply.status_code}")
        for experiment, permission in props["experiments"].items():
            _permit(props, experiment, permission)
        return {}

    def observe(self, props: Props) -> str | None:
        return ""

    def remove(self, props: Props) -> None:
        """The user is removed with MLflow's data."""


def _permit(props: Props, experiment: str, permission: str) -> None:
    grant = {
        "username": props["username"],
        "resource_type": "experiment",
        "resource_id": experiment,
        "permission": permission,
    }
    reply = _call(props, "POST", "3.0/mlflow/users/permissions/grant", grant)
    exists = reply.status_code == BAD_REQUEST and reply.json()["error_code"] == EXISTS
    if not reply.is_success and not exists:
        raise PilothouseError(
            f"MLflow refused user {props['username']} permission {permission} on experiment "
            f"{experiment}: {reply.status_code}"
        )


def _call(props: Props, method: str, path: str, body: dict[str, str]) -> httpx.Response:
    import httpx

    return httpx.request(
        method,
        f"{props['server']}/api/{path}",
        json=body,
        auth=("admin", props["admin_password"]),
        timeout=TIMEOUT,
        trust_env=False,
    )


class MlflowUser(ConvergingResource, module="pilothouse", name="MlflowUser"):
    """A user with permissions on the experiments and models that it creates, and on `experiments`.

    These are permissions, such as `EDIT`, by the ids of experiments.
    """

    def __init__(
        self,
        name: str,
        *,
        server: pulumi.Input[str],
        admin_password: pulumi.Input[str],
        password: pulumi.Input[str],
        experiments: Mapping[str, str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        props = {
            "name": name,
            "username": name,
            "server": server,
            "admin_password": admin_password,
            "password": password,
            "experiments": dict(experiments),
        }
        super().__init__(MlflowUserProvider(), name, props, opts)
