"""Migrates Airflow's database, then makes its roles and users: `airflow_setup.py MIGRATED`.

Run by Airflow's own interpreter, once for all of it, since importing Airflow takes seconds. The
file MIGRATED appears when Airflow's processes can start. Standard input has the users as JSON, so
that no password is in a command line: a list of objects with `username`, `role` and `password`.
A user who is there already gets this role and this password.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import airflow
from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
from airflow.utils import db
from alembic.util import CommandError


def main() -> None:
    """Do all of it; exits with 1 where a newer Airflow has migrated, or Airflow refuses a user."""
    users = json.load(sys.stdin)
    _migrate()
    Path(sys.argv[1]).touch()
    with get_application_builder() as builder:
        builder.add_permissions(update_perms=True)
        builder.sm.sync_roles()
        for user in users:
            _ensure(builder.sm, user)


def _migrate() -> None:
    try:
        db.upgradedb()
    except CommandError as error:
        sys.exit(
            f"{error}\nThe database is that of an Airflow newer than {airflow.__version__}: use "
            "the version of pilothouse, or the image of Airflow, that wrote it, or a newer one. "
            "Nothing was changed."
        )


def _ensure(manager: Any, user: Mapping[str, str]) -> None:
    role = manager.find_role(user["role"])
    existing = manager.find_user(user["username"])
    if existing:
        manager.reset_password(existing.id, user["password"])
        existing.roles = [role]
        done = manager.update_user(existing) is not False
    else:
        name = user["username"]
        done = manager.add_user(name, name, "", f"{name}@localhost", role, user["password"])
    if not done:
        sys.exit(f"Airflow refused user {user['username']}")


if __name__ == "__main__":
    main()
