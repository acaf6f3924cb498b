"""The wheel that an installed pilothouse makes of itself."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from importlib.metadata import Distribution
from pathlib import Path

import pytest
from testkit.support.distributions import build_wheel
from testkit.support.tools import uv

from pilothouse.errors import PilothouseError
from pilothouse.lifecycle import installation

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("dist"))


INSTALLERS = ("pip", "uv")


@pytest.fixture(scope="module", params=INSTALLERS)
def installed(
    request: pytest.FixtureRequest, wheel: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder that an installer has put the wheel into; pip lists the bytecode that it makes."""
    folder = tmp_path_factory.mktemp("site-packages")
    program = [uv(), "pip"] if request.param == "uv" else [sys.executable, "-m", "pip"]
    options = ("install", "-q", "--no-deps", "--no-index", "--target", folder)
    subprocess.run([*program, *options, wheel], check=True)
    return folder


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def run(installed: Path, code: str) -> str:
    """What `code` prints with the installed package in place of the checkout's."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(installed)!r})\n{code}"],
        cwd=installed, env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip()


MAKE = """
from pathlib import Path
from pilothouse.lifecycle import installation
assert installation.is_packed()
print(installation.make_wheel(Path(r"%s")))
"""


def test_an_installed_pilothouse_makes_the_wheel_that_it_came_from(
    wheel: Path, installed: Path, tmp_path: Path
) -> None:
    made = Path(run(installed, MAKE % tmp_path))
    assert made.name == wheel.name
    before, after = contents(wheel), contents(made)
    record = next(name for name in before if name.endswith("/RECORD"))
    assert sorted(after.pop(record).splitlines()) == sorted(before.pop(record).splitlines())
    assert after == before


def test_two_wheels_of_an_installation_are_equal(installed: Path, tmp_path: Path) -> None:
    made = [Path(run(installed, MAKE % (tmp_path / name))) for name in ("one", "two")]
    assert made[0].read_bytes() == made[1].read_bytes()


def test_the_recipe_of_an_installed_pilothouse_is_in_the_package(installed: Path) -> None:
    code = "from pilothouse.lifecycle import installation; print(installation.recipe())"
    assert Path(run(installed, code)) == installed / "pilothouse" / "recipe"


def test_the_recipe_of_a_checkout_is_the_checkout() -> None:
    assert installation.recipe() == ROOT
    assert not installation.is_packed()


def test_an_installation_without_a_list_of_its_files_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "pilothouse-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: pilothouse\nVersion: 0.1.0\n")
    monkeypatch.setattr(installation, "distribution", lambda _name: Distribution.at(info))
    with pytest.raises(PilothouseError, match=r"no list of its files.*install it with pip"):
        installation.make_wheel(tmp_path)
