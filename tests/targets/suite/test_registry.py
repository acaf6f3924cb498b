"""The registry: every target has its suite, its parts load, and others can add theirs."""

import subprocess
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from importlib import import_module
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from pilothouse import targets
from pilothouse.errors import PilothouseError
from pilothouse.targets import BUILT_IN, local
from tests.targets.suite.clients import ClientsSuite
from tests.targets.suite.contract import ContractSuite
from tests.targets.suite.operations import OperationsSuite
from tests.targets.suite.settings import SettingsSuite

TARGETS = Path(__file__).parents[1]
OPTIONAL = ("renderer", "images", "permissions")
GIVEN = [
    (name, part) for name, target in sorted(targets.registered().items()) for part in target.parts()
]

Register = Callable[[Mapping[str, str]], None]


def without_suite(registered: Collection[str]) -> set[str]:
    """The registered targets that lack one of the suites in a folder of their own."""
    if not registered:
        raise AssertionError("no target is registered")
    for path in TARGETS.glob("*/test_contract.py"):
        import_module(f"tests.targets.{path.parent.name}.{path.stem}")
    passed = [
        {getattr(found, "target", "") for found in _descendants(suite)}
        for suite in (ContractSuite, SettingsSuite, OperationsSuite, ClientsSuite)
    ]
    return set(registered) - set.intersection(*passed)


def _descendants(suite: type) -> Iterator[type]:
    for descendant in list[type](suite.__subclasses__()):
        yield descendant
        yield from _descendants(descendant)


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Iterator[Register]:
    """Have these targets built in, until the test ends."""

    def use(built_in: Mapping[str, str]) -> None:
        monkeypatch.setattr(targets, "BUILT_IN", built_in)
        targets.registered.cache_clear()

    yield use
    monkeypatch.undo()
    targets.registered.cache_clear()


def test_every_registered_target_has_its_suite() -> None:
    assert without_suite(targets.registered()) == set()


def test_a_target_without_a_suite_is_noticed() -> None:
    assert without_suite({*BUILT_IN, "moon"}) == {"moon"}


def test_an_empty_registry_is_noticed() -> None:
    with pytest.raises(AssertionError, match="no target is registered"):
        without_suite(set())


@pytest.mark.parametrize(("target", "part"), GIVEN)
def test_every_part_loads(target: str, part: str) -> None:
    assert callable(targets.load(target, part))


def test_every_optional_part_is_offered_by_somebody() -> None:
    assert OPTIONAL
    assert all(targets.offering(part) for part in OPTIONAL)


def test_an_unknown_target_is_no_target() -> None:
    with pytest.raises(KeyError, match="moon"):
        targets.load("moon", "storage")


def test_a_missing_sdk_is_named_with_the_command_that_brings_it(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install = "pip install pilothouse[moon]"
    (tmp_path / "moon_storage.py").write_text("import moon_sdk_of_nobody\n", encoding="utf-8")
    (tmp_path / "moon_target.py").write_text(
        "from dataclasses import replace\n"
        "from pilothouse.targets.local import TARGET as LOCAL\n"
        f"TARGET = replace(LOCAL, storage='moon_storage:Storage', install={install!r})\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    register({"moon": "moon_target:TARGET"})
    with pytest.raises(PilothouseError) as caught:
        targets.load("moon", "storage")
    message = str(caught.value)
    assert message == (
        f"target 'moon' needs 'moon_sdk_of_nobody', which is not installed: {install}"
    )


MOON = """
from dataclasses import replace
from pilothouse.targets.local import TARGET as LOCAL
class Storage: ...
TARGET = replace(LOCAL, storage='moon:Storage')
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Install a package, of the given source, that adds the target `moon` by an entry point."""

    def install(source: str) -> None:
        (tmp_path / "moon.py").write_text(source, encoding="utf-8")
        metadata = tmp_path / "moon-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: moon\nVersion: 1.0\n")
        entries = "[pilothouse.targets]\nmoon = moon:TARGET\nlocal = moon:TARGET\n"
        (metadata / "entry_points.txt").write_text(entries)
        monkeypatch.syspath_prepend(tmp_path)
        targets.registered.cache_clear()

    yield install
    sys.modules.pop("moon", None)
    monkeypatch.undo()
    targets.registered.cache_clear()


@pytest.fixture
def added_package(install: Callable[[str], None]) -> str:
    """An installed package that adds the target `moon`."""
    install(MOON)
    return "moon"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import moon_sdk_of_nobody", "ModuleNotFoundError: No module named 'moon_sdk_of_nobody'"),
        ("LUNA = 1", "AttributeError: module 'moon' has no attribute 'TARGET'"),
        ("TARGET = 'moon'", "moon:TARGET is a str instead of a Target"),
    ],
)
def test_another_packages_broken_target_is_named_with_its_package(
    install: Callable[[str], None], source: str, reason: str
) -> None:
    install(source)
    with pytest.raises(PilothouseError) as caught:
        targets.registered()
    assert str(caught.value) == (
        f"target 'moon' of package 'moon' cannot be loaded: {reason}; "
        "update that package or uninstall it"
    )


def test_another_package_adds_a_target(added_package: str) -> None:
    assert added_package in targets.registered()
    assert targets.load(added_package, "storage").__name__ == "Storage"
    assert targets.load(added_package, "compute").__name__ == "LocalCompute"


def test_another_package_cannot_take_the_place_of_a_built_in_target(added_package: str) -> None:
    assert targets.registered()["local"] is local.TARGET


def test_without_another_package_there_are_only_ours_and_the_toy() -> None:
    """The toy is a package outside of this one, which the tests put on Python's path."""
    assert set(targets.registered()) == {*BUILT_IN, "toy"}


def test_entries_are_strings_so_that_only_the_targets_own_sdk_is_imported() -> None:
    for target in targets.registered().values():
        for name, value in target.parts().items():
            entry = EntryPoint(name=name, value=value, group="")
            assert entry.module
            assert entry.attr


def test_a_descriptor_is_read_without_the_targets_sdk() -> None:
    program = (
        "import sys\nfrom pilothouse import targets\ntargets.registered()\n"
        "print(*{'pulumi', 'pulumi_aws', 'pulumi_kubernetes', 'kubernetes', 'boto3'} "
        "& set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []
