"""Pictures of charts: golden SVG in both languages and themes, whatever people type, and really drawn with our font."""

import asyncio
import itertools
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from bot.beside import drawn
from bot.charts import png_of, svg_of
from bot.charts.canvas import MARGIN, PALETTES, WIDTH, shortened
from bot.charts.painter import CannotDraw, Painter
from bot.fonts import EM, FONT, advances, breadth, is_common_han, is_drawn
from bot.layout import plain
from domain.people import Language
from handlers.charting import charted, described
from handlers.charts import (
    BoardPlace,
    Drawing,
    Funnel,
    FunnelStage,
    Leaderboard,
    Scorecard,
    ScoredLine,
    Theme,
    Trend,
    TrendPoint,
    Unit,
)
from handlers.view import Words, card
from handlers.words import TEXTS, catalogue
from tests.render.test_telegram_render import HOSTILE
from tests.support.drawings import KINDS, WORDS, drawing

SVG = "{http://www.w3.org/2000/svg}"
SHAPES = {"svg", "rect", "text", "line", "polygon", "polyline", "circle"}
LANGUAGES = (Language.EN, Language.ZH)
# What a letter rises and falls from its baseline, in parts of its size.
RISE, FALL = 0.78, 0.12
# Of a heavy word's edge, and of how numbers are rounded in SVG.
NEARLY = 1.5


def texts(svg: str) -> list[tuple[str, float, float, float, float]]:
    """Every text with its box: left, top, right, bottom; the ground around one is not counted twice."""
    found = []
    for each in ElementTree.fromstring(svg).iter(f"{SVG}text"):
        if each.get("fill") == "none":
            continue
        said, size = each.text or "", float(each.attrib["font-size"])
        x, y, wide = float(each.attrib["x"]), float(each.attrib["y"]), breadth(said, size)
        left = x - {"start": 0, "middle": wide / 2, "end": wide}[each.get("text-anchor", "start")]
        found.append((said, left, y - RISE * size, left + wide, y + FALL * size))
    return found


def faults(svg: str) -> list[str]:
    """Texts that reach over the edge, or into each other."""
    boxes = texts(svg)
    high = float(ElementTree.fromstring(svg).attrib["height"])
    wrong = [
        f"over the edge: {said}"
        for said, left, top, right, bottom in boxes
        if left < MARGIN - NEARLY or right > WIDTH - MARGIN + NEARLY or top < 0 or bottom > high
    ]
    for one, other in itertools.combinations(boxes, 2):
        across = min(one[3], other[3]) - max(one[1], other[1])
        down = min(one[4], other[4]) - max(one[2], other[2])
        if across > NEARLY and down > NEARLY:
            wrong.append(f"meet: {one[0]} and {other[0]}")
    return wrong


# ---------------------------------------------------------------------- how they look


@pytest.mark.parametrize("theme", Theme)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_is_as_it_was_looked_at(
    kind: str, language: Language, theme: Theme, snapshot: SnapshotAssertion
) -> None:
    """Looked at by eye as PNG; after a change look again, then `--snapshot-update`."""
    assert svg_of(charted(drawing(kind, language), theme), language) == snapshot


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_meets_and_nothing_is_cut(kind: str, language: Language) -> None:
    svg = svg_of(charted(drawing(kind, language)), language)
    assert faults(svg) == []
    assert not [said for said, *_ in texts(svg) if said.endswith("…")]


@pytest.mark.parametrize("kind", KINDS)
def test_every_number_of_the_words_is_written(kind: str) -> None:
    """What the picture says in words, the picture shows; the percents of weights as well."""
    made = drawing(kind, Language.EN)
    written = " ".join(said for said, *_ in texts(svg_of(charted(made), Language.EN)))
    said = catalogue().say(described(made), Language.EN)
    numbers = re.findall(r"\d[\d.]*", said)
    assert len(numbers) > 7
    assert [each for each in numbers if each.rstrip(".") not in written] == []


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", Theme)
def test_words_and_shapes_can_be_told_apart_without_colour(theme: Theme) -> None:
    """Contrast counts lightness alone: 4.5 for words, 3 for shapes (WCAG 2.2)."""
    colours = PALETTES[theme]
    for ink in (colours.ink, colours.soft, colours.warning, colours.accent):
        assert contrast(ink, colours.ground) >= 4.5
    assert contrast(colours.soft, colours.track) >= 4.5
    assert contrast(colours.on_accent, colours.accent) >= 4.5
    for pale in (colours.ghost, colours.track):
        assert contrast(colours.accent, pale) >= 3
    assert contrast(colours.soft, colours.ground) >= 3


# ---------------------------------------------------------------------- whatever is in them


