"""The round-trip of a target: who may say what next, what each step does, and what silence means (method section 5)."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from domain.choices import Choice, chosen
from domain.kinds import Notice
from domain.people import Member, MemberId, Organisation, Role
from domain.ports import Store, Work
from domain.quota import DAY_CLOSE
from domain.refusals import NotAllowed, NotNow, NotUnderstood
from domain.schedule import instant, local_date
from domain.targets import (
    DOWN,
    STEP_DAYS,
    UP,
    Band,
    Step,
    Target,
    TargetId,
    TargetStep,
    band,
    following,
    money,
    proposals,
)
from domain.workdays import Calendar
from handlers.letters import Teller, teller
from handlers.pieces.target import talk_card
from handlers.reading.periods import Span
from handlers.targeting import Talk, history, sets_targets, talk_of, talks
from handlers.turn import Codes, Turn, target_key

MOST = Decimal(10) ** 12


def answer_by(calendar: Calendar, zone: str, now: datetime) -> datetime:
    """The close of the third working day after now, of whoever is to answer."""
    day = local_date(now, zone)
    for _ in range(STEP_DAYS):
        day = calendar.after(day)
    return instant(day, DAY_CLOSE, zone)


def must_be_an_amount(amount: Decimal) -> None:
    if amount <= 0 or amount >= MOST:
        raise NotUnderstood("target.no_amount").at("amount")


def propose(
    turn: Turn,
    person: Member,
    span: Span,
    amount: Decimal,
    *,
    quality: str = "",
    cost: Decimal | None = None,
    reason: str = "",
    parent: TargetId | None = None,
) -> Talk:
    """The manager's word: a new target at DOWN1, or the next DOWN after the rep's UP.

    Raises `NotNow` where another target has these days, where the rep's answer is waited for, or after the last round.
    """
    must_be_an_amount(amount)
    if not sets_targets(turn, person):
        raise NotAllowed("target.not_yours", name=person.name)
    there = talks(turn, person.id, span)
    same = next((each for each in there if (each.target.first, each.target.last) == span), None)
    if there and same is None:
        other = there[0].target
        raise NotNow("target.overlaps", name=person.name, first=other.first, last=other.last)
    if same is None:
        target = _new(turn, person, span, amount, quality, cost, parent)
        step = Step.DOWN1
    else:
        target, step = same.target, _next_down(same.target, person)
    _say(turn, target, step, amount, reason, wait_for=person)
    if quality or cost is not None:
        turn.store.revise_target(target.id, quality=quality or target.quality, cost=cost)
    found = _now(turn, target.id)
    teller(turn).tell(
        person.id, Notice.TARGET, "target", talk_card(turn.store, turn.org, person, found, turn.now)
    )
    return found


def _next_down(target: Target, person: Member) -> Step:
    if target.is_locked:
        raise NotNow("target.is_locked", name=person.name)
    if target.step in DOWN:
        raise NotNow("target.waits", name=person.name)
    after = following(target.step, target.rounds)
    if after is Step.LOCKED:
        raise NotNow("target.last_round", n=target.rounds)
    return after


def counter(turn: Turn, talk: Talk, amount: Decimal, reason: str, *, sure: bool) -> Talk | None:
    """The rep's word on the manager's; None where an amount above the band is to be confirmed first."""
    must_be_an_amount(amount)
    target = talk.target
    if target.is_locked:
        raise NotNow("target.locked_for_you")
    if target.step not in DOWN:
        raise NotNow("target.said_already")
    if not sure and _band(turn, target, amount) is Band.ABOVE:
        return None
    leader = leaders_of(turn.store, turn.me)[:1]
    step = following(target.step, target.rounds)
    _say(turn, target, step, amount, reason, wait_for=leader[0] if leader else None)
    found = _now(turn, target.id)
    for each in leader:
        teller(turn).tell(
            each.id, Notice.TARGET, "target", talk_card(turn.store, turn.org, each, found, turn.now)
        )
    return found


def lock(turn: Turn, talk: Talk, person: Member, amount: Decimal | None, reason: str) -> Talk:
    """Locking is the manager's act: at what the rep said, or after the last round at the own word.

    Raises `NotUnderstood` asking for a reason where an amount lies below the band.
    """
    target = talk.target
    if target.is_locked:
        raise NotNow("target.is_locked", name=person.name)
    if not sets_targets(turn, person):
        raise NotAllowed("target.not_yours", name=person.name)
    if target.step in DOWN:
        raise NotNow("target.waits", name=person.name)
    theirs, mine = talk.said(UP), talk.said(DOWN)
    agreed = amount if amount is not None else theirs
    last_round = following(target.step, target.rounds) is Step.LOCKED
    if agreed is None or (agreed != theirs and not (last_round and agreed == mine)):
        raise NotNow("target.lock_at", name=person.name)
    if not reason and agreed != mine and _band(turn, target, agreed) is Band.BELOW:
        raise NotUnderstood("target.below_band", name=person.name).at("reason")
    turn.store.add_target_step(
        target.id,
        TargetStep(step=Step.LOCKED, amount=agreed, by_id=turn.me.id, at=turn.said_at, reason=reason),
    )
    turn.store.revise_target(
        target.id, step=Step.LOCKED, amount=agreed, answer_by=None, answer_of=None, locked_at=turn.said_at
    )
    found = _now(turn, target.id)
    _touch(turn.store, found.target)
    teller(turn).tell(
        person.id, Notice.TARGET, "target", talk_card(turn.store, turn.org, person, found, turn.now)
    )
    return found


def _band(turn: Turn, target: Target, amount: Decimal) -> Band:
    """Where an amount for a month lies against what the history foresees; for longer periods nothing is foreseen."""
    if target.member_id is None:
        return Band.WITHIN
    found = proposals(history(turn.store, target.member_id, target.first, turn.today))
    return band(found[0], money(Fraction(amount) / target.months)) if found else Band.WITHIN


def _new(
    turn: Turn,
    person: Member,
    span: Span,
    amount: Decimal,
    quality: str,
    cost: Decimal | None,
    parent: TargetId | None,
) -> Target:
    target = Target(
        id=TargetId(0),
        member_id=person.id,
        team_id=None,
        first=span[0],
        last=span[1],
        amount=amount,
        step=Step.DOWN1,
        rounds=int(chosen(turn.org, Choice.TARGET_ROUNDS)),
        made_by=turn.me.id,
        made_at=turn.said_at,
        quality=quality,
        cost=cost,
        parent_id=parent,
    )
    number = turn.store.add_target(target)
    return turn.store.target(number) or target


def _say(
    turn: Turn, target: Target, step: Step, amount: Decimal, reason: str, *, wait_for: Member | None
) -> None:
    said = TargetStep(step=step, amount=amount, by_id=turn.me.id, at=turn.said_at, reason=reason)
    turn.store.add_target_step(target.id, said)
    until = None
    if wait_for:
        until = answer_by(turn.store.calendar(turn.org, wait_for), wait_for.zone, turn.now)
    turn.store.revise_target(
        target.id, step=step, amount=amount, answer_by=until, answer_of=wait_for.id if wait_for else None
    )
    _touch(turn.store, target)


def _now(turn: Turn, number: TargetId) -> Talk:
    target = turn.store.target(number)
    assert target is not None
    return talk_of(turn.store, target)


def leaders_of(store: Store, person: Member) -> tuple[Member, ...]:
    """Who decides about somebody's target, in the order they are asked: manager, deputy, directors."""
    team = next((each for each in store.teams() if each.id == person.team_id), None)
    seats: list[MemberId | None] = [team.manager_id, team.deputy_id] if team else []
    seats += [each.id for each in store.members() if Role.DIRECTOR in each.roles]
    return tuple(store.member(each) for each in dict.fromkeys(seats) if each and each != person.id)


