"""The import contracts of `.importlinter`: they hold, and each of them can fail."""

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "pilothouse"
WORKLOAD = SOURCE / "workload"
# What Airflow's interpreter runs from a folder: no module of the package.


@pytest.fixture(scope="module")
def copied_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("layers")
    shutil.copytree(SOURCE, project / "src" / "pilothouse")
    shutil.copy(ROOT / ".importlinter", project)
    return project


def lint(project: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def importers(folder: Path, package: str) -> list[str]:
    """The modules below `folder` that import `package` or something in it."""
    return [
        path.name
        for path in sorted(folder.rglob("*.py"))
        if any(name.partition(".")[0] == package for name in imports(path))
    ]


def test_every_contract_is_kept() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


BREAKS = [
    ("contract.py", "import pilothouse.program.platform", "Each part knows only what is below it"),
    ("services/probes.py", "import pilothouse.targets", "Each part knows only what is below it"),
    ("plan.py", "import pilothouse.contract", "Each part knows only what is below it"),
    ("errors.py", "import pilothouse.config.platform_spec", "Each part knows only what is below"),
    ("targets/local/settings/target.py", "import pilothouse.lifecycle", "Each part knows only"),
    ("stray.py", "import json", "Each part knows only what is below it"),
    ("cli.py", "import pilothouse.targets.local", "The command line only drives the lifecycle"),
    ("cli.py", "import pulumi", "The command line only drives the lifecycle"),
    ("targets/aws/naming.py", "import pilothouse.targets.local", "Targets do not know each other"),
    ("targets/local/processes/launch.py", "from ..resources import home", "Inside a target each"),
    ("targets/local/components/compute.py", "from ..operations import target", "Inside a target"),
    ("targets/kubernetes/settings/base.py", "from ..objects import pods", "Inside a target each"),
    ("targets/kubernetes/objects/pods.py", "from ..components import base", "Inside a target each"),
    ("targets/aws/naming.py", "from .settings import regions", "Inside a target each layer"),
    ("targets/aws/clients/api.py", "from ..resources import TABLE", "Inside a target each layer"),
    ("targets/aws/operations/logs.py", "from ..components import iam", "Inside a target each"),
    ("targets/aws/components/iam.py", "from ..operations import logs", "Inside a target each"),
    ("targets/aws/components/iam.py", "from . import job_iam", "No imports form a circle"),
    ("targets/__init__.py", "import pilothouse.targets.local", "The registry names"),
    ("program/load.py", "import pulumi", "What reads, plans and probes needs no Pulumi"),
    ("config/platform_spec.py", "import pulumi.runtime", "What reads, plans and probes needs"),
    ("targets/local/components/storage.py", "import boto3", "AWS's SDK is for buckets"),
    ("targets/local/components/storage.py", "from botocore import config", "AWS's SDK is for"),
    ("targets/local/components/storage.py", "import pulumi_aws", "pulumi_aws is the aws target's"),
    ("program/platform.py", "import pulumi_kubernetes", "Kubernetes is the kubernetes target's"),
    ("targets/local/components/storage.py", "import kubernetes", "Kubernetes is the kubernetes"),
    ("targets/local/components/storage.py", "import cryptography.x509", "Certificates are made"),
    ("targets/local/components/storage.py", "import supervisor.xmlrpc", "supervisord is spoken"),
    ("targets/local/components/storage.py", "import psutil", "Processes are looked at in named"),
    ("targets/local/components/storage.py", "import httpx", "HTTP is spoken by clients"),
    ("targets/local/components/storage.py", "from airflow.sdk import DAG", "Airflow is imported"),
    ("targets/local/components/tracking.py", "import mlflow", "Airflow is imported by what"),
]


@pytest.mark.parametrize(
    ("module", "line", "contract"), BREAKS, ids=[f"{file}: {line}" for file, line, _ in BREAKS]
)
def test_a_wrong_import_breaks_its_contract(
    copied_project: Path, module: str, line: str, contract: str
) -> None:
    path = copied_project / "src" / "pilothouse" / module
    before = path.read_text(encoding="utf-8") if path.exists() else None
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{before or ''}\n{line}\n", encoding="utf-8")
    try:
        done = lint(copied_project)
    finally:
        restore(path, before)
    broken = [text for text in done.stdout.splitlines() if " BROKEN" in text]
    assert done.returncode == 1, done.stdout + done.stderr
    assert any(text.startswith(contract) for text in broken), done.stdout


def restore(path: Path, text: str | None) -> None:
    if text is not None:
        path.write_text(text, encoding="utf-8")
    elif path.name == "__init__.py":
        shutil.rmtree(path.parent)
    else:
        path.unlink()


def test_every_contract_has_a_wrong_import() -> None:
    names = [
        line.removeprefix("name = ")
        for line in (ROOT / ".importlinter").read_text(encoding="utf-8").splitlines()
        if line.startswith("name = ")
    ]
    assert len(names) > 10
    assert [name for name in names if not any(name.startswith(b) for _, _, b in BREAKS)] == []


def test_the_contracts_see_every_module() -> None:
    """A folder without `__init__.py` would be left out, and anything could be in it."""
    seen = grimp.build_graph("pilothouse", cache_dir=None).modules
    modules = [
        ".".join(("pilothouse", *path.relative_to(SOURCE).with_suffix("").parts))
        for path in SOURCE.rglob("*.py")
        if not path.is_relative_to(WORKLOAD) and path.parent.name != "dags"
    ]
    assert len(modules) > 30
    assert {name.removesuffix(".__init__") for name in modules} <= seen


def test_the_workload_and_the_package_do_not_import_each_other() -> None:
    assert len([*WORKLOAD.rglob("*.py")]) > 5
    assert importers(WORKLOAD, "pilothouse") == []
    ours = [path for path in SOURCE.iterdir() if path != WORKLOAD and path.is_dir()]
    assert [name for folder in ours for name in importers(folder, "pilothouse_workload")] == []


def test_a_workload_that_imports_the_package_is_seen(tmp_path: Path) -> None:
    (tmp_path / "inner.py").write_text(
        "def run():\n    from pilothouse.config.platform_spec import load\n"
    )
    (tmp_path / "outer.py").write_text("import pilothouse_workload.train\n")
    assert importers(tmp_path, "pilothouse") == ["inner.py"]
