"""`python -m tests.bench [--quick] [--only P1,P2] [--write]`: a table of bars; exits non-zero below one."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.bench.report import figures, loud, page, table
from tests.bench.rounds import FULL, QUICK, measure

BARS = ("P1", "P2", "P3")
PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"


def main(words: Sequence[str] | None = None) -> int:
    """Runs the bars asked for and prints what came of them."""
    parser = argparse.ArgumentParser(prog="dealpace bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two minutes at most, fewer rounds")
    parser.add_argument("--only", default=",".join(BARS), help="bars, e.g. P1,P2")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    asked = parser.parse_args(words)
    only = [bar.strip().upper() for bar in asked.only.split(",")]
    if unknown := set(only) - set(BARS):
        parser.error(f"no such bar: {', '.join(sorted(unknown))}")
    scale = QUICK if asked.quick else FULL
    found = asyncio.run(measure(scale, together=only != ["P1"], usual="P3" in only))
    rows = figures(found, only)
    print(table(rows))
    print(*loud(), sep="\n")
    if not found.same:
        print("the floor did not do the product's work: their databases differ")
    if asked.write:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(page(rows, found.scale, asked.quick), encoding="utf-8")
    return 0 if found.same and all(row.met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
