"""What changed in a funnel since a week's snapshot, on a card: counts first, then deal by deal (field 3.28)."""

from collections.abc import Sequence

from domain.quota import half_up
from domain.schedule import local_date
from domain.snapshots import Change, Changed
from handlers.comparing import Compared
from handlers.dealing import title_of
from handlers.funnels import FunnelFacts
from handlers.pieces.funnel import title_words, typed
from handlers.pieces.listed import listed
from handlers.pieces.pages import last_page, turning
from handlers.turn import Turn
from handlers.view import Button, Card, Line, Text, Words, card, t

PER_PAGE, COLUMNS = 5, 14
# What is counted on the second line, in this order.
COUNTED = (Change.ENTERED, Change.ADVANCED, Change.BACK, Change.WON, Change.LOST)


def changes_card(turn: Turn, facts: FunnelFacts, found: Compared, page: int) -> Card:
    """How many entered, went on, back, were won and lost; then each change."""
    home = Button(t("funnel.bars_button"), typed(facts, ""))
    if found.since is None:
        return card(title_words(facts, "funnel.changes_title"), t("funnel.no_snapshot"), rows=((home,),))
    shown = found.changes
    last = last_page(len(shown), PER_PAGE, page)
    first = (page - 1) * PER_PAGE
    since = local_date(found.since, turn.me.zone)
    return card(
        t("funnel.since", name=facts.whose.name, on=since),
        counts_words(found.changes),
        *forecast_lines(found),
        *(Line(change_words(each, found)) for each in shown[first : first + PER_PAGE]),
        rows=((*turning(typed(facts, "changes"), page, last), home),),
    )


def counts_words(changes: Sequence[Changed]) -> Words:
    """`2 new, 3 on, 1 back`; that nothing changed where nothing did."""
    counts = {kind: sum(1 for each in changes if each.change is kind) for kind in COUNTED}
    words: list[Words] = [t(f"funnel.n_{kind}", n=n) for kind, n in counts.items() if n]
    if words:
        return listed(words)
    return t("funnel.other_changes") if changes else t("funnel.no_changes")


def forecast_lines(found: Compared) -> tuple[Line, ...]:
    """How far the weighted forecast moved."""
    percent = half_up(found.swing * 100) if found.swing is not None else 0
    return (Line(t("funnel.swing", change=signed(percent))),) if percent else ()


def signed(percent: int) -> str:
    """`+12`, `-8`, with a real minus."""
    return f"+{percent}" if percent > 0 else f"\u2212{-percent}" if percent < 0 else "0"


def change_words(each: Changed, found: Compared) -> Text:
    """One change of one deal, with what it was and is."""
    deal = found.deals[each.now.deal_id]
    return t("funnel.change", id=f"D{deal.id}", what=title_of(deal, COLUMNS), how=how_words(each))


def how_words(each: Changed) -> Words:
    was, now = each.before, each.now
    match each.change:
        case Change.ADVANCED | Change.BACK:
            return t(f"funnel.was_{each.change}", milestone=t(f"funnel.m{now.milestone}"))
        case Change.SLIPPED | Change.SOONER if now.close_on:
            return t(f"funnel.was_{each.change}", on=now.close_on)
        case Change.AMOUNT if was:
            return t("funnel.was_amount", before=was.amount, now=now.amount)
        case Change.ITEMS if was:
            return t("funnel.was_items", n=was.items - now.items)
        case _:
            return t(f"funnel.was_{each.change}")
