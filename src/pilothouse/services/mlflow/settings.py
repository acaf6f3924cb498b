"""MLflow with basic authentication: an admin for people, a limited user for the workload."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pilothouse.services.oidc import MARK, MLFLOW_FUNCTION

if TYPE_CHECKING:
    from pilothouse.config.platform_spec import Role

Text = TypeVar("Text")

ADMIN, WORKLOAD_USER = "admin", "workload"
DRIVER = "psycopg2"
SETUP = Path(__file__).parents[1] / "programs" / "mlflow_setup.py"
MIGRATE, MIGRATION_JOB = SETUP.with_name("mlflow_migrate.py"), "mlflow-migration"
GC = Path(__file__).parents[1] / "programs" / "mlflow_gc.py"
SETTINGS: Mapping[str, str] = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
}
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]", "localhost:*", "127.0.0.1:*", "[[]::1]:*")
"""This machine by any port, as `MLFLOW_SERVER_ALLOWED_HOSTS` has it: patterns, if with a `*`.

No name of a DNS server matches, so a page of another site cannot reach MLflow by rebinding its own.
"""
DEFAULT_EXPERIMENT, EXPERIMENT_PERMISSION = "0", "EDIT"
"""Where a run goes that names no experiment, and what the workload's user may do in it."""
PEOPLE_MARK = "pilothouse-people"
"""The role, without a permission, of the accounts that come and go with `access.people`."""
PERMISSIONS: Mapping[Role, str] = {"viewer": "READ", "user": "EDIT"}
RESOURCE_TYPES = ("experiment", "prompt", "registered_model")
"""What these permissions are for.

What belongs to one follows: with a grant of its own, scorers for one, a user could not delete an
experiment of the user's own.
"""


def accounts(
    secrets: Mapping[str, Text],
    roles: Mapping[str, Role],
    passwords: Mapping[str, Text],
    *,
    oidc: bool,
) -> dict[str, object]:
    """The input of `mlflow_setup.py`; people have `roles` and `passwords` by their names."""
    return {"users": users(secrets), "people": people(roles, passwords, oidc=oidc)}


def people(
    roles: Mapping[str, Role], passwords: Mapping[str, Text], *, oidc: bool
) -> dict[str, object]:
    """The accounts of people: what each of MLflow's roles permits, and the roles of each account.

    Everybody has the role `mark`. An administrator needs no permission. The accounts that logins by
    a provider made have the role `logins`, and stay while there is one (`oidc`).
    """
    permitted = {
        _role_name(role): dict.fromkeys(RESOURCE_TYPES, permission)
        for role, permission in PERMISSIONS.items()
    }
    return {
        "mark": PEOPLE_MARK,
        "logins": MARK,
        "keep_logins": oidc,
        "roles": {PEOPLE_MARK: {}, MARK: {}, **permitted},
        "accounts": [
            {
                "username": name,
                "password": passwords[name],
                "admin": role not in PERMISSIONS,
                "roles": [PEOPLE_MARK, *([_role_name(role)] if role in PERMISSIONS else [])],
            }
            for name, role in roles.items()
        ],
    }


def _role_name(role: Role) -> str:
    return f"pilothouse-{role}"


def users(secrets: Mapping[str, Text]) -> list[dict[str, object]]:
    """The stack's own users: an admin for people, and the user of clients."""
    experiments = {DEFAULT_EXPERIMENT: EXPERIMENT_PERMISSION}
    return [
        {"username": ADMIN, "password": secrets[ADMIN], "admin": True, "experiments": {}},
        {
            "username": WORKLOAD_USER,
            "password": secrets[WORKLOAD_USER],
            "admin": False,
            "experiments": experiments,
        },
    ]


def authentication(database_url: str, admin_password: str, *, oidc: bool) -> str:
    """The file of `MLFLOW_AUTH_CONFIG_PATH`; users and permissions have their own database.

    MLflow caches a login for a minute, so that a request takes 14 ms instead of 110 ms of hashing.
    """
    return (
        "[mlflow]\n"
        "default_permission = NO_PERMISSIONS\n"
        f"database_uri = {database_url}\n"
        f"admin_username = {ADMIN}\n"
        f"admin_password = {admin_password}\n"
        "auth_cache_ttl_seconds = 60\n"
        + (f"authorization_function = {MLFLOW_FUNCTION}\n" if oidc else "")
    )
