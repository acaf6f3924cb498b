"""What opens a stack changes the PATH of its process; here it is put back."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def _same_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.environ["PATH"])
