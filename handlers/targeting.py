"""Whose target is meant and for when, what it starts from, and who may set it (method section 5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.kpis import Kpi
from domain.people import Member, MemberId, Role, Team
from domain.ports import Store, Subject
from domain.refusals import NotAllowed, NotUnderstood
from domain.results import Origin, Result
from domain.targets import Step, Target, TargetId, TargetStep
from domain.workdays import ONE_DAY
from handlers.colleagues import colleague_named, leads, led_by
from handlers.reading.periods import Span, months, next_month, period, this_month
from handlers.turn import Turn

# A year of months is looked at; the methods of the proposal need six.
MONTHS_BACK = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """One target with the steps that led to it."""

    target: Target
    steps: tuple[TargetStep, ...]

    @property
    def last(self) -> TargetStep | None:
        return self.steps[-1] if self.steps else None

    def said(self, steps: frozenset[Step]) -> Decimal | None:
        """The last amount that was said in one of these steps."""
        return next((each.amount for each in reversed(self.steps) if each.step in steps), None)


def sets_targets(turn: Turn, person: Member) -> bool:
    """Whoever leads the person's team, and directors; nobody sets their own."""
    if person.id == turn.me.id:
        return False
    return Role.DIRECTOR in turn.me.roles or leads(turn.me, person, turn.store.teams())


def person_named(turn: Turn, said: str) -> Member:
    """The colleague whose target is meant; raises `NotAllowed` for one whose targets are others' to set."""
    person = colleague_named(said, turn.store.members())
    if person.id != turn.me.id and not sets_targets(turn, person):
        raise NotAllowed("target.not_yours", name=person.name)
    return person


def my_teams(turn: Turn) -> tuple[Team, ...]:
    """The teams whose targets the speaker sets."""
    teams = turn.store.teams()
    return teams if Role.DIRECTOR in turn.me.roles else led_by(turn.me, teams)


def reps_of(store: Store, teams: Sequence[Team]) -> tuple[Member, ...]:
    ids = {team.id for team in teams}
    return tuple(each for each in store.members() if Role.REP in each.roles and each.team_id in ids)


def span_meant(turn: Turn, said: str | None) -> Span:
    """The month or quarter that is named; without a word this month, from its middle on the next one.

    Raises `NotUnderstood` for words that are neither, and for a period that is over.
    """
    if said is None:
        return this_month(turn.today)
    found = period(said, turn.today)
    if found is None:
        raise NotUnderstood("target.no_period", said=said[:40]).at("period")
    if found[1] < turn.today:
        raise NotUnderstood("target.past_period", on=found[0]).at("period")
    return found


def talk_of(store: Store, target: Target) -> Talk:
    return Talk(target=target, steps=store.target_steps(target.id))


def talks(turn: Turn, person: MemberId, span: Span) -> tuple[Talk, ...]:
    """The targets of somebody that overlap a period, talked about or locked, the earliest first."""
    found = turn.store.gather_targets([person], *span, locked=False).get(person, ())
    return tuple(talk_of(turn.store, each) for each in found)


def present_or_next(turn: Turn, person: MemberId, said: str | None) -> tuple[Span, Talk | None]:
    """The period that is meant and the target there; without a word the first that is still talked about, else this month's."""
    if said is not None:
        span = span_meant(turn, said)
        return span, next((each for each in talks(turn, person, span)), None)
    span = this_month(turn.today)
    ahead = (span[0], next_month(next_month(next_month(turn.today)[0])[0])[1])
    found = talks(turn, person, ahead)
    chosen = next((each for each in found if not each.target.is_locked), next(iter(found), None))
    return ((chosen.target.first, chosen.target.last), chosen) if chosen else (span, None)


def history(store: Store, person: MemberId, before: date, today: date) -> tuple[Decimal, ...]:
    """What somebody sold in each whole month before a date, the oldest first; from the first month with anything."""
    last = min(before, today).replace(day=1) - ONE_DAY
    first = date(last.year - (last.month < MONTHS_BACK), (last.month % MONTHS_BACK) + 1, 1)
    found = store.results([person], [Kpi.SALES], first, last).get(person, ())
    sums = [
        (sum((each.value for each in found if start <= each.on <= end), Decimal(0)), start)
        for start, end in months(first, last)
    ]
    known = {each.on.replace(day=1) for each in found}
    began = min(known, default=None)
    return tuple(amount for amount, start in sums if began is not None and start >= began)


def keep_history(turn: Turn, person: Member, month: Span, amount: Decimal, origin: Origin) -> None:
    """A month's sales as they were before the bot: they replace what was typed of that month before.

    Raises `NotUnderstood` for a month that is not over.
    """
    if month[1] >= turn.today:
        raise NotUnderstood("target.month_not_over", on=month[0])
    known = turn.store.results([person.id], [Kpi.SALES], *month).get(person.id, ())
    for each in known:
        if each.origin is not Origin.DERIVED:
            turn.store.withdraw(Subject.RESULT, each.id)
    turn.store.add_result(
        Result(
            member_id=person.id,
            team_id=person.team_id,
            kpi=Kpi.SALES,
            on=month[1],
            value=amount,
            origin=origin,
            made_by=turn.me.id,
        )
    )


def target_number(turn: Turn, said: str) -> Target | None:
    """The target with this number, where it is the speaker's or theirs to set."""
    target = turn.store.target(TargetId(int(said)))
    if target is None or target.member_id is None:
        return None
    person = turn.store.member(target.member_id)
    return target if person.id == turn.me.id or sets_targets(turn, person) else None
