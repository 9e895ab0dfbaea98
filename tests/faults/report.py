"""Runs the kills and the pushes in their sizes and writes what was measured into docs/reliability.md."""

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
from tests.faults.pushes import LONG, SHORT, PushFigures, pushed
from tests.faults.replicas import CALLED, replica_storm
from tests.faults.replicas import LONG as LONG_REPLICAS
from tests.faults.replicas import SHORT as SHORT_REPLICAS
from tests.faults.storm import storm
from tests.support.postgres import cluster

PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- figures: python -m tests.faults.report -->", "<!-- end of figures -->"
HEAD = (
    "| run | date | kills | delivered | lost | applied twice | out of order | unanswered | answers repeated"
    " (allowed) | seconds | seed |\n|---|---|---|---|---|---|---|---|---|---|---|"
)
PUSH_BEGIN, PUSH_END = "<!-- pushes: python -m tests.faults.report --pushes -->", "<!-- end of pushes -->"
PUSH_HEAD = (
    "| run | date | what | people | kills | lost | left unknown, never arrived | repeated (allowed)"
    " | asked in a pause | tried again though blocked | most a second / 3 s and chat | p99 late, s | seconds"
    " | seed |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|---|"
)
# Kills, Telegram updates, Slack events.
SIZES = {
    "Telegram, short": (8, 400, 0),
    "Slack, short": (5, 0, 200),
    "both, long": (200, 17_000, 3_000),
}
REPLICA_SIZES = {
    "three replicas, short": SHORT_REPLICAS,
    "three replicas, webhooks": CALLED,
    "three replicas, long": LONG_REPLICAS,
}


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


def push_row(name: str, figures: PushFigures) -> str:
    """One line of the table of pushes."""
    cells = (
        name,
        datetime.now(UTC).date().isoformat(),
        figures.what,
        f"{figures.people:,}",
        figures.kills,
        figures.lost,
        figures.left_unknown,
        f"{figures.repeated} ({figures.bound:,})",
        figures.asked_in_pause,
        figures.retried_blocked,
        " / ".join(str(each) for each in figures.busiest.values()),
        ", ".join(f"{platform} {late:.0f}" for platform, late in figures.late.items()),
        f"{figures.seconds:.0f}",
        figures.seed,
    )
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def written(page: str, rows: dict[str, str], begin: str = BEGIN, end: str = END, head: str = HEAD) -> str:
    """The page with these rows in place of the older ones of the same name."""
    before, _, rest = page.partition(begin)
    old, _, after = rest.partition(end)
    kept = {found[1]: found[0] for found in re.finditer(r"^\| ([^|]+?) \| \d.*$", old, re.MULTILINE)}
    lines = "\n".join((kept | rows).values())
    machine = (
        f"Measured on {platform.system()}, Python {platform.python_version()}; times depend on the machine."
    )
    return f"{before}{begin}\n{machine}\n\n{head}\n{lines}\n{end}{after}"


def pushes(*, long: bool, only: str, seed: int) -> int:
    """The runs of pushes; with `long` also those of full size. Exits 1 when one is not as promised."""
    runs = {f"{name}, short": push for name, push in SHORT.items()}
    runs |= {f"{name}, long": push for name, push in LONG.items()} if long else {}
    failed = False
    for name, push in runs.items():
        if not re.match(rf"{re.escape(only)}\b", name):
            continue
        with tempfile.TemporaryDirectory(prefix="dealpace-faults-") as folder:
            url = f"sqlite:///{folder}/dealpace.db"
            migrated(url)
            figures = pushed(Path(folder), url, push, seed)
        wrong = figures.verdict() + (figures.late_verdict() if name.startswith("R6") else [])
        failed = failed or bool(wrong)
        print(name, wrong or "as promised")
        page = PAGE.read_text(encoding="utf-8")
        rows = {name: push_row(name, figures)}
        PAGE.write_text(written(page, rows, PUSH_BEGIN, PUSH_END, PUSH_HEAD), encoding="utf-8")
    return int(failed)


def main() -> int:
    """Exits 1 when a run is not as promised; its row is written all the same."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--long", action="store_true", help="the full size too")
    options.add_argument("--size", metavar="KILLS,UPDATES,EVENTS", help="one run of another size")
    options.add_argument("--replicas", action="store_true", help="only the runs with replicas on PostgreSQL")
    options.add_argument("--pushes", action="store_true", help="the runs of pushes instead of the kills")
    options.add_argument("--only", default="", help="with --pushes: those whose name begins so, e.g. R5")
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    given = options.parse_args()
    if given.pushes:
        return pushes(long=given.long, only=given.only, seed=given.seed)
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
