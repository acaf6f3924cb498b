"""Makes MLflow's tables and users: `mlflow_setup.py < users.json`, by MLflow's own interpreter.

MLFLOW_BACKEND_STORE_URI is the database of runs and models, MLFLOW_AUTH_CONFIG_PATH the file that
names the one of users. Done once for all replicas: two servers that make the same tables fail.
Standard input has JSON. `users` are objects with `username`, `password`, `admin` and `experiments`,
the permissions by the experiments' ids; a user who is there already gets this password, and keeps
the permissions on these experiments that it has. `people` are the users with the role `mark`: who
has it and is not among the `accounts` is deleted, and a user of that name without it is somebody
else's. `logins` is the role of those that logins by a provider made, who are deleted too unless
`keep_logins`.
"""

import json
import os
import sys
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from typing import Any

from mlflow.db import commands
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import RESOURCE_ALREADY_EXISTS, ErrorCode
from mlflow.server.auth import auth_config, store
from mlflow.utils.workspace_utils import DEFAULT_WORKSPACE_NAME


def main() -> None:
    """Do all of it; exits with 1 where people are to log in by a provider and cannot."""
    accounts = json.load(sys.stdin)
    _check_library(needed=accounts["people"]["keep_logins"])
    # The command's own function: on a command line, everybody would see the URL's password.
    commands.main(["upgrade", os.environ["MLFLOW_BACKEND_STORE_URI"]], standalone_mode=False)
    store.init_db(auth_config.database_uri)
    for user in accounts["users"]:
        _ensure(user["username"], user["password"], admin=user["admin"])
        for experiment, permission in user["experiments"].items():
            _permit(user["username"], experiment, permission)
    _converge(**accounts["people"])


def _check_library(*, needed: bool) -> None:
    if needed and not find_spec("authlib"):
        sys.exit(
            "MLflow's image has no authlib, by which people log in with access.oidc: build one "
            "from it with `pip install authlib`, and name that as images.mlflow in the stack file"
        )


def _ensure(username: str, password: str, *, admin: bool) -> None:
    if store.has_user(username):
        store.update_user(username, password=password, is_admin=admin)
    else:
        store.create_user(username, password, is_admin=admin)


def _permit(username: str, experiment: str, permission: str) -> None:
    try:
        store.grant_user_resource_permission(username, "experiment", experiment, permission)
    except MlflowException as error:
        if error.error_code != ErrorCode.Name(RESOURCE_ALREADY_EXISTS):
            raise


def _converge(
    *,
    mark: str,
    logins: str,
    keep_logins: bool,
    roles: Mapping[str, Mapping[str, str]],
    accounts: Iterable[Mapping[str, Any]],
) -> None:
    """Make the users of `accounts`, with `roles` and what these permit, and delete who left."""
    held = {
        user.username: {role.name for role in held} for user, held in store.list_users_with_roles()
    }
    goes = {mark} if keep_logins else {mark, logins}
    ours = {name for name, names in held.items() if goes & names}
    wanted = {account["username"]: account for account in accounts}
    if not ours and not wanted and not keep_logins:
        return
    for name in held.keys() & wanted.keys() - ours:
        # With our password, it was made by a run that could not mark it.
        if not store.authenticate_user(name, wanted[name]["password"]):
            sys.exit(
                f"MLflow has an account {name} that pilothouse did not make: delete it in "
                "MLflow's console, or remove the line from access.people in platform.yaml"
            )
    for name in ours - wanted.keys():
        store.delete_user(name)
    ids = {name: _ensure_role(name, permissions) for name, permissions in roles.items()}
    for name, account in wanted.items():
        _ensure(name, account["password"], admin=account["admin"])
        _assign(name, held.get(name, set()), set(account["roles"]), ids)


def _ensure_role(name: str, permissions: Mapping[str, str]) -> int:
    known = {role.name: role for role in store.list_roles([DEFAULT_WORKSPACE_NAME])}
    role = known.get(name) or store.create_role(name, DEFAULT_WORKSPACE_NAME)
    held = {one.resource_type: one for one in role.permissions if one.resource_pattern == "*"}
    for kind, permission in permissions.items():
        if kind not in held:
            store.add_role_permission(role.id, kind, "*", permission)
        elif held[kind].permission != permission:
            store.update_role_permission(held[kind].id, permission)
    return int(role.id)


def _assign(username: str, held: set[str], wanted: set[str], ids: Mapping[str, int]) -> None:
    """Give the user those of the roles `ids` that are wanted, and no other one of them."""
    user = store.get_user(username).id
    for name, role in ids.items():  # the mark is the first
        if name in wanted - held:
            store.assign_role_to_user(user, role)
        elif name in held - wanted:
            store.unassign_role_from_user(user, role)


if __name__ == "__main__":
    main()
