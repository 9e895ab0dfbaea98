"""The bars and the figures against them: a table for the terminal and the page in docs."""

import importlib.metadata
import os
import platform
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.bench.rounds import CHATS, Measured, Round, Scale, median


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One bar: what was measured against what."""

    bar: str
    what: str
    value: float
    spread: tuple[float, float]
    least: float | None = None
    most: float | None = None
    reference: str
    unit: str = "x"

    @property
    def met(self) -> bool:
        return (self.least is None or self.value >= self.least) and (
            self.most is None or self.value <= self.most
        )

    @property
    def row(self) -> tuple[str, ...]:
        low, high = self.spread
        wanted = f">= {self.least:g}" if self.least is not None else f"<= {self.most:g}"
        return (
            self.bar,
            self.what,
            f"{self.value:.2f} {self.unit}",
            f"{low:.2f} to {high:.2f}",
            f"{wanted} {self.unit}",
            self.reference,
            "met" if self.met else "BELOW",
        )


HEADS = ("bar", "what", "figure", "rounds", "wanted", "reference", "verdict")


def figures(found: Measured, only: Sequence[str]) -> list[Figure]:
    """The bars that were asked for."""

    def ratio(value: Callable[[Round], float]) -> tuple[float, tuple[float, float]]:
        values = [value(each) for each in found.rounds]
        return median(values), (min(values), max(values))

    def micro(value: Callable[[Round], float]) -> str:
        return f"{ratio(value)[0] * 1e6:.0f} us"

    floor = (
        f"{micro(lambda r: r.floor)} a command: {found.statements:.0f} statements, 2 commits, stdlib sqlite3"
    )
    rows = []
    if "P1" in only:
        value, spread = ratio(lambda r: r.floor / r.alone)
        rows.append(
            Figure(
                bar="P1",
                what=f"one command after the other ({micro(lambda r: r.alone)})",
                value=value,
                spread=spread,
                least=0.35,
                reference=floor,
            )
        )
    if "P2" in only:
        value, spread = ratio(lambda r: r.floor / r.together)
        rows.append(
            Figure(
                bar="P2",
                what=f"{CHATS} chats at once ({micro(lambda r: r.together)})",
                value=value,
                spread=spread,
                least=1.0,
                reference="P1's floor",
            )
        )
        value, spread = ratio(lambda r: r.per_commit)
        rows.append(
            Figure(
                bar="P2",
                what="commands per fsync",
                value=value,
                spread=spread,
                least=8.0,
                reference="commits of the writer",
                unit="a commit",
            )
        )
        late = sorted(found.paced)
        rows.append(
            Figure(
                bar="P2",
                what=f"p99 at {found.rate:.0f} commands/s",
                value=late[int(len(late) * 0.99)] * 1e3,
                spread=(late[len(late) // 2] * 1e3, late[-1] * 1e3),
                most=20.0,
                reference="half the saturated rate, open loop (p50 to worst)",
                unit="ms",
            )
        )
    if "P3" in only:
        value, spread = ratio(lambda r: r.usual_alone / r.alone)
        rows.append(
            Figure(
                bar="P3",
                what="one after the other",
                value=value,
                spread=spread,
                least=4.0,
                reference=f"PTB + ORM on aiosqlite, {micro(lambda r: r.usual_alone)}",
            )
        )
        value, spread = ratio(lambda r: r.usual_together / r.together)
        rows.append(
            Figure(
                bar="P3",
                what=f"{CHATS} at once",
                value=value,
                spread=spread,
                least=8.0,
                reference=f"PTB + ORM on aiosqlite, {micro(lambda r: r.usual_together)}",
            )
        )
    return rows


def table(rows: Sequence[Figure]) -> str:
    """Aligned columns."""
    cells = [HEADS, *(row.row for row in rows)]
    widths = [max(len(row[at]) for row in cells) for at in range(len(HEADS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


def loud() -> list[str]:
    """A warning where other processes kept the cores busy: two threads then wait for each other's turn, one does not."""
    busy, cores = os.getloadavg()[0], os.cpu_count() or 1
    if busy <= cores:
        return []
    return [
        f"- **the machine was loud** ({busy:.0f} processes for {cores} cores): times and p99 say little, ratios less"
    ]


VERSIONS = ("sqlalchemy", "python-telegram-bot", "aiosqlite", "pydantic")


def page(rows: Sequence[Figure], scale: Scale, quick: bool) -> str:
    """`docs/benchmarks.md`; `scale` is the one that was run."""
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in VERSIONS)
    lines = [
        "# Benchmarks",
        "",
        "Written by `uv run dealpace bench --write`; do not edit by hand. A figure is a ratio to a reference measured",
        "in the same process in alternating rounds (median); `rounds` gives the lowest and the highest round.",
        "",
        f"- {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores ({platform.machine()}), "
        f"load average {load}, {'quick' if quick else 'full'} run of {scale.rounds} rounds",
        f"- Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {versions}",
        f"- {scale.size.reps} reps in {scale.size.organisations} organisations; WAL, synchronous=FULL, foreign keys on",
        f"- commands a round: {scale.alone} alone, {scale.together} at {CHATS} chats, {scale.usual_alone} and "
        f"{scale.usual_together} of the usual stack; {scale.paced} paced",
        *loud(),
        "",
        "| " + " | ".join(HEADS) + " |",
        "|" + " --- |" * len(HEADS),
        *("| " + " | ".join(row.row) + " |" for row in rows),
        "",
        "A command is a visit with a person met, a result and a next step: the raw update is stored and committed, then",
        "answered in a second transaction (permission check, de-duplication, facts for the audit, credit of the week,",
        "buttons), and the reply is rendered to the body of `sendMessage`; nothing leaves the process. The floor replays",
        "the statements the product ran, with their values, on an equal database. The usual stack is a python-telegram-bot",
        "handler with the SQLAlchemy ORM on aiosqlite: person, customer with contacts, visit, step, two counts, one commit.",
        "",
    ]
    return "\n".join(lines)
