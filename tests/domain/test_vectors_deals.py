"""The worked examples of the method for deals: the checklist, stalled deals, bids and expenses, compared exactly."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from domain.bids import Condition, Decision, StopSign, decide, score, verdict
from domain.c139 import (
    Item,
    Minimum,
    Rating,
    Short,
    Standing,
    capped,
    claimed,
    on_sixty_line,
    prior,
    short_of,
    strategy,
    studied,
    zone,
)
from domain.expenses import alert, budget_share, expense_ratio
from domain.gates import gate
from domain.milestones import Source
from domain.people import Language
from domain.quota import half_up, percent
from domain.stalled import (
    LIMITS,
    Assessment,
    Clock,
    Deadlines,
    SizeClass,
    assess,
    benchmark,
    deadlines,
    overstay_days,
)
from handlers.view import t
from handlers.words import catalogue
from tests.domain.dossiers import LONG_AGO, rated, whole
from tests.domain.dossiers import standing as standing_of
from tests.domain.vectors import expected, title

STANDARD = LIMITS[SizeClass.STANDARD]
CELL = re.compile(r"(\d)C(\d)F(\d)W")


def cell(written: str) -> Standing:
    """`8C1F0W`, counted from ratings that stand."""
    found = CELL.fullmatch(written)
    assert found
    clear, first, win = (int(each) for each in found.groups())
    items = [*list(Item)[:clear], *[Item.F1, Item.F2, Item.F3][:first], *[Item.W][:win]]
    note = "heard from the buyer"
    standing = claimed([Rating(item=item, note=note, has_source=True) for item in items])
    assert standing == Standing(clear=clear, first=first, win=win)
    return standing


def places(value: Fraction, count: int = 2) -> str:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return str(exact.quantize(Decimal(1).scaleb(-count), ROUND_HALF_UP))


def plain(value: Fraction) -> str:
    """Exact, without zeros at the end: `79.998`, `80`."""
    return f"{(Decimal(value.numerator) / Decimal(value.denominator)).normalize():f}"


def test_f1() -> None:
    cells = [each.split("=")[0] for each in expected("F1").split(", ")]
    assert len(cells) == 11
    assert expected("F1") == ", ".join(f"{each}={prior(cell(each))}%" for each in cells)


def test_f2() -> None:
    cells = CELL.finditer(expected("F2"))
    said = [f"{each[0]}={'on/above' if on_sixty_line(cell(each[0])) else 'below'}" for each in cells]
    assert len(said) == 5
    assert expected("F2") == ", ".join(said)


def test_f3() -> None:
    said = [f"{each[0]}={zone(cell(each[0]))}" for each in CELL.finditer(expected("F3"))]
    assert len(said) == 7
    assert expected("F3") == ", ".join(said)


def test_f4() -> None:
    cases = re.findall(r"(\w+) coach (\d)", expected("F4"))
    assert len(cases) == 5
    said = [
        f"{each} coach {coach}={capped(Fraction(prior(cell(each))), coached=coach != '0')}%"
        for each, coach in cases
    ]
    assert expected("F4") == ", ".join(said)


def test_f6() -> None:
    """The counts are the study's; the shares and the losses they imply are computed."""
    numbers = re.search(r"(\d+) projects, (\d+) with 1W .*, (\d+) with 0W .*, (\d+) losses", title("F6"))
    assert numbers
    projects, with_win, without, published = (int(each) for each in numbers.groups())
    assert with_win + without == projects
    lost = with_win * (1 - studied(1)) + without * (1 - studied(0))
    assert expected("F6") == (
        f"P(win|1W) {percent(studied(1))}%, P(win|0W) {percent(studied(0))}%, implied losses {places(lost)} "
        f"(published {half_up(lost)}); overall win {percent((projects - lost) / projects)}%"
    )
    assert half_up(lost) == published


def shortage(lacks: tuple[Short, ...]) -> str:
    return f"short: {', '.join(f'{each.need} {each.by}' for each in lacks)}" if lacks else "pass"


def test_f8() -> None:
    minimums = {
        number: Minimum(clear=int(clear), first=int(first or 0), coach=True)
        for number, clear, first in re.findall(r"(M\d) (\d)C(?:(\d)F)?", title("F8"))
    }
    assert len(minimums) == 5
    cases = re.findall(r"(M\d) (\dC\dF\dW)", expected("F8"))
    said = [
        f"{number} {each} {shortage(short_of(minimums[number], cell(each), coached=True))}"
        for number, each in cases
    ]
    assert expected("F8") == "; ".join(said)


def test_f9() -> None:
    values = re.findall(r"[\d.]+", expected("F9"))
    assert len(values) == 7
    assert expected("F9") == "; ".join(f"{each} {strategy(Fraction(each))}" for each in values)


TODAY = date(2026, 3, 31)
NEXT = date(2026, 4, 2)


def standing(found: Assessment) -> str:
    level = found.level.upper()
    critical, warn = ([str(each) for each in signals] for signals in (found.critical, found.warn))
    return (
        f"days in stage {found.days}, idle {found.idle_days}, ratio {places(found.ratio)} -> {level} "
        f"crit={critical} warn={warn}"
    )


