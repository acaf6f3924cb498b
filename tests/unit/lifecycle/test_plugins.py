"""The plugins of a stack's target are installed where the engine does not find them."""

from __future__ import annotations

import os
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import pytest
from typing_extensions import override

from pilothouse.errors import Refused
from pilothouse.lifecycle.engine.automation import EngineFailed
from pilothouse.lifecycle.engine.state import StackState
from pilothouse.lifecycle.plugins import install_missing
from pilothouse.lifecycle.stack import Stack
from tests.unit.lifecycle.still_stack import StillEngine, TextReport, still_stack

SDK = version("pulumi-kubernetes")
EMPTY = StackState(exists=False)


class InstallingEngine(StillEngine):
    """Keeps what it was asked to install, or cannot."""

    def __init__(self, *, has_network: bool = True) -> None:
        super().__init__(EMPTY)
        self.installed: list[tuple[str, str]] = []
        self.has_network = has_network

    @override
    def install_plugin(self, name: str, version: str) -> None:
        if not self.has_network:
            raise EngineFailed("no such host")
        self.installed.append((name, version))


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """A stack on a target with a plugin, on a machine that has none."""
    opened = still_stack(tmp_path)
    monkeypatch.setenv("PATH", os.defpath)
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    plan = replace(opened.plan, target="kubernetes")
    return replace(opened, plan=plan, engine=InstallingEngine())


def installed(stack: Stack, state: StackState = EMPTY) -> list[tuple[str, str]]:
    install_missing(stack, TextReport(), state)
    assert isinstance(stack.engine, InstallingEngine)
    return stack.engine.installed


def test_the_version_of_the_sdk_is_installed(stack: Stack) -> None:
    assert installed(stack) == [("kubernetes", SDK)]


def test_a_target_without_plugins_needs_none(stack: Stack) -> None:
    assert installed(replace(stack, plan=replace(stack.plan, target="local"))) == []


def test_so_is_that_which_made_what_the_state_has(stack: Stack) -> None:
    providers = [
        {"urn": name, "type": f"pulumi:providers:{name}", "inputs": {"version": "1.2.3"}}
        for name in ("kubernetes", "aws")
    ]
    state = StackState(exists=True, resources=providers)
    assert installed(stack, state) == [("kubernetes", "1.2.3"), ("kubernetes", SDK)]


def test_one_that_pulumi_installed_is_found(stack: Stack, tmp_path: Path) -> None:
    (tmp_path / "home" / "plugins" / f"resource-kubernetes-v{SDK}").mkdir(parents=True)
    assert installed(stack) == []


def test_one_on_path_is_found(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "pulumi-resource-kubernetes"
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert installed(stack) == []


def test_one_that_pulumi_yaml_names_is_found(stack: Stack, tmp_path: Path) -> None:
    with (tmp_path / "Pulumi.yaml").open("a") as file:
        file.write("plugins: {providers: [{name: kubernetes, path: here}]}\n")
    assert installed(stack) == []


def test_without_a_network_the_remedy_is_named(stack: Stack) -> None:
    offline = replace(stack, engine=InstallingEngine(has_network=False))
    with pytest.raises(Refused, match="cannot be downloaded: no such host") as refused:
        installed(offline)
    assert f"`pulumi plugin install resource kubernetes {SDK}`" in str(refused.value)
