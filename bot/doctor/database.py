"""The database as the bot will find it: reachable, writable, private, and at this release's tables."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.app import Checkup, Fault, examine_database
from bot.clock import Clock
from bot.doctor.findings import Finding, fix, hint, ok
from bot.doctor.setup import Reading
from bot.pause import told
from domain.installation import Standing
from domain.upkeep import Figures

NAME = "database"
WAIT_SECONDS = 3
SCARCE_BYTES = 200 * 2**20
MEBIBYTE = 2**20
# A nightly backup may fail once over a weekend; after a week somebody should look.
BACKED_UP_WITHIN = timedelta(days=7)
# A letter that waits for its platform's next minute is not stuck.
LATE = timedelta(minutes=5)
OTHERS, GROUP = 0o007, 0o070
WRITE_ACCESS = "let the bot's user write {file} and the folder it is in"
# What to do about a fault: of a file, of a server.
REMEDIES = {
    Fault.ADDRESS: ("sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME",) * 2,
    Fault.UNREACHABLE: (
        WRITE_ACCESS,
        "check host, port, user, password and name in DATABASE_URL, and that the server runs",
    ),
    Fault.READ_ONLY: (WRITE_ACCESS, "connect to the primary, with a role that owns the bot's tables"),
    Fault.LOCKED: ("stop the process that holds {file}", "see pg_stat_activity for who holds the lock"),
    Fault.FULL: ("make room on the disk of {file}", "make room on the server's disk"),
    Fault.DAMAGED: ("restore {file} from a backup, or name another file",) * 2,
}
WORDS = {
    Fault.ADDRESS: "DATABASE_URL names no database this can use",
    Fault.UNREACHABLE: "cannot be reached",
    Fault.READ_ONLY: "cannot be written",
    Fault.LOCKED: "is locked by another process",
    Fault.FULL: "the disk is full",
    Fault.DAMAGED: "is no SQLite database, or a damaged one",
}


async def examine(reading: Reading, clock: Clock) -> list[Finding]:
    """Tries the database in a thread: its drivers wait."""
    url, now = reading.settings.database_url, clock.now()
    seen = await asyncio.to_thread(examine_database, url, WAIT_SECONDS, now)
    found = judge(seen)
    found += judge_standing(seen.standing, now) if seen.standing else []
    found += running(seen.figures, seen.references, now) if seen.figures else []
    return found


def judge_standing(standing: Standing, now: datetime) -> list[Finding]:
    """Whether the bot may speak, and whether a backup of it is to be had, as far as the database knows."""
    found = [fix("paused", told(standing), "dealpace admin resume")] if standing.paused else []
    if standing.backed_up_at is None:
        return [*found, hint("backup", "none was made yet", "dealpace backup")]
    said = f"the last was made at {standing.backed_up_at:%Y-%m-%d %H:%M} UTC"
    is_old = now - standing.backed_up_at > BACKED_UP_WITHIN
    return [*found, hint("backup", said, "dealpace backup, every night") if is_old else ok("backup", said)]


def running(figures: Figures, references: Sequence[str], now: datetime) -> list[Finding]:
    """What did not leave, did not arrive or was set aside; all of it may be so while nothing is wrong here."""
    found = []
    if figures.oldest_late and now - figures.oldest_late > LATE:
        minutes = (now - figures.oldest_late) // timedelta(minutes=1)
        what = f"{figures.late} due and not sent, the oldest for {minutes} min"
        found.append(
            hint("letters", what, "is dealpace run running, and does the platform take what it sends?")
        )
    if figures.unsure:
        what = f"{figures.unsure} may have arrived already: they are sent again"
        found.append(hint("letters", what))
    if figures.unreached:
        what = f"{figures.unreached} of people's chats take nothing any more"
        found.append(hint("letters", what, "an admin sees by /health whose they are"))
    if figures.quarantined:
        more = figures.quarantined - len(references)
        listed = ", ".join(references) + (f" and {more} more" if more > 0 else "")
        what = f"{figures.quarantined} deliveries could not be handled: {listed}"
        found.append(hint("quarantine", what, "dealpace admin quarantine; dealpace admin requeue REFERENCE"))
    return found


def judge(seen: Checkup) -> list[Finding]:
    """What the facts ask of the operator."""
    if seen.fault:
        remedy = REMEDIES[seen.fault][0 if seen.embedded else 1].format(file=seen.file)
        what = WORDS[seen.fault] + (f": {seen.detail}" if seen.detail else "")
        return [fix(NAME, what, remedy)]
    if seen.embedded and seen.file is None:
        what = "lives in memory: all is gone when the bot stops"
        return [hint(NAME, what, "DATABASE_URL=sqlite:///dealpace.db")]
    found = [_tables(seen)]
    if seen.free_bytes is not None and seen.free_bytes < SCARCE_BYTES:
        what = f"only {seen.free_bytes // MEBIBYTE} MiB are free on its disk"
        found.append(fix(NAME, what, "make room: a full disk stops the bot"))
    if (seen.mode or 0) & OTHERS:
        what = f"others on this machine may open it (mode {seen.mode:o})"
        found.append(fix(NAME, what, f"chmod 600 {seen.file}*"))
    elif (seen.mode or 0) & GROUP:
        found.append(hint(NAME, f"its group may open it (mode {seen.mode:o})", f"chmod 600 {seen.file}*"))
    if seen.bypasses_row_security:
        what = "its role passes over row-level security"
        found.append(hint(NAME, what, "a role of its own, NOSUPERUSER NOBYPASSRLS"))
    return found


def _tables(seen: Checkup) -> Finding:
    if seen.is_newer:
        what = f"revision {seen.revision} is from a newer release (this one: {seen.head})"
        return fix(NAME, what, "run the newer release, or restore a backup made before it")
    if seen.is_empty:
        return ok(NAME, "writable, still empty: dealpace run makes its tables")
    if seen.revision != seen.head:
        what = f"revision {seen.revision}, this release has {seen.head}"
        return fix(NAME, what, "back it up, then: dealpace db upgrade")
    if seen.differences:
        more = f" and {len(seen.differences) - 1} more" if len(seen.differences) > 1 else ""
        what = f"tables differ from this release's: {seen.differences[0]}{more}"
        return fix(NAME, what, "dealpace db check lists all; take the change back or restore a backup")
    return ok(NAME, f"writable, revision {seen.revision}")
