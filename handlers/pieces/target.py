"""The cards of a target: the round-trip as each of the two sees it, a proposal from history, a team's targets."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from domain.people import Member, Organisation
from domain.ports import Store
from domain.schedule import local_date
from domain.targets import (
    DOWN,
    UP,
    Proposal,
    Smart,
    Step,
    Target,
    TargetId,
    following,
    reached,
    smart,
)
from handlers.pieces.clipped import clipped
from handlers.reading.periods import Span, is_month
from handlers.targeting import Talk, talk_of
from handlers.turn import target_key
from handlers.view import Block, Button, Card, Line, Mark, Note, Rows, Text, Words, card, in_rows, t

NAME_COLUMNS, REASON_COLUMNS = 12, 14
STEPS_SHOWN, PEOPLE_SHOWN = 4, 5


def span_words(first: date, last: date) -> Text:
    """A month by its name, a quarter by its first and last."""
    if is_month((first, last)):
        return t("target.month", on=first)
    return t("target.span", first=first, last=last)


def target_now(store: Store, org: Organisation, member: Member, label: str, now: datetime) -> Card | None:
    """The living card of a target; of one that was taken back, that nothing is asked any more."""
    target = store.target(TargetId(int(label)))
    if target is None:
        return card(t("target.withdrawn"), key=target_key(member.id, int(label)))
    return talk_card(store, org, member, talk_of(store, target), now)


def talk_card(store: Store, org: Organisation, viewer: Member, talk: Talk, now: datetime) -> Card:
    """The steps so far, whose word is waited for, and the buttons of whoever's turn it is."""
    target = talk.target
    assert target.member_id is not None
    person = store.member(target.member_id)
    mine = viewer.id == person.id
    span = span_words(target.first, target.last)
    title = (
        t("target.yours", span=span)
        if mine
        else t("target.of", name=clipped(person.name, NAME_COLUMNS), span=span)
    )
    lines: list[Block] = [Line(title)]
    for each in talk.steps[-STEPS_SHOWN:]:
        who = (
            t("target.you")
            if each.by_id == viewer.id
            else clipped(store.member(each.by_id).name, NAME_COLUMNS)
        )
        lines.append(Line(_step(each.step, who, each.amount, each.reason, silent=each.silent)))
    lines += _status(store, viewer, target, person)
    return card(*lines, rows=_buttons(talk, person, mine=mine), key=target_key(viewer.id, target.id))


def _step(step: Step, who: Words, amount: Decimal, reason: str, *, silent: bool) -> Text:
    if step is Step.LOCKED:
        return t("target.step_locked", amount=amount)
    if silent:
        return t("target.step_silent", who=who, amount=amount)
    if reason:
        return t("target.step_reason", who=who, amount=amount, reason=clipped(reason, REASON_COLUMNS))
    return t("target.step", who=who, amount=amount)


def _status(store: Store, viewer: Member, target: Target, person: Member) -> tuple[Block, ...]:
    extra: list[Block] = []
    if target.quality:
        extra.append(Note(t("target.quality", text=clipped(target.quality, 22))))
    if target.cost is not None:
        extra.append(Note(t("target.cost", amount=target.cost)))
    if target.is_locked:
        key = "target.locked_silent" if target.silent else "target.locked"
        return (*extra[:1], Line(t(key), Mark.DONE))
    waits = person.id if target.step in DOWN else target.answer_of
    if waits is None:
        return (*extra[:1], Line(t("target.waits_open"), Mark.OPEN))
    name: Words = t("target.you") if waits == viewer.id else clipped(store.member(waits).name, NAME_COLUMNS)
    if target.answer_by is None:
        return (*extra[:1], Line(t("target.waits_for", who=name), Mark.OPEN))
    until = local_date(target.answer_by, store.member(waits).zone)
    return (*extra[:1], Line(t("target.waits_until", who=name, on=until), Mark.OPEN))


def _buttons(talk: Talk, person: Member, *, mine: bool) -> Rows:
    """The rep answers a DOWN; whoever leads locks an UP, or says another word while rounds are left."""
    target = talk.target
    line = f"/target G{target.id}"
    way = Button(t("target.way_button"), f"{line} way")
    if target.is_locked:
        return ((way,),)
    theirs, own = talk.said(UP), talk.said(DOWN)
    if mine and target.step in DOWN and own is not None:
        return (
            (Button(t("target.accept_button", amount=own), f"{line} accept"),),
            (Button(t("target.counter_button"), f"{line}\namount:"), way),
        )
    if not mine and target.step in UP and theirs is not None:
        last = following(target.step, target.rounds) is Step.LOCKED
        other = (
            Button(
                t("target.lock_mine_button", amount=own or theirs), f"{line} lock\namount: {own or theirs}"
            )
            if last
            else Button(t("target.again_button"), f"{line}\namount:")
        )
        lock = Button(t("target.lock_button", amount=theirs), f"{line} lock")
        return ((lock,), (other,)) if not last or own != theirs else ((lock,),)
    return ()


