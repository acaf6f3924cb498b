"""The kubeconfig as kubectl finds it, so that every client of a stack asks the same cluster."""

from __future__ import annotations

import os
from pathlib import Path

import yaml

VARIABLE = "KUBECONFIG"


def location() -> str | None:
    """The files of the kubeconfig, separated as in PATH; None for the default one."""
    return os.environ.get(VARIABLE) or None


def current_context() -> str | None:
    """The current context of several files: the first that any of them names, as kubectl does.

    None where the only file, or the default one, decides. The Python client merges the other
    parts of several files as kubectl does, but takes the last current context.
    """
    files = [Path(name).expanduser() for name in (location() or "").split(os.pathsep) if name]
    named = (_named_context(file) for file in files if file.is_file())
    return next(filter(None, named), None)


def _named_context(file: Path) -> str | None:
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeError, yaml.YAMLError):
        return None  # the client of the cluster reports it
    context = document.get("current-context") if isinstance(document, dict) else None
    return str(context) if context else None
