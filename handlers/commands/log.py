"""/log calls N [DAY]; effective: N"""

import re
from collections.abc import Mapping
from datetime import date

from domain.activity import Kind, grace_end, week_closed
from domain.people import Role
from domain.quota import BULK_PER_DAY, Claim, Metric
from domain.refusals import NotNow, NotUnderstood
from handlers.args import Args, Missing, Words
from handlers.numbers import numbers
from handlers.pieces.bars import moved
from handlers.pieces.undo_button import undo_button
from handlers.reading.moments import split_moment
from handlers.reading.vocabulary import CHINESE_NUMBER, number
from handlers.registry import command
from handlers.turn import Turn, touch_day
from handlers.view import Ask, Block, Button, Card, Line, Mark, Note, Rows, card, t
from handlers.words import catalogue

# More calls than anybody makes in a day: a slip of the finger.
CALLS_AT_MOST = 200
COUNT = rf"(?:\d{{1,6}}|{CHINESE_NUMBER})"
_SAID = re.compile(rf"(?P<before>[^\d]*?) ?(?P<n>{COUNT}) ?(?P<after>[^\d]*)")
# The words for each kind; a message is one of the kinds that only count with their customer.
KINDS: Mapping[str, Kind] = {
    "log.call_words": Kind.CALL,
    "log.visit_words": Kind.VISIT,
    "log.message_words": Kind.MESSAGE,
    "log.meeting_words": Kind.MEETING,
}


class LogArgs(Args):
    """How many of what, with the day when it is not today; how many of them were effective."""

    lead = ("what",)
    what: Words
    effective: Words | None = None


def _choices(turn: Turn, missing: Missing) -> Rows:
    if missing.part != "effective":
        return ()
    _, quantity, _ = _read(turn, missing.line.removeprefix("/log").strip())
    return _all_or_none(missing.line, quantity)


@command(roles=frozenset({Role.REP, Role.MANAGER, Role.DIRECTOR}), choices=_choices)
def log(turn: Turn, args: LogArgs) -> Card:
    """Calls in bulk: those with a result and a next step count, at most 5 a day, shown unverified (product 4)."""
    kind, quantity, on = _read(turn, args.what)
    if kind is Kind.VISIT:
        return card(t("log.no_visits"), Note(t("visit.command.example"), code=True))
    if kind is not Kind.CALL:
        raise NotUnderstood("log.only_calls")
    if not 1 <= quantity <= CALLS_AT_MOST:
        raise NotUnderstood("log.no_number", n=quantity, most=CALLS_AT_MOST)
    if on > turn.today:
        raise NotUnderstood("log.ahead", on=on)
    if week_closed(on, turn.said_at, turn.calendar(), turn.me.zone):
        raise NotNow("record.closed", on=on)
    if args.effective is None:
        return _how_many(quantity, on)
    claim = Claim(
        metric=Metric.CALLS, on=on, quantity=quantity, effective=_effective(args.effective, quantity)
    )
    return _claimed(turn, claim)


def _read(turn: Turn, said: str) -> tuple[Kind, int, date]:
    """`calls 8`, `8 calls yesterday`; raises `NotUnderstood` for anything else."""
    words, when = split_moment(said, turn.today)
    found = _SAID.fullmatch(words)
    kind = _kind(found["before"], found["after"]) if found else None
    quantity = _number(found["n"]) if found else None
    if kind is None or quantity is None:
        raise NotUnderstood("log.not_read", said=said)
    return kind, quantity, when.on or turn.today if when else turn.today


def _number(said: str) -> int | None:
    """A count in digits or Chinese numerals; two tens in a row are none."""
    try:
        return number(said) if re.fullmatch(COUNT, said) else None
    except ValueError:
        return None


def _kind(before: str, after: str) -> Kind | None:
    """The kind named before the number or behind it; a measure word may stand between them."""
    for measure in ("", *catalogue().listed("log.measure_words")):
        named = (before + after.removeprefix(measure)).strip().casefold()
        for key, kind in KINDS.items():
            if named in catalogue().listed(key):
                return kind
    return None


def _how_many(quantity: int, on: date) -> Card:
    """The one question: how many had a result and a next step."""
    line = f"/log calls {quantity} {on.isoformat()}"
    return card(
        Line(t("log.bulk", n=quantity)),
        t("log.part.effective.ask"),
        ask=Ask(line, "effective"),
        rows=(*_all_or_none(line, quantity), (Button(t("button.cancel"), "/cancel"),)),
    )


def _all_or_none(line: str, quantity: int) -> Rows:
    every = Button(t("log.all", n=quantity), f"{line}\neffective: {quantity}")
    return ((every, Button(t("log.none"), f"{line}\neffective: 0")),)


def _effective(said: str, quantity: int) -> int:
    words = said.strip().casefold()
    if words in catalogue().listed("log.all_words"):
        return quantity
    if words in catalogue().listed("log.none_words"):
        return 0
    for measure in ("", *catalogue().listed("log.measure_words")):
        counted = _number(words.removesuffix(measure).strip())
        if counted is not None and counted <= quantity:
            return counted
    raise NotUnderstood("log.no_part", said=said[:40], n=quantity).at("effective")


def _claimed(turn: Turn, claim: Claim) -> Card:
    """Keeps the claim; its card says what counts of it and that nobody verified it."""
    calendar, on = turn.calendar(), claim.on
    before = numbers(turn.store, turn.org, turn.me, calendar, on, on)
    after = before.claiming(claim, turn.store.add_claim(turn.me.id, claim))
    touch_day(turn.store, turn.me.id, on)
    blocks: list[Block] = [Line(t("log.kept", n=claim.quantity, effective=claim.effective), Mark.DONE)]
    if on != turn.today:
        late = turn.said_at > grace_end(on, calendar, turn.me.zone)
        blocks.append(Line(t("record.late" if late else "record.on_day", on=on)))
    blocks += moved(before.standings(on), after.standings(on))
    if sum(each.effective for each in after.claims if each.on == on) > BULK_PER_DAY:
        blocks.append(Note(t("log.most", n=BULK_PER_DAY)))
    return card(*blocks, rows=((undo_button(turn),),))
