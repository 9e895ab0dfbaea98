"""The lines that a week's first working day, and some days of a month, add to a leader's digest."""

from collections.abc import Sequence

from domain.quota import half_up
from domain.snapshots import is_swing
from handlers.excepting import Exceptional
from handlers.mondays import Monday, Month
from handlers.pieces.clipped import clipped
from handlers.pieces.differences import forecast_lines
from handlers.pieces.exceptions import line_words
from handlers.view import Block, Line, Words, t

PLAN_COLUMNS, NAME_COLUMNS = 16, 8
QUARTER_OPENS = (1, 4, 7, 10)


def monday_lines(found: Monday) -> list[Block]:
    """The month in a line, the funnel in a line, a forecast that jumped, the plan that is longest overdue."""
    blocks: list[Block] = list(found.riders)
    if found.month:
        blocks += [Line(words) for words in month_words(found.month)]
    if found.funnel and (found.funnel.deals or found.funnel.target is not None):
        blocks.append(Line(funnel_words(found)))
    if found.changes and is_swing(found.changes.swing):
        blocks += forecast_lines(found.changes)
    for plan, name in found.overdue[:1]:
        what = t("plan.overdue_what", text=clipped(plan.text, PLAN_COLUMNS), name=clipped(name, NAME_COLUMNS))
        blocks.append(Line(t("plan.overdue", what=what)))
    return blocks


def funnel_words(found: Monday) -> Words:
    """How many deals are under way and how many should be: a digest may be read over a shoulder, so no amounts."""
    facts = found.funnel
    if facts is None:
        return ""
    n, seen = len(facts.deals), facts.capacity()
    if facts.target is None:
        return t("digest.funnel", n=n)
    if seen.gap:
        return t("digest.funnel_gap", n=n, wanted=facts.wanted)
    return t("digest.funnel_enough", n=n)


def exception_lines(shown: Sequence[Exceptional]) -> list[Block]:
    """Each in a line, numbered as its button."""
    return [Line(line_words(place, each)) for place, each in enumerate(shown, 1)]


def month_words(month: Month) -> list[Words]:
    """A month that opens has its new targets, one that runs its pace, one that ends its result."""
    if month.opens:
        # Method section 5: a target is looked at again with every quarter.
        revise: list[Words] = [t("digest.quarter")] if month.on.month in QUARTER_OPENS else []
        if month.target is None:
            return [t("digest.month_no_targets", on=month.on), *revise]
        return [t("digest.month_targets", on=month.on, k=month.locked, n=month.reps), *revise]
    if not month.target:
        return []
    if month.ends:
        percent = half_up(month.won_share * 100)
        return [t("digest.month_ends", on=month.on, percent=percent)]
    if month.pace is None:
        return []
    return [t("digest.month_pace", on=month.on, percent=half_up(month.pace * 100))]
