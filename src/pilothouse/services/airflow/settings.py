"""Airflow 3 with FAB's users: its processes, its settings, its secrets, its DAG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from pilothouse.services.generated import Kind

Text = TypeVar("Text")

AUTH_MANAGER = "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"
ADMIN, RUNNER = "admin", "workload"
API_SERVER, SCHEDULER = "airflow-api-server", "airflow-scheduler"
DAG_PROCESSOR, TRIGGERER = "airflow-dag-processor", "airflow-triggerer"
COMMANDS: Mapping[str, Sequence[str]] = {
    API_SERVER: ("api-server",),
    SCHEDULER: ("scheduler", "--skip-serve-logs"),
    DAG_PROCESSOR: ("dag-processor",),
    TRIGGERER: ("triggerer", "--skip-serve-logs"),
}
DAG_ID = "pilothouse_workload"
SETUP_JOB, SETUP = "airflow-setup", Path(__file__).parents[1] / "programs" / "airflow_setup.py"
ALIVE = Path(__file__).parents[1] / "programs" / "airflow_alive.py"
LOG_CONNECTION, LOG_VARIABLE = "s3logs", "AIRFLOW_CONN_S3LOGS"
SECRET_KINDS: Mapping[str, Kind] = {
    "fernet": "fernet",
    **dict.fromkeys(("jwt", "api", ADMIN, RUNNER), "password"),
}


def settings(*, parallelism: int, api_url: str, base_url: str, logs_uri: str) -> dict[str, str]:
    """What every process is told, as environment variables; none of it is secret."""
    tasks = str(parallelism)
    given = {
        "CORE__AUTH_MANAGER": AUTH_MANAGER,
        "CORE__EXECUTION_API_SERVER_URL": f"{api_url}/execution/",
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__PARALLELISM": tasks,
        "CORE__MAX_ACTIVE_TASKS_PER_DAG": tasks,
        "API__BASE_URL": base_url,
        "API__WORKERS": "1",
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "10",
        "DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "DAG_PROCESSOR__REFRESH_INTERVAL": "5",
        # The users' job makes roles and permissions once; each start would do it again.
        "FAB__UPDATE_FAB_PERMS": "False",
        "LOGGING__REMOTE_BASE_LOG_FOLDER": logs_uri,
        "LOGGING__REMOTE_LOG_CONN_ID": LOG_CONNECTION,
        "LOGGING__REMOTE_LOGGING": "True",
        "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.25",
        "SCHEDULER__ENABLE_HEALTH_CHECK": "True",
        "USAGE_DATA_COLLECTION__ENABLED": "False",
    }
    return variables(given)


def variables(given: Mapping[str, Text]) -> dict[str, Text]:
    """Settings, `SECTION__KEY` each, as the environment variables that Airflow reads."""
    return {f"AIRFLOW__{name}": value for name, value in given.items()}


def log_connection(plain: Mapping[str, str], keys: Mapping[str, Text]) -> dict[str, object]:
    """The connection by which logs reach their bucket, for the variable `LOG_VARIABLE`.

    It is made of the variables of an S3 client, the plain and the secret ones. A connection
    without keys has Airflow take them from these variables where it runs.
    """
    logins = {"login": "AWS_ACCESS_KEY_ID", "password": "AWS_SECRET_ACCESS_KEY"}
    extra = {"endpoint_url": plain["AWS_ENDPOINT_URL_S3"], "region_name": plain["AWS_REGION"]}
    return {
        "conn_type": "aws",
        **{field: keys[variable] for field, variable in logins.items() if keys},
        "extra": extra,
    }


def secret_settings(secrets: Mapping[str, Text], url: Text, async_url: Text) -> dict[str, Text]:
    """The secret settings of what knows the database: its two URLs, and its keys."""
    keys = {
        "CORE__FERNET_KEY": secrets["fernet"],
        "API_AUTH__JWT_SECRET": secrets["jwt"],
        "API__SECRET_KEY": secrets["api"],
    }
    return {**database_urls(url, async_url), **variables(keys)}


def database_urls(url: Text, async_url: Text) -> dict[str, Text]:
    """The URLs of the database, for drivers that wait and for those that do not."""
    return variables(
        {"DATABASE__SQL_ALCHEMY_CONN": url, "DATABASE__SQL_ALCHEMY_CONN_ASYNC": async_url}
    )


def users(secrets: Mapping[str, Text]) -> list[dict[str, str | Text]]:
    """What `airflow_setup.py` reads: an admin for people, a user who starts the workload."""
    roles = {ADMIN: "Admin", RUNNER: "User"}
    return [
        {"username": name, "role": role, "password": secrets[name]} for name, role in roles.items()
    ]
