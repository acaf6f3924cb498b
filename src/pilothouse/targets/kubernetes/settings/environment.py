"""Environment variables that a stack file may add to pods: no secrets, none of the target's."""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator

from pilothouse.config.validation import refusal
from pilothouse.errors import shown
from pilothouse.services import seaweedfs
from pilothouse.services.airflow import settings as airflow_settings
from pilothouse.services.mlflow import settings as mlflow_settings

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SECRET_NAME = re.compile(
    r"(^AIRFLOW_CONN_\w+|SQL_ALCHEMY_CONN(_ASYNC)?"
    r"|PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?"
    r"|(API|ACCESS|PRIVATE|SECRET|FERNET|ENCRYPTION)_?KEY)$",
    re.IGNORECASE,
)
_LOGIN_IN_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^/@\s]*:[^/@\s]+@", re.IGNORECASE)

RESERVED = frozenset(
    {
        *airflow_settings.settings(parallelism=1, api_url="", base_url="", logs_uri=""),
        *airflow_settings.variables(
            dict.fromkeys(
                (
                    "API__PORT",
                    "CORE__DAGS_FOLDER",
                    "CORE__EXECUTOR",
                    *(f"METRICS__STATSD_{name}" for name in ("ON", "HOST", "PORT", "PREFIX")),
                    "DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST",
                    "KUBERNETES_EXECUTOR__NAMESPACE",
                    "KUBERNETES_EXECUTOR__POD_TEMPLATE_FILE",
                    "SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT",
                )
            )
        ),
        *airflow_settings.secret_settings(dict.fromkeys(airflow_settings.SECRET_KINDS, ""), "", ""),
        airflow_settings.LOG_VARIABLE,
        *seaweedfs.client(""),
        *mlflow_settings.SETTINGS,
        *("AIRFLOW_HOME", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "BUCKETS", "DATABASES"),
        "FORWARDED_ALLOW_IPS",
        *(f"GITSYNC_{name}" for name in ("REPO", "REF", "ROOT", "LINK", "ONE_TIME", "PERIOD")),
        *(f"GITSYNC_{name}" for name in ("MAX_FAILURES", "HTTP_BIND", "SSH_KEY_FILE")),
        *("GITSYNC_PASSWORD", "GITSYNC_SSH_KNOWN_HOSTS_FILE", "GITSYNC_USERNAME"),
        *("DATA_URI", "HOME", "MLFLOW_ARTIFACTS_DESTINATION", "MLFLOW_AUTH_CONFIG_PATH"),
        *("MLFLOW_BACKEND_STORE_URI", "MLFLOW_CRYPTO_KEK_PASSPHRASE"),
        *("MLFLOW_FLASK_SERVER_SECRET_KEY", "MLFLOW_S3_ENDPOINT_URL"),
        *("MLFLOW_SERVER_ALLOWED_HOSTS", "MLFLOW_SERVER_CORS_ALLOWED_ORIGINS"),
        *("MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_URI", "MLFLOW_TRACKING_USERNAME"),
        *("BACKUP", "BUCKET", "DUMPS", "KEEP", "MODEL_NAME", "READER", "RUN_TOKEN"),
        *("PGDATA", "PGHOST", "PGOPTIONS", "PGPASSWORD", "PGPORT", "PGSSLMODE", "PGUSER"),
    }
)
"""The variables that the target sets itself, in any of its pods."""


def _check_plain(variables: object) -> object:
    """Runs before the types are checked, so that no message shows the value of a secret."""
    for name, value in variables.items() if isinstance(variables, Mapping) else ():
        _check_variable(str(name), str(value))
    return variables


def _check_variable(name: str, value: str) -> None:
    if not _NAME.fullmatch(name):
        remedy = "write letters, digits and underscores, no digit first"
        raise refusal(key=name, found=shown(name), remedy=remedy)
    if name in RESERVED:
        remedy = "remove it: the target sets this variable itself"
        raise refusal(key=name, found="a variable of the target's own", remedy=remedy)
    if _SECRET_NAME.search(name) or _LOGIN_IN_URL.search(value):
        remedy = "put it into a Secret, and name that under envFrom of the component"
        raise refusal(key=name, found="what looks like a secret", remedy=remedy)


Environment = Annotated[dict[str, str], BeforeValidator(_check_plain)]
"""Variables by name, without secrets."""
