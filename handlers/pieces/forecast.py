"""A forecast on a card: categories with counts and amounts, the weighted sum against the target, and the deals behind."""

from decimal import Decimal
from fractions import Fraction

from domain.forecast import Category, Forecast, category, weighted
from domain.quota import half_up
from domain.schedule import local_date
from domain.targets import money
from handlers.comparing import Compared
from handlers.dealing import called
from handlers.funnels import FunnelFacts
from handlers.pieces.differences import signed
from handlers.pieces.funnel import title_words, typed
from handlers.pieces.pages import last_page, turning
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Line, Words, card, in_rows, t

PER_PAGE, BUTTONS, COLUMNS = 6, 4, 16


def by_category(facts: FunnelFacts) -> dict[Category, tuple[Forecast, ...]]:
    """The deals of each category, what is worth most first."""
    found = sorted(facts.forecast(), key=lambda each: (-each.weighted, each.deal_id))
    return {kind: tuple(each for each in found if category(each, *facts.period) is kind) for kind in Category}


def _typed(facts: FunnelFacts, view: str) -> str:
    return typed(facts, view).replace("/funnel", "/forecast", 1)


def forecast_card(turn: Turn, facts: FunnelFacts, found: Compared) -> Card:
    """Counts and amounts of each category, the weighted forecast, how it moved, and what is left of the target."""
    if not facts.deals:
        return card(
            title_words(facts, "forecast.title"),
            t("funnel.empty"),
            rows=((Button(t("deals.new_button"), "/deal new"),),),
        )
    groups = by_category(facts)
    whole = weighted(facts.forecast(), *facts.period)
    blocks: list[Block] = [_outlook(facts, whole)]
    blocks += [
        Line(t(f"forecast.{kind}", n=len(deals), amount=sum((d.amount for d in deals), Decimal(0))))
        for kind, deals in groups.items()
    ]
    blocks.append(Line(_weighted(turn, whole, found)))
    key = "forecast.won_of" if facts.target else "forecast.won"
    blocks.append(Line(t(key, won=facts.won, **({"target": facts.target} if facts.target else {}))))
    buttons = [
        Button(t(f"forecast.{kind}_button"), _typed(facts, kind)) for kind, deals in groups.items() if deals
    ]
    rows = (*in_rows(buttons), (Button(t("funnel.bars_button"), typed(facts, "")),))
    return card(title_words(facts, "forecast.title"), *blocks, rows=rows)


def _weighted(turn: Turn, whole: Fraction, found: Compared) -> Words:
    if found.swing is None or found.since is None:
        return t("forecast.weighted", amount=money(whole))
    change = signed(half_up(found.swing * 100))
    since = local_date(found.since, turn.me.zone)
    return t("forecast.weighted_since", amount=money(whole), change=change, on=since)


def _outlook(facts: FunnelFacts, whole: Fraction) -> Line:
    """Won and weighted together, of the target: the amounts come after the first forty characters (product 6)."""
    if not facts.target:
        return Line(t("funnel.no_target"))
    return Line(
        t("forecast.outlook", percent=half_up((Fraction(facts.won) + whole) / Fraction(facts.target) * 100))
    )


def deals_card(turn: Turn, facts: FunnelFacts, kind: Category, page: int) -> Card:
    """The deals of one category, a page at a time."""
    found = by_category(facts)[kind]
    line = _typed(facts, kind)
    last = last_page(len(found), PER_PAGE, page)
    shown = found[(page - 1) * PER_PAGE : page * PER_PAGE]
    home = Button(t("forecast.all_button"), _typed(facts, ""))
    deals = {each.id: each for each in facts.deals}
    if not found:
        return card(t(f"forecast.{kind}_title", n=0), t("forecast.none"), rows=((home,),))
    buttons = [
        Button(t("forecast.open_button", id=f"D{each.deal_id}"), f"/deal D{each.deal_id}")
        for each in shown[:BUTTONS]
    ]
    return card(
        t(f"forecast.{kind}_title", n=len(found)),
        *(
            Line(
                t(
                    "forecast.line",
                    id=f"D{each.deal_id}",
                    what=called(turn, deals[each.deal_id], COLUMNS),
                    amount=each.amount,
                    on=each.close_on,
                )
            )
            for each in shown
        ),
        rows=(*in_rows(buttons), (*turning(line, page, last)[:1], home)),
    )
