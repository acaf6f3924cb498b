"""The team's package: what is accepted, what is built and locked, and what is refused."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from pilothouse.config.platform_spec import Platform
from pilothouse.errors import InvalidInput, PilothouseError, Problem
from pilothouse.packages import wheel
from pilothouse.packages.package import Package, prepare
from tests.unit.packages.conftest import write_package

Read = Callable[..., Platform]


def made(project: Path, platform: Platform) -> Package:
    assert platform.workload is not None
    return prepare(project, platform, platform.workload, project / ".pilothouse" / "packages")


def refused(project: Path, platform: Platform) -> Problem:
    with pytest.raises(InvalidInput) as error:
        made(project, platform)
    (problem,) = error.value.problems
    assert not list(project.glob(".pilothouse/packages/*"))
    assert not (project / "workload.lock").exists()
    return problem


def test_a_folder_is_built_and_its_requirements_are_locked_with_hashes(
    project: Path, platform: Read
) -> None:
    write_package(project / "churn", requires='["six>=1.16"]')
    package = made(project, platform("package: churn"))
    assert (package.name, package.python) == ("churn-model", "3.11")
    assert package.wheel is not None
    with zipfile.ZipFile(package.wheel) as archive:
        assert "churn/__init__.py" in archive.namelist()
    text = package.requirements.read_text(encoding="utf-8")
    assert "six==" in text
    assert "--hash=sha256:" in text
    assert "matplotlib" not in text
    assert (project / "workload.lock").read_text(encoding="utf-8") == text


def test_the_same_content_is_the_same_package_whenever_it_is_built(
    project: Path, platform: Read
) -> None:
    first, second = (made(project, platform("package: churn")) for _ in range(2))
    assert first == second
    write_package(project / "churn", text="def main(): return 1\n")
    changed = made(project, platform("package: churn"))
    assert changed.digest != first.digest
    assert first.wheel is not None
    assert first.wheel.is_file()


def test_what_the_lock_has_stays_until_the_requirements_change(
    project: Path, platform: Read
) -> None:
    write_package(project / "churn", requires='["six==1.16.0"]')
    made(project, platform("package: churn"))
    write_package(project / "churn", requires='["six>=1.15"]')
    made(project, platform("package: churn"))
    lock = project / "workload.lock"
    assert "six==1.16.0" in lock.read_text(encoding="utf-8")
    lock.unlink()
    made(project, platform("package: churn"))
    assert "six==1.16.0" not in lock.read_text(encoding="utf-8")


def test_an_unchanged_lock_asks_no_index(
    project: Path, platform: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_package(project / "churn", requires='["six>=1.16"]')
    first = made(project, platform("package: churn"))
    built = shutil.copy(str(first.wheel), project)
    monkeypatch.setenv("PATH", "")  # no uv, which alone would ask one
    again = made(project, platform(f"package: {Path(built).name}"))
    assert again.digest == first.digest


def test_a_pinned_requirement_is_locked_with_what_it_requires(
    project: Path, platform: Read
) -> None:
    package = made(project, platform("package: python-dateutil==2.9.0.post0"))
    text = package.requirements.read_text(encoding="utf-8")
    assert (package.name, package.wheel) == ("python-dateutil", None)
    assert "python-dateutil==2.9.0.post0" in text
    assert "six==" in text


def test_a_lock_of_uv_is_taken_as_it_is(project: Path, platform: Read) -> None:
    write_package(project / "churn", requires='["six>=1.16"]')
    subprocess.run(["uv", "lock", "--quiet"], cwd=project / "churn", check=True)
    package = made(project, platform("package: churn", "lock: churn/uv.lock"))
    text = package.requirements.read_text(encoding="utf-8")
    assert "six==" in text
    assert "--hash=sha256:" in text
    assert "churn" not in text
    assert not (project / "workload.lock").exists()


def test_a_lock_with_hashes_is_taken_as_it_is(project: Path, platform: Read) -> None:
    made(project, platform("package: six==1.17.0"))
    (project / "workload.lock").rename(project / "mine.txt")
    package = made(project, platform("package: six==1.17.0", "lock: mine.txt"))
    assert package.requirements.read_bytes() == (project / "mine.txt").read_bytes()


@pytest.mark.parametrize(
    ("lines", "key", "found", "remedy"),
    [
        (["package: missing folder"], "package", '"missing folder"', "a requirement such as"),
        (["package: empty"], "package", "without a pyproject.toml", "name a folder"),
        (["package: broken"], "package", "which is no TOML", "correct it"),
        (["package: nameless"], "package", "without a project.name", "add `name`"),
        (["package: churn-1.whl"], "package", "no file", "a wheel"),
        (["package: bad.whl"], "package", "no name of a wheel", "a wheel"),
        (["package: six"], "package", "names no version", "such as six==1.2.3"),
        (["package: six>=1.16"], "package", "names no version", "such as six==1.2.3"),
        (["package: six @ https://example.org/s.whl"], "package", "no version", "six==1.2.3"),
        (["package: churn", "python: '3.10'"], "python", "requires >=3.11", "a version"),
        (["package: churn", "lock: missing.txt"], "lock", "no file", "remove `lock`"),
        (["package: churn", "lock: plain.txt"], "lock", "without hashes", "--generate-hashes"),
        (["package: churn", "lock: uv.lock"], "lock", "does not read", "run `uv lock`"),
        (["package: six==1.17.0", "lock: other.txt"], "lock", "without six==1.17.0", "add it"),
        (["package: docopt==0.6.2"], "package", "no wheels satisfy", "without wheels"),
        (["package: six==99"], "package", "no wheels satisfy", "change them"),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else None,
)
def test_what_cannot_be_used_is_refused_and_nothing_is_written(
    project: Path, platform: Read, lines: list[str], key: str, found: str, remedy: str
) -> None:
    for name, text in {
        "broken": "[project",
        "nameless": "[project]\nversion = '1'\n",
        "empty": None,
    }.items():
        (project / name).mkdir()
        if text:
            (project / name / "pyproject.toml").write_text(text, encoding="utf-8")
    (project / "bad.whl").touch()
    (project / "plain.txt").write_text("six==1.17.0\n", encoding="utf-8")
    (project / "uv.lock").write_text("no lock\n", encoding="utf-8")
    (project / "other.txt").write_text("a==1 --hash=sha256:00\n", encoding="utf-8")
    problem = refused(project, platform(*lines))
    assert (problem.key, problem.line) == (f"workload.{key}", 4 + 1 + len(lines))
    assert found in problem.found
    assert remedy in problem.remedy


def test_a_build_that_fails_shows_its_last_words(project: Path, platform: Read) -> None:
    write_package(project / "churn")
    manifest = project / "churn" / "pyproject.toml"
    text = manifest.read_text(encoding="utf-8").replace(
        "[project]", '[project]\nreadme = "gone.md"', 1
    )
    manifest.write_text(text, encoding="utf-8")
    with pytest.raises(PilothouseError, match=r"cannot be built for Python 3\.11") as error:
        made(project, platform("package: churn"))
    assert "gone.md" in str(error.value)
    assert not list(project.glob(".pilothouse/packages/*"))


def test_the_digest_of_a_wheel_does_not_depend_on_its_times(tmp_path: Path) -> None:
    paths = [tmp_path / "a.whl", tmp_path / "b.whl"]
    for number, path in enumerate(paths):
        with zipfile.ZipFile(path, "w") as archive:
            entry = zipfile.ZipInfo("x.py", date_time=(2020 + number, 1, 1, 0, 0, 0))
            archive.writestr(entry, "x = 1\n")
    assert wheel.digest(paths[0]) == wheel.digest(paths[1])


def test_what_is_no_wheel_is_said(project: Path, platform: Read) -> None:
    (project / "churn-1-py3-none-any.whl").write_text("no archive", encoding="utf-8")
    with pytest.raises(PilothouseError, match=r"churn-1-py3-none-any\.whl is no wheel"):
        made(project, platform("package: churn-1-py3-none-any.whl"))


def test_a_project_that_is_not_writable_is_said(project: Path, platform: Read) -> None:
    (project / "workload.lock").mkdir()  # where a file cannot be put
    with pytest.raises(PilothouseError, match=r"workload\.lock cannot be written: .*writable"):
        made(project, platform("package: churn"))
