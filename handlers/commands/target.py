"""/target [NAME | TEAM] [accept | lock | send | way]; amount: N; period: MONTH; quality: TEXT; cost: N; reason: TEXT"""

import re
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from domain.choices import CHOICES, Choice
from domain.files import FileId
from domain.people import Member, Role, Team
from domain.refusals import NotAllowed, NotFound, NotNow, NotUnderstood
from domain.targets import Step, Target, TargetId, decomposed, months_since, proposals, ramp
from handlers.answer import ask
from handlers.args import Amount, Args, FileRef, Missing, Name, Pasted, Told, Words
from handlers.colleagues import TEAM_REFERENCE, called, team_named
from handlers.negotiating import counter, lock, must_be_an_amount, propose
from handlers.pastmonths import months_read
from handlers.pieces.target import (
    capability_words,
    proposal_card,
    smart_lines,
    span_words,
    split_card,
    talk_card,
    team_card,
    written,
)
from handlers.pieces.undo_button import undo_button
from handlers.pieces.way import way_card
from handlers.reading.names import fold
from handlers.reading.periods import Span
from handlers.registry import Scope, command, registry
from handlers.targeting import (
    Talk,
    history,
    my_teams,
    person_named,
    present_or_next,
    reps_of,
    sets_targets,
    span_meant,
    talk_of,
    target_number,
)
from handlers.turn import Turn
from handlers.view import Button, Card, Line, Mark, Note, card, t
from handlers.words import catalogue

REFERENCE = re.compile(r"#?G(?P<id>\d{1,18})", re.IGNORECASE)
# What may follow whose target is meant, and what may stand before it.
LAST = ("accept", "lock", "send", "way")
FIRST = ("history", "coefficient", "rounds", "page")
# A team's target is shared out in thousands where it is large enough.
LARGE, THOUSAND, ONE = Decimal(100_000), Decimal(1000), Decimal(1)


class TargetArgs(Args):
    """Whose target and what with it; what it says in quantity, time, quality and cost."""

    lead = ("what",)
    what: Words | None = None
    amount: Amount | None = None
    period: Name | None = None
    quality: Words | None = None
    cost: Amount | None = None
    reason: Told | None = None
    lines: Pasted | None = None
    file: FileRef | None = None
    sure: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """The leading words taken apart."""

    first: str | None
    who: str
    last: str | None


@command(roles=frozenset({Role.REP, Role.MANAGER, Role.DIRECTOR}), scope=Scope.TEAM)
def target(turn: Turn, args: TargetArgs) -> Card:
    """The own target and one's word on it; for who leads, proposals, the round-trip, and locking."""
    meant = _taken_apart(args.what or "")
    if meant.first:
        return _setting(turn, meant, args)
    if reference := REFERENCE.fullmatch(meant.who):
        found = target_number(turn, reference["id"])
        if found is None or found.member_id is None:
            raise NotFound("target.no_such", id=meant.who[:20])
        return _talk(turn, turn.store.member(found.member_id), talk_of(turn.store, found), meant, args)
    if not meant.who:
        return (
            _own(turn, meant, args)
            if not my_teams(turn) or meant.last in ("accept", "way")
            else _team(turn, args, 0)
        )
    if team := _team_called(turn, meant.who):
        return _split(turn, team, meant, args)
    return _person(turn, person_named(turn, meant.who), meant, args)


def _taken_apart(said: str) -> Meant:
    words = said.split()
    first = _word(words[0], FIRST) if words else None
    last = _word(words[-1], LAST) if words and not first else None
    rest = words[1:] if first else words[:-1] if last else words
    return Meant(first=first, who=" ".join(rest), last=last)


def _word(said: str, known: tuple[str, ...]) -> str | None:
    return next(
        (each for each in known if said.casefold() in catalogue().listed(f"target.{each}_words")), None
    )


def _team_called(turn: Turn, said: str) -> Team | None:
    teams = turn.store.teams()
    is_team = TEAM_REFERENCE.fullmatch(said) or any(fold(each.name) == fold(said) for each in teams)
    if not is_team or called(said, turn.store.members()):
        return None
    team = team_named(said, teams)
    if team not in my_teams(turn):
        raise NotAllowed("target.not_your_team", name=team.name)
    return team


