"""The one list of the variables that a contract may hold."""

from collections.abc import Mapping
from dataclasses import dataclass

KEYS = {"uri", "console", "environment", "secrets", "login", "people", "submit", "probes"}
"""The keys of every capability, on every target."""


@dataclass(frozen=True)
class Variable:
    """An environment variable of a client; one that is not `required` some targets leave out."""

    meaning: str
    required: bool = True
    secret: bool = False


VARIABLES: Mapping[str, Mapping[str, Variable]] = {
    "storage": {
        "DATA_URI": Variable("the bucket that workloads read from and write to"),
        "AWS_REGION": Variable("the region of a bucket, to which requests are signed", False),
        "AWS_DEFAULT_REGION": Variable("the same, for clients that know this name only", False),
        "AWS_ENDPOINT_URL_S3": Variable("the store's address, if it is not AWS's own", False),
        "AWS_ACCESS_KEY_ID": Variable(
            "absent where the machine's own identity opens it", False, True
        ),
        "AWS_SECRET_ACCESS_KEY": Variable("with AWS_ACCESS_KEY_ID", False, True),
    },
    "compute": {
        "MODEL_NAME": Variable("the name under which the workload registers its model"),
    },
    "tracking": {
        "MLFLOW_TRACKING_URI": Variable("the tracking server and model registry"),
        "MLFLOW_TRACKING_USERNAME": Variable("absent where the identity opens it", False, True),
        "MLFLOW_TRACKING_PASSWORD": Variable("with MLFLOW_TRACKING_USERNAME", False, True),
    },
    "orchestration": {
        "AIRFLOW_API_URL": Variable("the base of Airflow's REST API", False),
        "AIRFLOW_USERNAME": Variable("a user that may start the workload and see it", False, True),
        "AIRFLOW_PASSWORD": Variable("with AIRFLOW_USERNAME", False, True),
    },
}

PROBED = ("storage", "tracking", "orchestration")
"""The capabilities that have a service behind them on every target."""

FLAT_OUTPUTS = {
    "bucket",
    "storageUri",
    "trackingUri",
    "trackingConsole",
    "trackingUsername",
    "trackingPassword",
    "orchestrationUri",
    "orchestrationConsole",
    "orchestrationUsername",
    "orchestrationPassword",
}
"""The outputs that scripts read one by one, besides the contract."""
