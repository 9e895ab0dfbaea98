"""/contest [NAME | X3 | X3 cancel]; metric: WHAT; from: DATE; to: DATE; minimum: N; between: reps or teams; prize: TEXT; reason: TEXT"""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Literal

from domain.contests import MOST_DAYS, Between, Contest, ContestId, ContestState, Count
from domain.kinds import Notice
from domain.people import Member, Role
from domain.ports import Store
from domain.refusals import NotAllowed, NotFound, NotNow, NotUnderstood
from domain.schedule import after_quiet
from handlers.answer import ask
from handlers.args import NAME_LIMIT, Amount, Args, Missing, Name, Told, When, Words, said_as
from handlers.colleagues import led_by
from handlers.contesting import outcome, race, taking_part
from handlers.letters import UNDO_WITHIN, teller
from handlers.pieces.clipped import clipped
from handlers.pieces.contest import own_standing, result_card, rules, team_places, when
from handlers.pieces.undo_button import undo_button
from handlers.registry import Scope, command, registry
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Line, Mark, Note, Rows, card, in_rows, t
from handlers.words import catalogue

REFERENCE = re.compile(r"#?X(?P<id>\d{1,18})", re.IGNORECASE)
LEADS = frozenset({Role.MANAGER, Role.DIRECTOR})
SHOWN = 4
A_WEEK = timedelta(days=7)

Metric = Annotated[
    Literal["visits", "calls", "contacts", "new_customers", "attainment"],
    said_as("visits", "contest.visits_words"),
    said_as("calls", "contest.calls_words"),
    said_as("contacts", "contest.contacts_words"),
    said_as("new_customers", "contest.new_customers_words"),
    said_as("attainment", "contest.attainment_words"),
]
Whom = Annotated[
    Literal["reps", "teams"],
    said_as("reps", "contest.reps_words"),
    said_as("teams", "contest.teams_words"),
]


class ContestArgs(Args):
    """A new contest by its name, or one by its number and what with it."""

    lead = ("what",)
    what: Words | None = None
    metric: Metric | None = None
    since: When | None = None
    until: When | None = None
    minimum: Amount | None = None
    between: Whom | None = None
    prize: Name | None = None
    reason: Told | None = None


def _choices(_turn: Turn, missing: Missing) -> Rows:
    """What may be counted, and who may be compared."""
    known = {"metric": Count, "between": Between}.get(missing.part)
    if known is None:
        return ()
    line = missing.line
    return in_rows(
        [
            Button(t(f"contest.part.{missing.part}.option_{each}"), f"{line}\n{missing.part}: {each}")
            for each in known
        ],
        3,
    )


@command(roles=frozenset({Role.REP, Role.MANAGER, Role.DIRECTOR}), scope=Scope.TEAM, choices=_choices)
def contest(turn: Turn, args: ContestArgs) -> Card:
    """How the contests stand, to each alone; for who leads, a new one: its rules are frozen once it runs."""
    said = args.what or ""
    first, _, rest = said.partition(" ")
    if reference := REFERENCE.fullmatch(first):
        found = _known(turn, reference["id"], first)
        if not rest:
            return _shown(turn, found)
        if rest.casefold() in catalogue().listed("contest.cancel_words"):
            return _cancelled(turn, found, args)
        raise NotUnderstood("contest.frozen", id=f"X{found.id}")
    if not said:
        return _listed(turn)
    if not turn.me.holds(LEADS):
        raise NotAllowed("contest.only_leads")
    return _made(turn, said, args)


def _known(turn: Turn, number: str, said: str) -> Contest:
    found = turn.store.contest(ContestId(int(number)))
    if found is None:
        raise NotFound("contest.no_such", id=said[:20])
    return found


def _listed(turn: Turn) -> Card:
    mine = [
        each
        for each in turn.store.contests(turn.today)
        if each.state is ContestState.OPEN and _concerns(turn, each)
    ]
    if not mine:
        hint = (Note(t("contest.how"), code=True),) if turn.me.holds(LEADS) else ()
        return card(t("contest.none"), *hint)
    lines = [
        Line(t("contest.line", id=f"X{each.id}", name=clipped(each.name, 14), when=when(each, turn.today)))
        for each in mine[:SHOWN]
    ]
    buttons = [Button(f"X{each.id}", f"/contest X{each.id}") for each in mine[:SHOWN]]
    return card(t("contest.all"), *lines, rows=in_rows(buttons))


