"""/health"""

from datetime import datetime, timedelta

from domain.people import ADMINS
from domain.schedule import local_date, local_time
from domain.upkeep import OwnFigures
from domain.week_ports import RollupCheck
from handlers.args import NoArgs
from handlers.pieces.listed import listed
from handlers.registry import Scope, command
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Line, Mark, Note, Text, card, t

# A night that was missed is worth a word; two are.
OVERDUE = timedelta(hours=36)
# So many people are named; the rest are a number.
NAMED = 3


@command(roles=ADMINS, scope=Scope.ORGANISATION)
def health(turn: Turn, args: NoArgs) -> Card:
    """How it runs: the numbers against their records, what waits, who is out of reach, what was set aside."""
    found = turn.store.own_figures(turn.now)
    rows = ((Button(t("health.people"), "/members"), Button(t("health.look_again"), "/health")),)
    return card(
        t("health.title"),
        *_numbers(turn.store.last_check(), turn.now, turn.me.zone),
        *_letters(found, turn.now),
        *_unreached(found),
        *_set_aside(found),
        rows=rows,
    )


def _numbers(check: RollupCheck | None, now: datetime, zone: str) -> tuple[Block, ...]:
    """What the last nightly recomputation found, and when it was or that it is missing."""
    if check is None or check.checked_at is None:
        return (Note(t("health.not_yet")),)
    agrees = Line(t("health.agrees", n=check.cells), Mark.DONE)
    wrong = Line(t("health.repaired", n=check.wrong, of=check.cells), Mark.NOTE)
    at = t("health.at", on=local_date(check.checked_at, zone), at=local_time(check.checked_at, zone))
    overdue = now - check.checked_at > OVERDUE
    return wrong if check.wrong else agrees, Line(t("health.overdue"), Mark.NOTE) if overdue else Note(at)


def _letters(found: OwnFigures, now: datetime) -> tuple[Block, ...]:
    """What is due and has not left, for how long, and what of it may have arrived already."""
    if found.oldest_late is None:
        return (Line(t("health.none_late"), Mark.DONE),)
    late = t("health.late", n=found.late, wait=_lasted(now - found.oldest_late))
    unsure = (Line(t("health.unsure", n=found.unsure), Mark.NOTE),) if found.unsure else ()
    return Line(late, Mark.NOTE), *unsure


def _unreached(found: OwnFigures) -> tuple[Block, ...]:
    """By name, because whoever reads it has to find them."""
    if not found.unreached:
        return (Line(t("health.all_reached"), Mark.DONE),)
    named = [
        t("health.on", name=each.name, platform=t(f"platform.{each.platform}"))
        for each in found.unreached[:NAMED]
    ]
    more = len(found.unreached) - NAMED
    who = listed([*named, t("health.more", n=more)] if more > 0 else named)
    return (Line(t("health.unreached", who=who), Mark.NOTE),)


def _set_aside(found: OwnFigures) -> tuple[Block, ...]:
    aside = t("health.quarantined", n=found.quarantined)
    revision = t("health.revision", revision=found.revision or "")
    return (
        *((Line(aside, Mark.NOTE),) if found.quarantined else ()),
        *((Note(revision),) if found.revision else ()),
    )


def _lasted(wait: timedelta) -> Text:
    """A wait in the unit that says most."""
    minutes = int(wait.total_seconds() // 60)
    if minutes < 60:
        return t("health.minutes", n=max(minutes, 1))
    return t("health.hours", n=minutes // 60) if minutes < 48 * 60 else t("health.days", n=minutes // 1440)
