"""BENCHMARKS.md: a document for each command that measures, each written without the others."""

from __future__ import annotations

import re

from bench.processes import REPOSITORY

FILE = REPOSITORY / "BENCHMARKS.md"


def record(document: str) -> None:
    """Put a document, whose first line is `# Title`, in the place of the one of that title."""
    documents = _documents(FILE.read_text(encoding="utf-8") if FILE.exists() else "")
    documents[_title(document)] = document.strip() + "\n"
    FILE.write_text("\n".join(documents.values()), encoding="utf-8")


def _documents(text: str) -> dict[str, str]:
    parts = [part.strip() + "\n" for part in re.split(r"^(?=# )", text, flags=re.MULTILINE)]
    return {_title(part): part for part in parts if part.strip()}


def _title(document: str) -> str:
    return document.lstrip().partition("\n")[0]
