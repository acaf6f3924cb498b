"""Makes MLflow's tables and users: `mlflow_setup.py < users.json`, by MLflow's own interpreter.

MLFLOW_BACKEND_STORE_URI is the database of runs and models, MLFLOW_AUTH_CONFIG_PATH the file that
names the one of users. Done once for all replicas: two servers that make the same tables fail.
Standard input has the users as JSON, a list of objects with `username`, `password`, `admin` and
`experiments`, the permissions by the experiments' ids; a user who is there already gets this
password, and keeps the permissions on these experiments that it has.
"""

import json
import os
import sys

from mlflow.db import commands
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import RESOURCE_ALREADY_EXISTS, ErrorCode
from mlflow.server.auth import auth_config, store


def main() -> None:
    """Do all of it."""
    # The command's own function: on a command line, everybody would see the URL's password.
    commands.main(["upgrade", os.environ["MLFLOW_BACKEND_STORE_URI"]], standalone_mode=False)
    store.init_db(auth_config.database_uri)
    for user in json.load(sys.stdin):
        _ensure(user["username"], user["password"], admin=user["admin"])
        for experiment, permission in user["experiments"].items():
            _permit(user["username"], experiment, permission)


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


if __name__ == "__main__":
    main()
