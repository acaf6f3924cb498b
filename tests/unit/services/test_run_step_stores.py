"""The program that runs a step where it has no SDK: a folder as the store, arguments as variables.

Its Python sees no package, so that what the program imports is the standard library.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pilothouse.services.programs import run_step
from pilothouse.services.programs.run_step import Store

DIGEST, TOKEN = "0123456789ab", "run-20261127-101112-0a1b"
OUTPUTS = f"runs/{TOKEN}/outputs"
STEPS: dict[str, Any] = {
    "features": {"command": ["sh", "-c", "mkdir $OUTPUTS/a; printf 1 > $OUTPUTS/a/f.csv"]},
    "train": {"command": ["sh", "-c", "cat $INPUTS/features/a/f.csv"], "needs": ["features"]},
    "look": {"command": ["sh", "-c", "echo $PARAM_TOKEN_COUNT $OF_ARGUMENTS $MODEL_NAME"]},
}


@dataclass
class Volume:
    """A volume with a package, and a folder for what a service mounts beside it."""

    folder: Path
    files: Path
    arguments: dict[str, str] = field(default_factory=dict)

    def run(
        self, step: str, *, expect: int = 0, steps: Mapping[str, Any] = STEPS, **more: str
    ) -> str:
        """What the step said; all its variables are arguments, and `more` are others."""
        definition = {
            "parameters": {"token_count": 3},
            "secrets": ["WAREHOUSE_URL"],
            "steps": {name: {"needs": [], **each} for name, each in steps.items()},
        }
        path = self.files / "steps.json"
        path.write_text(json.dumps(definition))
        given = {**self.arguments, **more}
        options = [part for name, value in given.items() for part in ("--set", f"{name}={value}")]
        done = subprocess.run(
            [sys.executable, "-S", run_step.__file__, *options, path, step],
            env={"PATH": os.defpath, "TMPDIR": str(self.files), "MODEL_NAME": "of the environment"},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == expect, done.stdout
        return done.stdout

    def names(self, below: str) -> list[str]:
        """The files below a folder of the volume."""
        found = (self.folder / below).rglob("*")
        return sorted(
            str(path.relative_to(self.folder / below)) for path in found if path.is_file()
        )


@pytest.fixture
def volume(tmp_path: Path) -> Volume:
    """A volume, with a package of this interpreter's as the current one."""
    files, folder = tmp_path / "files", tmp_path / "volume"
    for path in (files / "site-packages" / "bin", folder / "packages"):
        path.mkdir(parents=True)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    about = {"python": version, "machine": platform.machine()}
    (files / "package.json").write_text(json.dumps(about))
    with tarfile.open(folder / "packages" / f"{DIGEST}.tar.gz", "w:gz") as tar:
        for name in ("site-packages", "package.json"):
            tar.add(files / name, name)
    (folder / "packages" / "current.json").write_text(json.dumps({"package": DIGEST}))
    own = {"RUN_ID": TOKEN, "RUN_PACKAGE": "current", "RUN_INPUTS": "own"}
    return Volume(folder, files, {**own, "PARAM_TOKEN_COUNT": "5", "DATA_URI": str(folder)})


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_steps_hand_files_on_in_a_folder(volume: Volume, scheme: str) -> None:
    uri = f"{scheme}{volume.folder}"
    volume.run("features", DATA_URI=uri)
    assert volume.names(OUTPUTS) == ["features/a/f.csv"]
    said = volume.run("train", DATA_URI=uri).splitlines()
    assert said[1:3] == ["pilothouse: 1 files of features", "1pilothouse: 0 files handed on"]
    assert volume.names(".partial") == []


def test_a_repeated_step_leaves_nothing_of_the_try_before(volume: Volume) -> None:
    volume.run("features")
    for command, left in {
        "printf 2 > $OUTPUTS/a": ["a"],
        "mkdir -p $OUTPUTS/a/b; printf 3 > $OUTPUTS/a/b/c": ["a/b/c"],
        "true": [],
    }.items():
        volume.run("features", steps={"features": {"command": ["sh", "-c", command]}})
        assert volume.names(f"{OUTPUTS}/features") == left


def test_a_failed_write_leaves_what_was_there(
    volume: Volume, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs = tmp_path / "outputs"
    outputs.mkdir()
    (outputs / "f.csv").write_text("before")
    store = Store(str(volume.folder))
    store.keep(TOKEN, "features", outputs)

    def half(source: Path, target: Path) -> None:
        target.write_text(source.read_text()[:2])
        raise OSError("no space left")

    monkeypatch.setattr(shutil, "copyfile", half)
    (outputs / "f.csv").write_text("afterwards")
    with pytest.raises(OSError, match="no space"):
        store.keep(TOKEN, "features", outputs)
    assert (volume.folder / OUTPUTS / "features" / "f.csv").read_text() == "before"
    assert volume.names(".partial") == []


def test_arguments_go_before_the_environment(volume: Volume) -> None:
    assert "5 of arguments of the environment" in volume.run("look", OF_ARGUMENTS="of arguments")
    assert "5 mine" in volume.run("look", MODEL_NAME="mine")


@pytest.mark.parametrize(
    "name", ["WAREHOUSE_URL", "AWS_SECRET_ACCESS_KEY", "MLFLOW_TRACKING_PASSWORD", "SOME_TOKEN"]
)
def test_a_secret_is_no_argument(volume: Volume, name: str) -> None:
    volume.arguments[name] = "s3cret"
    said = volume.run("features", expect=2)
    assert f"{name} is secret" in said
    assert "s3cret" not in said
    assert volume.names(OUTPUTS) == []


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("s3://pilot-data", "s3://pilot-data needs the module boto3: name an image that has it"),
        ("gs://pilot-data", "needs the module google"),
        ("abfss://data@pilot.dfs.core.windows.net", "needs the module azure"),
        ("https://pilot.blob.core.windows.net/data", "needs the module azure"),
        ("https://pilot.example.com/data?sig=s3cret", "DATA_URI begins with 'https'"),
        ("wasbs://data@pilot", "DATA_URI begins with 'wasbs'"),
        ("data", "DATA_URI begins with 'data'"),
        ("/no/such/volume", "no folder /no/such/volume: mount the volume"),
    ],
)
def test_a_store_that_is_out_of_reach_is_said_in_a_sentence(
    volume: Volume, uri: str, said: str
) -> None:
    told = volume.run("features", expect=2, DATA_URI=uri).splitlines()
    assert len(told) == 3
    assert said in told[1]
    assert "s3cret" not in told[1]


def test_a_package_that_is_not_in_the_folder_is_named(volume: Volume) -> None:
    said = volume.run("features", expect=2, RUN_PACKAGE="ba9876543210")
    assert "no package ba9876543210 in the store" in said


def test_an_argument_that_is_no_variable_is_refused() -> None:
    with pytest.raises(SystemExit) as caught:
        run_step.main(["--set", "NAME", "steps.json", "train"])
    assert caught.value.code == 2
