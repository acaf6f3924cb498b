"""Makes MLflow's tables and users: `mlflow_setup.py < users.json`, by MLflow's own interpreter.

MLFLOW_BACKEND_STORE_URI is the database of runs and models, MLFLOW_AUTH_CONFIG_PATH the file that
names the one of users. Done once for all replicas: two servers that make the same tables fail.
Standard input has the users as JSON, a list of objects with `username`, `password` and `admin`; a
user who is there already gets this password.
"""

import json
import os
import sys

from mlflow.db import commands
from mlflow.server.auth import auth_config, store


def main() -> None:
    """Do all of it."""
    # The command's own function: on a command line, everybody would see the URL's password.
    commands.main(["upgrade", os.environ["MLFLOW_BACKEND_STORE_URI"]], standalone_mode=False)
    store.init_db(auth_config.database_uri)
    for user in json.load(sys.stdin):
        _ensure(user["username"], user["password"], admin=user["admin"])


def _ensure(username: str, password: str, *, admin: bool) -> None:
    if store.has_user(username):
        store.update_user(username, password=password, is_admin=admin)
    else:
        store.create_user(username, password, is_admin=admin)


if __name__ == "__main__":
    main()