def _own(turn: Turn, meant: Meant, args: TargetArgs) -> Card:
    span, found = present_or_next(turn, turn.me.id, args.period)
    if found is None:
        return card(t("target.none", span=span_words(*span)), Note(t("target.none_means")))
    return _talk(turn, turn.me, found, meant, args)


def _person(turn: Turn, person: Member, meant: Meant, args: TargetArgs) -> Card:
    span, found = present_or_next(turn, person.id, args.period)
    if found is not None and (args.amount is None or meant.last):
        return _talk(turn, person, found, meant, args)
    if args.amount is not None:
        made = propose(
            turn,
            person,
            span,
            args.amount,
            quality=args.quality or "",
            cost=args.cost,
            reason=args.reason or "",
        )
        return _said(turn, person, made)
    if meant.last:
        raise NotNow("target.nothing_yet", name=person.name)
    known = history(turn.store, person.id, span[0], turn.today)
    return proposal_card(turn.store, person, span, proposals(known), known)


def _talk(turn: Turn, person: Member, talk: Talk, meant: Meant, args: TargetArgs) -> Card:
    """What somebody does with a target that is talked about: their own word, or the lock."""
    mine = person.id == turn.me.id
    span = (talk.target.first, talk.target.last)
    match meant.last:
        case "accept" if mine:
            made = counter(turn, talk, talk.target.amount, args.reason or "", sure=True)
            return _said(turn, person, made or talk)
        case "accept":
            raise NotAllowed("target.theirs_to_accept", name=person.name)
        case "way":
            return way_card(turn, person, talk.target)
        case "lock":
            try:
                return _said(turn, person, lock(turn, talk, person, args.amount, args.reason or ""))
            except NotUnderstood as refused:
                if refused.part != "reason":
                    raise
                again = args.again("target", what=f"G{talk.target.id} lock")
                return ask(turn, registry().commands["target"], Missing(line=again, part="reason"))
        case _ if args.amount is None:
            return talk_card(turn.store, turn.org, turn.me, talk, turn.now)
        case _ if not mine:
            made = propose(turn, person, span, args.amount, reason=args.reason or "")
            return _said(turn, person, made)
    found = counter(turn, talk, args.amount, args.reason or "", sure=args.sure is not None)
    if found is None:
        again = args.again("target", sure="yes")
        return card(
            t("target.above_band", amount=args.amount),
            rows=((Button(t("target.above_button"), again), Button(t("button.cancel"), "/cancel")),),
        )
    return _said(turn, person, found)


def _said(turn: Turn, person: Member, talk: Talk) -> Card:
    """The target as it stands after one's word, with the way back."""
    # An answer of its own: the card that lives on came to each of them before.
    shown = replace(talk_card(turn.store, turn.org, turn.me, talk, turn.now), key=None)
    known = history(turn.store, person.id, talk.target.first, turn.today)
    warned = smart_lines(talk.target, turn.today, known) if not talk.target.is_locked else ()
    return shown.plus(*warned, rows=((undo_button(turn),),))


def _team(turn: Turn, args: TargetArgs, page: int) -> Card:
    teams = my_teams(turn)
    span = span_meant(turn, args.period)
    people = [each for each in reps_of(turn.store, teams) if each.id != turn.me.id]
    amounts = [
        each.amount
        for of in turn.store.team_targets([team.id for team in teams], *span).values()
        for each in of
        if (each.first, each.last) == span
    ]
    return team_card(turn.store, people, span, page, sum(amounts, Decimal(0)) if amounts else None)


