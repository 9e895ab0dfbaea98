"""The tasks of a deal: those of its present stage, and its own with a date (method section 3)."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from domain.deals import Dossier, State, Tick
from domain.gates import met
from domain.milestones import DELIVERY, DELIVERY_TASKS, LAST, Requirement, Source
from domain.ports import Subject
from domain.refusals import NotFound, NotNow, NotUnderstood
from handlers.args import Promise
from handlers.dealing import must_be_open, must_work, title_of, works
from handlers.pieces.clipped import clipped
from handlers.pieces.needs import need_words, supply
from handlers.pieces.pages import last_page
from handlers.pieces.undo_button import undo_button
from handlers.reading.moments import no_moment, promise
from handlers.turn import Turn
from handlers.view import Button, Card, Line, Mark, Note, Rows, Steps, Words, card, in_rows, t
from handlers.words import catalogue

OWN = "own"
REFERENCE = re.compile(r"#?T(?P<id>\d{1,18})", re.IGNORECASE)
TEXT_COLUMNS, LABEL_COLUMNS = 40, 16
# A card has at most eight lines and three rows of buttons (product 6).
LINES, SUPPLIED, OWN_PER_PAGE = 7, 4, 4


def tasks_of(dossier: Dossier) -> tuple[Requirement, ...]:
    """The tasks of the present stage; once the contract is signed, those of the delivery."""
    if dossier.deal.milestone <= LAST:
        return dossier.stage.tasks
    return tuple(Requirement(code=code, source=Source.TICK) for code in DELIVERY_TASKS)


def own_tasks(dossier: Dossier) -> tuple[Tick, ...]:
    """The open tasks of a deal's own, the earliest first."""
    found = (each for each in dossier.ticks if each.code == OWN and each.done_on is None)
    return tuple(sorted(found, key=lambda each: (each.due_on is None, each.due_on or date.max, each.id)))


def overdue(dossier: Dossier, today: date) -> int:
    """How many of a deal's own tasks are past their date."""
    return sum(1 for each in own_tasks(dossier) if each.due_on and each.due_on < today)


def task_words(dossier: Dossier, requirement: Requirement) -> Words:
    """What a task is called; those of the delivery with the day they are due (*ours*)."""
    words, closed = need_words(requirement), dossier.deal.closed_on
    days = DELIVERY_TASKS.get(requirement.code) if dossier.deal.milestone == DELIVERY else None
    if days is None or closed is None:
        return words
    return t("task.due", what=words, on=closed + timedelta(days=days))


def tasks_card(turn: Turn, dossier: Dossier, done: Words | None = None) -> Card:
    """What the stage asks, each with the button that supplies it, then the deal's own; `done` is what was just done."""
    deal, number = dossier.deal, f"D{dossier.deal.id}"
    stage = [(_is_met(turn, dossier, each), each) for each in tasks_of(dossier)]
    own = own_tasks(dossier)
    room = max(LINES - len(stage), 1)
    listed = own if len(own) <= room else own[: room - 1]
    steps = [(Mark.DONE if is_met else Mark.OPEN, task_words(dossier, each)) for is_met, each in stage]
    steps += [(Mark.OPEN, own_words(each)) for each in listed]
    more = (Note(t("day.more", n=len(own) - len(listed))),) if len(own) > len(listed) else ()
    may = works(turn.me, dossier, turn.store.teams())
    buttons = [_supply_button(dossier, each) for is_met, each in stage if not is_met] if may else []
    title = Line(done, Mark.DONE) if done else Line(t("deals.named", id=number, what=title_of(deal)))
    return card(title, Steps(tuple(steps)), *more, rows=_rows(turn, dossier, buttons, own, may=may))


def _is_met(turn: Turn, dossier: Dossier, requirement: Requirement) -> bool:
    return met(requirement, dossier, turn.today, dossier.deal.milestone)


def _supply_button(dossier: Dossier, requirement: Requirement) -> Button:
    return Button(need_words(requirement), supply(requirement, dossier))


