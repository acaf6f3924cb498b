"""The team's package on this machine: its environment, and what cannot run here."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pilothouse.config.platform_spec import Platform, load
from pilothouse.errors import InvalidInput, Problem
from pilothouse.packages.package import Package
from pilothouse.targets.local.operations import delivery
from pilothouse.targets.local.processes.layout import Layout

ROOT = Path(__file__).parents[4]
pytestmark = pytest.mark.usefixtures("uv")


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(
        home=tmp_path / "home",
        environments=tmp_path / "environments",
        dags=tmp_path / "dags",
        base_port=20000,
    )


@pytest.fixture
def package(tmp_path: Path) -> Package:
    """Pygments, from the lock of the tests: one package with one program."""
    text = (ROOT / "locks" / "test.txt").read_text(encoding="utf-8")
    found = re.search(r"^pygments==.*\\\n(    --hash=.*\n)+", text, re.MULTILINE)
    assert found
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(found[0], encoding="utf-8")
    return Package(
        name="pygments", digest="0123456789ab", python="3.11", requirements=requirements, wheel=None
    )


def platform(folder: Path, *lines: str) -> Platform:
    file = folder / "platform.yaml"
    head = "name: demo\nowner: me\npilot: {expires: 2027-12-31, monthlyBudget: 5}\nworkload:\n"
    file.write_text(head + "  package: pygments\n" + "".join(f"  {line}\n" for line in lines))
    return load(file, today=None)


def prepare(layout: Layout, made: Platform, package: Package) -> None:
    assert made.workload is not None
    delivery.prepare(layout, made, made.workload, package)


def problem(layout: Layout, made: Platform, package: Package) -> Problem:
    with pytest.raises(InvalidInput) as refused:
        prepare(layout, made, package)
    (only,) = refused.value.problems
    return only


def test_the_environment_has_the_program_and_is_installed_once(
    layout: Layout, package: Package, tmp_path: Path
) -> None:
    made = platform(tmp_path, "steps: [{name: a, command: [pygmentize, -V]}]")
    prepare(layout, made, package)
    program = layout.environments / "team-0123456789ab" / "bin" / "pygmentize"
    assert program.is_file()
    first = program.stat().st_mtime_ns
    prepare(layout, made, package)
    assert program.stat().st_mtime_ns == first


def test_a_program_that_is_not_there_is_refused_with_those_that_are(
    layout: Layout, package: Package, tmp_path: Path
) -> None:
    made = platform(
        tmp_path,
        "steps:",
        "  - {name: a, command: [sh, -c, 'true']}",
        "  - {name: b, command: [pygmntize]}",
    )
    only = problem(layout, made, package)
    assert (only.line, only.key) == (8, "workload.steps[1].command[0]")
    assert "no program 'pygmntize'" in only.found
    assert "pygmentize" in only.remedy
    assert "activate" not in only.remedy


@pytest.mark.parametrize(
    ("resources", "key", "remedy"),
    [
        ("cpu: 4096", "cpu", "this machine has"),
        ("memory: 900Ti", "memory", "this machine has"),
        ("gpus: 1", "gpus", "offers no GPUs"),
    ],
)
def test_a_step_too_large_for_this_machine_is_refused_before_anything_is_installed(
    layout: Layout, package: Package, tmp_path: Path, resources: str, key: str, remedy: str
) -> None:
    step = f"{{name: a, command: [pygmentize], resources: {{{resources}}}}}"
    only = problem(layout, platform(tmp_path, f"steps: [{step}]"), package)
    assert (only.line, only.key) == (6, f"workload.steps[0].resources.{key}")
    assert remedy in only.remedy
    assert not layout.environments.exists()


def test_a_python_that_is_not_there_is_refused_with_the_command_that_gets_it(
    layout: Layout, package: Package, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS", "never")
    made = platform(tmp_path, "steps: [{name: a, command: [pygmentize]}]", 'python: "3.98"')
    other = Package(**{**vars(package), "python": "3.98"})
    only = problem(layout, made, other)
    assert (only.line, only.key) == (7, "workload.python")
    assert "uv python install 3.98" in only.remedy


def test_a_requirement_without_a_wheel_is_refused(
    layout: Layout, package: Package, tmp_path: Path
) -> None:
    package.requirements.write_text(
        "docopt==0.6.2 \\\n"
        "    --hash=sha256:49b3a825280bd66b3aa83585ef59c4a8c82f2c8a522dbe754a8bc8d08c85c491\n"
    )
    made = platform(tmp_path, "steps: [{name: a, command: [pygmentize]}]")
    only = problem(layout, made, package)
    assert (only.line, only.key) == (5, "workload.package")
    assert "docopt" in only.found


def test_a_delivery_is_private_and_its_secrets_stay_for_the_next_one(
    layout: Layout, package: Package
) -> None:
    assert delivery.delivered_secrets(layout) == {}
    delivery.deliver(layout, package, {"API": "secret-of-a-test"})
    assert layout.delivered_package.stat().st_mode & 0o777 == 0o600
    assert json.loads(layout.delivered_package.read_text())["package"] == "0123456789ab"
    assert delivery.delivered_secrets(layout) == {"API": "secret-of-a-test"}
