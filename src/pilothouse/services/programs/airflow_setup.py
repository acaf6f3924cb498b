"""Migrates Airflow's database, then makes its roles and users: `airflow_setup.py MIGRATED`.

Run by Airflow's own interpreter, once for all of it, since importing Airflow takes seconds. The
file MIGRATED appears when Airflow's processes can start. Standard input has JSON, so that no
password is in a command line: `users` and `people`, lists of objects with `username`, `role` and
`password`, and `mark`, a role. A user who is there already gets this role and this password. People
have the role `mark` too: who has it and is not among them is deleted, and an account of that name
without it is somebody else's. `logins` is the role of the accounts that logins by a provider made,
which are deleted too unless `keep_logins`.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import airflow
from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
from airflow.utils import db
from alembic.util import CommandError
from werkzeug.security import check_password_hash


def main() -> None:
    """Do all of it; exits with 1 where a newer Airflow has migrated, or Airflow refuses a user."""
    accounts = json.load(sys.stdin)
    if accounts["keep_logins"] and not find_spec("authlib"):
        sys.exit(
            "Airflow's image has no authlib, by which people log in with access.oidc: build one "
            "from it with `pip install authlib`, and name that as images.airflow in the stack file"
        )
    _migrate()
    Path(sys.argv[1]).touch()
    with get_application_builder() as builder:
        builder.add_permissions(update_perms=True)
        builder.sm.sync_roles()
        for user in accounts["users"]:
            _ensure(builder.sm, user, f"{user['username']}@localhost")
        logins = builder.sm.add_role(accounts["logins"])
        if not accounts["keep_logins"]:
            for user in _with_role(builder.sm, logins):
                _delete(builder.sm, user)
        _converge(builder.sm, accounts["people"], accounts["mark"])


def _migrate() -> None:
    try:
        db.upgradedb()
    except CommandError as error:
        sys.exit(
            f"{error}\nThe database is that of an Airflow newer than {airflow.__version__}: use "
            "the version of pilothouse, or the image of Airflow, that wrote it, or a newer one. "
            "Nothing was changed."
        )


def _converge(manager: Any, people: Sequence[Mapping[str, str]], mark: str) -> None:
    role = manager.add_role(mark)
    ours = {user.username: user for user in _with_role(manager, role)}
    wanted = {person["username"]: person for person in people}
    for name in wanted.keys() - ours.keys():
        if manager.find_user(username=name) or manager.find_user(email=name):
            sys.exit(
                f"Airflow has an account {name} that pilothouse did not make: delete it in "
                "Airflow's console, or remove the line from access.people in platform.yaml"
            )
    for name in ours.keys() - wanted.keys():
        _delete(manager, ours[name])
    for name, person in wanted.items():
        _ensure(manager, person, name, role)


def _with_role(manager: Any, role: Any) -> list[Any]:
    return [user for user in manager.get_all_users() if role in user.roles]


def _delete(manager: Any, user: Any) -> None:
    manager.reset_user_sessions(user)
    user.roles = []
    manager.session.delete(user)
    manager.session.commit()


def _ensure(manager: Any, user: Mapping[str, str], email: str, *more: Any) -> None:
    """Make the user, or give it its password and its roles: `more` besides its own."""
    name, roles = user["username"], [manager.find_role(user["role"]), *more]
    existing = manager.find_user(name)
    if existing:
        if not check_password_hash(existing.password or "", user["password"]):
            manager.reset_password(existing.id, user["password"])  # which ends the user's sessions
        existing.roles = roles
        done = manager.update_user(existing) is not False
    else:
        done = manager.add_user(name, name, "", email, roles, user["password"])
    if not done:
        sys.exit(f"Airflow refused user {name}")


if __name__ == "__main__":
    main()
