"""Makes Airflow's users from JSON on standard input, so that no password is in a command line.

Run by Airflow's own interpreter. Standard input: a list of objects with `username`, `role` and
`password`. A user who is there already gets this role and this password.
"""

import json
import sys
from collections.abc import Mapping
from typing import Any

from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder


def main() -> None:
    """Make or update every user; exits with 1 where Airflow refuses one."""
    wanted = json.load(sys.stdin)
    with get_application_builder() as builder:
        for user in wanted:
            _ensure(builder.sm, user)


def _ensure(manager: Any, user: Mapping[str, str]) -> None:
    role = manager.find_role(user["role"])
    existing = manager.find_user(user["username"])
    if existing:
        manager.reset_password(existing.id, user["password"])
        existing.roles = [role]
        done = manager.update_user(existing) is not False
    else:
        name = user["username"]
        email = f"{name}@localhost"
        done = manager.add_user(name, name, "", email, role, user["password"])
    if not done:
        sys.exit(f"Airflow refused user {user['username']}")


if __name__ == "__main__":
    main()
