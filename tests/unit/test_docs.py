"""The documentation: every block of code can be read, every file of the project as it is shown
passes, and every link leads somewhere."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from testkit.support.tools import uv

from pilothouse import targets
from pilothouse.advice import catalogue, needs
from pilothouse.config import platform_spec, stack_file
from pilothouse.cost import bill, price_book
from pilothouse.errors import InvalidInput, Problem

ROOT = Path(__file__).parents[2]
PAGES = (
    *(ROOT / name for name in ("README.md", "ARCHITECTURE.md", "locks/README.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "testkit").rglob("README.md")),
)
FENCE = re.compile(r"^( *)```(\S*)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
BASE = "name: demo\nowner: me\npilot: {expires: 2027-12-31, monthlyBudget: 5}\n"


@dataclass(frozen=True)
class Block:
    """A block of code of a page, with the line where it begins."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks() -> Iterator[Block]:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for found in FENCE.finditer(text):
            indent, language, inner = found.groups()
            plain = re.sub(f"^{indent}", "", inner, flags=re.MULTILINE)
            yield Block(page, text.count("\n", 0, found.start()) + 1, language, plain)


BLOCKS = list(blocks())


def read_yaml(block: Block) -> None:
    documents = list(yaml.safe_load_all(block.text))
    assert documents, block


