"""Access to AWS's API: clients by service and region, ARNs, and errors in one line.

botocore finds the caller's credentials, and other endpoints (AWS_ENDPOINT_URL,
AWS_ENDPOINT_URL_<SERVICE>).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from pilothouse.targets.shared.account import ServiceError

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

CONNECT = 10.0  # seconds to connect
ANSWER = 60.0  # seconds to answer; Airflow on MWAA takes up to 10
ATTEMPTS = 5  # of one call that is throttled or fails on AWS's side, with growing pauses
MESSAGE_LIMIT = 300  # characters of an error; some quote whole policies
LOG_IN = "log in to AWS (AWS_PROFILE, or `aws sso login`), or set AWS_ACCESS_KEY_ID and its secret"

THROTTLED = frozenset(
    {"RequestLimitExceeded", "Throttling", "ThrottlingException", "TooManyRequestsException"}
)
SERVER_ERROR = 500
DENIED = ("AccessDenied", "Unauthorized", "InvalidClientToken", "UnrecognizedClient", "Expired")
"""Prefixes of the codes of errors that no retry cures."""


class AwsError(ServiceError):
    """AWS refuses a call; `answer` is its response, empty if there was none."""

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


class AwsUnavailable(AwsError):
    """AWS does not answer or throttles the caller; a retry may succeed."""


class NoCredentials(AwsError):
    """There are no credentials; the remedy is LOG_IN."""


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
        """Parse an ARN; ValueError if it has another form."""
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


class Session:
    """The clients of one environment, each made once: to make one takes a moment.

    boto3 reads the variables that name credentials, profiles and endpoints when it makes a client.
    """

    def __init__(self) -> None:
        self._lock = Lock()  # boto3's sessions are not safe for threads
        self._sessions: dict[str, Any] = {}
        self._clients: dict[tuple[str, str], Any] = {}

    def client(self, service: str, region: str) -> Any:
        """The boto3 client of a service."""
        with self._lock:
            if (service, region) not in self._clients:
                self._clients[service, region] = self._make_client(service, region)
            return self._clients[service, region]

    def credentials(self, region: str) -> Any:
        """What boto3 would sign with; None where there are none."""
        with self._lock:
            return self._session(region).get_credentials()

    def regions_of(self, service: str, region: str) -> list[str]:
        """The regions in the partition of `region` that have a service, as far as boto3 knows."""
        with self._lock:
            return list(self._session(region).get_available_regions(service))

    def _session(self, region: str) -> Any:
        import boto3

        if region not in self._sessions:
            self._sessions[region] = boto3.Session(region_name=region)
        return self._sessions[region]

    def _make_client(self, service: str, region: str) -> Any:
        from botocore.config import Config

        # One server that stands for all services has one name, and no other in front of it.
        prefix = not os.environ.get("AWS_ENDPOINT_URL")
        config = Config(
            connect_timeout=CONNECT,
            read_timeout=ANSWER,
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            inject_host_prefix=prefix,
        )
        return self._session(region).client(service, config=config)


def session() -> Session:
    """The session of the environment as it is now; the same one while that does not change."""
    return _session_of(frozenset(item for item in os.environ.items() if item[0].startswith("AWS_")))


@lru_cache(maxsize=1)
def _session_of(_variables: frozenset[tuple[str, str]]) -> Session:
    return Session()


def client(service: str, region: str) -> Any:
    """The boto3 client of a service, the same one at every call."""
    return session().client(service, region)


def credentials(region: str) -> Any:
    """Those that a client would sign with; NoCredentials where there are none."""
    with calling():
        if found := session().credentials(region):
            return found
    raise NoCredentials(f"there are no AWS credentials: {LOG_IN}")


@contextmanager
def calling() -> Iterator[None]:
    """Raise AwsError, with the operation and the reason, for what boto3 raises.

    AwsUnavailable where a retry may succeed, NoCredentials where there are none.
    """
    from botocore import exceptions

    try:
        yield
    except exceptions.ClientError as error:
        raise _refusal(error) from error
    except (exceptions.NoCredentialsError, exceptions.PartialCredentialsError) as error:
        raise NoCredentials(f"{_sentence(error)}: {LOG_IN}") from error
    except exceptions.HTTPClientError as error:
        raise AwsUnavailable(_sentence(error)) from error
    except exceptions.BotoCoreError as error:
        raise AwsError(_sentence(error)) from error


def _refusal(error: ClientError) -> AwsError:
    details = error.response["Error"]
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code = details.get("Code", "")
    error_type = AwsUnavailable if code in THROTTLED or status >= SERVER_ERROR else AwsError
    message = ": ".join(filter(None, (error.operation_name, code, details.get("Message"))))
    return error_type(_line(message), error.response)


def _sentence(error: Exception) -> str:
    return _line(str(error).rstrip("."))


def _line(text: str) -> str:
    return " ".join(text.split())[:MESSAGE_LIMIT]
