"""Pulumi.yaml's runtime options, installs, and providers that are written in Python."""

from __future__ import annotations

import pathlib
import subprocess
import sys
import typing
import zipfile

import pytest

if typing.TYPE_CHECKING:
    from tests.e2e.engine.conftest import MakeProject

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("own_language_host")]


def runtime(**options: str) -> dict[str, object]:
    return {"name": "python", "options": options}


@pytest.mark.parametrize(
    ("folder", "message"),
    [("absent", "doesn't exist"), ("state", "doesn't appear to be a virtual environment")],
)
def test_a_wrong_virtualenv_is_named_with_the_remedy(
    pulumi_project: MakeProject, folder: str, message: str
) -> None:
    project = pulumi_project("", runtime=runtime(virtualenv=folder))
    done = project.pulumi("preview", check=False)
    assert done.returncode != 0
    assert f'"{project.folder}/{folder}" {message}' in done.stdout + done.stderr
    assert f"python3 -m venv {project.folder}/{folder}" in done.stdout + done.stderr


def test_the_virtualenv_option_chooses_the_python(pulumi_project: MakeProject) -> None:
    program = "import os, sys\nprint(sys.prefix, os.environ['VIRTUAL_ENV'])"
    project = pulumi_project(program, runtime=runtime(virtualenv="own"))
    own = project.folder / "own"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", own], check=True)
    borrowed = [path for path in sys.path if path.endswith("site-packages")]
    packages = next(own.glob("lib/python*/site-packages"))
    (packages / "borrowed.pth").write_text("\n".join(borrowed), encoding="utf-8")
    assert f"{own} {own}" in project.pulumi("preview").stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"toolchain": "conda"}, 'unsupported toolchain "conda" in Pulumi.yaml'),
        ({"typechecker": "pytype"}, 'unsupported typechecker "pytype" in Pulumi.yaml'),
    ],
)
def test_an_unknown_option_is_refused(
    pulumi_project: MakeProject, options: dict[str, str], message: str
) -> None:
    project = pulumi_project("", runtime=runtime(**options))
    done = project.pulumi("preview", check=False)
    assert done.returncode != 0
    assert message in done.stdout + done.stderr


def test_the_typechecker_option_stops_a_wrong_program(pulumi_project: MakeProject) -> None:
    options = runtime(virtualenv=sys.prefix, typechecker="mypy")
    project = pulumi_project("size: int = 'three'\nprint('it ran')", runtime=options)
    done = project.pulumi("preview", check=False)
    assert done.returncode != 0
    assert 'variable has type "int"' in done.stdout
    assert "it ran" not in done.stdout


def wheel(folder: pathlib.Path, name: str) -> None:
    """Write a wheel of one empty module."""
    info = f"{name}-1.0.dist-info"
    files = {
        f"{name}.py": "",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as archive:
        for path, text in [*files.items(), (f"{info}/RECORD", record)]:
            archive.writestr(path, text)


def test_install_makes_the_environment(pulumi_project: MakeProject) -> None:
    project = pulumi_project("", runtime=runtime(virtualenv="own"))
    wheels = project.folder / "wheels"
    wheels.mkdir()
    for name in ("box", "setuptools", "wheel"):
        wheel(wheels, name)
    (project.folder / "requirements.txt").write_text("box==1.0\n", encoding="utf-8")
    project.environment.update(PIP_NO_INDEX="1", PIP_FIND_LINKS=str(wheels))
    done = project.pulumi("install", "--no-plugins")
    assert "Finished installing dependencies" in done.stdout + done.stderr
    subprocess.run([project.folder / "own/bin/python", "-c", "import box"], check=True)


PROVIDER = """
import sys
from pulumi.provider.experimental.provider import *
from pulumi.provider.experimental.server import main

class Boxes(Provider):
    async def get_schema(self, request):
        return GetSchemaResponse(schema='{"name": "box", "version": "1.0.0"}')

    async def check_config(self, request):
        return CheckResponse(inputs=request.new_inputs, failures=[])

    async def diff_config(self, request):
        return DiffResponse()

    async def configure(self, request):
        return ConfigureResponse()

    async def check(self, request):
        return CheckResponse(inputs=request.new_inputs, failures=[])

    async def read(self, request):
        return ReadResponse(resource_id=request.resource_id, properties={}, inputs={})

main(sys.argv[1:], "1.0.0", Boxes())
"""


def test_import_through_a_provider_in_python(pulumi_project: MakeProject) -> None:
    plugins = {"providers": [{"name": "box", "path": "provider", "version": "1.0.0"}]}
    project = pulumi_project("", plugins=plugins)
    folder = project.folder / "provider"
    folder.mkdir()
    (folder / "__main__.py").write_text(PROVIDER, encoding="utf-8")
    (folder / "PulumiPlugin.yaml").write_text(
        f"runtime: {{name: python, options: {{virtualenv: {sys.prefix}}}}}", encoding="utf-8"
    )
    done = project.pulumi(
        "import", "box:index:Box", "found", "box-7", "--yes", "--generate-code=false",
        "--skip-preview",
    )  # fmt: skip
    assert "1 imported" in done.stdout
    assert "box-7" in project.pulumi("stack", "export").stdout
