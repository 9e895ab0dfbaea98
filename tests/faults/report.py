"""Runs the kills in their sizes and writes what was measured into docs/reliability.md."""

import argparse
import platform
import random
import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests.conftest import migrated
from tests.faults.ledger import Figures
from tests.faults.process import ROOT
from tests.faults.replicas import LONG, SHORT, replica_storm
from tests.faults.storm import storm
from tests.support.postgres import cluster

PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- figures: python -m tests.faults.report -->", "<!-- end of figures -->"
HEAD = (
    "| run | date | kills | delivered | lost | applied twice | out of order | unanswered | answers repeated"
    " (allowed) | seconds | seed |\n|---|---|---|---|---|---|---|---|---|---|---|"
)
# Kills, Telegram updates, Slack events.
SIZES = {
    "Telegram, short": (8, 400, 0),
    "Slack, short": (5, 0, 200),
    "both, long": (200, 17_000, 3_000),
}
REPLICA_SIZES = {"three replicas, short": SHORT, "three replicas, long": LONG}


def row(name: str, figures: Figures) -> str:
    """One line of the table."""
    today = datetime.now(UTC).date().isoformat()
    cells = (
        name,
        today,
        figures.kills,
        f"{figures.updates:,} {figures.what}",
        figures.lost,
        figures.twice,
        figures.out_of_order,
        figures.unanswered,
        f"{figures.repeated} ({figures.bound:,})",
        figures.seconds,
        figures.seed,
    )
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def written(page: str, rows: dict[str, str]) -> str:
    """The page with these rows in place of the older ones of the same name."""
    before, _, rest = page.partition(BEGIN)
    old, _, after = rest.partition(END)
    kept = {found[1]: found[0] for found in re.finditer(r"^\| ([^|]+?) \| \d.*$", old, re.MULTILINE)}
    lines = "\n".join((kept | rows).values())
    machine = (
        f"Measured on {platform.system()}, Python {platform.python_version()}; times depend on the machine."
    )
    return f"{before}{BEGIN}\n{machine}\n\n{HEAD}\n{lines}\n{END}{after}"


def main() -> int:
    """Exits 1 when a run is not as promised; its row is written all the same."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--long", action="store_true", help="the full size too")
    options.add_argument("--size", metavar="KILLS,UPDATES,EVENTS", help="one run of another size")
    options.add_argument("--replicas", action="store_true", help="only the runs with replicas on PostgreSQL")
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    given = options.parse_args()
    sizes = {name: size for name, size in SIZES.items() if given.long or "long" not in name}
    if given.size:
        kills, updates, events = (int(each) for each in given.size.split(","))
        sizes = {f"{kills} kills": (kills, updates, events)}
    failed = _replicas(given.seed, given.long) if given.replicas or not given.size else False
    if given.replicas:
        return int(failed)
    for name, (kills, updates, events) in sizes.items():
        with tempfile.TemporaryDirectory(prefix="dealpace-faults-") as folder:
            url = f"sqlite:///{folder}/dealpace.db"
            migrated(url)
            figures = storm(Path(folder), url, kills=kills, telegram=updates, slack=events, seed=given.seed)
        failed = _told(name, figures) or failed
    return int(failed)


def _replicas(seed: int, long: bool) -> bool:
    """The kills among replicas; whether one run was not as promised."""
    failed, server = False, cluster()
    for name, size in REPLICA_SIZES.items():
        if "long" in name and not long:
            continue
        with (
            server.lent(server.template(migrated)) as url,
            tempfile.TemporaryDirectory(prefix="dealpace-faults-") as folder,
        ):
            failed = _told(name, replica_storm(Path(folder), url, size, seed=seed)) or failed
    return failed


def _told(name: str, figures: Figures) -> bool:
    """Writes the row of a run into the page; whether it was not as promised."""
    print(name, figures.verdict() or "as promised")
    page = written(PAGE.read_text(encoding="utf-8"), {name: row(name, figures)})
    PAGE.write_text(page, encoding="utf-8")
    return bool(figures.verdict())


if __name__ == "__main__":
    raise SystemExit(main())
