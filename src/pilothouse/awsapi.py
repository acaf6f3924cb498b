"""AWS's API as its caller may use it: clients by service and region, ARNs, errors in one line.

Credentials are the caller's own, found as botocore finds them; so are other endpoints
(AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_<SERVICE>).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from pilothouse.errors import PilothouseError

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

TIMEOUT = 20.0  # seconds, for a connection and for an answer; Airflow on MWAA takes up to 10
ATTEMPTS = 4  # of one call that is throttled or that fails on AWS's side, with pauses that grow
LOG_IN = "log in to AWS (AWS_PROFILE, or `aws sso login`) or set AWS_ACCESS_KEY_ID"

THROTTLED = frozenset(
    {"RequestLimitExceeded", "Throttling", "ThrottlingException", "TooManyRequestsException"}
)
SERVER_ERROR = 500

_making = Lock()  # a session's clients may not be made at the same time


class AwsError(PilothouseError):
    """AWS refuses a call; `answer` is what it said, empty if it did not come to that."""

    def __init__(self, message: str, answer: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.answer = answer or {}

    @property
    def code(self) -> str:
        """AWS's word for what is wrong, such as `AccessDeniedException`."""
        return str(self.answer.get("Error", {}).get("Code", ""))


class AwsAway(AwsError):
    """AWS does not answer now, or not so often."""


@dataclass(frozen=True)
class Arn:
    """An ARN of the form `arn:partition:service:region:account:kind/name`."""

    text: str
    partition: str
    service: str
    region: str
    kind: str
    name: str

    @classmethod
    def of(cls, text: str) -> Arn:
        """Take an ARN apart; ValueError if it has another form."""
        parts = text.split(":", 5)
        kind, _, name = parts[-1].partition("/")
        if len(parts) != 6 or parts[0] != "arn" or not all((*parts[1:4], kind, name)):  # noqa: PLR2004
            raise ValueError(f"{text!r} is no ARN of a named resource")
        return cls(text, parts[1], parts[2], parts[3], kind, name)


@cache
def _client(service: str, region: str) -> Any:
    import boto3
    from botocore.config import Config

    # One server that stands for all services has one name, and no other in front of it.
    prefix = not os.environ.get("AWS_ENDPOINT_URL")
    config = Config(
        connect_timeout=TIMEOUT,
        read_timeout=TIMEOUT,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        inject_host_prefix=prefix,
    )
    session: Any = boto3.Session(region_name=region)
    return session.client(service, config=config)


def client(service: str, region: str) -> Any:
    """The boto3 client of a service, the same one at every call: to make one takes a moment."""
    with _making:
        return _client(service, region)


def forget_clients() -> None:
    """Make new ones from now on, for credentials or endpoints that have changed."""
    _client.cache_clear()


@contextmanager
def calling() -> Iterator[None]:
    """Raise AwsAway or AwsError, with what was called and why not, for what boto3 raises."""
    from botocore import exceptions

    try:
        yield
    except exceptions.ClientError as error:
        raise _refusal(error) from error
    except (exceptions.NoCredentialsError, exceptions.PartialCredentialsError) as error:
        raise AwsError(f"{_sentence(error)}: {LOG_IN}") from error
    except exceptions.HTTPClientError as error:
        raise AwsAway(_sentence(error)) from error
    except exceptions.BotoCoreError as error:
        raise AwsError(_sentence(error)) from error


def _refusal(error: ClientError) -> AwsError:
    said = error.response["Error"]
    code, status = said.get("Code", ""), error.response["ResponseMetadata"]["HTTPStatusCode"]
    kind = AwsAway if code in THROTTLED or status >= SERVER_ERROR else AwsError
    message = ": ".join(filter(None, (error.operation_name, code, said.get("Message"))))
    return kind(message, error.response)


def _sentence(error: Exception) -> str:
    return str(error).rstrip(".")
