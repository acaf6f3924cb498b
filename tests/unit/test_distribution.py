"""The wheel and the sdist: they hold what a project needs, and two builds are equal."""

from __future__ import annotations

import subprocess
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

import pytest
from testkit.support.distributions import build
from testkit.support.tools import uv

ROOT = Path(__file__).parents[2]
RECIPE = PurePosixPath("pilothouse/recipe")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return build(tmp_path_factory.mktemp("dist"), "sdist", "wheel")


@pytest.fixture(scope="module")
def members(built: dict[str, Path]) -> set[str]:
    with zipfile.ZipFile(built[".whl"]) as wheel:
        return set(wheel.namelist())


def versioned(*paths: str) -> set[str]:
    """The files that git does not ignore, or all where there is no git."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *paths]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return {name for name in done.stdout.split("\0") if name and (ROOT / name).exists()}
    files = (file for path in paths for file in (ROOT / path).rglob("*") if file.is_file())
    return {str(file.relative_to(ROOT)) for file in files if "__pycache__" not in file.parts}


def test_the_wheel_has_the_package_the_recipe_of_the_tool_chain_and_nothing_else(
    members: set[str],
) -> None:
    package = {name.removeprefix("src/") for name in versioned("src/pilothouse")}
    recipe = {str(RECIPE / name) for name in versioned("toolchain")}
    locks_and_metadata = (f"{RECIPE}/locks/", "pilothouse-")
    found = {name for name in members if not name.startswith(locks_and_metadata)}
    assert found == package | recipe


def test_the_wheel_has_nothing_that_a_build_generates(members: set[str]) -> None:
    assert not [name for name in members if name.endswith("-embed.json")]


def test_the_recipe_has_every_lock_that_a_set_up_installs(members: set[str]) -> None:
    locks = {name for name in members if name.startswith(f"{RECIPE}/locks/")}
    names = ("aws", "go", "kubernetes", "pilothouse", "uv")
    assert locks == {f"{RECIPE}/locks/{name}.txt" for name in names}


def test_two_builds_are_equal(built: dict[str, Path], tmp_path: Path) -> None:
    again = build(tmp_path, "sdist", "wheel")
    for suffix, path in built.items():
        assert again[suffix].read_bytes() == path.read_bytes(), suffix


def test_a_wheel_from_the_sdist_is_the_wheel_of_the_repository(
    built: dict[str, Path], tmp_path: Path
) -> None:
    with tarfile.open(built[".gz"]) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    from_sdist = build(tmp_path / "dist", "wheel", source=source)
    assert from_sdist[".whl"].read_bytes() == built[".whl"].read_bytes()


@pytest.mark.parametrize(
    "checker",
    [
        ("twine==7.0.0", "twine", "check", "--strict"),
        # The recipe's programs are run by their paths; one folder is named as the program is.
        ("check-wheel-contents==0.6.3", "check-wheel-contents", "--ignore", "W004"),
    ],
    ids=lambda checker: checker[1],
)
def test_what_checks_distributions_finds_nothing(
    built: dict[str, Path], checker: tuple[str, ...]
) -> None:
    package, *command = checker
    files = [path for suffix, path in built.items() if suffix == ".whl" or command[0] == "twine"]
    done = subprocess.run(
        [uv(), "tool", "run", "--from", package, *command, *files],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
