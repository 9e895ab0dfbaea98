"""The other contender of P12's picture: the same funnel, as large and with the same font, by matplotlib from nothing loaded."""

import time

BEGUN = time.perf_counter()

import io  # noqa: E402
import json  # noqa: E402
import statistics  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
from matplotlib.font_manager import FontProperties  # noqa: E402

INK, SOFT, ACCENT, GHOST = "#13201e", "#566763", "#0b6a62", "#d3e6e2"


def picture(said: dict[str, Any], font: str) -> bytes:
    """Bars on the pale shape of the ideal, names at the left and numbers in columns at the right."""
    figure = Figure(figsize=(7.2, said["high"] / 100), dpi=200)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0.36, 0.04, 0.26, 0.72))
    stages = said["stages"]
    rows = list(range(len(stages)))[::-1]
    halves = [stage["ideal"] / 2 for stage in stages]
    axes.fill_betweenx(
        rows, [-each for each in halves], halves, facecolor=GHOST, edgecolor=SOFT, linestyle="--"
    )
    counts = [stage["count"] for stage in stages]
    axes.barh(rows, counts, height=0.5, left=[-each / 2 for each in counts], color=ACCENT)
    axes.set_axis_off()

    def text(x: float, y: float, words: str, size: float, ink: str, side: str) -> None:
        figure.text(x, y, words, color=ink, ha=side, va="center", font=FontProperties(fname=font, size=size))

    text(0.055, 0.92, said["title"], 16, INK, "left")
    text(0.055, 0.86, said["period"], 10, SOFT, "left")
    for row, stage in zip(rows, stages, strict=True):
        level = 0.1 + 0.11 * row
        text(0.055, level, stage["name"], 10.5, INK, "left")
        text(0.055, level - 0.03, stage["mark"], 8.5, SOFT, "left")
        for x, number in ((0.7, stage["count"]), (0.8, stage["ideal"]), (0.945, stage["amount"])):
            text(x, level, str(number), 10.5, INK, "right")
    out = io.BytesIO()
    canvas.print_png(out)
    return out.getvalue()


def main(draws: int, kept: Path, font: str, written: str) -> None:
    """Prints the first and the median of the later ones; the last picture is kept."""
    said = json.loads(written)
    made = picture(said, font)
    first, later = time.perf_counter() - BEGUN, []
    for _ in range(draws):
        begun = time.perf_counter()
        made = picture(said, font)
        later.append(time.perf_counter() - begun)
    kept.write_bytes(made)
    print(first, statistics.median(later))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4])
