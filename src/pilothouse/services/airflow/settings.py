"""Airflow 3 with the users of FAB: its processes, settings, secrets and DAG."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from configparser import RawConfigParser
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pilothouse.services.oidc import MARK

if TYPE_CHECKING:
    from pilothouse.config.platform_spec import Role
    from pilothouse.services.generated_secrets import SecretKind

Text = TypeVar("Text")

AUTH_MANAGER = "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"
ADMIN, RUNNER = "admin", "workload"
PEOPLE_MARK = "pilothouse-people"
"""The role, without a right, of the accounts that come and go with `access.people`."""
ROLES: Mapping[Role, str] = {"viewer": "Viewer", "user": "Op", "admin": "Admin"}
API_SERVER, SCHEDULER = "airflow-api-server", "airflow-scheduler"
DAG_PROCESSOR, TRIGGERER = "airflow-dag-processor", "airflow-triggerer"
COMMANDS: Mapping[str, Sequence[str]] = {
    API_SERVER: ("api-server",),
    SCHEDULER: ("scheduler", "--skip-serve-logs"),
    DAG_PROCESSOR: ("dag-processor",),
    TRIGGERER: ("triggerer", "--skip-serve-logs"),
}
DAG_RUNNERS = (SCHEDULER, DAG_PROCESSOR, TRIGGERER)
"""The processes whose children run the code of DAGs, where there is no pod for each task."""
CONFIGURATION_FILE, CONFIGURATION_VARIABLE = "airflow.cfg", "AIRFLOW_CONFIG"
DAG_ID = "pilothouse_workload"
SETUP_JOB, SETUP = "airflow-setup", Path(__file__).parents[1] / "programs" / "airflow_setup.py"
ALIVE = Path(__file__).parents[1] / "programs" / "airflow_alive.py"
ANY_ADDRESS = "/"
"""The base URL of consoles that people see at any address, such as a forwarded port.