def read_shell(block: Block) -> None:
    done = subprocess.run(
        ["bash", "-n"], input=block.text, text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr


def read_python(block: Block) -> None:
    """A program, or a part of one: entries of a mapping, or a decorator."""
    plain = textwrap.dedent(block.text)
    for text in (plain, f"{{{plain}}}", f"{plain}\ndef decorated(): ..."):
        with suppress(SyntaxError):
            compile(text, str(block), "exec")
            return
    pytest.fail(f"{block} is no Python")


def read_dockerfile(block: Block) -> None:
    instructions = {line.split()[0] for line in block.text.splitlines() if line[:1].isalpha()}
    assert instructions <= {"ARG", "COPY", "FROM", "RUN", "USER", "WORKDIR", "ENTRYPOINT"}


def read_console(block: Block) -> None:
    """Commands after a prompt."""
    commands = [line[2:] for line in block.text.splitlines() if line.startswith("$ ")]
    assert commands, block


READERS: Mapping[str, Callable[[Block], object]] = {
    "": lambda block: block.text,  # a drawing, or what a program says
    "console": read_console,
    "dockerfile": read_dockerfile,
    "json": lambda block: json.loads(block.text),
    "python": read_python,
    "sh": read_shell,
    "toml": lambda block: tomllib.loads(block.text),
    "yaml": read_yaml,
}


def test_there_are_blocks_of_every_page_that_teaches() -> None:
    assert len(BLOCKS) > 80
    assert {"yaml", "sh", "python"} <= {block.language for block in BLOCKS}


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_a_block_of_code_can_be_read(block: Block) -> None:
    assert block.language in READERS, f"{block}: no test reads {block.language!r}"
    READERS[block.language](block)


def named(prefix: str) -> list[Block]:
    """The blocks that say in their first line which file they are of."""
    return [block for block in BLOCKS if block.text.startswith(f"# {prefix}")]


@pytest.mark.parametrize("block", named("platform.yaml"), ids=str)
def test_lines_of_platform_yaml_are_valid(block: Block, tmp_path: Path) -> None:
    given = yaml.safe_load(block.text)
    data = {**yaml.safe_load(BASE), **given}
    file = tmp_path / "platform.yaml"
    file.write_text(yaml.safe_dump(data), encoding="utf-8")
    platform_spec.load(file, today=None)


@pytest.mark.parametrize("block", named("stacks/"), ids=str)
def test_lines_of_a_stack_file_name_known_keys(block: Block, tmp_path: Path) -> None:
    """What a shortened example leaves out may be missing; nothing else may be wrong."""
    (tmp_path / "Pulumi.pilot.yaml").write_text(block.text, encoding="utf-8")
    file = stack_file.load(tmp_path, "pilot", targets=targets.registered())
    try:
        stack_file.parse_settings(file, targets.load(file.target, "settings"))
        problems: Sequence[Problem] = ()
    except InvalidInput as error:
        problems = error.problems
    assert [problem for problem in problems if problem.found != "nothing"] == []


@pytest.mark.parametrize("block", named("bill.yaml"), ids=str)
def test_a_bill_of_the_docs_has_a_price(block: Block, tmp_path: Path) -> None:
    file = tmp_path / "bill.yaml"
    file.write_text(block.text, encoding="utf-8")
    assert bill.read(file, price_book.load()).total > 0


@pytest.mark.parametrize("block", named("needs.yaml"), ids=str)
def test_needs_of_the_docs_can_be_read(block: Block, tmp_path: Path) -> None:
    file = tmp_path / "needs.yaml"
    file.write_text(block.text, encoding="utf-8")
    read = needs.read(file, catalogue.load())
    assert read.budget > 0


@pytest.mark.parametrize("target", ["aws", "kubernetes"])
def test_each_assumed_usage_is_in_the_page_of_costs(target: str) -> None:
    text = (ROOT / "docs" / "cost.md").read_text(encoding="utf-8")
    for usage in import_module(f"pilothouse.targets.{target}.settings.cost").USAGE:
        small = usage.small
        row = f"| `{usage.name}` | {usage.unit} | {small.low}, {small.expected}, {small.high} |"
        assert f"{row} {usage.meaning} |" in text


def links() -> Iterator[tuple[Path, str]]:
    for page in PAGES:
        text = FENCE.sub("", page.read_text(encoding="utf-8"))
        yield from ((page, found[1]) for found in LINK.finditer(text))


def anchors(page: Path) -> set[str]:
    """The fragments of a page's headings, as Markdown renderers make them."""
    headings = re.findall(r"^#+ +(.+)$", FENCE.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", each.lower()).strip().replace(" ", "-") for each in headings}


INSIDE = [(page, link) for page, link in links() if "://" not in link and "mailto:" not in link]


@pytest.mark.parametrize(("page", "link"), INSIDE, ids=lambda v: getattr(v, "name", v))
def test_a_link_leads_to_a_file_and_to_a_heading_of_it(page: Path, link: str) -> None:
    path, _, fragment = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    assert target.exists(), f"{page.name}: {link}"
    if fragment:
        assert fragment in anchors(target), f"{page.name}: {link}"


def test_the_command_page_is_that_of_the_commands() -> None:
    from pilothouse.cli import COMMANDS

    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    groups = ["prices"]
    found = re.findall(r"^## `pilothouse (\S+)`$", text, re.MULTILINE)
    assert found == [*(name for name, *_ in COMMANDS), *groups]


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    """With the locked generator, from a copy, so that the folder of the repository stays."""
    python = tmp_path / "environment" / "bin" / "python"
    lock = ROOT / "locks" / "docs.txt"
    subprocess.run([uv(), "venv", "-q", "--python", sys.executable, python.parents[1]], check=True)
    install = ("pip", "install", "-q", "--python", python, "--require-hashes", "-r", lock)
    subprocess.run([uv(), *install], check=True)
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copy(ROOT / "zensical.toml", tmp_path)
    done = subprocess.run(
        [python.with_name("zensical"), "build", "--strict"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    built = {path.parent.name for path in (tmp_path / "site").glob("*/index.html")}
    assert built == {path.stem for path in (ROOT / "docs").glob("*.md")} - {"index"}
    assert (tmp_path / "site" / "index.html").is_file()


def test_every_page_is_in_the_sites_navigation() -> None:
    text = (ROOT / "zensical.toml").read_text(encoding="utf-8")
    pages = set(re.findall(r'= "([^"/]+\.md)"', text))
    assert pages == {path.name for path in (ROOT / "docs").glob("*.md")}
