"""A funnel on a card: its bars, and the pages behind them: stages, volume, capacity, velocity (method section 4)."""

import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from domain.corrections import owes_plan
from domain.funnel import Levers, ToAdd, is_acted_on
from domain.quota import half_up
from domain.targets import money
from handlers.charting import charted
from handlers.charts import Funnel, FunnelStage
from handlers.funnels import FunnelFacts, Stage
from handlers.gating import milestone_words
from handlers.pieces.clipped import clipped
from handlers.pieces.listed import listed, milestones
from handlers.view import Block, Button, Card, Line, Note, Progress, Rows, Text, Words, card, t
from handlers.whose import line_of, period_words

NAME_COLUMNS, PER_LINE = 16, 3


def title_words(facts: FunnelFacts, key: str = "funnel.title") -> Text:
    """Whose it is and the period: nothing that a customer may not read."""
    return t(key, name=facts.whose.name, period=period_words(facts.whose, facts.horizon))


def typed(facts: FunnelFacts, view: str) -> str:
    """The command that shows a page of this funnel."""
    words = ("/funnel", view, line_of(facts.whose), "" if facts.horizon.is_usual else facts.horizon)
    return " ".join(each for each in words if each)


def _button(facts: FunnelFacts, view: str) -> Button:
    return Button(t(f"funnel.{view}_button"), typed(facts, view))


def funnel_card(facts: FunnelFacts) -> Card:
    """Current against ideal per milestone, and what is missing."""
    if not facts.deals and facts.target is None:
        return card(
            title_words(facts),
            t("funnel.empty"),
            rows=(
                (
                    Button(t("deals.new_button"), "/deal new"),
                    Button(t("funnel.forecast_button"), "/forecast"),
                ),
            ),
        )
    rows: Rows = (
        (_button(facts, "stages"), _button(facts, "capacity")),
        (_button(facts, "velocity"), _button(facts, "changes")),
        (_button(facts, "picture"), Button(t("funnel.forecast_button"), _forecast(facts))),
    )
    return card(title_words(facts), *(_bar(each) for each in facts.stages()), gap_words(facts), rows=rows)


def _forecast(facts: FunnelFacts) -> str:
    return typed(facts, "").replace("/funnel", "/forecast", 1)


def _bar(stage: Stage) -> Block:
    name = t(f"funnel.m{stage.milestone}")
    if stage.ideal is None:
        return Line(t("funnel.bare", stage=name, count=stage.count))
    return Progress(name, stage.count, stage.wanted)


def gap_words(facts: FunnelFacts) -> Words:
    """What is missing, and where the funnel leaks."""
    found, leak = facts.capacity(), facts.leak()
    at = f"M{leak.milestone}" if leak and is_acted_on(leak) else ""
    if facts.target is None:
        return t("funnel.no_target_leak", at=at) if at else t("funnel.no_target")
    if not found.remaining:
        return t("funnel.reached")
    if not found.gap:
        return t("funnel.enough_leak", at=at) if at else t("funnel.enough")
    key = "funnel.gap_leak" if at else "funnel.gap"
    return t(key, gap=money(found.gap), **({"at": at} if at else {}))


def picture_card(facts: FunnelFacts) -> Card:
    """The funnel as a picture, with the same numbers in words."""
    leak = facts.leak()
    stages = tuple(
        FunnelStage(
            name=t("funnel.stage_named", n=each.milestone, name=milestone_words(each.milestone)),
            count=each.count,
            ideal=each.wanted,
            amount=each.amount,
            mark=t("funnel.leaks")
            if leak and is_acted_on(leak) and leak.milestone == each.milestone
            else None,
        )
        for each in facts.stages()
    )
    drawing = Funnel(
        title=t("funnel.picture_title", name=facts.whose.name),
        period=period_words(facts.whose, facts.horizon),
        stages=stages,
    )
    return card(title_words(facts), charted(drawing), rows=((_button(facts, "bars"),),))


def stages_card(facts: FunnelFacts, names: Sequence[tuple[int, str]]) -> Card:
    """Count, amount and gap of each milestone, and whose share of the pipeline is largest."""
    n, top = len(facts.deals), facts.top()
    # Amounts come after the first forty characters (product, tone and layout).
    first = t("funnel.pipeline", n=n, wanted=facts.wanted) if facts.wanted else t("funnel.pipeline_only", n=n)
    if top and not facts.whose.is_own:
        name = clipped(dict(names).get(top[0], f"M{top[0]}"), NAME_COLUMNS)
        first = t("funnel.top", name=name, percent=half_up(top[1] * 100))
    blocks: list[Block] = [Line(first), *(Line(_stage(each)) for each in facts.stages())]
    return card(
        title_words(facts, "funnel.stages_title"),
        *blocks,
        rows=((_button(facts, "volume"), _button(facts, "bars")),),
    )


def _stage(stage: Stage) -> Text:
    if not stage.count:
        return t("funnel.none_short" if stage.gap else "funnel.none", n=stage.milestone, gap=stage.gap)
    if not stage.amount:
        key = "funnel.bare_short" if stage.gap else "funnel.bare_stands"
        return t(key, n=stage.milestone, count=stage.count, gap=stage.gap)
    if stage.gap:
        return t("funnel.short", n=stage.milestone, count=stage.count, amount=stage.amount, gap=stage.gap)
    return t("funnel.stands", n=stage.milestone, count=stage.count, amount=stage.amount)


