"""Expenses of a deal: a budget set, money spent, and what is said when a mark is reached (method sections 9 and 10)."""

from datetime import date
from decimal import Decimal

from domain.deals import CLOSED, Dossier, Expense
from domain.events import BudgetCrossed
from domain.expenses import Alert, alert, crossed
from domain.refusals import NotUnderstood
from handlers.dealing import must_be_open, must_work, title_of, works
from handlers.pieces.clipped import clipped
from handlers.pieces.spent import ratio_words, spent_words
from handlers.pieces.undo_button import undo_button
from handlers.reading.amounts import amount
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Line, Mark, Note, Rows, Text, card, t

TEXT_MOST, TEXT_COLUMNS, SHOWN = 200, 24, 3


def amount_and_text(said: str) -> tuple[Decimal, str]:
    """The amount at the front of the words or at their end, and what it was for; raises `NotUnderstood` for none."""
    words = said.split()
    for count in (len(words), 2, 1):
        for of, rest in ((words[:count], words[count:]), (words[-count:], words[:-count])):
            found = amount(" ".join(of)) if len(words) >= count else None
            if found is not None:
                return _above_zero(found, "what"), _short_enough(" ".join(rest))
    raise NotUnderstood("args.no_amount", said=clipped(said, TEXT_COLUMNS)).at("what")


def _short_enough(text: str) -> str:
    if len(text) > TEXT_MOST:
        raise NotUnderstood("args.too_long", n=len(text), most=TEXT_MOST).at("what")
    return text


def _above_zero(found: Decimal, part: str) -> Decimal:
    if found <= 0:
        raise NotUnderstood("expense.nothing").at(part)
    return found


def spent(turn: Turn, dossier: Dossier, said: str | None, budget: Decimal | None, on: date) -> Card:
    """A budget set, an expense added, or both; whoever leads hears when a mark is reached by it."""
    deal = dossier.deal
    must_work(turn, dossier)
    if on > turn.today:
        raise NotUnderstood("expense.ahead", on=on).at("on")
    # What a deal cost may come to light after it; its budget does not change any more.
    if budget is not None and deal.state in CLOSED:
        must_be_open(deal)
    before = alert(dossier.spent, deal.budget)
    if budget is not None:
        turn.store.revise_deal(deal.id, budget=_above_zero(budget, "budget"))
    if said:
        money, text = amount_and_text(said)
        turn.store.add_expense(Expense(id=0, deal_id=deal.id, amount=money, on=on, text=text))
    now = turn.store.dossier(turn.store.deal(deal.id) or deal)
    after = alert(now.spent, now.deal.budget)
    if level := crossed(before, after):
        turn.happened.append(BudgetCrossed(deal_id=deal.id, level=level, by_id=turn.me.id))
    return expense_card(turn, now)


def expense_card(turn: Turn, dossier: Dossier) -> Card:
    """What is spent, of what, and for what lately; a warning from 80 percent on."""
    number = f"D{dossier.deal.id}"
    level = alert(dossier.spent, dossier.deal.budget)
    blocks: list[Block] = [
        Line(
            t("expense.title", id=number, what=title_of(dossier.deal)),
            Mark.DONE if turn.store.changed else None,
        ),
        Line(spent_words(dossier)),
    ]
    if ratio := ratio_words(dossier):
        blocks.append(Line(ratio))
    if level is not Alert.OK:
        blocks.append(Note(t(f"expense.level_{level}")))
    found = turn.store.expenses(dossier.deal.id)
    for each in sorted(found, key=lambda each: (each.on, each.id), reverse=True)[:SHOWN]:
        blocks.append(Line(_row(each)))
    if len(found) > SHOWN:
        blocks.append(Note(t("expense.earlier", n=len(found) - SHOWN)))
    return card(*blocks, rows=_rows(turn, dossier))


def _row(each: Expense) -> Text:
    if each.text:
        return t("expense.row", on=each.on, amount=each.amount, text=clipped(each.text, TEXT_COLUMNS))
    return t("expense.row_bare", on=each.on, amount=each.amount)


def _rows(turn: Turn, dossier: Dossier) -> Rows:
    if not works(turn.me, dossier, turn.store.teams()):
        return ()
    line = f"/expense D{dossier.deal.id}"
    buttons = [Button(t("expense.add_button"), f"{line}\nwhat:")]
    if dossier.deal.is_open:
        buttons.append(Button(t("expense.budget_button"), f"{line}\nbudget:"))
    undo = ((undo_button(turn),),) if turn.store.changed else ()
    return (tuple(buttons), *undo)
