"""The environment variables that the workload knows, checked before anything is done."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pilothouse_workload import object_stores
from pilothouse_workload.errors import InvalidEnvironmentError

TOKEN = re.compile(r"[a-z0-9][a-z0-9-]{6,62}")
MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")

# Each pair is both there or both absent: absent where the platform's own identity is used.
PAIRS = (
    ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
    ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD"),
)

# Defaults for MLflow's client, for what nobody set: no telemetry, and an error within half a
# minute where the tracking server is away (its own defaults are four minutes).
CLIENT_DEFAULTS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "3",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where this run works, and the token that marks all of it."""

    data_uri: str
    model_name: str
    run_token: str


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Read the settings; InvalidEnvironmentError names every variable that is missing or wrong."""
    if problems := list(_problems(environment)):
        raise InvalidEnvironmentError(problems)
    return Settings(
        data_uri=environment["DATA_URI"],
        model_name=environment["MODEL_NAME"],
        run_token=environment["RUN_TOKEN"],
    )


def _problems(environment: Mapping[str, str]) -> Iterator[str]:
    yield from _required(environment, "MLFLOW_TRACKING_URI", "the tracking server's address")
    yield from _shaped(environment, "RUN_TOKEN", TOKEN, "7 to 63 of a-z, 0-9 and -, no - first")
    yield from _shaped(environment, "MODEL_NAME", MODEL, "1 to 128 of letters, digits, . _ -")
    yield from _data_uri(environment)
    for first, second in PAIRS:
        yield from _paired(environment, first, second)


def _required(environment: Mapping[str, str], name: str, meaning: str) -> Iterator[str]:
    if not environment.get(name):
        yield f"{name}: not set; set it to {meaning}"


def _shaped(
    environment: Mapping[str, str], name: str, shape: re.Pattern[str], meaning: str
) -> Iterator[str]:
    yield from _required(environment, name, meaning)
    if (found := environment.get(name)) and not shape.fullmatch(found):
        yield f"{name}: found {found!r}; set it to {meaning}"


def _data_uri(environment: Mapping[str, str]) -> Iterator[str]:
    yield from _required(environment, "DATA_URI", f"one of {', '.join(object_stores.FORMS)}")
    if found := environment.get("DATA_URI"):
        yield from object_stores.problems(found)


def _paired(environment: Mapping[str, str], first: str, second: str) -> Iterator[str]:
    if bool(environment.get(first)) != bool(environment.get(second)):
        missing, present = (second, first) if environment.get(first) else (first, second)
        yield f"{missing}: not set, but {present} is; set both or neither"
