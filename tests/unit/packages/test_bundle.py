"""A package as one archive for steps that run in Linux containers, made on any machine."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from pilothouse.config.platform_spec import Platform
from pilothouse.packages import bundle, lock
from pilothouse.packages.package import Package, prepare
from pilothouse.packages.uv import UvFailed
from tests.unit.packages.conftest import write_package

Read = Callable[..., Platform]


def prepared(project: Path, platform: Platform) -> Package:
    assert platform.workload is not None
    return prepare(project, platform, platform.workload, project / "packages")


def test_it_has_the_package_what_that_requires_and_the_programs(
    project: Path, platform: Read
) -> None:
    write_package(project / "churn", requires='["markupsafe", "pygments"]')
    archive = bundle.make(prepared(project, platform("package: churn", 'python: "3.12"')))
    with tarfile.open(archive) as tar:
        names = tar.getnames()
        about = tar.extractfile("package.json")
        assert about is not None
        assert json.load(about) == {"name": "churn-model", "python": "3.12", "machine": "x86_64"}
    assert "site-packages/churn/__init__.py" in names
    (compiled,) = (name for name in names if name.endswith(".so"))
    assert "cpython-312-x86_64-linux" in compiled
    assert bundle.programs(archive) == ["churn", "pygmentize"]


def test_it_is_made_once(project: Path, platform: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    package = prepared(project, platform("package: churn"))
    first = bundle.make(package)
    monkeypatch.setenv("PATH", "")  # no uv
    assert bundle.make(package) == first


def test_without_a_wheel_for_the_containers_nothing_is_made(project: Path, platform: Read) -> None:
    package = prepared(project, platform("package: churn"))
    package.requirements.write_text(
        "docopt==0.6.2 \\\n"
        "    --hash=sha256:49b3a825280bd66b3aa83585ef59c4a8c82f2c8a522dbe754a8bc8d08c85c491\n"
    )
    with pytest.raises(UvFailed, match="docopt"):
        bundle.make(package)
    kept = {path.name for path in package.requirements.parent.iterdir()}
    assert kept == {"requirements.txt", "churn_model-0.3.0-py3-none-any.whl"}


def test_an_environment_gets_what_it_lacks_and_nothing_of_it_changes(
    project: Path, tmp_path: Path
) -> None:
    installed = ["jinja2==3.1.4", "markupsafe==2.1.5"]
    added = bundle.add(["jinja2>=3", "markupsafe", "pygments>=2"], "3.12", installed)
    assert lock.names(added) == {"pygments"}
    archive = tmp_path / "packages.tar.gz"
    bundle.make_addition(added, "3.12", archive)
    with tarfile.open(archive) as tar:
        names = tar.getnames()
    assert "pygments/__init__.py" in names
    assert not [name for name in names if name.startswith(("jinja2", "markupsafe"))]


def test_what_would_change_the_environment_is_refused(project: Path) -> None:
    with pytest.raises(UvFailed, match="jinja2"):
        bundle.add(["jinja2>=3.1.5"], "3.12", ["jinja2==3.1.4", "markupsafe==2.1.5"])
