"""The third message of a day: what is news waits for it, is ranked, and shares one card (product section 6)."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from domain.kinds import Notice
from domain.news_ports import Heeded, Mutes, News, is_muted
from domain.people import MemberId
from domain.thirds import is_dropped
from handlers.holding import hold_news
from handlers.judging import sample_news
from handlers.pieces.news import news_card, with_news
from handlers.registry import Recipient, Slice
from handlers.stalling import stalled_news
from handlers.view import Button, Card, Note, card, encode, t

# What is not told by somebody, but found when the message is made.
FOUND: Mapping[Notice, Callable[[Slice], Mapping[MemberId, Card]]] = {
    Notice.STALLED: stalled_news,
    Notice.HOLD: hold_news,
    Notice.SAMPLE: sample_news,
}


def third(slice_: Slice, kind: Notice, base: Mapping[MemberId, Card | None]) -> dict[MemberId, Card | None]:
    """The cards of a slice: the news of each, beside what comes anyway where that is something.

    What was muted is told nowhere, and waits no longer. Who takes no messages has not heard of anything.
    """
    store, now = slice_.store, slice_.now
    labels = [date.fromisoformat(each.label) for each in slice_.recipients]
    placed = store.gather_placed(slice_.ids, min(labels), max(labels))
    there = _there(slice_, base, placed)
    if not there.recipients:
        return {}
    mutes = store.gather_mutes(there.ids)
    waiting = {member: list(of) for member, of in store.gather_news(there.ids, now).items()}
    for found in (*_found(there, mutes), *_proposed(there, mutes)):
        waiting.setdefault(found.member_id, []).append(found)
    cards: dict[MemberId, Card | None] = {}
    told: list[News] = []
    shared: list[tuple[MemberId, Notice]] = []
    for each in there.recipients:
        number, on = each.member.id, date.fromisoformat(each.label)
        muted = mutes.get(number, {})
        ranked = sorted(waiting.get(number, ()), key=lambda one: one.rank)
        wanted = [one for one in ranked if not is_dropped(one.kind, muted, on)]
        mine = [
            replace(one, told_at=now, told_on=on, place=place)
            for place, one in enumerate(wanted, placed.get((number, on), 0) + 1)
        ]
        told += [*mine, *(replace(one, told_at=now) for one in ranked if one not in wanted)]
        beside = None if is_muted(muted, kind, on) else base.get(number)
        if len(mine) > 1 or beside:
            # A single one is counted with its letter.
            shared += [(number, one.kind) for one in mine]
        cards[number] = _card(each, kind, beside, mine)
    store.tell_news(told)
    store.note_said(shared, now)
    return cards


def _there(
    slice_: Slice, base: Mapping[MemberId, Card | None], placed: Mapping[tuple[MemberId, date], int]
) -> Slice:
    """Who can be written to and has not had the message of the day: by something urgent, a moment before."""
    reached = slice_.store.gather_addresses(slice_.ids)
    return replace(
        slice_,
        recipients=tuple(
            each
            for each in slice_.recipients
            for number in (each.member.id,)
            if number in reached
            and (base.get(number) or (number, date.fromisoformat(each.label)) not in placed)
        ),
    )


def _card(each: Recipient, kind: Notice, beside: Card | None, told: list[News]) -> Card | None:
    on = date.fromisoformat(each.label)
    if beside:
        return replace(with_news(beside, kind, on, told), kind=kind)
    if not told:
        return None
    return replace(news_card(each.member.id, on, told), kind=told[0].kind if len(told) == 1 else Notice.NEWS)


def _proposed(slice_: Slice, mutes: Mapping[MemberId, Mutes]) -> list[News]:
    """Whoever let ten of a kind in a row pass is asked once a quarter whether to switch it off: news like any other."""
    heeded = slice_.store.gather_heeded(slice_.ids)
    found = []
    for each in slice_.recipients:
        on, muted = date.fromisoformat(each.label), mutes.get(each.member.id, {})
        ignored = [
            one
            for one in heeded.get(each.member.id, ())
            if one.proposes(on) and not is_muted(muted, one.kind, on)
        ]
        if ignored and not is_dropped(Notice.PROPOSAL, muted, on):
            slice_.store.note_proposed(each.member.id, ignored[0].kind, on)
            found.append(
                _live(slice_, each.member.id, each.label, Notice.PROPOSAL, proposal_card(ignored[0]))
            )
    return found


def proposal_card(ignored: Heeded) -> Card:
    """What was let pass, and one tap for off or for as it is."""
    kind = ignored.kind
    return card(
        t("mute.propose", what=t(f"kinds.{kind}")),
        Note(t("mute.propose_means", n=ignored.in_a_row)),
        rows=(
            (
                Button(t("mute.switch_off"), f"/mute {kind} good"),
                Button(t("mute.month_button"), f"/mute {kind} month"),
                Button(t("mute.keep"), f"/mute {kind} off"),
            ),
        ),
    )


def _live(slice_: Slice, member: MemberId, label: str, kind: Notice, shown: Card) -> News:
    return News(
        key=f"{kind}:{member}:{label}",
        member_id=member,
        kind=kind,
        card=encode(shown),
        made_at=slice_.now,
        due_at=slice_.now,
    )


def _found(slice_: Slice, mutes: Mapping[MemberId, Mutes]) -> list[News]:
    """What is found now for who wants to hear it: whoever muted it is not looked at, and so has not heard of it."""
    labels = {each.member.id: each.label for each in slice_.recipients}
    found = []
    for kind, gather in FOUND.items():
        wants = tuple(
            each
            for each in slice_.recipients
            if not is_dropped(kind, mutes.get(each.member.id, {}), date.fromisoformat(each.label))
        )
        for member, shown in gather(replace(slice_, recipients=wants)).items() if wants else ():
            found.append(_live(slice_, member, labels[member], kind, shown))
    return found