def clock(entered: date, active: date, next_on: date | None) -> Clock:
    return Clock(
        entered_on=entered,
        last_customer_on=active,
        next_on=next_on,
        benchmark_days=30,
        limits=STANDARD,
    )


def test_g1() -> None:
    quiet = clock(date(2026, 3, 1), date(2026, 3, 25), NEXT)
    assert standing(assess(quiet, TODAY)) == expected("G1")
    # The step is overdue the day after its date, and the silence warns beside it from the fourteenth day on.
    assert deadlines(quiet) == Deadlines(warn_on=date(2026, 4, 3), critical_on=date(2026, 4, 8))


def test_g2() -> None:
    long = clock(date(2026, 2, 14), date(2026, 3, 25), NEXT)
    assert standing(assess(long, TODAY)) == expected("G2")
    assert deadlines(long) == Deadlines(warn_on=TODAY, critical_on=date(2026, 4, 3))


def test_g3() -> None:
    longer = clock(date(2026, 1, 30), date(2026, 3, 30), NEXT)
    assert standing(assess(longer, TODAY)) == expected("G3")
    assert deadlines(longer).critical_on == TODAY


def test_g4() -> None:
    idle = clock(date(2026, 3, 20), date(2026, 3, 17), None)
    assert standing(assess(idle, TODAY)) == expected("G4")
    assert deadlines(idle) == Deadlines(warn_on=date(2026, 3, 20), critical_on=TODAY)


def overstays(passages: list[int]) -> tuple[Fraction, int, int]:
    usual = benchmark(passages, 30)
    ratios = STANDARD.overstay_warn, STANDARD.overstay_critical
    warn, critical = (overstay_days(ratio, usual) for ratio in ratios)
    return usual, warn, critical


def test_e11() -> None:
    passages = [int(each) for each in re.findall(r"\d+", title("E11").split(":")[1])]
    assert len(passages) == 10
    usual, warn, critical = overstays(passages)
    default, default_warn, default_critical = overstays(passages[:9])
    assert expected("E11") == (
        f"median {places(usual)}; warn at {warn} days, critical at {critical} days; "
        f"with 9 passages -> default {default} (warn {default_warn}, critical {default_critical})"
    )


def test_l6() -> None:
    ratings = [int(each) for each in re.findall(r"\d+", title("L6").split("ratings")[1])[:5]]

    def said(given: list[int]) -> str:
        return f"{places(score(given))} -> {verdict(score(given)).replace('_', ' ')}"

    assert expected("L6") == f"{said(ratings)}; all 3s {said([3] * 5)}; all 2s {said([2] * 5)}"


def test_l7() -> None:
    cases = re.findall(r"\((.),(.),(.);(\d)\)", expected("L7"))
    assert len(cases) == 5
    said = []
    for spec, relation, competition, signs in cases:
        answers = zip(Condition, (spec, relation, competition), strict=True)
        held = [condition for condition, answer in answers if answer == "T"]
        decision: Decision = decide(held, list(StopSign)[: int(signs)])
        said.append(f"({spec},{relation},{competition};{signs})->{decision.upper().replace('_', '-')}")
    assert expected("L7") == "; ".join(said)


def test_l8() -> None:
    budget = Decimal(50_000)

    def said(spent: int) -> str:
        share = budget_share(Decimal(spent), budget)
        assert share is not None
        return f"{plain(share * 100)}% -> {alert(Decimal(spent), budget)}"

    ratio = expense_ratio(Decimal(40_000), Decimal(500_000))
    assert ratio is not None
    spent = "; ".join(said(each) for each in (39_999, 40_000, 50_001))
    assert expected("L8") == f"{spent}; expense ratio at 40,000 {percent(ratio)}%"


def test_l12() -> None:
    """The warning is in the words of the card; nothing else is missing, and the gate holds."""
    numbers = re.search(r"deal at M(\d) with (\d) confirmed C, (\d) F, (\d) W", title("L12"))
    assert numbers
    milestone, *counts = (int(each) for each in numbers.groups())
    proven = replace(whole(milestone), checked=rated(standing_of(*counts), coach=True))
    (given, _) = proven.stage.evidence
    lacking = replace(proven, evidence=())
    assert given.source is Source.GIVEN
    refused, allowed = (gate(each, TODAY, organisation_since=LONG_AGO) for each in (lacking, proven))
    assert refused.holds and not refused.is_open and refused.missing == len(refused.evidence)
    assert allowed.holds and allowed.is_open
    said = [catalogue().say(t(f"caution.{each}"), Language.EN) for each in allowed.warnings]
    assert expected("L12") == (
        f"refused: {len(refused.evidence)} evidence missing; after evidence -> allowed with warning "
        + ", ".join(f'"{each}"' for each in said)
    )


CHECKS: dict[str, Callable[[], None]] = {
    "E11": test_e11,
    "F1": test_f1,
    "F2": test_f2,
    "F3": test_f3,
    "F4": test_f4,
    "F6": test_f6,
    "F8": test_f8,
    "F9": test_f9,
    "G1": test_g1,
    "G2": test_g2,
    "G3": test_g3,
    "G4": test_g4,
    "L6": test_l6,
    "L7": test_l7,
    "L8": test_l8,
    "L12": test_l12,
}
