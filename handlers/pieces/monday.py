"""The lines that a week's first working day, and some days of a month, add to a leader's digest."""

from collections.abc import Sequence
from fractions import Fraction

from domain.periods import Span
from domain.quota import half_up
from domain.snapshots import is_swing
from handlers.excepting import Exceptional
from handlers.mondays import Monday, Month
from handlers.pieces.clipped import clipped
from handlers.pieces.differences import forecast_lines
from handlers.pieces.exceptions import line_words
from handlers.pieces.listed import some
from handlers.view import Block, Button, Line, Words, t

PLAN_COLUMNS, NAME_COLUMNS = 16, 8
# So many names stand in one line of 32 columns.
SCORES, TALKS = 2, 3
QUARTER_OPENS = (1, 4, 7, 10)


def monday_lines(found: Monday) -> list[Block]:
    """The month in a line, the funnel in a line, a forecast that jumped, the plan that is longest overdue."""
    blocks: list[Block] = []
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
            return [t("digest.month_no_targets", on=month.on), *revise, *_score_words(month)]
        targets = t("digest.month_targets", on=month.on, k=month.locked, n=month.reps)
        return [targets, *revise, *_score_words(month)]
    if not month.target:
        return []
    if month.ends:
        percent = half_up(month.won_share * 100)
        return [t("digest.month_ends", on=month.on, percent=percent)]
    if month.pace is None:
        return []
    return [t("digest.month_pace", on=month.on, percent=half_up(month.pace * 100))]


def _score_words(month: Month) -> list[Words]:
    """The scores of the month before, by name and never by rank, and with whom to talk."""
    if not month.scores:
        return []
    before = Span.month(month.on).before.first
    names: list[Words] = [
        t(
            "digest.score",
            name=clipped(each.member.name, NAME_COLUMNS),
            total=half_up(Fraction(each.total or 0)),
        )
        for each in month.scores
    ]
    words: list[Words] = [t("digest.month_scores", on=before, names=some(names, SCORES))]
    if talks := month.to_talk_with:
        named: list[Words] = [clipped(each.name, NAME_COLUMNS) for each in talks]
        words.append(t("digest.month_talks", names=some(named, TALKS)))
    return words


def opening_buttons(month: Month | None) -> list[Button]:
    """On the day a month opens: the scores of the one before, and whose star it was."""
    if month is None or not month.scores:
        return []
    before = Span.month(month.on).before
    return [
        Button(t("award.star_button"), "/award star"),
        Button(t("digest.scores_button", on=before.first), f"/team {before.label}"),
    ]
