"""`python -m tests.bench [--quick] [--only P1,P2] [--write]`: a table of bars; exits non-zero below one."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from bot.logs import configure
from tests.bench import (
    adapter,
    deadlines,
    durable,
    footprint,
    outbox,
    pacing,
    pictures,
    reminders,
    slack_ack,
    tryton,
    weeks,
)
from tests.bench.figure import Found
from tests.bench.report import loud, page, table

Run = Callable[[bool, Sequence[str]], Coroutine[Any, Any, Found]]
# Bars that are measured together, and how.
GROUPS: Sequence[tuple[Sequence[str], Run]] = (
    (durable.BARS, durable.run),
    (adapter.BARS, adapter.run),
    (slack_ack.BARS, slack_ack.run),
    (reminders.BARS, reminders.run),
    (outbox.BARS, outbox.run),
    (pacing.BARS, pacing.run),
    (deadlines.BARS, deadlines.run),
    (weeks.BARS, weeks.run),
    (tryton.BARS, tryton.run),
    (footprint.BARS, footprint.run),
    (pictures.BARS, pictures.run),
)
BARS = tuple(dict.fromkeys(bar for bars, _ in GROUPS for bar in bars))
PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"


def main(words: Sequence[str] | None = None) -> int:
    """Runs the bars asked for and prints what came of them."""
    parser = argparse.ArgumentParser(prog="dealpace bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about two minutes, fewer rounds")
    parser.add_argument("--only", default=",".join(BARS), help="bars, e.g. P1,P2")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    parser.add_argument("--strict", action="store_true", help="fail too where a contender cannot be had")
    asked = parser.parse_args(words)
    only = [bar.strip().upper() for bar in asked.only.split(",")]
    if unknown := set(only) - set(BARS):
        parser.error(f"no such bar: {', '.join(sorted(unknown))}")
    configure("console", "error")
    found = []
    for bars, run in GROUPS:
        if wanted := [bar for bar in bars if bar in only]:
            found.append(asyncio.run(run(asked.quick, wanted)))
    figures = [figure for each in found for figure in each.figures]
    broken = [each.broken for each in found if each.broken]
    missing = [each.missing for each in found if each.missing]
    print("\n".join((table(figures), *loud(), *missing, *broken)))
    if asked.write:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(page(found, asked.quick), encoding="utf-8")
    failed = broken or (asked.strict and missing)
    return 0 if not failed and all(figure.met for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
