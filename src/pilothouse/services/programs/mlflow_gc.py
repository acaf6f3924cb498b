"""Removes for good what was deleted in MLflow long ago: `mlflow_gc.py 90d`, with its artifacts.

MLFLOW_BACKEND_STORE_URI is the database of runs and models. MLFLOW_TRACKING_URI is the server that
knows where artifacts are, and MLFLOW_TRACKING_USERNAME an admin of it.
"""

import os
import sys

from mlflow.cli import gc


def main(age: str) -> None:
    """Remove runs, models and experiments that were deleted more than `age` ago, such as 1d12h."""
    # The command's own function: on a command line, everybody would see the URL's password.
    store = os.environ["MLFLOW_BACKEND_STORE_URI"]
    gc.main(["--backend-store-uri", store, "--older-than", age], standalone_mode=False)


if __name__ == "__main__":
    main(sys.argv[1])
