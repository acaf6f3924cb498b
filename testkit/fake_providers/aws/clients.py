"""boto3 clients, each made once, that try a request once: the double does its own waiting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from testkit.fake_providers.aws.faults import Control, Point

_CONFIG = Config(
    inject_host_prefix=False,
    retries={"total_max_attempts": 1},
    max_pool_connections=64,
    read_timeout=60,
    s3={"addressing_style": "path"},
)
_GLOBAL = frozenset({"budgets", "iam"})
"""Services with one endpoint for all regions."""


class Refused(Exception):
    """AWS said no, or nothing: its code and its message."""

    def __init__(self, operation: str, error: Exception) -> None:
        self.code = type(error).__name__
        if isinstance(error, ClientError):
            self.code = str(error.response["Error"]["Code"])
        super().__init__(f"{operation}: {error}")


@dataclass
class Clients:
    """The clients of a region; `endpoints` are those of the provider's arguments, by service.

    `endpoint` is that of every other service, where not boto3's own variables name it.
    """

    region: str
    endpoints: Mapping[str, str] = field(default_factory=dict)
    credentials: Mapping[str, str] = field(default_factory=dict)
    control: Control = field(default_factory=Control.of_environment)
    endpoint: str | None = None
    _made: dict[str, Any] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    @cached_property
    def _session(self) -> boto3.session.Session:
        given: Any = self.credentials
        return boto3.session.Session(region_name=self.region, **given)

    def get(self, service: str) -> Any:
        """The client of a service."""
        with self._lock:
            if service not in self._made:
                client: Any = self._session.client  # the stubs know a few services only
                self._made[service] = client(
                    service, config=_CONFIG, endpoint_url=self.endpoints.get(service, self.endpoint)
                )
            return self._made[service]

    def call(self, point: Point, request: Mapping[str, Any]) -> Any:
        """Make a request; Refused if it fails."""
        try:
            method = getattr(self.get(point.service), point.operation)
            with self.control.around(point):
                answer = method(**request)
        except (ClientError, BotoCoreError) as error:
            raise Refused(point.operation, error) from error
        answer.pop("ResponseMetadata", None)
        return answer

    def model(self, service: str) -> Any:
        """botocore's model of a service."""
        return self.get(service).meta.service_model
