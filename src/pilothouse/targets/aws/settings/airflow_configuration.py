"""The options of airflow.cfg that a team may set in its MWAA environment."""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from pilothouse.config.validation import refusal
from pilothouse.errors import shown

_OPTION = re.compile(r"(?=.{3,64}\Z)[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
_VALUE = re.compile(r"[ -~]{1,65536}")
"""What MWAA's API takes as a key and as a value."""

_MANAGED = re.compile(
    r"core\.(executor|dags_folder|plugins_folder|fernet_key|sql_alchemy_conn)"
    r"|database\.sql_alchemy_conn"
    r"|celery\.(broker_url|result_backend)"
    r"|logging\.remote_\w+"
)
_SECRET = re.compile(
    r".*(password|passphrase|token|dsn|conn"
    r"|(secret|access|api|fernet|private)_key|(jwt|client)_secret)"
)
_CREDENTIALS_IN_URL = re.compile(r"://[^/\s]*@")


def _check_names(options: object) -> object:
    """Runs before the types are checked, so that no message shows the value of a secret."""
    for option in options if isinstance(options, Mapping) else ():
        _check_name(str(option))
    return options


def _check_values(options: dict[str, str]) -> dict[str, str]:
    for option, value in options.items():
        if _CREDENTIALS_IN_URL.search(value):
            found = f"a URL with credentials in {shown(option)}"
            remedy = "keep it in Secrets Manager, and set secrets.backend and <option>_secret"
            raise refusal(key=option, found=found, remedy=remedy)
        if not _VALUE.fullmatch(value):
            remedy = "write a value of 1 to 65536 printable ASCII characters on one line"
            found = f"{shown(option)} with a value that MWAA does not take"
            raise refusal(key=option, found=found, remedy=remedy)
    return options


def _check_name(option: str) -> None:
    if not _OPTION.fullmatch(option):
        remedy = "write <section>.<option> as in airflow.cfg, such as core.default_task_retries"
        raise refusal(key=option, found=shown(option), remedy=remedy)
    if _MANAGED.fullmatch(option.removesuffix("_cmd").removesuffix("_secret")):
        remedy = "remove it: MWAA sets it for its own executor, database, queue, files and logs"
        raise refusal(key=option, found=shown(option), remedy=remedy)
    if _SECRET.fullmatch(option.removesuffix("_cmd")):
        remedy = (
            "keep the value in Secrets Manager, and set secrets.backend and "
            f"{option.removesuffix('_cmd')}_secret"
        )
        raise refusal(key=option, found=shown(option), remedy=remedy)


AirflowConfiguration = Annotated[
    dict[str, str], BeforeValidator(_check_names), AfterValidator(_check_values)
]
"""Values by `<section>.<option>`; none that MWAA manages, and no secret."""
