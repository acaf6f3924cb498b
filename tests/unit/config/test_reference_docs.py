import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("what", "file"), [("schema", "schemas/platform.schema.json"), ("docs", "docs/platform.md")]
)
def test_what_is_published_is_what_the_types_say(what: str, file: str) -> None:
    from pilothouse.config import platform_spec

    published = (ROOT / file).read_text(encoding="utf-8")
    made = {"schema": platform_spec.schema_text, "docs": platform_spec.docs_text}[what]()
    assert published == made, f"run: python -m pilothouse.config.platform_spec {what} > {file}"


def test_the_command_prints_the_published_file() -> None:
    command = [sys.executable, "-m", "pilothouse.config.platform_spec", "docs"]
    printed = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    assert printed == (ROOT / "docs/platform.md").read_text(encoding="utf-8")