def _touch(store: Store, target: Target) -> None:
    """The cards of everybody who sees a target are to show what is so now."""
    if target.member_id is None:
        return
    person = store.member(target.member_id)
    for each in (person, *leaders_of(store, person)):
        store.touch_card(target_key(each.id, target.id))


touch_target = _touch


def pass_deadlines(work: Work, now: datetime, codes: Codes, most: int) -> int:
    """Takes each target on whose answer did not come in time; how many (method section 5).

    A rep's silence accepts the last DOWN with a mark. A manager's asks the deputy, then the director.
    """
    due = work.outbox.due_targets(now, most)
    for org_id, number in due:
        store = work.store(org_id)
        target = store.target(TargetId(number))
        if target is None or target.member_id is None or target.is_locked:
            continue
        org = store.organisation()
        person = store.member(target.member_id)
        leaders = leaders_of(store, person)
        if target.step in DOWN:
            _accept_silently(store, org, target, person, leaders, now, codes)
        else:
            _ask_next(store, org, target, leaders, now, codes)
    return len(due)


def _accept_silently(
    store: Store,
    org: Organisation,
    target: Target,
    person: Member,
    leaders: Sequence[Member],
    now: datetime,
    codes: Codes,
) -> None:
    first = leaders[0] if leaders else None
    until = answer_by(store.calendar(org, first), first.zone, now) if first else None
    said = TargetStep(
        step=following(target.step, target.rounds), amount=target.amount, by_id=person.id, at=now, silent=True
    )
    store.pass_target(target.id, said, answer_by=until, answer_of=first.id if first else None)
    _tell(store, org, target.id, (person, *leaders[:1]), now, codes)


def _ask_next(
    store: Store, org: Organisation, target: Target, leaders: Sequence[Member], now: datetime, codes: Codes
) -> None:
    """The next who decides; after the last of them the target waits without a date."""
    ids = [each.id for each in leaders]
    at = ids.index(target.answer_of) + 1 if target.answer_of in ids else 0
    after = leaders[at] if at < len(leaders) else None
    until = answer_by(store.calendar(org, after), after.zone, now) if after else None
    store.pass_target(target.id, None, answer_by=until, answer_of=after.id if after else target.answer_of)
    if after:
        _tell(store, org, target.id, (after,), now, codes)
    _touch(store, target)


def _tell(
    store: Store, org: Organisation, number: TargetId, to: Sequence[Member], now: datetime, codes: Codes
) -> None:
    target = store.target(number)
    if target is None:
        return
    _touch(store, target)
    by = Teller(store=store, org=org.id, event=None, now=now, codes=codes)
    for each in to:
        by.tell(
            each.id,
            Notice.TARGET,
            f"target:{number}",
            talk_card(store, org, each, talk_of(store, target), now),
        )
