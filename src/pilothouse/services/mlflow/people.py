"""The accounts of people in a running MLflow, by its REST API.

`services/programs/mlflow_setup.py` does the same where MLflow's database is in reach and its server
is not. A server that is told of a change itself forgets at once whom it has let in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import httpx

from pilothouse.errors import PilothouseError
from pilothouse.services.mlflow.client import MlflowClient
from pilothouse.services.mlflow.settings import ADMIN

if TYPE_CHECKING:
    Role = Mapping[str, Any]
    User = Mapping[str, Any]

WORKSPACE = "default"  # the only one of a server without workspaces
TAKEN = (
    "MLflow has an account {} that pilothouse did not make: delete it in MLflow's console, or "
    "remove the line from access.people in platform.yaml"
)


class People:
    """The accounts of people in the MLflow at `server`."""

    def __init__(self, server: str, admin_password: str) -> None:
        self._server = server
        self._admin = MlflowClient(server, httpx.BasicAuth(ADMIN, admin_password))

    def converge(self, wanted: Mapping[str, Any]) -> None:
        """Make the accounts what `settings.people` says, and delete those of people who left.

        Accounts without the role `mark` are somebody else's, or, with the role `logins`, made by
        logins by a provider, which stay while there is one. Raises PilothouseError where one of
        these has a name that is wanted; before, nothing is changed.
        """
        users = {user["username"]: user for user in self._list("users/list", "users", "2.0")}
        goes = {wanted["mark"], *([] if wanted["keep_logins"] else [wanted["logins"]])}
        ours = {name for name, user in users.items() if goes & _roles_of(user)}
        if not ours and not wanted["accounts"] and not wanted["keep_logins"]:
            return
        accounts = {account["username"]: account for account in wanted["accounts"]}
        self._refuse_others([accounts[name] for name in accounts if name in users.keys() - ours])
        for name in sorted(ours - accounts.keys()):
            self._call("DELETE", "users/delete", {"username": name})
        roles = self._converge_roles(wanted["roles"])
        for name, account in accounts.items():
            self._converge_account(account, users.get(name), roles)

    def _refuse_others(self, accounts: Sequence[Mapping[str, Any]]) -> None:
        """An account with our password was made by a run that could not mark it."""
        for account in accounts:
            name = account["username"]
            client = MlflowClient(self._server, httpx.BasicAuth(name, account["password"]))
            try:
                client.call("GET", "users/current", {})
            except PilothouseError as error:
                raise PilothouseError(TAKEN.format(name)) from error

    def _converge_roles(self, wanted: Mapping[str, Mapping[str, str]]) -> dict[str, int]:
        """The ids of the roles by their names."""
        known = {role["name"]: role for role in self._list("roles/list", "roles", "3.0")}
        return {
            name: self._converge_role(name, known.get(name), permissions)
            for name, permissions in wanted.items()
        }

    def _converge_role(self, name: str, known: Role | None, wanted: Mapping[str, str]) -> int:
        body = {"name": name, "workspace": WORKSPACE}
        role = known or self._call("POST", "roles/create", body, version="3.0")["role"]
        held = {
            permission["resource_type"]: permission
            for permission in role["permissions"]
            if permission["resource_pattern"] == "*"
        }
        for kind, permission in wanted.items():
            if kind not in held:
                body = {"role_id": role["id"], "resource_type": kind, "resource_pattern": "*"}
                path, body = "roles/permissions/add", {**body, "permission": permission}
                self._call("POST", path, body, version="3.0")
            elif held[kind]["permission"] != permission:
                body = {"role_permission_id": held[kind]["id"], "permission": permission}
                self._call("PATCH", "roles/permissions/update", body, version="3.0")
        return int(role["id"])

    def _converge_account(
        self, account: Mapping[str, Any], user: User | None, roles: Mapping[str, int]
    ) -> None:
        name, wanted = account["username"], set(account["roles"])
        held = _roles_of(user) if user else set()
        login = {"username": name, "password": account["password"]}
        if user:
            self._call("PATCH", "users/update-password", login)
        else:
            self._call("POST", "users/create", login)
        for role in [role for role in roles if role in wanted - held]:  # the mark is the first
            self._call("POST", "roles/assign", {"username": name, "role_id": roles[role]}, "3.0")
        for role in [role for role in roles if role in held - wanted]:
            body = {"username": name, "role_id": roles[role]}
            self._call("DELETE", "roles/unassign", body, "3.0")
        if account["admin"] != bool(user and user["is_admin"]):
            body = {"username": name, "is_admin": account["admin"]}
            self._call("PATCH", "users/update-admin", body)

    def _list(self, path: str, key: str, version: str) -> list[Mapping[str, Any]]:
        return list(self._admin.call("GET", path, {}, version=version)[key])

    def _call(
        self, method: str, path: str, body: Mapping[str, Any], version: str = "2.0"
    ) -> dict[str, Any]:
        return self._admin.call(method, path, body, version=version)


def _roles_of(user: User) -> set[str]:
    return {role["name"] for role in user["roles"]}