def _split(turn: Turn, team: Team, meant: Meant, args: TargetArgs) -> Card:
    """A team's target falls to its reps by capability and ramp; sent, it is everybody's first proposal."""
    people = [each for each in reps_of(turn.store, (team,)) if each.id != turn.me.id]
    span = span_meant(turn, args.period)
    if not people:
        raise NotNow("target.no_reps", name=team.name)
    if args.amount is None:
        line = f"/target T{team.id}\nperiod: {written(span)}"
        return ask(turn, registry().commands["target"], Missing(line=line, part="amount"))
    must_be_an_amount(args.amount)
    ramps = [max(ramp(months_since(each.joined_on, span[1])), Fraction(1, 100)) for each in people]
    weights = [each.capability * factor for each, factor in zip(people, ramps, strict=True)]
    unit = THOUSAND if args.amount >= LARGE else ONE
    parts = tuple(zip(people, decomposed(args.amount, weights, unit), strict=True))
    if meant.last != "send":
        again = f"/target T{team.id} send\namount: {args.amount}\nperiod: {written(span)}"
        return split_card(team.name, span, args.amount, parts, again)
    there = turn.store.gather_targets([each.id for each in people], *span, locked=False)
    if taken := next((each for each in people if each.id in there), None):
        other = there[taken.id][0]
        raise NotNow("target.overlaps", name=taken.name, first=other.first, last=other.last)
    whole = turn.store.add_target(_of_team(turn, team, span, args.amount))
    for (person, part), factor in zip(parts, ramps, strict=True):
        # What is kept is the whole target: ramp takes its share of it when it is read.
        propose(turn, person, span, (part / Decimal(factor.numerator) * factor.denominator), parent=whole)
    return card(Line(t("target.sent", n=len(parts), name=team.name), Mark.DONE), rows=((undo_button(turn),),))


def _of_team(turn: Turn, team: Team, span: Span, amount: Decimal) -> Target:
    return Target(
        id=TargetId(0),
        member_id=None,
        team_id=team.id,
        first=span[0],
        last=span[1],
        amount=amount,
        step=Step.LOCKED,
        rounds=1,
        made_by=turn.me.id,
        made_at=turn.said_at,
        locked_at=turn.said_at,
    )


def _setting(turn: Turn, meant: Meant, args: TargetArgs) -> Card:
    """What stands around targets: months before the bot, capability, rounds, the next page of the team."""
    if not my_teams(turn):
        raise NotAllowed("target.only_leads")
    match meant.first:
        case "history":
            return _history(turn, meant, args)
        case "coefficient":
            return _coefficient(turn, meant.who)
        case "rounds":
            return _rounds(turn, meant.who)
    page = int(meant.who) if meant.who.isdecimal() and len(meant.who) < 4 else 1
    return _team(turn, args, max(0, page - 1))


def _coefficient(turn: Turn, said: str) -> Card:
    name, _, number = said.rpartition(" ")
    try:
        factor = Decimal(number)
    except InvalidOperation:
        raise NotUnderstood("target.no_coefficient") from None
    if not name or not Decimal("0.1") <= factor <= Decimal(5):
        raise NotUnderstood("target.no_coefficient")
    person = person_named(turn, name)
    if not sets_targets(turn, person):
        raise NotAllowed("target.not_yours", name=person.name)
    was = person.capability
    turn.store.revise_member(person.id, capability=int(factor.scaleb(2)))
    back = Decimal(was).scaleb(-2)
    return card(
        Line(capability_words(turn.store.member(person.id)), Mark.DONE),
        rows=((Button(t("target.back_button", factor=back), f"/target coefficient M{person.id} {back}"),),),
    )


def _rounds(turn: Turn, said: str) -> Card:
    allowed = CHOICES[Choice.TARGET_ROUNDS].allowed
    number = int(said) if said.isdecimal() and len(said) == 1 else 0
    if number not in allowed:
        raise NotUnderstood("target.no_rounds")
    turn.store.choose({**turn.org.choices, Choice.TARGET_ROUNDS: number})
    return card(Line(t("target.rounds", n=number), Mark.DONE))


def _history(turn: Turn, meant: Meant, args: TargetArgs) -> Card:
    """Whose months before the bot, typed, pasted or sent as a file."""
    person = person_named(turn, meant.who) if meant.who else None
    if person is None or not sets_targets(turn, person):
        raise NotUnderstood("target.history_whose")
    if args.lines is None and args.file is None:
        line = f"/target history M{person.id}"
        return ask(turn, registry().commands["target"], Missing(line=line, part="lines"))
    file = FileId(args.file) if args.file is not None else None
    return months_read(turn, person, args.lines, file, sure=args.sure is not None)
