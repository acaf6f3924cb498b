"""The workload's command, with the variables of its contract."""

from pathlib import Path

from . import mlflow, seaweedfs
from .layout import Layout


def script(layout: Layout) -> Path:
    """A private script that runs a step of the workload; RUN_TOKEN is its caller's."""
    home = str(layout.folder("workload"))
    environment = {
        "HOME": home,
        "TMPDIR": home,
        "DATA_URI": "s3://data",
        "MODEL_NAME": "pilot",
        "MLFLOW_TRACKING_URI": layout.url("mlflow"),
        "MLFLOW_TRACKING_USERNAME": mlflow.USER,
        "MLFLOW_TRACKING_PASSWORD": layout.secrets["mlflow-user"],
        **seaweedfs.client(layout, "s3-workload"),
    }
    program = str(layout.environments.workload / "bin" / "pilothouse-workload")
    return layout.script("workload.sh", [program], environment)
