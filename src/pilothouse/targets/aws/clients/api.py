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

from pilothouse.targets.shared.account import ServiceError

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

CONNECT = 10.0  # seconds until there has to be a connection
ANSWER = 60.0  # seconds for an answer; Airflow on MWAA takes up to 10
ATTEMPTS = 5  # of one call that is throttled or that fails on AWS's side, with pauses that grow
LONGEST = 300  # characters of an error; AWS names whole policies in some
LOG_IN = "log in to AWS (AWS_PROFILE, or `aws sso login`), or set AWS_ACCESS_KEY_ID and its secret"

THROTTLED = frozenset(
    {"RequestLimitExceeded", "Throttling", "ThrottlingException", "TooManyRequestsException"}
)
SERVER_ERROR = 500
DENIED = ("AccessDenied", "Unauthorized", "InvalidClientToken", "UnrecognizedClient", "Expired")
"""Prefixes of the codes of errors that no retry cures."""

_making = Lock()  # a session's clients may not be made at the same time


class AwsError(ServiceError):
    """AWS refuses a call; `answer` is what it said, empty if it did not come to that."""

    def __init__(self, message: str, answer: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.answer = answer or {}

    @property
    def code(self) -> str:
        """AWS's code for what is wrong, such as `AccessDeniedException`."""
        return str(self.answer.get("Error", {}).get("Code", ""))

    @property
    def is_denied(self) -> bool:
        """Whether the caller lacks a permission or valid credentials, so that a retry is futile."""
        return self.code.startswith(DENIED)


class AwsAway(AwsError):
    """AWS does not answer now, or not so often."""


class NoCredentials(AwsError):
    """Nobody says who calls: the remedy is LOG_IN."""


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
        from botocore.utils import ArnParser, InvalidArnException

        parser: Any = ArnParser()
        try:
            parts = parser.parse_arn(text)
        except InvalidArnException:
            parts = {}
        kind, _, name = parts.get("resource", "").partition("/")
        found = (parts.get("partition"), parts.get("service"), parts.get("region"), kind, name)
        if not all(found):
            raise ValueError(f"{text!r} is no ARN of a named resource")
        return cls(text, *found)


@cache
def session(region: str) -> Any:
    """One for a region: what it has read of a service's interface serves all of its clients."""
    import boto3

    return boto3.Session(region_name=region)


@cache
def _client(service: str, region: str) -> Any:
    from botocore.config import Config

    # One server that stands for all services has one name, and no other in front of it.
    prefix = not os.environ.get("AWS_ENDPOINT_URL")
    config = Config(
        connect_timeout=CONNECT,
        read_timeout=ANSWER,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        inject_host_prefix=prefix,
    )
    return session(region).client(service, config=config)


def client(service: str, region: str) -> Any:
    """The boto3 client of a service, the same one at every call: to make one takes a moment."""
    with _making:
        return _client(service, region)


def credentials(region: str) -> Any:
    """Those that a client would sign with; NoCredentials where there are none."""
    with _making, calling():
        if found := session(region).get_credentials():
            return found
    raise NoCredentials(f"there are no AWS credentials: {LOG_IN}")


def forget_clients() -> None:
    """Make new ones from now on, for credentials or endpoints that have changed."""
    _client.cache_clear()
    session.cache_clear()


@contextmanager
def calling() -> Iterator[None]:
    """Raise AwsError, with what was called and why not, for what boto3 raises.

    AwsAway where another try may help, NoCredentials where nobody says who calls.
    """
    from botocore import exceptions

    try:
        yield
    except exceptions.ClientError as error:
        raise _refusal(error) from error
    except (exceptions.NoCredentialsError, exceptions.PartialCredentialsError) as error:
        raise NoCredentials(f"{_sentence(error)}: {LOG_IN}") from error
    except exceptions.HTTPClientError as error:
        raise AwsAway(_sentence(error)) from error
    except exceptions.BotoCoreError as error:
        raise AwsError(_sentence(error)) from error


def _refusal(error: ClientError) -> AwsError:
    said = error.response["Error"]
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code = said.get("Code", "")
    kind = AwsAway if code in THROTTLED or status >= SERVER_ERROR else AwsError
    message = ": ".join(filter(None, (error.operation_name, code, said.get("Message"))))
    return kind(_line(message), error.response)


def _sentence(error: Exception) -> str:
    return _line(str(error).rstrip("."))


def _line(text: str) -> str:
    return " ".join(text.split())[:LONGEST]