def named(kind: str, name: str) -> Drawing:
    """Somebody's words in every place of a picture where words can stand."""
    match kind:
        case "funnel":
            stage = FunnelStage(name=name, count=8, ideal=Decimal("9.5"), amount=Decimal(10**9), mark=name)
            return Funnel(title=name, period=name, stages=(stage, stage))
        case "scorecard":
            line = ScoredLine(label=name, score=Decimal("100.5"), weight=50, detail=name)
            return Scorecard(title=name, period=name, lines=(line, line), total=120, remark=name)
        case "leaderboard":
            place = BoardPlace(rank=1, name=name, points=Decimal("100.5"))
            return Leaderboard(title=name, period=name, places=(place, place), improved=name, team=name)
        case _:
            points = tuple(TrendPoint(label=name, value=value) for value in (3, 5, None, 4))
            return Trend(title=name, period=name, points=points, target=4, best=5)


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("kind", KINDS)
def test_no_name_breaks_a_picture(kind: str, name: str) -> None:
    svg = svg_of(charted(named(kind, name)), Language.EN)
    tags = {each.tag.removeprefix(SVG) for each in ElementTree.fromstring(svg).iter()}
    assert tags <= SHAPES
    assert faults(svg) == []
    assert all(each.isprintable() for each in svg.split("\n"))


def test_a_name_stands_there_as_it_was_written() -> None:
    made = named("leaderboard", "<b>Fish & 'Chips'</b>")
    said = [said for said, *_ in texts(svg_of(charted(made), Language.EN))]
    assert said.count("<b>Fish & 'Chips'</b>") == 6


def test_signs_without_a_shape_are_left_out() -> None:
    made = replace(drawing("trend", Language.EN), title="Ann\u202e\u200b \U0001f600", period="\U0001f600")
    said = [said for said, *_ in texts(svg_of(charted(made), Language.EN))]
    assert said[:2] == ["Ann", "·"]


@given(st.text(max_size=80), st.floats(20, 400))
def test_what_is_shortened_fits_and_says_so(said: str, most: float) -> None:
    short = shortened(said, 20, most)
    assert breadth(short, 20) <= most
    assert short == said or (short.endswith("…") and said.startswith(short[:-1]))


NAMES: st.SearchStrategy[Words] = st.text(max_size=40) | st.sampled_from(
    [*WORDS[Language.ZH].values(), "W" * 60, "i" * 60]
)
COUNTS = st.integers(0, 5000)
SCORES = st.integers(0, 120) | st.decimals(0, 120, places=1)
VALUES = st.none() | st.integers(-200, 10**7) | st.decimals(0, 10**9, places=2)
DRAWINGS = st.one_of(
    st.builds(
        Funnel,
        title=NAMES,
        period=NAMES,
        stages=st.lists(
            st.builds(
                FunnelStage,
                name=NAMES,
                count=COUNTS,
                ideal=COUNTS | st.decimals(0, 999, places=1),
                amount=st.none() | st.decimals(0, 10**11, places=2),
                mark=st.none() | NAMES,
            ),
            max_size=8,
        ).map(tuple),
    ),
    st.builds(
        Scorecard,
        title=NAMES,
        period=NAMES,
        lines=st.lists(
            st.builds(
                ScoredLine,
                label=NAMES,
                score=st.none() | SCORES,
                weight=st.integers(0, 100),
                detail=st.none() | NAMES,
            ),
            max_size=8,
        ).map(tuple),
        total=st.none() | SCORES,
        remark=st.none() | NAMES,
    ),
    st.builds(
        Leaderboard,
        title=NAMES,
        period=NAMES,
        places=st.lists(
            st.builds(BoardPlace, rank=st.integers(1, 99), name=NAMES, points=SCORES), max_size=10
        ).map(tuple),
        improved=st.none() | NAMES,
        team=st.none() | NAMES,
    ),
    st.builds(
        Trend,
        title=NAMES,
        period=NAMES,
        points=st.lists(st.builds(TrendPoint, label=NAMES, value=VALUES), max_size=30).map(tuple),
        target=VALUES,
        best=VALUES,
        unit=st.sampled_from(Unit),
    ),
)


@settings(max_examples=150, deadline=None)
@given(DRAWINGS, st.sampled_from(LANGUAGES))
def test_whatever_the_numbers_are_nothing_meets(made: Drawing, language: Language) -> None:
    assert faults(svg_of(charted(made), language)) == []


# ---------------------------------------------------------------------- the font


@pytest.fixture(scope="module")
def glyphs() -> Iterator[tuple[dict[int, str], TTFont]]:
    font = TTFont(FONT)
    yield font.getBestCmap(), font
    font.close()


def test_the_font_has_every_sign_of_the_catalogue(glyphs: tuple[dict[int, str], TTFont]) -> None:
    """A text brought one that it lacks: `uv run --with 'noto-cjk[sans]' python -m tests.support.font_cut`."""
    said = {each for path in TEXTS.glob("*.toml") for each in path.read_text(encoding="utf-8")} - {"\n"}
    assert len(said) > 1000
    assert sorted(each for each in said if ord(each) not in glyphs[0]) == []
    assert sorted(each for each in said if not is_drawn(each)) == []


def test_the_font_has_the_common_han_and_every_breadth_is_known(
    glyphs: tuple[dict[int, str], TTFont],
) -> None:
    shapes, font = glyphs
    han = [each for each in range(0x4E00, 0xA000) if is_common_han(chr(each))]
    assert len(han) > 8000
    assert [chr(each) for each in han if each not in shapes] == []
    assert [chr(code) for code in shapes if not is_drawn(chr(code))] == []
    wrong = [
        chr(code) for code, name in shapes.items() if font["hmtx"][name][0] != advances().get(chr(code), EM)
    ]
    assert wrong == []