Airflow then redirects to paths: its login stays at the host and the port that the browser asked.
"""
LOCAL_BUNDLE = "airflow.dag_processing.bundles.local.LocalDagBundle"
BUCKET_BUNDLE = "airflow.providers.amazon.aws.bundles.s3.S3DagBundle"
TEAM_BUNDLE = "team"
"""The bundle with the DAGs of the project."""
LOG_CONNECTION, LOG_VARIABLE = "s3logs", "AIRFLOW_CONN_S3LOGS"
DAG_CONNECTION, DAG_VARIABLE = "s3dags", "AIRFLOW_CONN_S3DAGS"
SECRET_KINDS: Mapping[str, SecretKind] = {
    "fernet": "fernet",
    **dict.fromkeys(("jwt", "api", ADMIN, RUNNER), "password"),
}


def settings(*, parallelism: int, api_url: str, base_url: str, logs_uri: str) -> dict[str, str]:
    """The environment variables that all Airflow processes share; none of them is secret.

    `api_url` is where Airflow's own processes call the API server, `base_url` where people see it.
    """
    tasks = str(parallelism)
    values = {
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
        # The set-up job creates roles and permissions once; otherwise each start would again.
        "FAB__UPDATE_FAB_PERMS": "False",
        "LOGGING__REMOTE_BASE_LOG_FOLDER": logs_uri,
        "LOGGING__REMOTE_LOG_CONN_ID": LOG_CONNECTION,
        "LOGGING__REMOTE_LOGGING": "True",
        "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.25",
        "SCHEDULER__ENABLE_HEALTH_CHECK": "True",
        "USAGE_DATA_COLLECTION__ENABLED": "False",
    }
    return variables(values)


def variables(values: Mapping[str, Text]) -> dict[str, Text]:
    """The environment variables of settings named `SECTION__KEY`."""
    return {f"AIRFLOW__{name}": value for name, value in values.items()}


def dag_bundles(
    folders: Mapping[str, str], *, bucket: str = "", prefix: str = ""
) -> dict[str, str]:
    """The setting `SECTION__KEY` by which Airflow has DAGs beside its own.

    `folders` are those of this machine or image by the names of their bundles; with a `bucket`,
    what it has under `prefix`, by the connection DAG_CONNECTION, is the TEAM_BUNDLE.
    """
    bundles = [
        _bundle("dags-folder", LOCAL_BUNDLE),
        *(_bundle(name, LOCAL_BUNDLE, path=path) for name, path in folders.items()),
    ]
    if bucket:
        place = {"aws_conn_id": DAG_CONNECTION, "bucket_name": bucket, "prefix": prefix}
        bundles.append(_bundle(TEAM_BUNDLE, BUCKET_BUNDLE, **place))
    return {"DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps(bundles)}


def _bundle(name: str, kind: str, **options: str) -> Mapping[str, object]:
    return {"name": name, "classpath": kind, "kwargs": options}


def bucket_connection(plain: Mapping[str, str], keys: Mapping[str, Text]) -> dict[str, object]:
    """The Airflow connection to a bucket, for the variable `LOG_VARIABLE` or `DAG_VARIABLE`.

    `plain` and `keys` are the variables of an S3 client, the plain and the secret ones. Without
    `keys`, Airflow takes them, or a role, from its environment.
    """
    logins = {"login": "AWS_ACCESS_KEY_ID", "password": "AWS_SECRET_ACCESS_KEY"}
    options = {"endpoint_url": "AWS_ENDPOINT_URL_S3", "region_name": "AWS_REGION"}
    extra = {name: plain[variable] for name, variable in options.items() if variable in plain}
    return {
        "conn_type": "aws",
        **{field: keys[variable] for field, variable in logins.items() if keys},
        "extra": extra,
    }


def secret_settings(secrets: Mapping[str, Text], url: Text, async_url: Text) -> dict[str, Text]:
    """The secret variables of the processes that use the database: its URLs, and keys."""
    signing = {"API_AUTH__JWT_SECRET": secrets["jwt"], "API__SECRET_KEY": secrets["api"]}
    return {**parser_settings(secrets, url, async_url), **variables(signing)}


def parser_settings(secrets: Mapping[str, Text], url: Text, async_url: Text) -> dict[str, Text]:
    """Those of them that the DAG processor needs, which runs the code of DAG files.

    It stores DAGs, gives that code the variables and connections that it asks for, which are
    encrypted, and signs the addresses of bundles by the same key. It signs no token and no page.
    """
    return {**database_urls(url, async_url), **variables({"CORE__FERNET_KEY": secrets["fernet"]})}


def configuration_file(values: Mapping[str, str]) -> str:
    """The text of `airflow.cfg` with the settings that these environment variables have.

    What is in the file only is not in the environment of Airflow's children, the tasks.
    """
    parser = RawConfigParser()
    for name, value in values.items():
        section, _, key = name.removeprefix("AIRFLOW__").lower().partition("__")
        if not parser.has_section(section):
            parser.add_section(section)
        parser.set(section, key, value.replace("%", "%%"))
    text = io.StringIO()
    parser.write(text)
    return text.getvalue()


def database_urls(url: Text, async_url: Text) -> dict[str, Text]:
    """The variables with the URLs of the database, for synchronous and asynchronous drivers."""
    return variables(
        {"DATABASE__SQL_ALCHEMY_CONN": url, "DATABASE__SQL_ALCHEMY_CONN_ASYNC": async_url}
    )


def accounts(
    secrets: Mapping[str, Text],
    roles: Mapping[str, Role],
    passwords: Mapping[str, Text],
    *,
    oidc: bool,
) -> dict[str, object]:
    """The input of `airflow_setup.py`; people have `roles` and `passwords` by their names.

    The accounts that logins by a provider made stay while there is one (`oidc`).
    """
    people = [
        {"username": name, "role": ROLES[role], "password": passwords[name]}
        for name, role in roles.items()
    ]
    return {
        "users": users(secrets),
        "people": people,
        "mark": PEOPLE_MARK,
        "logins": MARK,
        "keep_logins": oidc,
    }


def users(secrets: Mapping[str, Text]) -> list[dict[str, str | Text]]:
    """The stack's own users: an admin for people, and the user of clients.

    That one is an `Op`: besides running DAGs it manages pools, variables and connections, whose
    passwords Airflow hides from it. It has no rights over users, roles and the audit log.
    """
    roles = {ADMIN: "Admin", RUNNER: "Op"}
    return [
        {"username": name, "role": role, "password": secrets[name]} for name, role in roles.items()
    ]
