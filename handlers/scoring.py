"""Scores of many people at once: what the numbers of a week or a month are worth (method section 6)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from domain.disputes import Answer, Dispute
from domain.kpis import Kpi, KpiSet, Measure, Measured, in_force
from domain.people import Member, MemberId, Organisation, Role
from domain.periods import Span
from domain.ports import Store
from domain.quota import Metric, attained, completion, learning_week, tally
from domain.schedule import local_date
from domain.scorecard import Score, Scorecard, scored
from domain.weekly import Weekly
from domain.workdays import Calendar
from handlers.numbers import Numbers, gathered_numbers

# Whose cards there are, a rep's before a manager's.
SCORED = (Role.REP, Role.MANAGER)
SCORED_ROLES = frozenset(SCORED)
People = Mapping[MemberId, tuple[Member, Calendar]]


def role_scored(member: Member) -> Role | None:
    """Whose card somebody has: a rep's before a manager's; None for who has none."""
    return next((role for role in SCORED if role in member.roles), None)


def gathered_scores(
    store: Store, org: Organisation, people: People, monday: date, until: date
) -> dict[MemberId, Score]:
    """The cards of the week from `monday` as they stand on `until`, in a constant number of queries."""
    return _gathered(store, org, people, Span.week(monday), until)


def gathered_month_scores(
    store: Store, org: Organisation, people: People, first: date, until: date
) -> dict[MemberId, Score]:
    """The cards of the month from `first` as they stand on `until`: the same KPIs over the month."""
    return _gathered(store, org, people, Span.month(first), until)


def gathered_of(
    store: Store, org: Organisation, people: People, span: Span, today: date
) -> dict[MemberId, Score]:
    """The cards of a week or a month, as far as it has come."""
    return _gathered(store, org, people, span, min(span.last, today))


def _gathered(
    store: Store, org: Organisation, people: People, span: Span, until: date
) -> dict[MemberId, Score]:
    did = gathered_numbers(store, org, people, span.first, until)
    found = {}
    for number, (member, _) in people.items():
        kpis = _set_of(member, span)
        if kpis is None:
            continue
        done = _done(did[number], span, until)
        weekly = None if span.is_month else _weekly(did[number], span, until, done)
        measured = (
            Measured(kpi=Kpi.PLAN_COMPLETION, state=Measure.EXCUSED)
            if done is None
            else Measured(
                kpi=Kpi.PLAN_COMPLETION, state=Measure.MEASURED, actual=done * 100, target=Fraction(90)
            )
        )
        found[number] = replace(scored(kpis, [measured]), weekly=weekly)
    return found


def _set_of(member: Member, span: Span) -> KpiSet | None:
    role = role_scored(member)
    return in_force((), role, span.first) if role else None


def _done(did: Numbers, span: Span, until: date) -> Fraction | None:
    if not span.is_month:
        return did.completion(span.first, until)
    return completion([attained(each.actual, each.target) for each in did.over(span.first, until)])


def _weekly(did: Numbers, span: Span, until: date, done: Fraction | None) -> Weekly:
    return Weekly(
        member_id=did.member.id,
        team_id=did.member.team_id,
        monday=span.first,
        until=until,
        sales=Decimal(0),
        target=None,
        completion=done,
        done=done,
        visits=tally(did.records, span.first, until)[Metric.VISITS],
        verified=0,
        scored_days=0,
        coefficient=Fraction(1),
        learning=learning_week(did.member.joined_on, until) is not None,
        ramping=False,
    )


def with_grants(score: Score, disputes: Iterable[Dispute]) -> Score:
    """The card with the numbers that were granted: the last word on each line."""
    granted: list[Measured] = []
    for each in disputes:
        line = score.line(each.kpi)
        if each.decision is Answer.ACCEPTED and each.granted is not None and line and line.target is not None:
            granted.append(replace(line.measured, state=Measure.MEASURED, actual=Fraction(each.granted)))
    return score.corrected(*granted) if granted else score


def latest(versions: Iterable[Scorecard]) -> dict[str, Scorecard]:
    """The last version of each period, by its label."""
    return {each.label: each for each in versions}


def today_of(member: Member, now: datetime) -> date:
    """The date on somebody's wall."""
    return local_date(now, member.zone)
