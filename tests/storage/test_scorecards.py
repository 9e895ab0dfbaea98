"""Frozen cards, disputes and weekly lines come back as they were kept; a frozen version never changes."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from domain.disputes import Answer, Dispute, WeekReport
from domain.kpis import Kpi, KpiSet, Measure, Measured
from domain.people import MemberId, OrgId, Role
from domain.ports import ChangeId, Subject
from domain.scorecard import Score, Scorecard, Why, scored
from domain.weekly import Weekly
from tests.support.opened import MONDAY, NINE, Opened

WEEK, BEFORE = "2026-W10", "2026-W09"
LATER = NINE + timedelta(hours=1)


def weekly(member: MemberId, **values: object) -> Weekly:
    plain = Weekly(
        member_id=member,
        team_id=None,
        monday=MONDAY,
        until=MONDAY,
        sales=Decimal("1150000.00"),
        target=Decimal("1000000.00"),
        completion=Fraction(43, 50),
        done=Fraction(43, 49),
        visits=9,
        verified=4,
        scored_days=5,
        coefficient=Fraction(2, 3),
        learning=False,
        ramping=True,
    )
    return replace(plain, **values)  # type: ignore[arg-type]


SET = KpiSet(
    role=Role.REP,
    version=1,
    lines=(
        (Kpi.SALES, 40),
        (Kpi.RESPONSE_TIME, 15),
        (Kpi.SATISFACTION, 15),
        (Kpi.NEW_CUSTOMERS, 15),
        (Kpi.PLAN_COMPLETION, 15),
    ),
)
EXCUSED = Score(lines=scored(SET, []).lines, total=None)


def measured(kpi: Kpi, actual: str, target: str) -> Measured:
    return Measured(kpi=kpi, state=Measure.MEASURED, actual=Fraction(actual), target=Fraction(target))


def score(member: MemberId) -> Score:
    numbers = [
        measured(Kpi.SALES, "1150000", "1000000"),
        measured(Kpi.RESPONSE_TIME, "30", "24"),
        Measured(kpi=Kpi.SATISFACTION, state=Measure.EXCUSED),
        Measured(kpi=Kpi.NEW_CUSTOMERS, state=Measure.MISSING),
        measured(Kpi.PLAN_COMPLETION, "613/7", "90"),
    ]
    return replace(scored(SET, numbers), weekly=weekly(member))


def card(member: MemberId, version: int = 1, label: str = WEEK, **values: object) -> Scorecard:
    plain = Scorecard(
        member_id=member, team_id=None, label=label, version=version, frozen_at=NINE, score=score(member)
    )
    return replace(plain, **values)  # type: ignore[arg-type]


def disputed(member: MemberId, **values: object) -> Dispute:
    plain = Dispute(
        id=0,
        member_id=member,
        label=WEEK,
        kpi=Kpi.SALES,
        reason="the Orbit deal is mine",
        asked_at=NINE,
        answer_by=LATER,
        claimed=Decimal("1200000.00"),
    )
    return replace(plain, **values)  # type: ignore[arg-type]


def said(member: MemberId) -> WeekReport:
    return WeekReport(id=0, member_id=member, label=WEEK, line="Acme is close", sent_at=NINE)


def found(books: Opened) -> tuple[OrgId, MemberId]:
    org, _, member = books.found()
    return org, member


def test_a_card_comes_back_exactly(books: Opened) -> None:
    org, member = found(books)
    kept = card(member, measured=EXCUSED)
    with books.store(org) as store:
        assert [each.label for each in store.freeze([kept])] == [WEEK]
    with books.store(org) as store:
        (back,) = store.scorecards([member], [WEEK])[member]
    assert replace(back, id=0) == kept
    assert back.score.part(effort=True) == kept.score.part(effort=True)


def test_an_excused_card_without_a_week_comes_back(books: Opened) -> None:
    org, member = found(books)
    with books.store(org) as store:
        store.freeze([card(member, label="2026-03", score=EXCUSED)])
        (back,) = store.scorecards([member], ["2026-03"])[member]
    assert back.score == EXCUSED


def test_a_frozen_version_never_changes(books: Opened) -> None:
    org, member = found(books)
    with books.store(org) as store:
        store.freeze([card(member)])
        assert store.freeze([card(member, score=EXCUSED), card(member, 2, why=Why.DISPUTE)])[0].version == 2
    with books.store(org) as store:
        first, second = store.scorecards([member], [WEEK])[member]
    assert (first.version, first.score, first.why) == (1, score(member), Why.CLOSED)
    assert (second.version, second.why) == (2, Why.DISPUTE)


def test_versions_stand_by_period_and_version(books: Opened) -> None:
    org, member = found(books)
    with books.store(org) as store:
        store.freeze([card(member, 2), card(member, 1), card(member, 1, BEFORE)])
        store.freeze([])
        kept = store.scorecards([member], [WEEK, BEFORE])[member]
        assert store.scorecards([member], []) == {}
    assert [(each.label, each.version) for each in kept] == [(BEFORE, 1), (WEEK, 1), (WEEK, 2)]


def test_a_dispute_is_asked_answered_and_taken_back(books: Opened) -> None:
    org, member = found(books)
    with books.turn(org, member) as store:
        number = store.add_dispute(disputed(member))
        assert store.touched_disputes() == {number}
    with books.turn(org, member) as store:
        assert store.open_disputes([member]) == (disputed(member, id=number),)
        assert store.dispute(number, held=True) == disputed(member, id=number)
        store.revise_dispute(
            number,
            decision=Answer.ACCEPTED,
            decided_by=member,
            decided_at=LATER,
            granted=Decimal("1180000.00"),
            answer="booked in the wrong week",
        )
    with books.turn(org, member) as store:
        assert store.open_disputes([member]) == ()
        (answered,) = store.disputes([member], [WEEK])[member]
        assert (answered.decision, answered.granted) == (Answer.ACCEPTED, Decimal("1180000.00"))
        answer = ChangeId(books.changes - 1)
        store.take_back(answer, store.facts(answer), LATER)
        assert store.touched_disputes() == {number}
        assert store.open_disputes([member]) == (disputed(member, id=number),)
    with books.turn(org, member) as store:
        store.withdraw(Subject.DISPUTE, number)
        assert store.touched_disputes() == {number}
        taken_back = store.dispute(number)
        assert taken_back is not None
        assert taken_back.decision is Answer.WITHDRAWN
        assert store.disputes([member], [WEEK]) == {}
        assert store.dispute(99) is None


def test_a_week_has_one_line_and_a_comment(books: Opened) -> None:
    org, member = found(books)
    with books.turn(org, member) as store:
        number = store.keep_week_report(said(member))
    kept = replace(said(member), id=number, comment="Good week", commented_by=member, commented_at=LATER)
    with books.turn(org, member) as store:
        assert store.week_reports([member], [WEEK]) == {member: (replace(said(member), id=number),)}
        assert store.keep_week_report(kept) == number
        assert store.week_reports([member], [WEEK, BEFORE]) == {member: (kept,)}
        store.withdraw(Subject.WEEK_REPORT, number)
        assert store.week_reports([member], [WEEK]) == {}