def _rows(turn: Turn, dossier: Dossier, buttons: Sequence[Button], own: Sequence[Tick], *, may: bool) -> Rows:
    """Four that supply something, those of the own tasks where there is room, and what goes on."""
    number = f"D{dossier.deal.id}"
    done = [_done_button(dossier, each) for each in own] if may else []
    shown = [*buttons, *done][:SUPPLIED]
    last = [Button(t("task.new_button"), f"/task {number}\nwhat:")] if may and _takes_own(dossier) else []
    if turn.store.changed:
        last.append(undo_button(turn))
    elif len(own) > len([each for each in shown if each in done]):
        last.append(Button(t("task.own_button"), f"/task {number} own"))
    return (*in_rows(shown), *((tuple(last),) if last else ()))


def _takes_own(dossier: Dossier) -> bool:
    """A deal takes tasks of its own while it is open, and during delivery."""
    return dossier.deal.is_open or dossier.deal.state is State.WON


def _done_button(dossier: Dossier, task: Tick) -> Button:
    label = t("task.done_own_button", id=f"T{task.id}", what=clipped(task.text, LABEL_COLUMNS))
    return Button(label, f"/task D{dossier.deal.id} T{task.id} done")


def own_words(task: Tick) -> Words:
    """A task of the deal's own with its number and its day."""
    what = t("task.own", id=f"T{task.id}", what=clipped(task.text, TEXT_COLUMNS))
    return t("task.due", what=what, on=task.due_on) if task.due_on else what


def own_card(turn: Turn, dossier: Dossier, page: int = 1) -> Card:
    """The deal's own open tasks, page by page, each done with one tap."""
    own, number = own_tasks(dossier), f"D{dossier.deal.id}"
    last = last_page(len(own), OWN_PER_PAGE, page)
    shown = own[(page - 1) * OWN_PER_PAGE :][:OWN_PER_PAGE]
    may = works(turn.me, dossier, turn.store.teams())
    buttons = [_done_button(dossier, each) for each in shown] if may else []
    end = [Button(t("task.new_button"), f"/task {number}\nwhat:")] if may and _takes_own(dossier) else []
    if page < last:
        end.append(Button(t("members.next_page"), f"/task {number} own {page + 1}"))
    return card(
        t("deals.named", id=number, what=title_of(dossier.deal)),
        *(() if shown else (t("task.no_own"),)),
        *((Steps(tuple((Mark.OPEN, own_words(each)) for each in shown)),) if shown else ()),
        rows=(*in_rows(buttons), *((tuple(end),) if end else ())),
    )


def stage_task(dossier: Dossier, said: str) -> Requirement | None:
    """The task of the present stage with this code, or with this name in any language."""
    word, tasks = said.strip().casefold(), tasks_of(dossier)
    shipped = {each.code: f"need.{each.code}" for each in tasks if not each.text}
    code = catalogue().meant(word, shipped)
    return next(
        (each for each in tasks if word in (each.code.casefold(), each.text.casefold()) or each.code == code),
        None,
    )


def ticked(turn: Turn, dossier: Dossier, task: Requirement, how: str) -> Card:
    """A task of the stage: ticked, unticked, or where it is no word of the rep's, the button that supplies it."""
    words = need_words(task)
    if task.source is not Source.TICK:
        if _is_met(turn, dossier, task):
            return card(Line(words, Mark.DONE), t("task.there"), rows=((_back(dossier),),))
        return card(
            Line(words, Mark.OPEN),
            t("task.supplied"),
            rows=((_supply_button(dossier, task),), (_back(dossier),)),
        )
    milestone = dossier.deal.milestone
    same = (each for each in dossier.ticks if (each.code, each.milestone) == (task.code, milestone))
    known = next(same, None) or Tick(
        id=0, deal_id=dossier.deal.id, milestone=milestone, code=task.code, done_on=None
    )
    if how not in ("done", "drop"):
        line = f"/task D{dossier.deal.id} {task.code}"
        done = (
            Button(t("task.drop_button"), f"{line} drop")
            if known.done_on
            else Button(t("task.done_button"), f"{line} done")
        )
        return card(
            Line(task_words(dossier, task), Mark.DONE if known.done_on else Mark.OPEN),
            rows=((done, _back(dossier)),),
        )
    _must_take(turn, dossier)
    if (how == "done") == bool(known.done_on):
        raise NotNow("task.done_already" if known.done_on else "task.not_done_yet", id=f"D{dossier.deal.id}")
    turn.store.keep_task(replace(known, done_on=turn.today if how == "done" else None))
    number = f"D{dossier.deal.id}"
    said = (
        t("task.done", id=number, what=words) if how == "done" else t("task.unticked", id=number, what=words)
    )
    return _after(turn, dossier, said)


