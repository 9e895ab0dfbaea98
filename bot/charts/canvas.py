"""A picture as SVG text: colours, and shapes and words that are escaped, measured and shortened in one place."""

import html
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.fonts import FAMILY, breadth, is_drawn
from handlers.charts import Theme

# In units of the picture; it is drawn at twice the size.
WIDTH, MARGIN = 720, 40
CONTENT = WIDTH - 2 * MARGIN
RIGHT = WIDTH - MARGIN
TITLE, PERIOD, BODY, SMALL = 32, 20, 21, 17
# Where what is below the title and the period begins.
TOP = 128
CUT, NOTHING = "…", "·"
# Signs without a glyph are left out; letters without one may have it in a font of the machine.
SIGNS = frozenset({"So", "Sk", "Cn", "Co", "Mn", "Me"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The colours of a theme; each pair that has to be told apart also is without colour."""

    ground: str
    ink: str
    soft: str
    line: str
    track: str
    ghost: str
    accent: str
    on_accent: str
    warning: str


PALETTES = {
    Theme.LIGHT: Palette(
        ground="#ffffff",
        ink="#13201e",
        soft="#566763",
        line="#d5dfdd",
        track="#e6eceb",
        ghost="#d3e6e2",
        accent="#0b6a62",
        on_accent="#ffffff",
        warning="#a3271f",
    ),
    Theme.DARK: Palette(
        ground="#121b1a",
        ink="#eef5f3",
        soft="#a6b8b4",
        line="#33443f",
        track="#22312e",
        ghost="#2b443f",
        accent="#4fc3b6",
        on_accent="#04211d",
        warning="#ff9d94",
    ),
}


@dataclass(slots=True)
class Canvas:
    """Shapes in the order they are drawn; `bottom` is where the picture ends."""

    palette: Palette
    bottom: float = 0.0
    parts: list[str] = field(default_factory=list)

    def text(
        self,
        x: float,
        y: float,
        said: str,
        size: int,
        ink: str,
        *,
        anchor: str = "start",
        most: float | None = None,
        heavy: bool = False,
        halo: bool = False,
    ) -> float:
        """Words on a baseline, shortened to `most`; how wide they are."""
        shown = shortened(legible(said), size, most)
        weight = f' stroke="{ink}" stroke-width="{size * 0.034:.2f}" stroke-linejoin="round"' if heavy else ""
        place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}"'
        turned = f' text-anchor="{anchor}"' if anchor != "start" else ""
        if halo:
            # The ground around words that stand on a line.
            edge = f'fill="none" stroke="{self.palette.ground}" stroke-width="7" stroke-linejoin="round"'
            self.parts.append(f"<text {place} {edge}{turned}>{escaped(shown)}</text>")
        self.parts.append(f'<text {place} fill="{ink}"{weight}{turned}>{escaped(shown)}</text>')
        return breadth(shown, size)

    def box(
        self, x: float, y: float, wide: float, high: float, fill: str, *, radius: float = 0.0, edge: str = ""
    ) -> None:
        """A rectangle; one without breadth is not drawn."""
        if wide <= 0:
            return
        rounded = f' rx="{min(radius, wide / 2, high / 2):.1f}"' if radius else ""
        border = f' stroke="{edge}" stroke-width="1.5"' if edge else ""
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}" fill="{fill}"{rounded}{border}/>'
        )

    def line(
        self, x1: float, y1: float, x2: float, y2: float, ink: str, *, thick: float = 1.0, dashes: str = ""
    ) -> None:
        """A straight line; `dashes` are lengths of strokes and gaps."""
        broken = f' stroke-dasharray="{dashes}"' if dashes else ""
        self.parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{ink}" '
            f'stroke-width="{thick}"{broken}/>'
        )

    def shape(
        self,
        points: Iterable[tuple[float, float]],
        *,
        fill: str = "none",
        edge: str = "none",
        thick: float = 1.5,
        dashes: str = "",
        closed: bool = True,
    ) -> None:
        """A shape of straight lines through the points."""
        through = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        broken = f' stroke-dasharray="{dashes}"' if dashes else ""
        self.parts.append(
            f'<{"polygon" if closed else "polyline"} points="{through}" fill="{fill}" stroke="{edge}" '
            f'stroke-width="{thick}" stroke-linejoin="round" stroke-linecap="round"{broken}/>'
        )

    def dot(self, x: float, y: float, radius: float, fill: str, edge: str) -> None:
        """A circle with an edge."""
        self.parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{fill}" stroke="{edge}" stroke-width="2.5"/>'
        )

    def heading(self, title: str, period: str, most: float = CONTENT) -> None:
        """What it is, and of when."""
        self.text(MARGIN, 66, title, TITLE, self.palette.ink, most=most, heavy=True)
        self.text(MARGIN, 98, period, PERIOD, self.palette.soft, most=most)

    def svg(self) -> str:
        """The whole picture."""
        high = round(self.bottom)
        ground = f'<rect width="{WIDTH}" height="{high}" fill="{self.palette.ground}"/>'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{high}" viewBox="0 0 {WIDTH} {high}" '
            f'font-family="{FAMILY}">\n' + "\n".join((ground, *self.parts)) + "\n</svg>\n"
        )


def escaped(said: str) -> str:
    """Words as they stand in SVG: nothing in them is markup."""
    return html.escape(said, quote=True)


def legible(said: str) -> str:
    """Words on one line, without what has no shape: controls, marks of direction, halves, signs without a glyph."""
    kept = (each for each in " ".join(said.split()) if _has_shape(each))
    return " ".join("".join(kept).split()) or NOTHING


def _has_shape(char: str) -> bool:
    category = unicodedata.category(char)
    return is_drawn(char) or (category not in SIGNS and category not in ("Cc", "Cf", "Cs"))


def shortened(said: str, size: float, most: float | None) -> str:
    """As much as fits, with a sign that something was cut."""
    if most is None or breadth(said, size) <= most:
        return said
    room, kept = most - breadth(CUT, size), ""
    for char in said:
        room -= breadth(char, size)
        if room < 0:
            break
        kept += char
    return kept.rstrip() + CUT
