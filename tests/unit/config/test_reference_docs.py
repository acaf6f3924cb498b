"""The generated pages and schemas: up to date, and how a page shows a model."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel, Field

from pilothouse import targets
from pilothouse.config import reference_docs
from pilothouse.config.section import Section, rule

ROOT = Path(__file__).parents[3]
COMMAND = "docs/generate.py"
TARGETS = sorted(targets.BUILT_IN)
FILES = reference_docs.files({target: targets.load(target, "settings") for target in TARGETS})


class Mount(Section):
    """A volume of a machine."""

    path: str = Field(description="Where it is.", json_schema_extra=rule("a path such as /a|b"))
    read_only: bool = Field(default=False, description="Whether it is only read.")


class Network(Section):
    """The network of a machine."""

    port: int = Field(default=80, ge=1, le=100, description="Its port.")
    proxy: str | None = Field(default=None, description="Its proxy.\nOptional.")


class Machine(Section):
    """A machine."""

    kind: str = Field(default="", description="Its kind.")
    weight: float = Field(description="Its weight.", gt=0)
    root: Mount | None = Field(default=None, description="Its first volume.")
    network: Network = Field(default_factory=Network, description="Its network.")
    mounts: list[Mount] = Field(default_factory=list, description="Its volumes.", max_length=3)
    named: dict[str, Mount] = Field(default_factory=dict, description="More volumes.")
    tags: list[str] = Field(default=["a"], description="Its tags.", min_length=1)


PAGE = """
| Key | Valid | Default | Meaning |
| --- | --- | --- | --- |
| kind | text | `""` | Its kind. |
| weight | a number above 0 | required | Its weight. |
| root | the keys of [`root`](#root) |  | Its first volume. |
| network | its keys below |  | Its network. |
| network.port | a whole number from 1 up to 100 | `80` | Its port. |
| network.proxy | text |  | Its proxy. Optional. |
| mounts | a list of 0 to 3, each: the keys of [`root`](#root) |  | Its volumes. |
| named | a mapping, each value: the keys of [`root`](#root) |  | More volumes. |
| tags | a list of 1 or more, each: text | `["a"]` | Its tags. |

## `root`

A volume of a machine.

| Key | Valid | Default | Meaning |
| --- | --- | --- | --- |
| path | a path such as /a\\|b | required | Where it is. |
| readOnly | `true` or `false` | `false` | Whether it is only read. |
"""


def run_in(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, project / COMMAND, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for folder in ("docs", "schemas", "examples", "stacks"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


@pytest.mark.parametrize("file", FILES)
def test_a_generated_file_is_up_to_date(file: str) -> None:
    assert (ROOT / file).read_text(encoding="utf-8") == FILES[file], "run: make docs"


def test_the_platform_and_every_target_have_a_page_and_a_schema() -> None:
    pages = {"docs/platform.md", *(f"docs/{name}-settings-reference.md" for name in TARGETS)}
    schemas = {
        "schemas/platform.schema.json",
        *(f"schemas/stack.{name}.schema.json" for name in TARGETS),
    }
    assert FILES.keys() == pages | schemas


def test_a_page_shows_every_kind_of_key() -> None:
    page = reference_docs.files({"toy": Machine})["docs/toy-settings-reference.md"]
    assert page.endswith(PAGE)
    assert "These keys stand under `pilothouse:toy`" in page
    assert "$schema=../schemas/stack.toy.schema.json" in page


def test_a_key_without_a_meaning_is_refused() -> None:
    class Silent(BaseModel):
        key: int = 1

    with pytest.raises(KeyError, match="description"):
        reference_docs.files({"toy": Silent})


def test_a_check_accepts_what_is_up_to_date(project: Path) -> None:
    done = run_in(project, "--check")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_check_names_what_is_out_of_date_and_writes_nothing(project: Path) -> None:
    (project / "docs/platform.md").write_text("old")
    (project / "schemas/stack.aws.schema.json").unlink()
    done = run_in(project, "--check")
    outdated = "docs/platform.md, schemas/stack.aws.schema.json"
    assert (done.returncode, done.stderr) == (1, f"out of date, run `make docs`: {outdated}\n")
    assert (project / "docs/platform.md").read_text() == "old"


def test_the_command_writes_every_file(project: Path) -> None:
    for file in FILES:
        (project / file).unlink()
    assert run_in(project).returncode == 0
    assert {file: (project / file).read_text(encoding="utf-8") for file in FILES} == FILES
