"""From card to letter: who gets it, until when its buttons live, and what it replaces."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.people import Language, Member, MemberId, OrgId
from domain.ports import Address, ChangeId, Delivery, EventId, Letter, Posted, Store, Urgency
from domain.schedule import after_quiet
from handlers.turn import Codes, Turn
from handlers.view import Card, encode

TOKEN_BITS = 96
# What was for a topic that is lost is said in the group around it, under its own key with this at its end.
TO_GROUP = ":group"
# The name of the one letter that is for whoever has just left.
FAREWELL = "farewell"
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

    def tell(self, to: MemberId, name: str, shown: Card, *, at: datetime | None = None) -> None:
        """Writes a letter to a colleague's first chat, in their language; `name` and event make it unique."""
        colleague = self.store.member(to)
        for address in self.store.address_of(to)[:1]:
            self.post(colleague, address, name, shown, at=at)

    def tell_all(self, to: Sequence[Member], name: str, shown: Card) -> None:
        """The same card to many, none of them in their quiet hours; their chats are gathered in one query."""
        addresses = self.store.gather_addresses([each.id for each in to])
        for each in to:
            if each.id in addresses:
                self.post(each, addresses[each.id], name, shown, at=after_quiet(self.now, each.zone))

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
            )
        )

    def post(
        self, to: Member, address: Address, name: str, shown: Card, *, at: datetime | None = None
    ) -> None:
        """Writes the letter, to leave now or at `at`."""
        self.store.write(
            Letter(
                key=f"{name}:{self.event or self.now.isoformat()}:{to.id}",
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
    return hashlib.sha256(card.encode()).hexdigest()