def proposal_card(
    store: Store, person: Member, span: Span, found: Sequence[Proposal], known: Sequence[Decimal]
) -> Card:
    """All methods side by side, how often each amount was reached, and one tap to propose it."""
    months = (span[1].year - span[0].year) * 12 + span[1].month - span[0].month + 1
    line = f"/target M{person.id}"
    when = f"\nperiod: {written(span)}"
    title = t("target.propose", name=clipped(person.name, NAME_COLUMNS), span=span_words(*span))
    if not found:
        return card(
            title,
            t("target.no_history"),
            rows=(
                (Button(t("target.type_button"), f"{line}{when}\namount:"),),
                (Button(t("target.history_button"), f"/target history M{person.id}\nlines:"),),
            ),
        )
    lines: list[Block] = [Line(title)]
    buttons = []
    for each in found:
        amount = each.low * months
        k, n = reached(known, each.low)
        lines.append(Line(t(f"target.method_{each.method}", amount=amount, k=k, n=n)))
        buttons.append(Button(t("target.amount_button", amount=amount), f"{line}{when}\namount: {amount}"))
    best = found[0]
    lines.append(Note(t("target.band", low=best.low * months, high=best.high * months)))
    if reached(known, best.low)[0] == 0 and len(known) >= 6:
        lines.append(Line(t("target.never_reached"), Mark.NOTE))
    other = Button(t("target.type_button"), f"{line}{when}\namount:")
    rows = (*in_rows(buttons[:2]), (*buttons[2:3], other))
    return card(*lines, rows=rows)


def written(span: Span) -> str:
    """A period as it is typed back: a month by its number, a quarter by its own."""
    first, last = span
    if is_month(span):
        return f"{first:%Y-%m}"
    return f"Q{(last.month + 2) // 3} {last.year}"


def smart_lines(target: Target, today: date, known: Sequence[Decimal]) -> tuple[Block, ...]:
    """The letters of SMART that do not hold; nothing where all do."""
    missing = [letter for letter, holds in smart(target, today, history=known).items() if not holds]
    return tuple(Line(t(f"target.smart_{letter}"), Mark.NOTE) for letter in missing if letter in SAID)


# What a person can do something about; the others cannot fail on a target that was set here.
SAID = (Smart.ACHIEVABLE, Smart.RELEVANT)


def team_card(
    store: Store, people: Sequence[Member], span: Span, page: int, team_amount: Decimal | None
) -> Card:
    """Every rep's target of a period: locked, talked about or none; one button each for those that wait."""
    ids = [each.id for each in people]
    found = store.gather_targets(ids, *span, locked=False)
    lines: list[Block] = [Line(t("target.team", span=span_words(*span)))]
    whole = sum((each.amount for of in found.values() for each in of if each.is_locked), Decimal(0))
    shown = people[page * PEOPLE_SHOWN : (page + 1) * PEOPLE_SHOWN]
    for each in shown:
        target = next(iter(found.get(each.id, ())), None)
        lines.append(Line(_team_line(each, target)))
    if team_amount is not None:
        lines.append(Line(t("target.team_sum_of", amount=whole, of=team_amount)))
    elif whole:
        lines.append(Line(t("target.team_sum", amount=whole)))
    when = f"\nperiod: {written(span)}"
    buttons = [Button(clipped(each.name, NAME_COLUMNS), f"/target M{each.id}{when}") for each in shown[:4]]
    more = []
    if len(people) > (page + 1) * PEOPLE_SHOWN:
        more.append(Button(t("target.next_page"), f"/target page {page + 2}{when}"))
    return card(*lines, rows=(*in_rows(buttons), *((tuple(more),) if more else ())))


def _team_line(person: Member, target: Target | None) -> Text:
    name = clipped(person.name, NAME_COLUMNS)
    if target is None:
        return t("target.team_none", name=name)
    if target.is_locked:
        return t("target.team_locked", name=name, amount=target.amount)
    return t(
        "target.team_waits" if target.step in DOWN else "target.team_yours", name=name, amount=target.amount
    )


def split_card(
    name: str, span: Span, amount: Decimal, parts: Sequence[tuple[Member, Decimal]], again: str
) -> Card:
    """How a team's target falls to its reps by capability, before anybody is asked."""
    shown: list[Block] = [
        Line(t("target.share", name=clipped(each.name, NAME_COLUMNS), amount=part))
        for each, part in parts[:5]
    ]
    if len(parts) > 5:
        shown.append(Note(t("day.more", n=len(parts) - 5)))
    return card(
        t("target.split", name=clipped(name, NAME_COLUMNS), span=span_words(*span)),
        *shown,
        t("target.team_sum", amount=amount),
        rows=((Button(t("target.send_button", n=len(parts)), again), Button(t("button.cancel"), "/cancel")),),
    )


def capability_words(person: Member) -> Text:
    return t("target.capability", name=person.name, factor=Decimal(person.capability).scaleb(-2))
