"""The C139 checklist of a deal as cards: where it stands, its thirteen items, one of them (method section 3)."""

from collections.abc import Sequence
from datetime import date, timedelta

from domain.c139 import is_rated, on_sixty_line, zone
from domain.deals import CLOSED, Deal, Dossier
from domain.gates import Caution
from handlers.dealing import title_of, works
from handlers.gating import gate_of
from handlers.odds import odds
from handlers.pieces.clipped import clipped
from handlers.pieces.deal import chance, standing_words
from handlers.pieces.items import waiting
from handlers.pieces.listed import listed
from handlers.pieces.needs import missing_buttons, missing_words
from handlers.pieces.nextbest import below_sixty, best_words, offered_items, with_gain
from handlers.pieces.undo_button import undo_button
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Line, Mark, Note, Rows, Words, card, t

PAGE, OFFERED, CONFIRMED_AT_ONCE = 5, 3, 4
TITLE_COLUMNS, NOTE_COLUMNS, SOURCE_COLUMNS = 16, 22, 40
ONE_DAY = timedelta(days=1)


def checklist_card(turn: Turn, dossier: Dossier, *first: Block, undo: bool = False) -> Card:
    """The next best step first, then how the checklist stands; `first` is what was just done, in place of the title."""
    deal, standing = dossier.deal, dossier.claimed()
    rated, whole = is_rated(dossier.ratings.values()), works(turn.me, dossier, turn.store.teams())
    seen = gate_of(turn, dossier)
    blocks: list[Block] = [*first] or [Line(_title(deal))]
    if deal.is_open:
        blocks += [Line(each) for each in _steps(missing_words(seen, dossier), dossier, whole=whole)]
    if rated:
        zoned = t(f"check.zone_{zone(standing)}")
        blocks.append(Line(t("check.stands", standing=standing_words(dossier.confirmed()), zone=zoned)))
        blocks.append(Line(_sixty(dossier)))
    else:
        blocks.append(Line(t("check.unrated" if dossier.asks_c139 else "check.not_asked")))
    blocks.append(Line(chance(turn, dossier)))
    if deal.is_open and Caution.TOP_UNCONFIRMED in seen.warnings:
        blocks.append(Note(t(f"caution.{Caution.TOP_UNCONFIRMED}")))
    if moved := _moved(turn, dossier, whole=whole):
        blocks.append(Note(moved))
    if deal.state in CLOSED or not whole:
        return card(
            *blocks,
            rows=(
                (
                    Button(
                        t("deals.choice", id=f"D{deal.id}", what=title_of(deal, TITLE_COLUMNS)),
                        f"/deal D{deal.id}",
                    ),
                ),
            ),
        )
    return card(*blocks, rows=_rows(turn, dossier, missing_buttons(seen, dossier), undo=undo))


def _title(deal: Deal) -> Words:
    return t("check.title", id=f"D{deal.id}", what=title_of(deal, TITLE_COLUMNS))


def _steps(needs: Sequence[Words], dossier: Dossier, *, whole: bool) -> tuple[Words, ...]:
    """What the gate misses first, then the item that adds most; whoever only looks sees the counts (method section 1)."""
    best = (best_words(dossier),) if whole else ()
    if not needs:
        return best
    more = len(needs) - 1
    first = (
        t("check.gate_first_more", what=needs[0], n=more) if more else t("check.gate_first", what=needs[0])
    )
    return (first, *best)


def _sixty(dossier: Dossier) -> Words:
    standing = dossier.claimed()
    if on_sixty_line(standing):
        return t("check.on_line")
    clear, first = below_sixty(standing)
    return t(
        "check.below_line", what=listed([f"{n}{letter}" for n, letter in ((clear, "C"), (first, "F")) if n])
    )


def points_words(points: int) -> str:
    """`+5`."""
    return f"{points:+d}"


def last_day(until: date) -> date:
    """The last day on which a shift is in force."""
    return until - ONE_DAY


def _moved(turn: Turn, dossier: Dossier, *, whole: bool) -> Words | None:
    """The rep's own move of the probability while it is in force; its reason is for the deal team."""
    shift = odds(turn.store, dossier, turn.today).shift
    if shift is None or not shift.points:
        return None
    points, on = points_words(shift.points), last_day(shift.until)
    if not whole:
        return t("check.moved_bare", points=points, on=on)
    return t("check.moved", points=points, on=on, reason=clipped(shift.reason, SOURCE_COLUMNS))


def _rows(turn: Turn, dossier: Dossier, supplied: Sequence[Button], *, undo: bool) -> Rows:
    """The next three items, all of them, and what waits for a confirmation."""
    line = f"/check D{dossier.deal.id}"
    # What is missing of the checklist leads here; anything else of the gate has a button of its own.
    gate = next((each for each in supplied if each.command != line), None)
    items = [Button(with_gain(dossier, each), f"{line} {each}") for each in offered_items(dossier, OFFERED)]
    last = [Button(t("check.all_button"), f"{line} all")]
    if waiting(dossier):
        last.append(Button(t("check.confirm_button"), f"{line} confirm"))
    if undo:
        last.append(undo_button(turn))
    elif gate and len(items) + len(last) < 6:
        items.append(gate)
    return tuple(tuple(row) for row in (items[:2], items[2:], last) if row)


def done_line(words: Words) -> Line:
    """What was just done."""
    return Line(words, Mark.DONE)
