"""A user of the MLflow server, created by its REST API."""

from __future__ import annotations

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
TIMEOUT = 30.0  # seconds


class MlflowUserProvider(ConvergingProvider):
    """Creates the user, or sets the password of an existing one."""

    def ensure(self, props: Props) -> Props:
        user = {"username": props["username"], "password": props["password"]}
        reply = _call(props, "POST", "create", user)
        if reply.status_code == BAD_REQUEST:
            reply = _call(props, "PATCH", "update-password", user)
        if not reply.is_success:
            raise PilothouseError(f"MLflow refused user {props['username']}: {reply.status_code}")
        return {}

    def observe(self, props: Props) -> str | None:
        return ""

    def remove(self, props: Props) -> None:
        """The user is removed with MLflow's data."""


def _call(props: Props, method: str, action: str, body: dict[str, str]) -> httpx.Response:
    import httpx

    return httpx.request(
        method,
        f"{props['server']}/api/2.0/mlflow/users/{action}",
        json=body,
        auth=("admin", props["admin_password"]),
        timeout=TIMEOUT,
        trust_env=False,
    )


class MlflowUser(ConvergingResource, module="pilothouse", name="MlflowUser"):
    """A user with permissions on the experiments and models that it creates."""

    def __init__(
        self,
        name: str,
        *,
        server: pulumi.Input[str],
        admin_password: pulumi.Input[str],
        password: pulumi.Input[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        props = {
            "name": name,
            "username": name,
            "server": server,
            "admin_password": admin_password,
            "password": password,
        }
        super().__init__(MlflowUserProvider(), name, props, opts)
