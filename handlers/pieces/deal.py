"""The card of a deal: where it stands, how likely it is, what is next, what the gate misses (product section 5)."""

from datetime import date

from domain.c139 import Basis, Standing, strategy
from domain.deals import Deal, Dossier, State
from domain.gates import Gate, progress
from domain.milestones import LAST
from domain.quota import half_up
from domain.stalled import Assessment
from handlers.clockwork import assessed
from handlers.dealing import title_of
from handlers.gating import gate_of, milestone_words
from handlers.odds import odds
from handlers.pieces.clipped import clipped
from handlers.pieces.listed import listed
from handlers.pieces.needs import missing_buttons, missing_words
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Line, Mark, Note, Rows, Text, Words, card, t

TITLE_COLUMNS, NEEDS_SHOWN, SUPPLIED = 30, 2, 2
PASSED, HERE, AHEAD = "\u2713", "\u25cf", "\u25cb"


def deal_card(turn: Turn, dossier: Dossier, done: str | None = None) -> Card:
    """At most eight lines; the amount comes after the first forty characters (product, tone and layout).

    `done` names the text of what was just done with it, in place of its title.
    """
    deal = dossier.deal
    if not deal.is_open:
        return closed_card(dossier, done)
    seen = gate_of(turn, dossier)
    blocks: list[Block] = [title_line(deal, done)]
    blocks.append(Line(bar(dossier, turn.today)))
    blocks.append(Line(money(deal)))
    blocks.append(Line(chance(turn, dossier)))
    blocks.append(Line(_next(turn, deal)))
    stands, usual = assessed(turn.store, turn.org, deal, turn.now)
    blocks.append(Line(_stands(deal, stands, usual)))
    needs = missing_words(seen, dossier)
    if needs:
        blocks.append(Line(_misses(needs)))
    if flags := flag_words(deal, seen, stands):
        blocks.append(Note(listed(flags)))
    return card(*blocks, rows=_rows(dossier, seen))


def title_line(deal: Deal, done: str | None = None) -> Line:
    """The number and what it is about, or what was just done with it."""
    what = title_of(deal, TITLE_COLUMNS)
    if done:
        return Line(t(done, id=f"D{deal.id}", what=what), Mark.DONE)
    return Line(t("deal.title", id=f"D{deal.id}", what=what))


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


def flag_words(deal: Deal, seen: Gate, stands: Assessment) -> list[Words]:
    """What is to be known about a deal besides where it stands, in words."""
    found: list[Words] = [t(f"signal.{each}") for each in (*stands.critical, *stands.warn)]
    found += [t(f"caution.{each}") for each in seen.warnings]
    found += (
        [t("deal.unproven", milestones=listed([f"M{each}" for each in deal.unproven]))]
        if deal.unproven
        else []
    )
    found += (
        [t("deal.overridden", milestones=listed([f"M{each}" for each in deal.overridden]))]
        if deal.overridden
        else []
    )
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
        (Button(t("deal.review_button"), f"/deal {number} review"), _more(number)),
    )


def _more(number: str) -> Button:
    return Button(t("button.more"), f"/deal {number} more")


def closed_card(dossier: Dossier, done: str | None = None) -> Card:
    """A deal that has ended: how, when, and what it taught."""
    deal = dossier.deal
    ended = t(f"deal.ended_{deal.state}", on=deal.closed_on or deal.entered_on)
    why = (Line(t("deal.because", reason=t(f"lost.reason_{deal.reason}"))),) if deal.reason else ()
    lesson = (Line(t("deal.lesson", text=clipped(deal.lesson, 48))),) if deal.lesson else ()
    amount = (Line(t("deal.amount", amount=deal.amount)),) if deal.amount is not None else ()
    return card(title_line(deal, done), Line(ended), *amount, *why, *lesson, rows=((_more(f"D{deal.id}"),),))
