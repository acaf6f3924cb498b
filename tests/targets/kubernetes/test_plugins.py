"""The engine looks for the plugins of the stack's target, and for those of no other package."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from testkit.support.clusters import name_plugin
from testkit.support.stacks import REPOSITORY, Stack, end_all, project_folder, write_stack_file

pytestmark = pytest.mark.engine

NO_NETWORK = {"HTTPS_PROXY": "http://127.0.0.1:1", "HTTP_PROXY": "http://127.0.0.1:1"}


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    """A stack on a cluster that nobody serves."""
    with project_folder() as project:
        made = Stack(project, "pilot", 0)
        write_kubeconfig(project / "kubeconfig")
        monkeypatch.setenv("KUBECONFIG", str(project / "kubeconfig"))
        write_stack_file(project, made.name, "kubernetes", {"context": "nowhere"})
        yield made
        end_all(made)


def write_kubeconfig(path: Path) -> None:
    context = {"cluster": "nowhere", "user": "nobody"}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "nowhere", "cluster": {"server": "https://127.0.0.1:1"}}],
        "users": [{"name": "nobody", "user": {"token": "none"}}],
        "contexts": [{"name": "nowhere", "context": context}],
        "current-context": "nowhere",
    }
    path.write_text(yaml.safe_dump(document))


def without_plugins(stack: Stack) -> None:
    """Give the project a tool chain of its own that has no plugin of a provider."""
    tools = stack.project / ".toolchain"
    tools.unlink()
    tools.mkdir()
    for name in ("bin", "uv"):
        (tools / name).symlink_to(REPOSITORY / ".toolchain" / name)


def test_no_plugin_of_another_package_is_downloaded(stack: Stack) -> None:
    name_plugin(stack.project / "Pulumi.yaml")
    assert "pilot would be: create " in stack.run("preview")
    logged = ["pulumi", "preview", "-v=9", "--logtostderr", "--stack", stack.name]
    done = subprocess.run(
        [*logged, "--non-interactive"],
        cwd=stack.project,
        env=stack.environment() | stack.json("env"),
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    assert "GetPluginPath(resource, aws, " in done.stderr, (
        "the test needs the SDK of another target"
    )
    assert "plugin download url" not in done.stderr
    assert "doing install" not in done.stderr


def test_a_missing_plugin_that_cannot_be_downloaded_is_refused_with_the_remedy(
    stack: Stack,
) -> None:
    without_plugins(stack)
    output = stack.run("preview", expect=2, **NO_NETWORK)
    error = output[output.index("error:") :]
    assert "the provider plugin kubernetes 4." in error
    assert "is not installed and cannot be downloaded" in error
    assert "run `pilothouse setup`, put pulumi-resource-kubernetes on PATH" in error
    assert "`pulumi plugin install resource kubernetes 4." in error
    assert "aws" not in output
