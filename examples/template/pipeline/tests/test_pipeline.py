"""Run it with `uv run --with pytest --directory pipeline pytest`."""

from pathlib import Path

import pytest

from pipeline import DATA, prepare, train


def test_the_line_fits_the_data(tmp_path: Path) -> None:
    prepare(tmp_path)
    metrics = train(tmp_path / DATA)
    assert metrics["slope"] == pytest.approx(2.0, abs=0.1)
    assert metrics["r2"] > 0.99
