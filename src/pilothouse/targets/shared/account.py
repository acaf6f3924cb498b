"""A cloud account as the operations that every cloud shares see it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from pilothouse.errors import PilothouseError
from pilothouse.plan import Plan


class ServiceError(PilothouseError):
    """A cloud's API refuses a call or cannot be reached.

    A cloud's own errors derive from it and say what they know.
    """

    @property
    def code(self) -> str:
        """The cloud's code for what is wrong; empty where the call was not answered."""
        return ""

    @property
    def is_denied(self) -> bool:
        """Whether the caller lacks a permission or valid credentials, so that a retry is futile."""
        return False


class Account(Protocol):
    """An account or a project of a cloud, seen for one stack."""

    @property
    def plan(self) -> Plan:
        """The stack's plan."""

    def errors(self) -> AbstractContextManager[None]:
        """Raise ServiceError for whatever the cloud's SDK raises within the context."""
