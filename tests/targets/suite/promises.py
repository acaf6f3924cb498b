"""The one list of what a contract may hold: a target that needs another word adds it here."""

from collections.abc import Mapping
from dataclasses import dataclass

KEYS = {"uri", "console", "environment", "secrets", "login", "submit", "probes"}
"""The keys of every capability, on every target."""


@dataclass(frozen=True)
class Variable:
    """An environment variable of a client; one that is not `required` some targets leave out."""

    meaning: str
    required: bool = True
    secret: bool = False


VARIABLES: Mapping[str, Mapping[str, Variable]] = {
    "storage": {
        "DATA_URI": Variable("s3://<bucket> that workloads read from and write to"),
        "AWS_REGION": Variable("the bucket's region, to which requests are signed"),
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

SUBMIT: Mapping[str, frozenset[str]] = {
    "process": frozenset({"command"}),
    "pod": frozenset({"image", "namespace", "serviceAccount"}),
    "airflow-api": frozenset({"dag"}),
    "mwaa": frozenset({"environment", "dag", "region"}),
    "sagemaker-pipeline": frozenset({"pipeline", "region"}),
    "sagemaker-job": frozenset(
        {"image", "role", "instanceType", "region", "subnets", "securityGroups"}
    ),
}
"""The ways to hand code over, each with its own keys besides `kind`."""

PROBED = ("storage", "tracking", "orchestration")
"""The capabilities that have a service behind them on every target."""