def test_its_licence_lies_beside_it() -> None:
    said = (FONT.parent / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in said and "Adobe" in said
    assert FONT.stat().st_size < 2_500_000


# ---------------------------------------------------------------------- as PNG


def titled(title: str) -> bytes:
    made = Trend(title=title, period="W9", points=(TrendPoint(label="W9", value=84),))
    return png_of(charted(made), Language.ZH)


def test_words_are_really_drawn() -> None:
    """Without a glyph there would be nothing, or the same box for every character."""
    some, other = WORDS[Language.ZH]["card"], WORDS[Language.ZH]["board"]
    assert some[:2] != other[:2]
    pictures = {titled(""), titled(some[:2]), titled(other[:2]), titled("Ann"), titled("Bob")}
    assert len(pictures) == 5
    assert all(each.startswith(b"\x89PNG\r\n\x1a\n") for each in pictures)


def test_a_rare_name_is_drawn_as_far_as_the_machine_can() -> None:
    """A letter that is not in our font; whether the machine has one that is, it comes to a picture."""
    rare = "\U0002070e"
    assert not is_drawn(rare)
    assert titled(f"Li {rare}").startswith(b"\x89PNG")


def test_all_hostile_words_come_to_pictures() -> None:
    for kind in KINDS:
        name = " ".join(each[:20] for each in HOSTILE.values())
        assert png_of(charted(named(kind, name)), Language.EN).startswith(b"\x89PNG")


@pytest.fixture
def painter() -> Iterator[Painter]:
    made = Painter()
    yield made
    made.close()


EMPTY = '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>'


def test_what_is_no_picture_is_refused_and_the_next_is_drawn(painter: Painter) -> None:
    with pytest.raises(CannotDraw):
        painter.png("<svg")
    assert painter.png(EMPTY).startswith(b"\x89PNG")


def test_without_a_font_nothing_is_drawn(tmp_path: Path) -> None:
    broken = tmp_path / "broken.otf"
    broken.write_bytes(b"no font")
    for path in (broken, tmp_path / "gone.otf"):
        painter = Painter(path)
        with pytest.raises(CannotDraw, match="no font"):
            painter.png(EMPTY)
        painter.close()


def test_a_process_that_died_is_replaced(painter: Painter) -> None:
    painter.png(EMPTY)
    assert painter._running
    first = painter._running
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert painter.png(EMPTY).startswith(b"\x89PNG")
    assert painter._running and painter._running.pid != first.pid


def test_a_process_that_hangs_is_ended_and_replaced(
    painter: Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    painter.png(EMPTY)
    assert painter._running
    first = painter._running
    os.kill(first.pid, signal.SIGSTOP)
    # The one that takes its place is given time again.
    waits = iter((0.2, 20.0))
    monkeypatch.setattr(Painter, "longest_seconds", property(lambda self: next(waits)))
    assert painter.png(EMPTY).startswith(b"\x89PNG")
    assert first.returncode == -signal.SIGKILL


def test_it_ends_with_whoever_asks() -> None:
    """Killed or not, no process that draws is left behind."""
    code = (
        "from bot.charts.painter import painter\n"
        f"painter().png({EMPTY!r})\n"
        "print(painter()._running.pid, flush=True)\n"
        "import os, signal\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    number = int(said.stdout)
    for _ in range(200):
        if not Path(f"/proc/{number}").exists() or "Z" in Path(f"/proc/{number}/stat").read_text().split()[2]:
            return
        subprocess.run([sys.executable, "-c", ""], check=True, timeout=60)
    raise AssertionError("it still runs")


def test_nobody_waits_while_a_picture_is_drawn() -> None:
    """The library holds the interpreter as long as it draws: in a thread of ours nothing else would run."""

    async def scenario() -> int:
        chart = charted(drawing("funnel", Language.EN))
        await drawn(chart, Language.EN)
        turns, drawing_it = 0, asyncio.ensure_future(drawn(chart, Language.EN))
        while not drawing_it.done():
            await asyncio.sleep(0.001)
            turns += 1
        assert await drawing_it
        return turns

    assert asyncio.run(scenario()) >= 5


def test_nothing_of_it_is_loaded_before_the_first_picture() -> None:
    code = (
        "import sys, bot.app, bot.run, bot.telegram.adapter, bot.slack.adapter, bot.web.playground\n"
        "print([each for each in ('resvg_py', 'bot.charts', 'bot.fonts') if each in sys.modules])"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert said.stdout.strip() == "[]"


# ---------------------------------------------------------------------- where only words can stand


@pytest.mark.parametrize("kind", KINDS)
def test_a_terminal_and_a_transcript_say_what_it_shows(kind: str) -> None:
    made = drawing(kind, Language.EN)
    alt = catalogue().say(described(made), Language.EN)
    assert plain(card("one", charted(made)), Language.EN) == ["one", f"(picture: {alt})"]
