"""The figure of a run, as it is drawn: every number stands out and nothing is cut off."""

import json
import subprocess
from typing import Any

import pytest

from .services import SOURCE, environment

pytestmark = pytest.mark.live

DRAWN = """
import json
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from pilothouse_workload.model import plot

figure = plot([0] * 53 + [1] * 90, [0] * 51 + [1] * 2 + [0] + [1] * 89)
canvas = FigureCanvasAgg(figure)
canvas.draw()
(axes,) = figure.axes
(image,) = axes.images
paper = figure.get_window_extent()
drawn = axes.get_tightbbox()

def cell(text):
    column, row = map(int, text.get_position())
    return image.cmap(image.norm(image.get_array()[row, column]))[:3]

print(json.dumps({
    "numbers": {t.get_text(): [to_rgb(t.get_color()), cell(t)] for t in axes.texts},
    "ticks": [[float(x) for x in axes.get_xticks()], [float(y) for y in axes.get_yticks()]],
    "inside": bool(paper.x0 <= drawn.x0 and paper.y0 <= drawn.y0
        and drawn.x1 <= paper.x1 and drawn.y1 <= paper.y1),
}))
"""
LEAST_CONTRAST = 3.0  # WCAG 2, for large text


@pytest.fixture(scope="module")
def drawn() -> Any:
    python = environment("workload", SOURCE) / "bin" / "python"
    done = subprocess.run([python, "-c", DRAWN], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def luminance(colour: list[float]) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_number_stands_out_from_its_cell(drawn: Any) -> None:
    assert set(drawn["numbers"]) == {"51", "2", "1", "89"}
    for number, colours in drawn["numbers"].items():
        darker, lighter = sorted(map(luminance, colours))
        assert (lighter + 0.05) / (darker + 0.05) >= LEAST_CONTRAST, number


def test_the_axes_show_the_classes_and_nothing_between(drawn: Any) -> None:
    assert drawn["ticks"] == [[0.0, 1.0], [0.0, 1.0]]


def test_no_label_is_cut_off(drawn: Any) -> None:
    assert drawn["inside"]
