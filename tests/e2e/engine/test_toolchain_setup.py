"""The set-up as a whole, on a checkout whose Go is a small stand-in: killed, run again, twice."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys
import time

import pytest

from steps import official

ROOT = pathlib.Path(__file__).resolve().parents[3]
# What the set-up asks of Go: its version, a build into a folder, where the SDK lies.
GO = """#!/bin/sh
case $1 in
version) echo 'go version go1.99.0 linux/amd64' ;;
list) echo "$STAND_IN/sdk" ;;
build)
    while [ "$1" != -o ]; do shift; done
    echo built >> "$STAND_IN/builds"
    echo one > "$2/pulumi"
    /bin/sleep "$BUILD_SECONDS"
    echo two > "$2/pulumi-language-python"
    echo three > "$2/pulumi-resource-pulumi-python"
    echo "$GOFLAGS $CGO_ENABLED $GOBIN" > "$STAND_IN/settings" ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: pathlib.Path) -> pathlib.Path:
    """A checkout's part that the set-up reads, and a folder for the stand-in."""
    shutil.copytree(ROOT / "toolchain", tmp_path / "toolchain")
    executor = tmp_path / "stand-in/sdk/python/cmd/pulumi-language-python-exec"
    executor.parent.mkdir(parents=True)
    executor.write_text("executor", encoding="utf-8")
    go = tmp_path / "stand-in/bin/go"
    go.parent.mkdir()
    go.write_text(GO, encoding="utf-8")
    go.chmod(0o755)
    return tmp_path


def start(
    checkout: pathlib.Path, build_seconds: float = 0, root: pathlib.Path | None = None
) -> subprocess.Popen[str]:
    stand_in = checkout / "stand-in"
    environment = os.environ | {
        "PATH": str(stand_in / "bin"),
        "PILOTHOUSE_TOOLCHAIN_OFFICIAL": "never",
        "STAND_IN": str(stand_in),
        "BUILD_SECONDS": str(build_seconds),
        "PYTHONDONTWRITEBYTECODE": "1",
        "GOBIN": "/elsewhere",
        "GOFLAGS": "-broken",
    }
    program, folder = checkout / "toolchain/setup.py", root or checkout
    return subprocess.Popen(
        [sys.executable, program, "--only=pulumi", "--root", folder],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def run(checkout: pathlib.Path) -> str:
    process = start(checkout)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 0, output
    return output


def files(checkout: pathlib.Path) -> dict[str, int]:
    made = checkout / ".toolchain"
    return {str(file): file.stat().st_mtime_ns for file in made.rglob("*") if file.is_file()}


def test_the_second_run_changes_nothing(checkout: pathlib.Path) -> None:
    run(checkout)
    before = files(checkout)
    output = run(checkout)
    assert output.startswith("setup: ready")
    assert files(checkout) == before
    names = {file.name for file in (checkout / ".toolchain/bin").iterdir()}
    assert names == set(official.WANTED)
    assert all(os.access(file, os.X_OK) for file in (checkout / ".toolchain/bin").iterdir())


def test_the_user_s_go_settings_do_not_matter(checkout: pathlib.Path) -> None:
    run(checkout)
    settings = (checkout / "stand-in/settings").read_text(encoding="utf-8")
    assert settings.split() == ["-mod=readonly", "0"]


def test_a_changed_source_is_built_again(checkout: pathlib.Path) -> None:
    run(checkout)
    with (checkout / "toolchain/cmd/pulumi-language-python/run.go").open("a") as source:
        source.write("// changed\n")
    run(checkout)
    builds = (checkout / "stand-in/builds").read_text(encoding="utf-8")
    assert builds.splitlines() == ["built", "built"]


def test_a_missing_program_is_built_again(checkout: pathlib.Path) -> None:
    run(checkout)
    host = checkout / ".toolchain/bin/pulumi-language-python"
    host.unlink()
    run(checkout)
    assert host.exists()


def test_a_killed_run_leaves_nothing_half_done_and_the_next_converges(
    checkout: pathlib.Path,
) -> None:
    process = start(checkout, build_seconds=1.5)
    end = time.monotonic() + 10
    while not (checkout / ".toolchain/building/pulumi").exists():
        assert time.monotonic() < end
        time.sleep(0.02)
    process.kill()
    process.communicate(timeout=10)
    assert not (checkout / ".toolchain/bin").exists()
    output = run(checkout)
    assert "another set-up holds" in output, "it must wait for the build that still runs"
    assert (checkout / ".toolchain/bin/pulumi-language-python").exists()
    assert not (checkout / ".toolchain/building").exists()


def test_a_failed_build_is_told_with_its_output(checkout: pathlib.Path) -> None:
    go = checkout / "stand-in/bin/go"
    go.write_text(GO.replace("echo built", "echo no such module; exit 1; echo"), encoding="utf-8")
    process = start(checkout)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "no such module" in output
    assert "GOPROXY" in output
    assert "Traceback" not in output


def test_the_recipe_of_an_installed_package_fills_another_folder(checkout: pathlib.Path) -> None:
    recipe = checkout / "toolchain"
    before = sorted(recipe.rglob("*.*"))
    process = start(checkout, root=checkout / "project")
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 0, output
    assert (checkout / "project/.toolchain/bin/pulumi").exists()
    assert not (checkout / ".toolchain").exists()
    assert sorted(recipe.rglob("*.*")) == before


def test_help_teaches() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "toolchain/setup.py", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    for word in (".venv", ".toolchain/bin", "PILOTHOUSE_TOOLCHAIN_OFFICIAL", "--tests"):
        assert word in done.stdout
