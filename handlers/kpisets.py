"""Sets of KPIs: read from words, checked against the weight rules, kept as versions that never reach a closed week."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from domain.kpis import CATALOGUE, LEAST, SHIPPED, WHOLE, Comes, Kpi, KpiSet, SetFlaw, Unit, flaws, in_force
from domain.people import Role
from domain.refusals import NotUnderstood
from domain.workdays import monday
from handlers.pieces.clipped import clipped
from handlers.reading.amounts import amount
from handlers.reading.names import fold
from handlers.reading.typed import halved
from handlers.turn import Turn
from handlers.view import Text, t
from handlers.words import catalogue

WEEK = timedelta(days=7)
NAME_COLUMNS = 24
MOST_PERCENT, MOST_MARKS = Decimal(1000), Decimal(100)
# May be below nothing.
SIGNED = frozenset({Kpi.GROWTH, Kpi.GROSS_MARGIN})
_LINE = re.compile(
    r"(?P<name>[^\d,\u3001]+?)\s*[:=]?\s*(?P<weight>\d{1,3})\s*%?(?=[\s,\u3001]|$)[\s,\u3001]*"
)
_VALUE = re.compile(r"(?P<sign>[-\u2212\u2013]?)\s*(?P<rest>.*?)\s*(?:%|h)?")


def kpi_named(said: str) -> Kpi:
    """A KPI by its code or one of its names in any language. Raises `NotUnderstood` for anything else."""
    wanted = fold(halved(said).replace("_", " "))
    for kpi in Kpi:
        forms = catalogue().forms(f"kpis.name_{kpi}")
        names = [catalogue().say(t(f"kpis.name_{kpi}"), language) for language in forms]
        if wanted and wanted in {fold(each) for each in (kpi.replace("_", " "), *names, *_others(kpi))}:
            return kpi
    raise NotUnderstood("kpis.no_such", said=clipped(said, NAME_COLUMNS) or "-").at("what")


def _others(kpi: Kpi) -> tuple[str, ...]:
    return catalogue().listed(f"kpis.{kpi}_words")


def name_of(kpi: Kpi) -> Text:
    return t(f"kpis.name_{kpi}")


def lines_of(said: str) -> tuple[tuple[Kpi, int], ...]:
    """`sales 40, collection 15, ...` as the lines of a set. Raises `NotUnderstood` where one is not read."""
    words, found, end = halved(said).strip(), [], 0
    for each in _LINE.finditer(words):
        if each.start() != end:
            break
        found.append((kpi_named(each["name"].strip()), int(each["weight"])))
        end = each.end()
    if not found or end < len(words):
        raise NotUnderstood("kpis.no_weights", said=clipped(words[end:] or words, NAME_COLUMNS)).at("what")
    return tuple(found)


def value_of(kpi: Kpi, said: str) -> Decimal:
    """A number of a KPI in its own unit: `2`, `35%`, `1.2m`. Raises `NotUnderstood` for none, or one out of range."""
    found = _VALUE.fullmatch(halved(said).strip())
    value = amount(found["rest"]) if found else None
    if value is None or (found and found["sign"] and kpi not in SIGNED):
        raise NotUnderstood("kpis.no_value", said=clipped(said, NAME_COLUMNS) or "-").at("what")
    unit = CATALOGUE[kpi].unit
    if (unit is Unit.PERCENT and value > MOST_PERCENT) or (unit is Unit.MARKS and value > MOST_MARKS):
        raise NotUnderstood("kpis.out_of_range", said=clipped(said, NAME_COLUMNS)).at("what")
    return -value if found and found["sign"] else value


def holding(turn: Turn, role: Role, on: date) -> KpiSet:
    """The set of a role that holds in the week of a date."""
    return in_force(turn.store.kpi_sets(), role, monday(on)) or SHIPPED[role]


def last_version(turn: Turn, role: Role) -> KpiSet:
    """The set that was decided on last, whether its first week has come or not: what a change starts from."""
    own = [each for each in turn.store.kpi_sets() if each.role is role]
    return max(own, key=lambda each: each.version, default=SHIPPED[role])


def first_week(said: date | None, today: date) -> date:
    """The Monday from which a change holds: next week's unless said, and never a week that is over.

    A date within a week means the next one. Raises `NotUnderstood` for a week that is over.
    """
    if said is None:
        return monday(today) + WEEK
    start = monday(said) if said == monday(said) else monday(said) + WEEK
    if start < monday(today):
        raise NotUnderstood("kpis.closed_week", on=monday(today)).at("since")
    return start


def wrong_words(found: Sequence[SetFlaw], lines: Sequence[tuple[Kpi, int]]) -> tuple[Text, ...]:
    """What the weight rules have against a set, each in a sentence."""
    total = sum(weight for _, weight in lines)
    said = {
        SetFlaw.SUM: t("kpis.flaw_sum", n=total, whole=WHOLE),
        SetFlaw.LEAST: t("kpis.flaw_least", least=LEAST),
        SetFlaw.CUSTOMER: t("kpis.flaw_customer"),
        SetFlaw.OUTCOME: t("kpis.flaw_outcome"),
        SetFlaw.TWICE: t("kpis.flaw_twice"),
    }
    return tuple(said[each] for each in found)


def keep_lines(
    turn: Turn, role: Role, lines: tuple[tuple[Kpi, int], ...], since: date
) -> KpiSet | tuple[Text, ...]:
    """The next version with these lines, or what is wrong with them; targets stay as they were set."""
    if wrong := wrong_words(flaws(lines, role), lines):
        return wrong
    return _keep(turn, replace(holding(turn, role, since), lines=lines, since=since))


def keep_target(turn: Turn, role: Role, kpi: Kpi, target: Decimal, since: date) -> KpiSet:
    """The next version with another target of one KPI. Raises `NotUnderstood` for one whose target is made elsewhere."""
    if kpi in (Kpi.SALES, Kpi.TEAM_ATTAINMENT):
        raise NotUnderstood("kpis.target_elsewhere").at("what")
    if target <= 0:
        raise NotUnderstood("kpis.out_of_range", said=f"{target:f}").at("what")
    before = holding(turn, role, since)
    return _keep(turn, replace(before, targets={**before.targets, kpi: target}, since=since))


def restored(turn: Turn, role: Role, since: date) -> KpiSet:
    """What ships, as the next version."""
    return _keep(turn, replace(SHIPPED[role], since=since))


def _keep(turn: Turn, wanted: KpiSet) -> KpiSet:
    kept = replace(wanted, version=last_version(turn, wanted.role).version + 1)
    turn.store.keep_kpi_set(kept, turn.me.id, turn.now)
    return kept


def state_of(kpi: Kpi, kpis: KpiSet, known: frozenset[Kpi]) -> Text:
    """Where the numbers of a KPI come from: worked out, typed, or not set up and why."""
    row = CATALOGUE[kpi]
    if row.comes is Comes.NOWHERE:
        return t("kpis.state_not_set_up")
    if row.comes is Comes.TYPED:
        if kpis.target(kpi) is None:
            return t("kpis.state_no_target")
        return t("kpis.state_typed" if kpi in known else "kpis.state_no_facts")
    if kpi in (Kpi.COLLECTION, Kpi.SATISFACTION) and kpi not in known:
        return t("kpis.state_no_facts")
    return t("kpis.state_measured")
