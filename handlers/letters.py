"""From card to letter: who gets it, until when its buttons live, and what it replaces."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from domain.kinds import ASKED, ASKED_MOST, KINDS, Notice, Sort
from domain.news_ports import News
from domain.people import Language, Member, MemberId, OrgId, Role
from domain.ports import Address, ChangeId, Delivery, EventId, Letter, Posted, Store, Urgency
from domain.schedule import instant, local_date
from handlers.hurrying import hurry
from handlers.turn import Codes, Turn
from handlers.view import Card, encode, lasting

TOKEN_BITS = 96
# Whose messages of a day are counted (product section 6); a rep is asked for nothing but what a leader wants to know.
LEADERS = frozenset({Role.MANAGER, Role.DIRECTOR})
# What was for a topic that is lost is said in the group around it, under its own key with this at its end.
TO_GROUP = ":group"
UNDO_WITHIN = timedelta(minutes=10)


def answer_letter(
    turn: Turn, shown: Card, *, delivery: Delivery = Delivery.POST, edits: str | None = None
) -> Letter:
    """The answer to what was said, back to where it was said."""
    return Letter(
        key=f"event:{turn.event}",
        to=turn.at,
        card=encode(shown),
        language=turn.language,
        due_at=turn.now,
        urgency=Urgency.ANSWER,
        delivery=Delivery.EDIT if edits else delivery,
        edits=edits,
        token=turn.codes(TOKEN_BITS) if shown.rows else None,
        commands=shown.commands,
        member_id=turn.me.id,
        org_id=turn.org.id,
        card_key=shown.key,
        change_id=ChangeId(turn.event) if turn.store.changed else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """Who may tell colleagues something: an organisation's store within one event, if it is one's doing."""

    store: Store
    org: OrgId
    event: EventId | None
    now: datetime
    codes: Codes

    def tell(self, to: MemberId, kind: Notice, name: str, shown: Card, *, at: datetime | None = None) -> None:
        """A colleague hears of it as its kind says: at once in their first chat, or with the news of the day.

        `name` and event make it unique. What was asked of a leader often enough today is news, too (product section 6).
        """
        manner, colleague = KINDS[kind], self.store.member(to)
        if manner.sort is Sort.NEWS or (manner.asked and self._asked_enough(colleague)):
            self.store.keep_news([self._news(to, kind, name, shown, at)])
            if manner.presses and (at or self.now) <= self.now:
                hurry(self, colleague)
            return
        for address in self.store.address_of(to)[:1]:
            self.post(colleague, address, kind, name, shown, at=at)

    def tell_all(self, to: Sequence[Member], kind: Notice, name: str, shown: Card) -> None:
        """The same news to many, kept in one statement; each hears it with the news of their day."""
        self.store.keep_news([self._news(each.id, kind, name, shown, None) for each in to])

    def _news(self, to: MemberId, kind: Notice, name: str, shown: Card, at: datetime | None) -> News:
        return News(
            key=self._key(name, to),
            member_id=to,
            kind=kind,
            card=encode(shown),
            made_at=self.now,
            due_at=at or self.now,
            change_id=self.event,
        )

    def _key(self, name: str, to: MemberId) -> str:
        return f"{name}:{self.event or self.now.isoformat()}:{to}"

    def _asked_enough(self, leader: Member) -> bool:
        if not leader.holds(LEADERS):
            return False
        begun = instant(local_date(self.now, leader.zone), time(), leader.zone)
        return self.store.count_said(leader.id, ASKED, begun) >= ASKED_MOST

    def announce(
        self, to: Address, name: str, language: Language, shown: Card, *, at: datetime | None = None
    ) -> None:
        """One line for all to read in a room, without buttons, now or at `at`: what is anybody's own never goes there."""
        self.store.write(
            Letter(
                key=f"{name}:{self.event or self.now.isoformat()}:{to.platform}:{to.chat}",
                to=to,
                card=encode(shown),
                language=language,
                due_at=at or self.now,
                urgency=Urgency.PUSH,
                org_id=self.org,
                change_id=ChangeId(self.event) if self.event else None,
                kind=Notice.ROOM,
            )
        )

    def post(
        self,
        to: Member,
        address: Address,
        kind: Notice,
        name: str,
        shown: Card,
        *,
        at: datetime | None = None,
    ) -> None:
        """Writes the letter, to leave now or at `at`."""
        self.store.note_said([(to.id, kind)], self.now)
        self.store.write(
            Letter(
                key=self._key(name, to.id),
                kind=kind,
                to=address,
                card=encode(shown),
                language=to.language,
                due_at=at or self.now,
                urgency=Urgency.PUSH,
                token=self.codes(TOKEN_BITS) if shown.rows else None,
                commands=shown.commands,
                member_id=to.id,
                org_id=self.org,
                card_key=shown.key,
                change_id=ChangeId(self.event) if self.event else None,
            )
        )


def teller(turn: Turn) -> Teller:
    """Tells colleagues what this turn did."""
    return Teller(store=turn.store, org=turn.org.id, event=turn.event, now=turn.now, codes=turn.codes)


def withdrawal(turn: Turn, posted: Posted, number: int, shown: Card) -> Letter:
    """Edits a message that was sent for a change that is now undone."""
    return Letter(
        key=f"withdrawn:{turn.event}:{number}",
        to=posted.to,
        card=encode(shown),
        language=posted.language,
        due_at=turn.now,
        urgency=Urgency.EDIT,
        delivery=Delivery.EDIT,
        edits=posted.message,
        member_id=posted.member_id,
        org_id=turn.org.id,
    )


def digest_of(card: str) -> str:
    """What a message shows, in short: an edit that would change nothing is not sent."""
    return hashlib.sha256(lasting(card).encode()).hexdigest()
