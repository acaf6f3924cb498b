"""Requests to price lists, whose answers are read line by line where they are large."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from pilothouse.errors import PilothouseError

TIMEOUT = httpx.Timeout(30, read=120)
"""Seconds until a connection is there, and between two parts of an answer."""


@contextmanager
def lines_of(url: str) -> Iterator[Iterator[str]]:
    """The lines of a text; raises PilothouseError where it cannot be had."""
    try:
        with httpx.stream("GET", url, timeout=TIMEOUT, follow_redirects=True) as answer:
            answer.raise_for_status()
            yield answer.iter_lines()
    except httpx.HTTPError as error:
        raise _no_answer(url, error) from error


def document(url: str, parameters: Mapping[str, str]) -> dict[str, Any]:
    """A JSON document; raises PilothouseError where it cannot be had."""
    try:
        answer = httpx.get(url, params=parameters, timeout=TIMEOUT, follow_redirects=True)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
    except (httpx.HTTPError, json.JSONDecodeError) as error:
        raise _no_answer(url, error) from error
    return found


def _no_answer(url: str, error: Exception) -> PilothouseError:
    reason = str(error) or type(error).__name__
    return PilothouseError(f"the price list {url} cannot be read: {reason}; try again later")
