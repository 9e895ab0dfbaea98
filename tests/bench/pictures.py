"""P12's picture: how long the PNG of a chart takes, the first and the next ones, beside matplotlib's."""

import json
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.charts import svg_of
from bot.fonts import FONT
from domain.people import Language
from handlers.charting import charted
from handlers.charts import Funnel
from tests.bench.figure import Figure, Found, over
from tests.support.drawings import drawing

BARS = ("P12",)
ROOT = Path(__file__).parents[2]
REFERENCE = "matplotlib==3.11.2"
LONGEST_SECONDS = 600.0
DRAWS = 5
ABOUT = f"""\
P12, pictures. The funnel of six stages with Chinese words, 1440 pixels wide and as high on both sides, with the shipped font, from
values to the octets of the PNG. First: from the first line of a process that has nothing loaded, imports and for ours the start of
the process that draws among it; later ones: the median of {DRAWS} in the same process. The reference is {REFERENCE}
with the Agg canvas and no pyplot, fetched by `uv run --with`; its picture has fewer details than ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """How often each is started."""

    rounds: int


FULL, QUICK = Drawing(rounds=5), Drawing(rounds=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """Seconds of one process: its first picture, and one of the later ones."""

    first: float
    later: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """Both, one after the other."""

    ours: Drawn
    theirs: Drawn


def ours(kept: Path) -> Drawn:
    """One process of the product's."""
    return _run([sys.executable, "-m", "tests.bench.picture_ours", str(DRAWS), str(kept)])


def theirs(kept: Path) -> Drawn:
    """One process of the reference's."""
    shown = drawing("funnel", Language.ZH)
    if not isinstance(shown, Funnel):
        raise TypeError("another kind of picture")
    high = svg_of(charted(shown), Language.ZH).partition('height="')[2].partition('"')[0]
    said = {
        "title": shown.title,
        "period": shown.period,
        "high": int(high),
        "stages": [
            {
                "name": each.name,
                "count": each.count,
                "ideal": int(each.ideal),
                "amount": str(each.amount),
                "mark": each.mark or "",
            }
            for each in shown.stages
        ],
    }
    uv = shutil.which("uv")
    if uv is None:
        raise FileNotFoundError("uv, which fetches the reference")
    script = str(ROOT / "tests" / "bench" / "picture_matplotlib.py")
    words = [str(DRAWS), str(kept), str(FONT), json.dumps(said)]
    return _run([uv, "run", "-q", "--no-project", "--with", REFERENCE, "python", script, *words])


def _run(words: Sequence[str]) -> Drawn:
    said = subprocess.run(
        words, cwd=ROOT, capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False
    )
    if said.returncode:
        raise RuntimeError(said.stderr[-2000:])
    first, later = map(float, said.stdout.split())
    return Drawn(first=first, later=later)


def size(picture: Path) -> tuple[int, int]:
    """How many pixels a PNG is wide and high."""
    wide, high = struct.unpack(">II", picture.read_bytes()[16:24])
    return wide, high


async def run(quick: bool, _only: Sequence[str]) -> Found:
    """Runs the pictures of P12."""
    scale = QUICK if quick else FULL
    with tempfile.TemporaryDirectory() as name:
        mine, other = Path(name) / "ours.png", Path(name) / "theirs.png"
        # The first of each fetches and compiles what is not there yet.
        rounds = [Round(theirs=theirs(other), ours=ours(mine)) for _ in range(1 + scale.rounds)][1:]
        same = size(mine) == size(other)
    later, later_spread = over(rounds, lambda each: each.ours.later / each.theirs.later)
    first, first_spread = over(rounds, lambda each: each.ours.first / each.theirs.first)
    return Found(
        figures=[
            Figure(
                bar="P12",
                what=f"PNG of a chart ({over(rounds, lambda each: each.ours.later)[0] * 1e3:.0f} ms)",
                value=later,
                spread=later_spread,
                most=0.8,
                reference=f"{REFERENCE}, {over(rounds, lambda each: each.theirs.later)[0] * 1e3:.0f} ms",
            ),
            Figure(
                bar="P12",
                what=f"the first PNG of a process ({over(rounds, lambda each: each.ours.first)[0] * 1e3:.0f} ms)",
                value=first,
                spread=first_spread,
                most=0.2,
                reference=f"{REFERENCE}, {over(rounds, lambda each: each.theirs.first)[0] * 1e3:.0f} ms",
            ),
        ],
        ran=f"P12, pictures: {scale.rounds} processes of each, {DRAWS} pictures after the first",
        about=ABOUT,
        broken="" if same else "the two pictures are not of one size",
    )
