"""Run in Airflow's environment: migrates its database, then makes roles and an admin.

The file that is its argument appears when the database is migrated: Airflow can start then. One
process for both saves importing Airflow twice. Name and password come on stdin, as JSON.
"""

import json
import sys
from pathlib import Path

from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
from airflow.utils import db

user = json.load(sys.stdin)
db.upgradedb()
Path(sys.argv[1]).touch()
with get_application_builder() as builder:
    security = builder.sm
    builder.add_permissions(update_perms=True)
    security.sync_roles()
    made = security.add_user(
        user["username"], "Pilot", "User", "pilot@example.invalid",
        security.find_role("Admin"), password=user["password"],
    )  # fmt: skip
sys.exit(0 if made else "the user was not made")
