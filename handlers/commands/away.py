"""/away DATES; reason: TEXT; cover: NAME"""

from dataclasses import replace

from domain.activity import week_closed
from domain.kinds import Notice
from domain.people import Member
from domain.refusals import NotNow, NotUnderstood
from domain.schedule import after_quiet
from domain.workdays import Leave
from handlers.answer import ask
from handlers.args import Args, Days, Missing, Words
from handlers.colleagues import colleague_named, touch_digests
from handlers.letters import teller
from handlers.pieces.listed import listed
from handlers.pieces.undo_button import undo_button
from handlers.registry import command, registry
from handlers.rollups import roll_begun
from handlers.tick import plan_pushes
from handlers.turn import Turn, touch_day
from handlers.view import Block, Card, Line, Mark, Note, Text, card, t

LONGEST_DAYS = 180
LEAVES_SHOWN = 4


class AwayArgs(Args):
    """A day or a span of days, and who does what falls due meanwhile."""

    lead = ("dates",)
    dates: Days | None = None
    reason: Words | None = None
    cover: Words | None = None


@command()
def away(turn: Turn, args: AwayArgs) -> Card:
    """No pushes, nothing missed and smaller weekly targets while one is away; a cover sees the due steps."""
    if args.dates is None:
        return _which(turn, args)
    first, last = args.dates
    if last < turn.today:
        raise NotUnderstood("args.past_date", said=last.isoformat(), on=last)
    if (last - first).days > LONGEST_DAYS:
        raise NotUnderstood("away.too_long", n=LONGEST_DAYS)
    if week_closed(first, turn.said_at, turn.calendar(), turn.me.zone):
        raise NotNow("calendar.closed", on=first)
    leave = Leave(first=first, last=last)
    cover = _cover(turn, args.cover) if args.cover else None
    turn.store.add_leave(turn.me.id, leave, args.reason or "", cover.id if cover else None)
    plan_pushes(turn.store, turn.org, turn.me, turn.now)
    if leave.covers(turn.today):
        turn.store.cancel_pushes([turn.me.id], turn.today.isoformat())
    roll_begun(turn, [turn.me.id], first, last)
    touch_digests(turn.store, turn.now, turn.store.teams(), {turn.me.team_id})
    covered = _told(turn, cover, leave) if cover else ()
    return card(Line(_when(leave), Mark.DONE), *covered, t("away.means"), rows=((undo_button(turn),),))


def _which(turn: Turn, args: AwayArgs) -> Card:
    """The question, under what is planned already."""
    declared = registry().commands["away"]
    shown = ask(turn, declared, Missing(line=args.again("away"), part="dates"))
    planned = [leave for _, leave in turn.store.leaves(turn.me.id) if leave.last >= turn.today]
    if not planned:
        return shown
    spans = listed([_days(leave) for leave in planned[:LEAVES_SHOWN]])
    return replace(shown, blocks=(Line(t("away.planned", days=spans)), *shown.blocks))


def _cover(turn: Turn, said: str) -> Member:
    """An active colleague; nobody covers for themselves."""
    found = colleague_named(said, turn.store.members())
    if found.id == turn.me.id:
        raise NotUnderstood("away.not_yourself").at("cover")
    return found


def _told(turn: Turn, cover: Member, leave: Leave) -> tuple[Block, ...]:
    """Tells the cover; the answer names them, and warns when they are away themselves."""
    touch_day(turn.store, cover.id, turn.today)
    letter = card(t("away.covers", name=turn.me.name, days=_days(leave)), t("away.covers_means"))
    teller(turn).tell(cover.id, Notice.COVER, "cover", letter, at=after_quiet(turn.now, cover.zone))
    theirs = [
        each
        for _, each in turn.store.leaves(cover.id)
        if each.first <= leave.last and each.last >= leave.first
    ]
    warned = (Note(t("away.cover_away", name=cover.name, days=_days(theirs[0]))),) if theirs else ()
    return (Line(t("away.covered_by", name=cover.name)), *warned)


def _when(leave: Leave) -> Text:
    if leave.first == leave.last:
        return t("away.day", first=leave.first)
    return t("away.days", first=leave.first, last=leave.last)


def _days(leave: Leave) -> Text:
    if leave.first == leave.last:
        return t("calendar.day", first=leave.first)
    return t("calendar.span", first=leave.first, last=leave.last)
