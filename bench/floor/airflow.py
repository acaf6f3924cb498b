"""Airflow's four processes, its database and its user."""

import base64
import json
import os

from . import postgres, seaweedfs
from .layout import LOOPBACK, Layout
from .workload import script

USER = "pilot"
PROCESSES = {
    "api-server": ["api-server"],
    "scheduler": ["scheduler", "--skip-serve-logs"],
    "dag-processor": ["dag-processor"],
    "triggerer": ["triggerer", "--skip-serve-logs"],
}


def command(layout: Layout, *arguments: str) -> list[str]:
    """An `airflow` command."""
    return [str(layout.environments.airflow / "bin" / "airflow"), *arguments]


def environment(layout: Layout) -> dict[str, str]:
    """The same variables for every process."""
    home = str(layout.folder("airflow"))
    settings = {f"AIRFLOW__{name}": value for name, value in _settings(layout).items()}
    return {
        "PATH": f"{layout.environments.airflow}/bin:/usr/bin:/bin",
        "HOME": home,
        "TMPDIR": home,
        "AIRFLOW_HOME": home,
        "AIRFLOW_CONN_S3LOGS": _log_connection(layout),
        "PILOTHOUSE_WORKLOAD_COMMAND": f"/bin/sh {script(layout)}",
        **settings,
    }


def _settings(layout: Layout) -> dict[str, str]:
    return {
        "DATABASE__SQL_ALCHEMY_CONN": postgres.uri(layout, "airflow"),
        "DATABASE__SQL_ALCHEMY_CONN_ASYNC": postgres.uri(layout, "airflow", "asyncpg"),
        "CORE__FERNET_KEY": base64.urlsafe_b64encode(os.urandom(32)).decode(),
        "CORE__AUTH_MANAGER": (
            "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"
        ),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__DAGS_FOLDER": str(layout.dags),
        "CORE__EXECUTION_API_SERVER_URL": f"{layout.url('airflow')}/execution/",
        "CORE__PARALLELISM": "4",
        "API_AUTH__JWT_SECRET": layout.secrets["airflow-jwt"],
        "API__SECRET_KEY": layout.secrets["airflow-api"],
        "API__BASE_URL": layout.url("airflow"),
        "API__HOST": LOOPBACK,
        "API__PORT": str(layout.port("airflow")),
        "API__WORKERS": "1",
        "FAB__UPDATE_FAB_PERMS": "False",
        "SCHEDULER__ENABLE_HEALTH_CHECK": "True",
        "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.25",
        "SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_HOST": LOOPBACK,
        "SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": str(layout.port("scheduler")),
        "DAG_PROCESSOR__REFRESH_INTERVAL": "5",
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "10",
        "DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "LOGGING__REMOTE_LOGGING": "True",
        "LOGGING__REMOTE_BASE_LOG_FOLDER": "s3://logs/airflow",
        "LOGGING__REMOTE_LOG_CONN_ID": "s3logs",
    }


def _log_connection(layout: Layout) -> str:
    extra = {"endpoint_url": layout.url("s3"), "region_name": seaweedfs.REGION}
    return json.dumps(
        {
            "conn_type": "aws",
            "login": "s3-airflow",
            "password": layout.secrets["s3-airflow"],
            "extra": extra,
        }
    )