def volume_card(facts: FunnelFacts) -> Card:
    """How many deals must enter each milestone for the target, and the visits that feed it."""
    found, visits = facts.to_enter(), facts.visits()
    if facts.target is None or not found:
        return card(title_words(facts), _nothing(facts), rows=((_button(facts, "bars"),),))
    blocks = _numbers([t("funnel.at", n=n, count=count) for n, count in found.items()])
    blocks.append(Line(t("funnel.volume_for", target=facts.target)))
    if visits:
        blocks.append(Line(t("funnel.visits", week=math.ceil(visits.a_week))))
        blocks.append(Line(t("funnel.visits_each", each=visits.each)))
    blocks.append(Note(t("funnel.volume_rule", deal=money(facts.mean or Fraction(0)))))
    return card(title_words(facts, "funnel.volume_title"), *blocks, rows=((_button(facts, "bars"),),))


def _numbers(words: Sequence[Words]) -> list[Block]:
    """Short things, three to a line."""
    return [Line(listed(words[i : i + PER_LINE])) for i in range(0, len(words), PER_LINE)]


def _nothing(facts: FunnelFacts) -> Words:
    return t("funnel.no_target") if facts.target is None else t("funnel.no_amounts")


def capacity_card(facts: FunnelFacts) -> Card:
    """What the deals at hand can bring by the end of the period, the gap, and what would close it."""
    found = facts.capacity()
    in_time = sum(1 for each in found.deals if each.counts)
    blocks: list[Block] = [Line(t("funnel.eligible_none"))]
    if in_time:
        blocks = [
            Line(t("funnel.eligible", n=in_time, amount=money(found.eligible))),
            Line(t("funnel.capacity", capacity=money(found.capacity))),
        ]
    if facts.target is None:
        blocks.append(Line(t("funnel.no_target")))
    elif found.fill is None:
        blocks.append(Line(t("funnel.reached")))
    else:
        percent = half_up(found.fill * 100)
        blocks.append(Line(t("funnel.fill", remaining=money(found.remaining), percent=percent)))
        blocks += _closing(facts.to_add(), found.gap)
    below = owes_plan(facts.pace)
    buttons = (*((_button(facts, "plan"),) if below and facts.whose.teams else ()), _button(facts, "bars"))
    if below and facts.pace is not None:
        blocks.append(Line(t("funnel.pace", percent=half_up(facts.pace * 100))))
    title = t("funnel.capacity_title", name=facts.whose.name, on=facts.period[1])
    return card(title, *blocks, rows=(buttons,))


def _closing(found: Sequence[ToAdd], gap: Fraction) -> list[Block]:
    """One of these alone would close the gap; what cannot be won any more is named apart."""
    if not gap:
        return [Line(t("funnel.enough"))]
    blocks: list[Block] = [Line(t("funnel.to_add", gap=money(gap)))] if found else []
    blocks += _numbers([t("funnel.at", n=each.milestone, count=each.deals) for each in found if each.deals])
    late = [each.milestone for each in found if each.deals is None]
    if late:
        blocks.append(Line(t("funnel.too_late", milestones=milestones(late))))
    return blocks


def velocity_card(facts: FunnelFacts) -> Card:
    """How fast the funnel runs, what is required, what each lever alone would have to be, and the coverage."""
    found, cover = facts.velocity(), facts.coverage()
    if found is None or facts.target is None:
        return card(title_words(facts), _nothing(facts), rows=((_button(facts, "bars"),),))
    blocks: list[Block] = []
    if cover.coverage is not None:
        times = {"coverage": _times(cover.coverage), "required": _times(cover.required)}
        blocks.append(Line(t("funnel.coverage", **times)))
    if found.ratio is None:
        blocks.append(Line(t("funnel.reached")))
    else:
        percent = half_up(found.ratio * 100)
        blocks.append(Line(t("funnel.velocity", a_day=money(found.a_day), percent=percent)))
        blocks.append(
            Line(t("funnel.projected", projected=money(found.projected), remaining=money(found.remaining)))
        )
    if levers := found.levers:
        blocks += _levers(facts, levers)
    return card(title_words(facts, "funnel.velocity_title"), *blocks, rows=((_button(facts, "bars"),),))


def _levers(facts: FunnelFacts, levers: Levers) -> list[Block]:
    """Deals, win rate, average deal and cycle: what each alone would have to be, and what it is."""
    wins: Words = t("funnel.lever_wins_never")
    if levers.win_rate <= 1:
        wins = t("funnel.lever_wins", to=half_up(levers.win_rate * 100), now=half_up(facts.win_rate * 100))
    mean = facts.mean or Fraction(0)
    return [
        Line(t("funnel.lever_deals", to=levers.deals, now=len(facts.deals))),
        Line(wins),
        Line(t("funnel.lever_amount", to=money(levers.average), now=money(mean))),
        Line(t("funnel.lever_days", to=half_up(levers.cycle_days), now=half_up(facts.cycle_days))),
    ]


def _times(value: Fraction) -> Decimal:
    """How many times, with one place."""
    return Decimal(half_up(value * 10)).scaleb(-1)
