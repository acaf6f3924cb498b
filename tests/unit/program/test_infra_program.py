"""`infra/__main__.py`, the program that the engine runs."""

import runpy
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from pilothouse.contract import Contract
from pilothouse.errors import InvalidInput
from tests.targets.suite import platforms, promises
from tests.targets.suite.mocked_types import MOCKED
from tests.targets.suite.recorder import Recording, record, revealed

PROGRAM = platforms.ROOT / "infra" / "__main__.py"
NEXT_YEAR = datetime.now(UTC).year + 1


def run(folder: Path, *, expires: str = f"{NEXT_YEAR}-06-30", **config: str) -> Recording:
    pilot = f"pilot: {{expires: {expires}, monthlyBudget: 5}}"
    text = f"name: demo\nowner: a@example.org\n{pilot}\n"
    (folder / "platform.yaml").write_text(text, encoding="utf-8")
    return record(
        partial(runpy.run_path, str(PROGRAM)),
        MOCKED,
        root_directory=str(folder),
        config={f"pilothouse:{key}": value for key, value in config.items()},
    )


def test_it_makes_the_platform_and_exports_tags_and_contract(tmp_path: Path) -> None:
    graph = run(tmp_path, target="local")
    assert graph.outputs["tags"]["pilothouse-platform"] == "demo"
    assert Contract.from_output(revealed(graph.outputs["contract"])).storage.uri.startswith("s3://")
    assert graph.outputs["trackingUri"].startswith("http://127.0.0.1:")
    assert set(graph.outputs) > promises.FLAT_OUTPUTS
    direct = platforms.recorded(tmp_path, "local")
    assert set(graph.resources) == set(direct.resources)


def test_the_targets_settings_reach_it(tmp_path: Path) -> None:
    graph = run(tmp_path, target="local", local='{"basePort": 21000}')
    assert graph.one("Service postgres").inputs["ports"] == [21000]


def test_wrong_settings_are_refused_before_anything_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="basePort"):
        run(tmp_path, target="local", local='{"basePort": 1}')


def test_an_unknown_target_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"locale.*did you mean local"):
        run(tmp_path, target="locale")


def test_an_expired_pilot_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="expires"):
        run(tmp_path, target="local", expires="2020-01-01")
