"""The card of a deal: where it stands, how likely it is, what is next, what the gate misses (product section 5)."""

from collections.abc import Sequence
from datetime import date

from domain.c139 import Basis, Standing, strategy
from domain.deals import Deal, Dossier, State
from domain.gates import Caution, Gate, progress
from domain.milestones import LAST
from domain.quota import half_up
from domain.stalled import Assessment
from handlers.clockwork import assessed
from handlers.dealing import works
from handlers.gating import gate_of, milestone_words
from handlers.odds import odds
from handlers.pieces.clipped import clipped
from handlers.pieces.dealtitle import title_line
from handlers.pieces.ended import closed_card
from handlers.pieces.listed import listed, milestones
from handlers.pieces.needs import missing_buttons, missing_words
from handlers.pieces.nextbest import best_words
from handlers.pieces.reach import gaps_seen
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Line, Note, Rows, Text, Words, card, t

NEEDS_SHOWN, SUPPLIED = 2, 2
# What the gate warns of about the reach is said more exactly by what is thin about it.
REACH = frozenset({Caution.NO_ECONOMIC, Caution.UNCOVERED})
PASSED, HERE, AHEAD = "\u2713", "\u25cf", "\u25cb"


def deal_card(turn: Turn, dossier: Dossier, done: str | None = None) -> Card:
    """At most eight lines; the amount comes after the first forty characters (product, tone and layout).

    `done` names the text of what was just done with it, in place of its title.
    """
    deal = dossier.deal
    if not deal.is_open:
        return closed_card(turn, dossier, done)
    seen, whole = gate_of(turn, dossier), works(turn.me, dossier, turn.store.teams())
    blocks: list[Block] = [title_line(turn, deal, done)]
    blocks.append(Line(bar(dossier, turn.today)))
    blocks.append(Line(money(deal)))
    blocks.append(Line(chance(turn, dossier)))
    blocks.append(Line(_next(turn, deal)))
    stands, usual = assessed(turn.store, turn.org, deal, turn.now)
    blocks.append(Line(_stands(deal, stands, usual)))
    needs = missing_words(seen, dossier)
    if needs:
        blocks.append(Line(_misses(needs)))
    elif dossier.weighs_c139 and whole:
        blocks.append(Line(best_words(dossier)))
    if flags := flag_words(deal, seen, stands, gaps_seen(turn, dossier, whole=whole)):
        blocks.append(Note(listed(flags)))
    return card(*blocks, rows=_rows(dossier, seen) if whole else _looks(f"D{deal.id}"))


def bar(dossier: Dossier, today: date) -> Text:
    """The milestones as a row of signs, the present one by its name."""
    deal = dossier.deal
    signs = "".join(
        PASSED if stage.number < deal.milestone else HERE if stage.number == deal.milestone else AHEAD
        for stage in dossier.template.stages
    )
    return t(
        "deal.bar",
        signs=signs,
        milestone=t("milestone.named", n=deal.milestone, name=milestone_words(deal.milestone)),
        percent=progress(dossier, today),
    )


def money(deal: Deal) -> Words:
    """Amount and expected close, as far as they are known."""
    if deal.amount is None:
        return t("deal.no_amount_close", on=deal.close_on) if deal.close_on else t("deal.no_amount")
    if deal.close_on is None:
        return t("deal.amount", amount=deal.amount)
    return t("deal.amount_close", amount=deal.amount, on=deal.close_on)


def chance(turn: Turn, dossier: Dossier) -> Words:
    """C/F/W, the probability with what it rests on, and the word for it (method section 3)."""
    found = odds(turn.store, dossier, turn.today)
    percent, word = half_up(found.percent), t(f"strategy.{strategy(found.percent).replace('-', '_')}")
    if found.basis is Basis.CONVERSIONS:
        return t("deal.chance_conversions", percent=percent, word=word)
    basis = t("deal.calibrated", n=found.n) if found.basis is Basis.CALIBRATED else t("deal.prior")
    key = "deal.chance_capped" if found.capped else "deal.chance"
    return t(key, standing=standing_words(dossier.claimed()), percent=percent, basis=basis, word=word)


def standing_words(standing: Standing) -> str:
    """`6C 1F 0W`."""
    return f"{standing.clear}C {standing.first}F {standing.win}W"


def _next(turn: Turn, deal: Deal) -> Words:
    steps = [each for each in turn.store.open_steps(deal.owner_id) if each.deal_id == deal.id]
    if not steps:
        return t("deal.no_next")
    step = min(steps, key=lambda each: (each.due_on is None, each.due_on or date.max, each.id))
    text = clipped(step.text or step.customer_name, 24)
    return t("deal.next", text=text, on=step.due_on) if step.due_on else t("deal.next_undated", text=text)


def _stands(deal: Deal, stands: Assessment, usual: int) -> Words:
    if deal.state is State.ON_HOLD:
        return t("deal.on_hold", on=deal.held_until or deal.entered_on)
    if deal.state is State.LEAD:
        return t("deal.lead")
    if deal.clocks.customer_on is None:
        return t("deal.stands_unmet", n=stands.days, usual=usual)
    return t("deal.stands", n=stands.days, usual=usual, idle=_ago(stands.idle_days))


def _ago(days: int) -> Words:
    return t("deal.days_ago", n=days) if days else t("deal.ago_today")


def _misses(needs: tuple[Words, ...]) -> Words:
    more = len(needs) - NEEDS_SHOWN
    if more > 0:
        return t("deal.misses_more", what=listed(needs[:NEEDS_SHOWN]), n=more)
    return t("deal.misses", what=listed(needs))


def flag_words(deal: Deal, seen: Gate, stands: Assessment, gaps: Sequence[Words] = ()) -> list[Words]:
    """What is to be known about a deal besides where it stands, in words; `gaps` are those of its reach.

    That the top decision maker is not confirmed comes first: every card above M4 says so (method section 3).
    """
    warned = {each: t(f"caution.{each}") for each in seen.warnings if each not in REACH}
    top = warned.pop(Caution.TOP_UNCONFIRMED, None)
    found: list[Words] = [top] if top else []
    found += [t(f"signal.{each}") for each in (*stands.critical, *stands.warn)]
    found += [*gaps, *warned.values()]
    found += [t("deal.unproven", milestones=milestones(deal.unproven))] if deal.unproven else []
    found += [t("deal.overridden", milestones=milestones(deal.overridden))] if deal.overridden else []
    found += [t("deal.backs", n=deal.backs)] if deal.backs else []
    return found[:3]


def _rows(dossier: Dossier, seen: Gate) -> Rows:
    deal = dossier.deal
    number = f"D{deal.id}"
    if deal.state is State.ON_HOLD:
        return ((Button(t("deal.activate_button"), f"/deal {number} activate"), _more(number)),)
    supplied = missing_buttons(seen, dossier)[:SUPPLIED]
    pass_on = (
        Button(t("deal.won_button"), f"/won {number}")
        if deal.milestone >= LAST
        else Button(t("deal.advance_button"), f"/advance {number}")
    )
    following = Button(t("deal.next_button"), f"/next {number}")
    return (
        *((supplied,) if supplied else ()),
        (pass_on, following),
        *_looks(number),
    )


def _looks(number: str) -> Rows:
    """All there is for who may look at a deal and not work on it."""
    return ((Button(t("deal.review_button"), f"/deal {number} review"), _more(number)),)


def _more(number: str) -> Button:
    return Button(t("button.more"), f"/deal {number} more")
