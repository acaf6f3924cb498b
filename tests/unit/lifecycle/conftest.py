"""What opens a stack changes variables of its process; here they are put back."""

from __future__ import annotations

import os

import pytest

from pilothouse import proxies


@pytest.fixture(autouse=True)
def _same_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PATH", *proxies.NAMES):
        monkeypatch.setenv(name, os.environ.get(name, ""))