def _back(dossier: Dossier) -> Button:
    return Button(t("task.tasks_button"), f"/task D{dossier.deal.id}")


def _must_take(turn: Turn, dossier: Dossier) -> None:
    """Raises where the speaker only looks, or the deal has ended without a delivery."""
    must_work(turn, dossier)
    if not _takes_own(dossier):
        must_be_open(dossier.deal)


def _after(turn: Turn, dossier: Dossier, done: Words) -> Card:
    deal = turn.store.deal(dossier.deal.id) or dossier.deal
    return tasks_card(turn, turn.store.dossier(deal), done)


def own_named(dossier: Dossier, said: str) -> Tick | None:
    """A task of the deal's own by its number (T5) or its words; raises `NotFound` for a number that is none."""
    reference = REFERENCE.fullmatch(said.strip())
    own = [each for each in dossier.ticks if each.code == OWN]
    if reference is None:
        return next(
            (each for each in own_tasks(dossier) if each.text.casefold() == said.strip().casefold()), None
        )
    found = next((each for each in own if each.id == int(reference["id"])), None)
    if found is None:
        raise NotFound("task.no_such", number=f"T{reference['id']}", id=f"D{dossier.deal.id}")
    return found


def own_settled(turn: Turn, dossier: Dossier, task: Tick, how: str, due_on: date | None) -> Card:
    """A task of the deal's own: done, dropped, given another day, or shown."""
    number, text = f"T{task.id}", clipped(task.text, TEXT_COLUMNS)
    if not how and due_on is None:
        line = f"/task D{dossier.deal.id} {number}"
        done = (
            Button(t("task.done_button"), f"{line} done"),
            Button(t("task.drop_own_button"), f"{line} drop"),
        )
        day = Button(t("task.day_button"), f"{line}\nby:")
        rows = ((_back(dossier),),) if task.done_on else (done, (day, _back(dossier)))
        return card(Line(own_words(task), Mark.DONE if task.done_on else Mark.OPEN), rows=rows)
    _must_take(turn, dossier)
    if task.done_on:
        raise NotNow("task.done_already", id=number)
    if how:
        if how == "drop":
            turn.store.withdraw(Subject.TASK, task.id)
            return _after(turn, dossier, t("task.dropped", id=number, what=text))
        turn.store.keep_task(replace(task, done_on=turn.today))
        return _after(turn, dossier, t("task.done", id=number, what=text))
    turn.store.keep_task(replace(task, due_on=due_on))
    return _after(turn, dossier, t("task.moved", id=number, on=due_on or turn.today))


def own_added(turn: Turn, dossier: Dossier, said: str, due_on: date | None) -> Card:
    """One more task of the deal's own; a day may stand among its words."""
    _must_take(turn, dossier)
    given = _promised(turn, said)
    task = Tick(
        id=0,
        deal_id=dossier.deal.id,
        milestone=dossier.deal.milestone,
        code=OWN,
        text=given.text,
        done_on=None,
        due_on=due_on or given.due_on,
    )
    number = turn.store.keep_task(task)
    return _after(turn, dossier, t("task.added", id=f"T{number}", what=clipped(given.text, TEXT_COLUMNS)))


def _promised(turn: Turn, said: str) -> Promise:
    """The words of a task without their date; raises `NotUnderstood` for a day that is past or none."""
    words, when = promise(said, turn.today)
    if when is None:
        if bad := no_moment(said, turn.today):
            raise NotUnderstood("args.no_date", said=bad).at("what")
        return Promise(text=" ".join(said.split()), due_on=None, due_time=None)
    on = when.on or turn.today
    if on < turn.today:
        raise NotUnderstood("args.past_date", said=clipped(said, TEXT_COLUMNS), on=on).at("what")
    return Promise(text=words, due_on=on, due_time=None)
