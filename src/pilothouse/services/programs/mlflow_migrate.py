"""Migrates MLflow's database of runs and models: `mlflow_migrate.py MIGRATED`.

Run by MLflow's own interpreter. MLFLOW_BACKEND_STORE_URI is the database, which may be empty. The
file MIGRATED appears when the server can start; it migrates the database of users itself.
"""

import os
import sys
from pathlib import Path

import mlflow
from alembic.util import CommandError
from mlflow.db import commands


def main() -> None:
    """Migrate it; exits with 1 where a newer MLflow has done so before."""
    try:
        # The command's own function: on a command line, everybody would see the URL's password.
        commands.main(["upgrade", os.environ["MLFLOW_BACKEND_STORE_URI"]], standalone_mode=False)
    except CommandError as error:
        sys.exit(
            f"{error}\nThe database is that of an MLflow newer than {mlflow.__version__}: use the "
            "version of pilothouse that wrote it, or a newer one. Nothing was changed."
        )
    Path(sys.argv[1]).touch()


if __name__ == "__main__":
    main()
