"""Rows of what is to be said: letters, the cards that live on, the buttons, and who is due when."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, delete, exists, func, insert, or_, select, text, update

from domain.deals import DealId
from domain.kinds import Notice
from domain.news_ports import Snooze
from domain.people import Language, MemberId, OrgId
from domain.ports import (
    Address,
    ChangeId,
    Delivery,
    DueRow,
    Letter,
    Outcome,
    PressedButton,
    StaleCard,
    Urgency,
    Whereabouts,
)
from domain.schedule import Due
from storage import tables
from storage.driver import Driver
from storage.session import Later
from storage.upsert import upsert
from storage.whereabouts import TOLD_LOST, lost, whereabouts

JSON = json.JSONEncoder(ensure_ascii=False)
BUTTONS_LIVE = timedelta(days=7)
p, b, e, d, i = tables.letter.c, tables.card_action.c, tables.card.c, tables.due.c, tables.identity.c
ADD_LETTER = upsert(tables.letter, ("key",))
ADD_ACTION = upsert(tables.card_action, ("token",))
LETTER = (
    p.key, p.org_id, p.member_id, p.change_id, p.platform, p.chat, p.language, p.card, p.card_key, p.token,
    p.urgency, p.delivery, p.edits, p.reply_to, p.due_at, p.not_after, p.form_trigger, p.kind, p.unsure,
)  # fmt: skip
CLAIM = (
    select(*LETTER)
    .where(p.state == "due", p.try_at <= bindparam("now"))
    .order_by(p.urgency, p.try_at, p.id)
    .limit(bindparam("most"))
)
CLAIM_ON = CLAIM.where(p.platform == bindparam("on_platform"))
# What another connection is just claiming is passed over.
CLAIM_SHARED = CLAIM.with_for_update(skip_locked=True)
CLAIM_ON_SHARED = CLAIM_ON.with_for_update(skip_locked=True)
CLAIMED = (
    update(tables.letter)
    .where(p.key.in_(bindparam("of_keys", expanding=True)))
    .values(state="sending", attempts=p.attempts + 1)
)
FIRST_DUE = select(func.min(p.try_at)).where(p.state == "due")
# The head of each urgency in the index: what waits behind it is not gone through.
NEXT_DUE = select(*(FIRST_DUE.where(p.urgency == int(each)).scalar_subquery() for each in Urgency))
NEXT_DUE_ON = FIRST_DUE.where(p.platform.in_(bindparam("platforms", expanding=True)))
# Born as being sent by whoever wrote them; with many processes another one may be the sender.
SHARE = (
    update(tables.letter)
    .where(p.key.in_(bindparam("of_keys", expanding=True)), p.state == "sending")
    .values(state="due")
)
# What `bot/jobs/elected.py` listens to.
RING = text("SELECT pg_notify('dealpace', '')")
SENT = (
    update(tables.letter)
    .where(p.key == bindparam("of_key"))
    .values(
        state="sent",
        outcome=bindparam("result"),
        reason=func.coalesce(bindparam("why", type_=p.reason.type), p.reason),
        message=bindparam("in_message"),
        sent_at=bindparam("now"),
        attempts=p.attempts + bindparam("tried"),
    )
)
RETRY = (
    update(tables.letter)
    .where(p.key == bindparam("of_key"))
    .values(
        state="due",
        outcome=bindparam("result"),
        # What is only held back says nothing of its own.
        reason=func.coalesce(bindparam("why", type_=p.reason.type), p.reason),
        unsure=p.unsure + bindparam("nobody_knows"),
        try_at=bindparam("at"),
    )
)
GIVE_UP = (
    update(tables.letter)
    .where(p.key == bindparam("of_key"))
    .values(
        state=bindparam("ends"),
        outcome=bindparam("result"),
        reason=bindparam("why"),
        unsure=p.unsure + bindparam("nobody_knows"),
        sent_at=bindparam("now"),
    )
)
CANCEL = (
    update(tables.letter)
    .where(p.key == bindparam("of_key"))
    .values(state="cancelled", reason=bindparam("why"))
)
EXPIRE = update(tables.letter).where(p.state == "due", p.not_after < bindparam("now")).values(state="expired")
RECOVER = (
    update(tables.letter)
    .where(p.state == "sending")
    .values(state="due", outcome=Outcome.UNKNOWN, recovered=p.recovered + 1)
)
RECOVER_ON = RECOVER.where(p.platform == bindparam("on_platform"))
BURY = (
    update(tables.identity)
    .where(i.platform == bindparam("on"), i.chat == bindparam("in_chat"), i.alive)
    .values(alive=False, lost_at=bindparam("now"))
)
UNBIND = (
    delete(tables.room)
    .where(tables.room.c.platform == bindparam("on"))
    .where(or_(tables.room.c.chat == bindparam("in_chat"), tables.room.c.chat.like(bindparam("topics"))))
    .returning(tables.room.c.org_id, tables.room.c.bound_by)
)
KEEP_CARD = upsert(
    tables.card, ("org_id", "key", "platform", "chat"), ("message", "language", "shown", "digest")
)
TOUCH = (
    update(tables.card)
    .where(e.org_id == bindparam("of_org"), e.key == bindparam("of_key"))
    .values(version=e.version + 1)
)
TOUCH_LIKE = (
    update(tables.card)
    .where(e.org_id == bindparam("of_org"), e.key.like(bindparam("of_keys")))
    .values(version=e.version + 1)
)
SHOWN = select(e.key).where(e.org_id == bindparam("org_id"), e.key.in_(bindparam("keys", expanding=True)))
STALE = (
    select(e.org_id, e.key, e.platform, e.chat, e.message, e.version, e.digest, e.language, e.member_id)
    .where(e.shown < e.version)
    .order_by(e.org_id, e.key, e.platform, e.chat)
    .limit(bindparam("most"))
)
# A pending edit of a card gives way to the next: the latest wins (architecture 5b).
SUPERSEDE = (
    update(tables.letter)
    .where(p.org_id == bindparam("of_org"), p.card_key == bindparam("of_card"), p.state == "due")
    .where(p.platform == bindparam("on"), p.chat == bindparam("in_chat"), p.delivery == Delivery.EDIT)
    .values(state="cancelled")
)
REFRESHED = (
    update(tables.card)
    .where(
        e.org_id == bindparam("of_org"),
        e.key == bindparam("of_key"),
        e.platform == bindparam("on"),
        e.chat == bindparam("in_chat"),
    )
    .values(shown=bindparam("at_version"))
)
PRESSED = select(
    b.org_id, b.member_id, b.platform, b.chat, b.commands, b.card_key, b.expires_at, b.used, b.kind
).where(b.token == bindparam("of_token"))
USED = update(tables.card_action).where(b.token == bindparam("of_token")).values(used=bindparam("now_used"))
DUE = (
    select(d.org_id, d.member_id, d.push, d.label, d.due_at, d.not_after, d.unanswered, d.served)
    .where(d.due_at <= bindparam("now"))
    # Who is due together comes in the same order on both databases.
    .order_by(d.due_at, d.org_id, d.member_id)
    .limit(bindparam("most"))
)
DUE_SHARED = DUE.with_for_update(skip_locked=True)
NEXT_PUSH = select(func.min(d.due_at))
ck, ap, tg, z = tables.deal.c, tables.approval.c, tables.target.c, tables.snooze.c
SNOOZED = (
    select(z.org_id, z.member_id, z.kind, z.about, z.due_at)
    .where(z.due_at <= bindparam("now"))
    .order_by(z.due_at, z.org_id, z.member_id)
    .limit(bindparam("most"))
)
NEXT_SNOOZED = select(func.min(z.due_at))
CHECKS = (
    select(ck.org_id, ck.id)
    .where(ck.check_at <= bindparam("now"), ck.withdrawn.is_(False))
    .order_by(ck.check_at)
    .limit(bindparam("most"))
)
UNDECIDED = (
    select(ap.org_id, ap.id)
    .where(ap.escalate_at <= bindparam("now"), ap.withdrawn.is_(False), ap.decision == "open")
    .order_by(ap.escalate_at)
    .limit(bindparam("most"))
)
UNANSWERED_TARGETS = (
    select(tg.org_id, tg.id)
    .where(tg.answer_by <= bindparam("now"), tg.withdrawn.is_(False))
    .order_by(tg.answer_by)
    .limit(bindparam("most"))
)
NEXT_ANSWER = select(func.min(tg.answer_by)).where(tg.answer_by.is_not(None), tg.withdrawn.is_(False))
# One look at the clock's work, for the minutes in which there is none.
QUIET = select(
    or_(
        exists().where(d.due_at <= bindparam("now")),
        exists().where(ck.check_at <= bindparam("now"), ck.withdrawn.is_(False)),
        exists().where(ap.escalate_at <= bindparam("now"), ap.withdrawn.is_(False), ap.decision == "open"),
        exists().where(tg.answer_by <= bindparam("now"), tg.withdrawn.is_(False)),
        exists().where(z.due_at <= bindparam("now")),
        exists().where(i.lost_at.is_not(None)),
        exists().where(e.shown < e.version),
        exists().where(tables.region.c.through < bindparam("year")),
    )
)
NEXT_CHECK = select(func.min(ck.check_at)).where(ck.check_at.is_not(None), ck.withdrawn.is_(False))
NEXT_UNDECIDED = select(func.min(ap.escalate_at)).where(
    ap.escalate_at.is_not(None), ap.decision == "open", ap.withdrawn.is_(False)
)
DUE_KEY = (
    d.org_id == bindparam("of_org"),
    d.member_id == bindparam("of_member"),
    d.push == bindparam("of_push"),
)
MOVE_DUE = (
    update(tables.due)
    .where(*DUE_KEY)
    .values(
        label=bindparam("to_label"),
        due_at=bindparam("to_due"),
        not_after=bindparam("to_last"),
        served=bindparam("to_served"),
    )
)
DROP_DUE = delete(tables.due).where(*DUE_KEY)
DROP_DUES = delete(tables.due).where(d.org_id == bindparam("of_org"), d.member_id == bindparam("of_member"))
ADD_DUE = insert(tables.due)
UNANSWERED = update(tables.due).where(*DUE_KEY).values(unanswered=d.unanswered + 1)
ANSWERED = update(tables.due).where(*DUE_KEY).values(unanswered=0)
WAITED = select(d.push, d.label, d.due_at, d.not_after, d.unanswered, d.served).where(
    d.org_id == bindparam("of_org"), d.member_id == bindparam("of_member")
)
PLANNED = select(d.push).where(d.org_id == bindparam("org_id")).distinct()
# Due at once, but useful no more: the tick sends nothing and works out the period that comes next.
PLAN_ANEW = (
    update(tables.due)
    .where(d.org_id == bindparam("of_org"), d.due_at > bindparam("now"))
    .where(d.member_id.in_(bindparam("ids", expanding=True)))
    .values(due_at=bindparam("now"), not_after=bindparam("past"))
)
# The cards of a date that are still to be sent or edited; answers are never taken back.
CANCEL_PUSHES = (
    update(tables.letter)
    .where(p.org_id == bindparam("of_org"), p.state == "due", p.card_key.like(bindparam("of_label")))
    .where(p.member_id.in_(bindparam("ids", expanding=True)))
    .values(state="cancelled")
)


def write_letter(later: Later, letter: Letter) -> None:
    """Adds a letter and the commands of its buttons to what is inserted at the end."""
    later.add(
        ADD_LETTER,
        {
            "key": letter.key,
            "org_id": letter.org_id,
            "member_id": letter.member_id,
            "change_id": letter.change_id,
            "platform": letter.to.platform,
            "chat": letter.to.chat,
            "language": letter.language,
            "card": letter.card,
            "card_key": letter.card_key,
            "token": letter.token,
            "urgency": int(letter.urgency),
            "delivery": letter.delivery,
            "edits": letter.edits,
            "reply_to": letter.reply_to,
            "form_trigger": letter.form_trigger,
            "due_at": letter.due_at,
            "try_at": letter.due_at,
            "not_after": letter.not_after,
            "state": "sending" if letter.urgency is Urgency.ANSWER else "due",
            "attempts": 0,
            "unsure": 0,
            "recovered": 0,
            "outcome": None,
            "reason": None,
            "message": None,
            "sent_at": None,
            "kind": letter.kind,
        },
    )
    if letter.token:
        later.add(
            ADD_ACTION,
            {
                "token": letter.token,
                "org_id": letter.org_id,
                "member_id": letter.member_id,
                "platform": letter.to.platform,
                "chat": letter.to.chat,
                "commands": _written(letter.commands),
                "card_key": letter.card_key,
                "expires_at": letter.due_at + BUTTONS_LIVE,
                "used": "{}",
                "kind": letter.kind,
            },
        )


@lru_cache(maxsize=256)
def _written(commands: tuple[str, ...]) -> str:
    """The commands of buttons as JSON: of a push most people have the same."""
    return JSON.encode(commands)


def as_letter(row: Sequence[Any]) -> Letter:
    """A letter from the columns of LETTER; its commands stay in the card."""
    (
        key, org, member, change, platform, chat, language, card, card_key, token,
        urgency, delivery, edits, reply_to, due_at, not_after, form_trigger, kind, unsure,
    ) = row  # fmt: skip
    return Letter(
        key=key,
        org_id=OrgId(org) if org else None,
        member_id=MemberId(member) if member else None,
        change_id=ChangeId(change) if change else None,
        to=Address(platform=platform, chat=chat),
        language=Language(language),
        card=card,
        card_key=card_key,
        token=token,
        urgency=Urgency(urgency),
        delivery=Delivery(delivery),
        edits=edits,
        reply_to=reply_to,
        form_trigger=form_trigger,
        due_at=due_at,
        not_after=not_after,
        kind=Notice(kind) if kind else None,
        unsure=unsure,
    )


def _concluded(outcome: Outcome, reason: str) -> dict[str, Any]:
    """What a try adds to its letter."""
    return {"result": outcome, "why": reason or None, "nobody_knows": int(outcome is Outcome.UNKNOWN)}


class SqlOutbox:
    """Letters across organisations, for the courier, the gateway and the tick."""

    def __init__(self, driver: Driver, later: Later) -> None:
        self.driver = driver
        self.connection = driver.connection
        self.later = later

    def write(self, letter: Letter) -> None:
        write_letter(self.later, letter)

    def claim(self, now: datetime, limit: int, platform: str | None = None) -> tuple[Letter, ...]:
        """Takes the due letters (of one platform), most urgent first, marks them as being sent, drops the expired."""
        self.later.flush()
        self.driver.run(EXPIRE, {"now": now})
        alone = self.connection.dialect.name == "sqlite"
        values: dict[str, Any] = {"now": now, "most": limit}
        if platform:
            claim, values = (CLAIM_ON if alone else CLAIM_ON_SHARED), values | {"on_platform": platform}
        else:
            claim = CLAIM if alone else CLAIM_SHARED
        letters = tuple(as_letter(row) for row in self.driver.rows(claim, values))
        if letters:
            self.driver.run(CLAIMED, {"of_keys": [letter.key for letter in letters]})
        return letters

    def next_due(self, platforms: Sequence[str] | None = None) -> datetime | None:
        """When the next letter (of these platforms) is to be tried."""
        self.later.flush()
        if platforms is None:
            (found,) = self.driver.rows(NEXT_DUE, {})
        else:
            (found,) = self.driver.rows(NEXT_DUE_ON, {"platforms": list(platforms)})
        return min(filter(None, found), default=None)

    def whereabouts(self, keys: Sequence[str], dates: Collection[date] = ()) -> Mapping[str, Whereabouts]:
        return whereabouts(self.connection, keys, dates)

    def share(self, letters: Sequence[Letter]) -> None:
        self.later.flush()
        if letters:
            self.connection.execute(SHARE, {"of_keys": [letter.key for letter in letters]})
        self.ring()

    def ring(self) -> None:
        """An embedded database has no other processes to tell."""
        if self.connection.dialect.name == "postgresql":
            self.connection.execute(RING)

    def sent(
        self, letter: Letter, message: str, digest: str, now: datetime, refused: str | None = None
    ) -> None:
        """Marks a letter sent; a card that lives on learns which message shows it."""
        self.later.add(
            SENT,
            {
                "of_key": letter.key,
                "in_message": message,
                "now": now,
                "tried": int(letter.urgency is Urgency.ANSWER),
                "result": Outcome.REFUSED if refused else Outcome.SENT,
                "why": refused,
            },
        )
        if letter.card_key and letter.org_id and letter.member_id and letter.delivery is not Delivery.PRIVATE:
            self.later.add(
                KEEP_CARD,
                {
                    "org_id": letter.org_id,
                    "key": letter.card_key,
                    "member_id": letter.member_id,
                    "platform": letter.to.platform,
                    "chat": letter.to.chat,
                    "message": message,
                    "language": letter.language,
                    # What it shows is compared once more: something may have changed while it was on its way.
                    "version": 1,
                    "shown": 0,
                    "digest": digest,
                },
            )

    def retry(self, key: str, at: datetime, outcome: Outcome, reason: str = "") -> None:
        self.later.add(RETRY, {"of_key": key, "at": at, **_concluded(outcome, reason)})

    def give_up(self, key: str, outcome: Outcome, now: datetime, reason: str = "") -> None:
        ends = "unknown" if outcome is Outcome.UNKNOWN else "dead"
        self.later.add(GIVE_UP, {"of_key": key, "ends": ends, "now": now, **_concluded(outcome, reason)})

    def cancel(self, key: str, why: str) -> None:
        self.later.add(CANCEL, {"of_key": key, "why": why})

    def recover(self, now: datetime, platform: str | None = None) -> int:
        """After a crash: what was being sent (on one platform) has an unknown outcome and is sent again."""
        return self.connection.execute(RECOVER_ON if platform else RECOVER, _on(platform)).rowcount

    def bury(self, to: Address, now: datetime) -> tuple[tuple[OrgId, MemberId], ...]:
        at = {"on": to.platform, "in_chat": to.chat}
        self.connection.execute(BURY, at | {"now": now})
        rows = self.connection.execute(UNBIND, at | {"topics": f"{to.chat}/%"})
        return tuple((OrgId(org), MemberId(member)) for org, member in rows)

    def lost(self, before: datetime) -> tuple[OrgId, tuple[tuple[MemberId, str], ...]] | None:
        return lost(self.connection, before)

    def told_lost(self, org: OrgId) -> None:
        self.connection.execute(TOLD_LOST, {"of_org": org})

    def stale_cards(self, limit: int) -> tuple[StaleCard, ...]:
        self.later.flush()
        return tuple(
            StaleCard(
                org_id=OrgId(org),
                key=key,
                to=Address(platform=platform, chat=chat),
                message=message,
                version=version,
                digest=digest,
                language=Language(language),
                member_id=MemberId(member),
            )
            for org, key, platform, chat, message, version, digest, language, member in self.connection.execute(
                STALE, {"most": limit}
            )
        )

    def refreshed(self, stale: StaleCard, letter: Letter | None) -> None:
        """The card is up to date again once its edit, if it needs one, is written."""
        self.connection.execute(
            REFRESHED,
            {
                "of_org": stale.org_id,
                "of_key": stale.key,
                "on": stale.to.platform,
                "in_chat": stale.to.chat,
                "at_version": stale.version,
            },
        )
        if letter:
            card = {"of_org": stale.org_id, "of_card": stale.key}
            self.connection.execute(SUPERSEDE, {**card, "on": stale.to.platform, "in_chat": stale.to.chat})
            self.write(letter)

    def pressed(self, token: str, index: int) -> PressedButton | None:
        self.later.flush()
        row = self.connection.execute(PRESSED, {"of_token": token}).fetchone()
        if row is None:
            return None
        org, member, platform, chat, commands, card_key, expires_at, used, kind = row
        listed = json.loads(commands)
        if not 0 <= index < len(listed):
            return None
        at = json.loads(used).get(str(index))
        return PressedButton(
            org_id=OrgId(org) if org else None,
            member_id=MemberId(member) if member else None,
            to=Address(platform=platform, chat=chat),
            command=listed[index],
            expires_at=expires_at,
            used_at=datetime.fromisoformat(at) if at else None,
            card_key=card_key,
            kind=Notice(kind) if kind else None,
        )

    def use(self, token: str, index: int, now: datetime) -> None:
        row = self.connection.execute(PRESSED, {"of_token": token}).one()
        used = json.loads(row.used) | {str(index): now.isoformat()}
        self.connection.execute(USED, {"of_token": token, "now_used": json.dumps(used)})

    def is_quiet(self, now: datetime, year: int) -> bool:
        self.later.flush()
        ((busy,),) = self.driver.rows(QUIET, {"now": now, "year": year})
        return not busy

    def due(self, now: datetime, limit: int) -> tuple[DueRow, ...]:
        found: list[DueRow] = []
        # Two who take slices at once take different ones.
        due_now = DUE if self.connection.dialect.name == "sqlite" else DUE_SHARED
        # Most are due for the same period: they share it.
        periods: dict[tuple[str, datetime, datetime], Due] = {}
        for org, member, push, label, due_at, not_after, unanswered, served in self.driver.rows(
            due_now, {"now": now, "most": limit}
        ):
            period = (label, due_at, not_after)
            due = periods.get(period)
            if due is None:
                due = periods[period] = Due(label=label, due_at=due_at, not_after=not_after)
            found.append(
                DueRow(org_id=org, member_id=member, push=push, due=due, unanswered=unanswered, served=served)
            )
        return tuple(found)

    def due_deals(self, now: datetime, limit: int) -> tuple[tuple[OrgId, DealId], ...]:
        self.later.flush()
        rows = self.connection.execute(CHECKS, {"now": now, "most": limit})
        return tuple((OrgId(org), DealId(deal)) for org, deal in rows)

    def due_approvals(self, now: datetime, limit: int) -> tuple[tuple[OrgId, int], ...]:
        self.later.flush()
        rows = self.connection.execute(UNDECIDED, {"now": now, "most": limit})
        return tuple((OrgId(org), number) for org, number in rows)

    def due_targets(self, now: datetime, limit: int) -> tuple[tuple[OrgId, int], ...]:
        self.later.flush()
        rows = self.connection.execute(UNANSWERED_TARGETS, {"now": now, "most": limit})
        return tuple((OrgId(org), number) for org, number in rows)

    def due_snoozes(self, now: datetime, limit: int) -> tuple[tuple[OrgId, Snooze], ...]:
        self.later.flush()
        return tuple(
            (
                OrgId(org),
                Snooze(member_id=MemberId(member), kind=Notice(kind), about=about, due_at=due_at),
            )
            for org, member, kind, about, due_at in self.connection.execute(
                SNOOZED, {"now": now, "most": limit}
            )
        )

    def move_due(self, rows: Sequence[tuple[DueRow, str, Due | None]]) -> None:
        for row, served, following in rows:
            key = {"of_org": row.org_id, "of_member": row.member_id, "of_push": row.push}
            if following is None:
                self.later.add(DROP_DUE, key)
            else:
                self.later.add(
                    MOVE_DUE,
                    {
                        **key,
                        "to_label": following.label,
                        "to_due": following.due_at,
                        "to_last": following.not_after,
                        "to_served": served,
                    },
                )

    def unanswered(self, rows: Sequence[DueRow]) -> None:
        for row in rows:
            self.later.add(
                UNANSWERED, {"of_org": row.org_id, "of_member": row.member_id, "of_push": row.push}
            )

    def next_push(self) -> datetime | None:
        self.later.flush()
        soonest: list[datetime | None] = [
            self.connection.execute(each).scalar()
            for each in (NEXT_PUSH, NEXT_CHECK, NEXT_UNDECIDED, NEXT_ANSWER, NEXT_SNOOZED)
        ]
        return min(filter(None, soonest), default=None)


def _on(platform: str | None) -> dict[str, str]:
    return {"on_platform": platform} if platform else {}
