"""What a run says: a table for the terminal and the page in docs."""

import importlib.metadata
import os
import platform
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime

from tests.bench.figure import Figure, Found

HEADS = ("bar", "what", "figure", "rounds", "wanted", "reference", "verdict")


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


VERSIONS = ("sqlalchemy", "python-telegram-bot", "slack-bolt", "aiosqlite", "pydantic")


def page(found: Sequence[Found], quick: bool) -> str:
    """`docs/benchmarks.md`."""
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in VERSIONS)
    lines = [
        "# Benchmarks",
        "",
        "Written by `uv run dealpace bench --write`; do not edit by hand. A figure is a ratio to a reference measured",
        "on the same machine in alternating rounds (median); `rounds` gives the lowest and the highest round.",
        "",
        f"- {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores ({platform.machine()}), "
        f"load average {load}, {'quick' if quick else 'full'} run",
        f"- Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {versions}",
        *(f"- {each.ran}" for each in found),
        *loud(),
        "",
        "| " + " | ".join(HEADS) + " |",
        "|" + " --- |" * len(HEADS),
        *("| " + " | ".join(figure.row) + " |" for each in found for figure in each.figures),
        *(line for each in found for line in ("", each.about)),
        "",
    ]
    return "\n".join(lines)
