"""The worked examples of the method for the week: scores, targets, boards, funnels and customers, compared exactly."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import ceil

from domain.collection import Instalment, Payment, collected
from domain.deals import DealId
from domain.funnel import (
    Coverage,
    Passing,
    Prospect,
    Velocity,
    by_volume,
    capacity,
    leak,
    norms,
    smoothed,
    value_to_enter,
    visits_needed,
    win_probability,
)
from domain.funnel import latest_entry as latest
from domain.grades import full_months, grade, is_eligible
from domain.kpis import SHIPPED, Kpi, KpiSet, Measure, Measured
from domain.milestones import PROJECT
from domain.people import MemberId, Role
from domain.quota import percent
from domain.ranking import Entry, board, teams
from domain.satisfaction import TARGET, Answer, growth, new_share, promoter_score, satisfied
from domain.scorecard import Score, exact_score, scored
from domain.targets import (
    Band,
    Method,
    Proposal,
    Step,
    TargetStep,
    band,
    decomposed,
    following,
    may_lock_early,
    money,
    proposals,
    ramp,
    reached,
    trend,
)
from tests.domain.vectors import expected, title

NORMS = norms(PROJECT)
HISTORY = [Decimal(each) for each in (100, 104, 98, 110, 115, 120)]
CARD = SHIPPED[Role.REP]


def two(value: Fraction | Decimal) -> str:
    """A figure with 2 places, rounded half-up once."""
    return str(money(Fraction(value)))


def places(value: Fraction, digits: int) -> str:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return str(exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def measured(kpi: Kpi, actual: str, target: str) -> Measured:
    return Measured(kpi=kpi, state=Measure.MEASURED, actual=Fraction(actual), target=Fraction(target))


B1 = (
    measured(Kpi.SALES, "1150000", "1000000"),
    measured(Kpi.COLLECTION, "90", "95"),
    measured(Kpi.SATISFACTION, "92", "90"),
    measured(Kpi.NEW_CUSTOMERS, "3", "2"),
    measured(Kpi.PLAN_COMPLETION, "86", "90"),
)


def test_b1() -> None:
    card = scored(CARD, B1)
    names = ("sales", "collection", "satisfaction", "new customers", "plan completion")
    lines = "; ".join(f"{name} {line.score}" for name, line in zip(names, card.lines, strict=True))
    assert expected("B1") == f"{lines}; total {card.total}"


def test_b2() -> None:
    def of(hours: int) -> Decimal | None:
        one = KpiSet(role=Role.REP, version=1, lines=((Kpi.RESPONSE_TIME, 100),))
        return scored(one, [measured(Kpi.RESPONSE_TIME, str(hours), "24")]).total

    assert expected("B2") == "; ".join(f"{hours} h -> {of(hours)}" for hours in (30, 12, 48, 0))


def test_b3() -> None:
    floor = Fraction(60, 100)
    found = [(ratio, two(exact_score(Fraction(ratio) / 100, floor))) for ratio in ("59.99", "60.00")]
    assert expected("B3") == "; ".join(f"{ratio}% -> {score}" for ratio, score in found)


def test_b5() -> None:
    missing = Measured(kpi=Kpi.COLLECTION, state=Measure.MISSING)
    card = scored(CARD, [missing if each.kpi is Kpi.COLLECTION else each for each in B1])
    assert expected("B5") == f"total {card.total}"
    # Excused it would renormalise, and not be cheaper than a number.
    excused = Measured(kpi=Kpi.COLLECTION, state=Measure.EXCUSED)
    other: Score = scored(CARD, [excused if each.kpi is Kpi.COLLECTION else each for each in B1])
    assert other.total == Decimal("110.20")


def test_b6() -> None:
    shown = expected("B6").split(", ")
    assert len(shown) == 9
    for each in shown:
        total, _, word = each.partition("->")
        assert grade(Decimal(total)).capitalize() == word


def test_b8() -> None:
    end = date(2026, 12, 31)
    found = []
    for joined in re.findall(r"\d{4}-\d\d-\d\d", title("B8"))[1:]:
        on = date.fromisoformat(joined)
        word = "eligible" if is_eligible(on, end) else "excluded"
        found.append(f"{joined}: {full_months(on, end)} full months -> {word}")
    assert expected("B8") == "; ".join(found)
    assert not is_eligible(date(2020, 1, 1), end, on_probation=True)
    assert not is_eligible(date(2020, 1, 1), end, exempted=True)


def of(method: Method, history: Sequence[Decimal] = HISTORY) -> Proposal:
    return next(each for each in proposals(history) if each.method is method)


def test_c1() -> None:
    quarter = of(Method.QUARTER)
    assert expected("C1") == f"avg {two(quarter.forecast)}, target {quarter.low}"


def test_c2() -> None:
    weighted = of(Method.WEIGHTED)
    shown = f"{places(weighted.forecast, 4)}; +10% {weighted.low}; +20% {weighted.high}"
    assert expected("C2") == shown


def test_c3() -> None:
    line, found = trend(HISTORY), of(Method.REGRESSION)
    assert expected("C3") == (
        f"slope {places(line.slope, 4)}, intercept {places(line.intercept, 4)}, month 7 {places(line.at(7), 4)};"
        f" band +10%..+20% {found.low}..{found.high}"
    )


def test_c4() -> None:
    """Of all methods the line comes first when it fits; a month less and it is the quarter, with two nothing is."""
    first = proposals(HISTORY)[0]
    fit = places(trend(HISTORY).fit, 4)
    assert expected("C4") == f"R2 {fit} -> {first.method}; default growth 10% -> {first.low}"
    assert [each.method for each in proposals(HISTORY[1:])] == [Method.QUARTER]
    assert proposals(HISTORY[:2]) == ()
    scattered = [Decimal(each) for each in (100, 160, 60, 150, 70, 120)]
    assert proposals(scattered)[0].method is Method.WEIGHTED


def test_c5() -> None:
    line = of(Method.REGRESSION)
    words = {Band.BELOW: "below", Band.WITHIN: "in band", Band.ABOVE: "above"}
    found = [
        f"{each}: growth {percent(line.growth(Decimal(each)))}% -> {words[band(line, Decimal(each))]}"
        for each in (118, 130, 140)
    ]
    assert expected("C5") == "; ".join(found)
    assert band(line, Decimal("146.81")) is Band.ABOVE
    assert band(line, Decimal("146.80")) is Band.WITHIN


def test_c6() -> None:
    weights = [Fraction(each) for each in ("1.2", "1.0", "0.8")]
    parts = decomposed(Decimal(1_000_000), weights, Decimal(1000))
    assert expected("C6") == str([int(part) for part in parts])


def test_c8() -> None:
    days = decomposed(Decimal(126_500), [Fraction(1)] * 21, Decimal(1))
    more, less = days[0], days[-1]
    first = sum(1 for each in days if each == more)
    assert list(days) == [more] * first + [less] * (21 - first)
    shown = f"{first} days at {int(more)} then {21 - first} days at {int(less)}; sum {int(sum(days))}"
    assert expected("C8") == shown


def test_c9() -> None:
    assert expected("C9") == str([int(100_000 * ramp(month)) for month in (1, 2, 3, 4)])
    assert ramp(0) == 0 and ramp(30) == 1


def test_e1() -> None:
    shown = [f"M{n} {places(100 * win_probability(NORMS, n), 4)}%" for n in range(1, 7)]
    assert expected("E1") == "; ".join(shown)


def test_e2() -> None:
    target, average = Fraction(3_000_000), Fraction(500_000)
    found = by_volume(target, average, NORMS)
    shown = "; ".join(f"M{each.milestone} {two(each.exact)}->{each.deals}" for each in found)
    assert expected("E2") == f"{shown}; value needed at M1 {two(value_to_enter(target, NORMS, 1))}"


def test_e4() -> None:
    end = date(2026, 12, 31)
    assert expected("E4") == "; ".join(f"M{n} {latest(end, NORMS, n)}" for n in range(1, 7))


def test_e5() -> None:
    as_of, period = date(2026, 10, 1), (date(2026, 10, 1), date(2026, 12, 31))
    rows = re.findall(r"([A-E]) (\d+)k (?:entered )?M(\d) (\d{4}-\d\d-\d\d)", title("E5"))
    assert len(rows) == 5
    deals = [
        Prospect(
            deal_id=DealId(n),
            owner_id=MemberId(1),
            amount=Decimal(amount) * 1000,
            milestone=int(milestone),
            entered_on=date.fromisoformat(entered),
            chance=win_probability(NORMS, int(milestone)),
        )
        for n, (_, amount, milestone, entered) in enumerate(rows)
    ]
    found = capacity(
        deals, dict.fromkeys([each.deal_id for each in deals], NORMS), as_of, period, Fraction(2_000_000)
    )
    shown = [
        f"{name}(M{milestone},{amount}k) close {each.close_on} {'in' if each.counts else 'out'} EV {two(each.value)}"
        for (name, amount, milestone, _), each in zip(rows, found.deals, strict=True)
    ]
    assert found.fill is not None
    assert expected("E5") == " | ".join(
        (
            *shown,
            f"eligible amount {two(found.eligible)}, capacity {two(found.capacity)},"
            f" capacity gap {two(found.gap)}, fill ratio {percent(found.fill)}%",
        )
    )


def test_e7() -> None:
    found = Velocity(
        deals=20,
        win_rate=Fraction(25, 100),
        average=Fraction(500_000),
        cycle_days=Fraction(140),
        remaining=Fraction(3_000_000),
        days_left=92,
    )
    assert found.ratio is not None
    assert expected("E7") == (
        f"v {two(found.a_day)}/day, required {two(found.required)}/day, ratio {percent(found.ratio)}%,"
        f" projected {two(found.projected)}, velocity gap {two(found.gap)}"
    )
    levers = found.levers
    assert levers is not None
    # Each alone closes the gap.
    for changed in (
        {"deals": levers.deals},
        {"win_rate": levers.win_rate},
        {"average": levers.average},
        {"cycle_days": levers.cycle_days},
    ):
        values: dict[str, object] = {name: getattr(found, name) for name in Velocity.__slots__}
        assert Velocity(**{**values, **changed}).gap == 0  # type: ignore[arg-type]


def test_e9() -> None:
    found = Coverage(pipeline=Fraction(7_500_000), remaining=Fraction(3_000_000), win_rate=Fraction(25, 100))
    assert found.coverage is not None
    assert expected("E9") == (
        f"coverage {two(found.coverage)}x, required {two(found.required)}x, pipeline shortfall {two(found.shortfall)}"
    )
    # However well deals are won, three times over is the least.
    assert Coverage(pipeline=Fraction(1), remaining=Fraction(1), win_rate=Fraction(9, 10)).required == 3


def test_e10() -> None:
    first, second = (
        smoothed(advanced, entered, Fraction(70, 100)) for advanced, entered in ((3, 5), (30, 50))
    )
    assert expected("E10") == f"{places(first, 4)}; with 30 of 50: {places(second, 4)}"


def test_e12() -> None:
    needed = [each.deals for each in by_volume(Fraction(3_000_000), Fraction(500_000), NORMS)]
    chained, after = [], 6
    for each in reversed(NORMS):
        after = ceil(after / each.conversion)
        chained.append(after)
    chained.reverse()
    assert chained != needed
    assert expected("E12") == f"chained ceil M1..M6 {chained} versus correct {needed}"


def test_e13() -> None:
    entries = 2 / win_probability(NORMS, 1)
    team, alone = (visits_needed(entries, Fraction("0.125"), reps) for reps in (4, 1))
    assert alone.each > 10 >= team.each
    assert expected("E13") == (
        f"{two(team.a_month)} visits/month, {two(team.a_week)} per week, {two(team.per_rep)} per rep per week ->"
        f" {team.each} (standard plan 10/week is enough; for one rep alone it is not)"
    )


def amount_of(written: str) -> Decimal:
    return Decimal(written[:-1]) * (1_000_000 if written.endswith("M") else 1000)


def test_i1() -> None:
    rows = re.findall(r"(\w+) (\d+[kM])/(\d+[kM]) ([\d.]+) ([\d.]+)", title("I1"))
    assert len(rows) == 5
    entries = [
        Entry(
            member_id=MemberId(n),
            name=name,
            attainment=Fraction(amount_of(sold)) / Fraction(amount_of(target)),
            completion=Fraction(done),
            verified=Fraction(verified),
            scored_days=5,
        )
        for n, (name, sold, target, done, verified) in enumerate(rows)
    ]
    found = board(entries).placed
    assert expected("I1") == "; ".join(f"{each.rank}. {each.entry.name} {each.points}" for each in found)


def test_i2() -> None:
    of_x = [Decimal(each) for each in ("90.00", "84.00", "75.00")]
    of_y = [Decimal(each) for each in ("96.00", "70.00")]
    x, y = teams([("X", of_x), ("Y", of_y)])
    assert y.rank is None
    assert expected("I2") == f"X {x.mean} ranked {x.rank}; Y {y.mean} unranked"


def test_k3() -> None:
    own = [Fraction(each) for each in re.findall(r"\.\d\d", title("K3").split(" vs ")[0])]
    team = [Fraction(each) for each in re.findall(r"\.\d\d", title("K3").split(" vs ")[1])]
    passings = [
        Passing(milestone=n, entered=5, own=mine, benchmark=theirs)
        for n, (mine, theirs) in enumerate(zip(own, team, strict=True), 1)
    ]
    found = leak(passings)
    assert found is not None
    shown = "; ".join(f"M{each.milestone} {two(each.ratio)}" for each in passings)
    assert expected("K3") == f"{shown} -> leak at M{found.milestone} ({two(found.ratio)})"


def test_l1() -> None:
    answers = [
        *[Answer.VERY_SATISFIED] * 12,
        *[Answer.SATISFIED] * 34,
        *[Answer.DISSATISFIED] * 3,
        *[Answer.VERY_DISSATISFIED],
    ]
    many = [[Answer.SATISFIED] * good + [Answer.NEUTRAL] * (50 - good) for good in (45, 44)]
    rates = [satisfied(each) for each in (answers, *many)]
    words = [
        f"{percent(rate)}% {'met' if rate >= TARGET else 'not met'}" for rate in rates if rate is not None
    ]
    assert expected("L1") == f"{words[0]}; 45 of 50 {words[1]}; 44 of 50 {words[2]}"
    assert satisfied([]) is None


def test_l2() -> None:
    found = promoter_score([10] * 14 + [9] * 14 + [8] * 7 + [7] * 7 + [6] * 4 + [0] * 4)
    assert found is not None
    assert expected("L2") == two(found)


def test_l3() -> None:
    """Two instalments, one of them not due yet: the 50,000 paid ahead do not count."""
    deal, end = DealId(1), date(2026, 3, 31)
    dues = [
        Instalment(deal_id=deal, amount=Decimal(670_000), due_on=date(2026, 3, 10), id=1),
        Instalment(deal_id=DealId(2), amount=Decimal(130_000), due_on=date(2026, 3, 20), id=2),
        Instalment(deal_id=deal, amount=Decimal(90_000), due_on=date(2026, 5, 1), id=3),
    ]
    paid = [Payment(deal_id=deal, amount=Decimal(720_000), on=date(2026, 3, 15), id=1)]
    parts = [
        collected(
            [each for each in dues if each.deal_id == one], [each for each in paid if each.deal_id == one],
            date(2026, 3, 1), end,
        )
        for one in (DealId(1), DealId(2))
    ]  # fmt: skip
    due, received = sum(each.due for each in parts), sum(each.received for each in parts)
    assert (due, received) == (Decimal(800_000), Decimal(670_000))
    assert expected("L3") == f"{percent(Fraction(received) / Fraction(due))}%"


def test_l4() -> None:
    share, grown = new_share(6, 18), growth(Decimal(5_500_000), Decimal(5_000_000))
    assert share is not None and grown is not None
    ratio = Fraction(6, 18)
    assert expected("L4") == (
        f"new share {percent(share)}%, new:existing {ratio.numerator}:{ratio.denominator}, growth {percent(grown)}%"
    )


def test_m1() -> None:
    step, walked = Step.DOWN1, [Step.DOWN1]
    while step is not Step.LOCKED:
        step = following(step, 3)
        walked.append(step)
    at = datetime(2026, 3, 2, tzinfo=UTC)

    def said(step: Step, amount: int) -> TargetStep:
        return TargetStep(step=step, amount=Decimal(amount), by_id=MemberId(1), at=at + timedelta(hours=1))

    agreed = may_lock_early(
        [said(Step.DOWN1, 100), said(Step.UP1, 90), said(Step.DOWN2, 95), said(Step.UP2, 95)]
    )
    apart = may_lock_early([said(Step.DOWN1, 100), said(Step.UP1, 90)])
    assert agreed and not apart
    assert expected("M1") == (
        f"{' -> '.join(each.upper() for each in walked)}; early LOCK allowed when last UP equals last DOWN"
    )
    assert [following(Step.UP1, 1), following(Step.UP2, 2)] == [Step.LOCKED, Step.LOCKED]
    assert reached(HISTORY, Decimal(110)) == (3, 6)


CHECKS: dict[str, Callable[[], None]] = {
    name.removeprefix("test_").upper(): check
    for name, check in dict(globals()).items()
    if re.fullmatch(r"test_[a-z]\d+", name)
}
