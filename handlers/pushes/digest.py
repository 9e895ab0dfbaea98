"""The digest at 09:00, or when it is wished for: to whoever leads a team, and only when something is new (product 6)."""

from collections.abc import Mapping
from datetime import date, time, timedelta

from domain.kinds import Notice
from domain.people import Member, MemberId, Role
from domain.schedule import Quiet
from handlers.comparing import keep_snapshots
from handlers.digesting import gathered_digests
from handlers.pieces.digest import digest_card, told_of
from handlers.registry import Slice, push
from handlers.view import Card


def _at(member: Member) -> time:
    return member.digest_at


@push(
    kind=Notice.DIGEST,
    at=_at,
    patience=timedelta(hours=4),
    roles=frozenset({Role.MANAGER}),
    deputies=True,
    quiet=Quiet.OWN,
)
def digest(slice_: Slice) -> Mapping[MemberId, Card | None]:
    """What needs the leader; nothing for whose team is in order."""
    leaders = [(each.member, each.calendar, date.fromisoformat(each.label)) for each in slice_.recipients]
    facts = gathered_digests(slice_.store, slice_.org, leaders, slice_.now)
    # Kept with the Monday digest, also of a team of which there is nothing to say: next week compares with it.
    keep_snapshots(
        slice_.store, [each.monday.funnel for each in facts.values() if each.monday.funnel], slice_.now
    )
    said = {number: each for number, each in facts.items() if each.worth_saying()}
    named = [each.heard(led_at=slice_.now) for found in said.values() for each in told_of(found)]
    slice_.store.note_alerts(named)
    return {number: digest_card(each) for number, each in said.items()}