def _concerns(turn: Turn, found: Contest) -> bool:
    teams = {turn.me.team_id, *(each.id for each in led_by(turn.me, turn.store.teams()))}
    return found.team_id is None or found.team_id in teams or Role.DIRECTOR in turn.me.roles


def _shown(turn: Turn, found: Contest) -> Card:
    if not _concerns(turn, found):
        raise NotAllowed("contest.not_yours")
    if found.state is ContestState.ENDED:
        won = outcome(turn.store, found, turn.me.id)
        return result_card(found, won.names, nobody=not found.result)
    blocks: list[Block] = [*rules(found), Line(when(found, turn.today))]
    if found.state is ContestState.CANCELLED:
        return card(*blocks[:-1], Line(t("contest.was_cancelled"), Mark.NOTE))
    if found.runs(turn.today):
        now = race(turn.store, turn.org, found, turn.today)
        blocks += (
            team_places(found, now.places)
            if found.between is Between.TEAMS
            else own_standing(found, now.stands, turn.me.id)
        )
    cancel = (
        (Button(t("contest.cancel_button"), f"/contest X{found.id} cancel"),) if _owns(turn, found) else ()
    )
    return card(*blocks[:8], rows=(cancel,) if cancel else ())


def _owns(turn: Turn, found: Contest) -> bool:
    return found.made_by == turn.me.id or Role.DIRECTOR in turn.me.roles


def _made(turn: Turn, name: str, args: ContestArgs) -> Card:
    """A new contest; what is not said is the usual: visits, from tomorrow for a week, between people."""
    if args.metric is None:
        line = args.again("contest")
        return ask(turn, registry().commands["contest"], Missing(line=line, part="metric"))
    first = args.since.on if args.since and args.since.on else turn.today + timedelta(days=1)
    last = args.until.on if args.until and args.until.on else first + A_WEEK - timedelta(days=1)
    if first < turn.today:
        raise NotUnderstood("contest.past", on=first).at("since")
    if not first <= last < first + timedelta(days=MOST_DAYS):
        raise NotUnderstood("contest.length", n=MOST_DAYS).at("until")
    led = led_by(turn.me, turn.store.teams())
    between = Between(args.between or "reps")
    if not led and Role.DIRECTOR not in turn.me.roles:
        raise NotAllowed("contest.only_leads")
    made = Contest(
        id=ContestId(0),
        team_id=led[0].id if between is Between.REPS and led else None,
        name=clipped(name, NAME_LIMIT),
        count=Count(args.metric),
        between=between,
        first=first,
        last=last,
        minimum=args.minimum or Decimal(0),
        prize=args.prize or "",
        made_by=turn.me.id,
        made_at=turn.said_at,
    )
    number = turn.store.add_contest(made)
    kept = turn.store.contest(number) or made
    _announce(turn, kept)
    return card(
        Line(t("contest.made", n=len(taking_part(turn.store, kept))), Mark.DONE),
        *rules(kept),
        Note(t("contest.frozen_means")),
        rows=((undo_button(turn),),),
    )


def _announce(turn: Turn, made: Contest) -> None:
    """The rooms that take part hear of it once it cannot be undone any more."""
    shown = card(t("contest.begins"), *rules(made))
    at = after_quiet(turn.now + UNDO_WITHIN, turn.org.zone)
    for room in turn.store.rooms():
        if made.team_id in (None, room.team_id):
            teller(turn).announce(room.at, "contest", turn.org.language, shown, at=at)


def _cancelled(turn: Turn, found: Contest, args: ContestArgs) -> Card:
    if not _owns(turn, found):
        raise NotAllowed("contest.not_yours")
    if found.state is not ContestState.OPEN:
        raise NotNow("contest.closed", id=f"X{found.id}")
    if found.runs(turn.today) and not args.reason:
        line = f"/contest X{found.id} cancel"
        return ask(turn, registry().commands["contest"], Missing(line=line, part="reason"))
    turn.store.revise_contest(found.id, state=ContestState.CANCELLED, body=args.reason or "")
    for each in _others(turn.store, found, turn.me):
        told = card(t("contest.told_cancelled", name=found.name, reason=args.reason or "-"))
        teller(turn).tell(each.id, Notice.CONTEST, f"contest-off:{found.id}", told)
    return card(Line(t("contest.was_cancelled"), Mark.DONE), rows=((undo_button(turn),),))


def _others(store: Store, found: Contest, me: Member) -> tuple[Member, ...]:
    return tuple(each for each in taking_part(store, found) if each.id != me.id)
