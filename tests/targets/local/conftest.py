"""Folders, a supervisord, and the real stores: each taken away after the tests."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from testkit.support import environments, tools

from pilothouse.targets.local.processes import process_table
from pilothouse.targets.local.resources.home import HomeProvider
from pilothouse.targets.local.resources.supervisor import SupervisorProvider
from tests.targets.local.machine import short_folder
from tests.targets.local.stores import Stores, running_stores


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder() as made:
        yield made


@contextmanager
def supervised_home() -> Iterator[Path]:
    """The folder of a stack in which supervisord runs, without any program."""
    with short_folder() as made:
        home = made / "stack"
        HomeProvider().create({"name": "home", "path": str(home), "tags": {}, "is_default": True})
        supervisor = {"name": "supervisor", "home": str(home)}
        SupervisorProvider().create(supervisor)
        try:
            yield home
        finally:
            SupervisorProvider().delete("supervisor", supervisor)
            left = process_table.of_folder(home)
        assert left == []


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A supervised folder that the tests of a module share."""
    with supervised_home() as made:
        yield made


@pytest.fixture
def own_home() -> Iterator[Path]:
    """A supervised folder of a test that ends its supervisord."""
    with supervised_home() as made:
        yield made


@pytest.fixture(scope="session")
def uv() -> Iterator[None]:
    """`uv` on PATH, if need be the one in .toolchain."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", os.pathsep.join([os.environ["PATH"], str(tools.uv().parent)]))
        yield


@pytest.fixture(scope="session")
def services_environment() -> Path:
    """The environment of the stores, at its place in this project, so that `up` finds it made."""
    return environments.installed("services")


@pytest.fixture(scope="session")
def stores(services_environment: Path) -> Iterator[Stores]:
    """PostgreSQL and SeaweedFS as the platform makes them, with their roles and buckets."""
    with short_folder() as made, running_stores(made, services_environment.parent) as running:
        yield running


@pytest.fixture(scope="session")
def today() -> date:
    return date(2026, 11, 23)
