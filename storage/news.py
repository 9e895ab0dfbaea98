"""Rows of what people hear with the day's one message, of what is to come again and of what is muted."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, select, text, update

from domain.kinds import Notice
from domain.news_ports import ACTED_WITHIN, Heeded, Mutes, News, Snooze
from domain.people import MemberId
from domain.ports import Delivery
from storage import tables
from storage.session import Session
from storage.upsert import upsert

n, m, z, p = tables.news.c, tables.mute.c, tables.snooze.c, tables.letter.c
h = tables.heeded.c
NEWS = (
    n.key, n.member_id, n.kind, n.card, n.made_at, n.due_at, n.change_id, n.told_at, n.told_on, n.place,
)  # fmt: skip
KEEP = upsert(tables.news, ("org_id", "key"))
TELL = upsert(tables.news, ("org_id", "key"), ("told_at", "told_on", "place"))
WAITING = (
    select(*NEWS)
    .where(n.org_id == bindparam("org_id"), n.member_id.in_(bindparam("ids", expanding=True)))
    .where(n.told_at.is_(None), n.due_at <= bindparam("now"))
)
TOLD = (
    select(*NEWS)
    .where(n.org_id == bindparam("org_id"), n.member_id == bindparam("member_id"))
    .where(n.told_on == bindparam("on_date"))
    .order_by(n.place)
)
PLACED = (
    select(n.member_id, n.told_on, func.max(n.place))
    .where(n.org_id == bindparam("org_id"), n.member_id.in_(bindparam("ids", expanding=True)))
    .where(n.told_on.between(bindparam("first"), bindparam("last")))
    .group_by(n.member_id, n.told_on)
)
# What was not told yet is told no more; what was leaves the card it stands on.
DROP_NEWS = (
    delete(tables.news)
    .where(n.org_id == bindparam("of_org"), n.change_id == bindparam("of_change"))
    .returning(n.member_id, n.told_on)
)
WAIT_AGAIN = (
    update(tables.news)
    .where(n.org_id == bindparam("of_org"), n.member_id == bindparam("of_member"))
    .where(n.told_on == bindparam("of_date"))
    .values(told_at=None, told_on=None, place=None, due_at=bindparam("to_due"))
)
MUTES = select(m.member_id, m.kind, m.until).where(
    m.org_id == bindparam("org_id"), m.member_id.in_(bindparam("ids", expanding=True))
)
MUTE = upsert(tables.mute, ("org_id", "member_id", "kind"), ("until",))
UNMUTE = delete(tables.mute).where(
    m.org_id == bindparam("of_org"), m.member_id == bindparam("of_member"), m.kind == bindparam("of_kind")
)
SNOOZE = upsert(tables.snooze, ("org_id", "member_id", "kind"), ("about", "due_at"))
DROP_SNOOZE = delete(tables.snooze).where(
    z.org_id == bindparam("of_org"), z.member_id == bindparam("of_member"), z.kind == bindparam("of_kind")
)
SAID = (
    select(func.count())
    .select_from(tables.letter)
    .where(p.org_id == bindparam("org_id"), p.member_id == bindparam("member_id"))
    .where(p.kind.in_(bindparam("kinds", expanding=True)), p.due_at >= bindparam("since"))
    .where(p.delivery != Delivery.EDIT, p.state != "cancelled")
)
# What nobody acted on when the next of its kind is said was ignored.
NOTE_SAID = text(
    "INSERT INTO heeded (org_id, member_id, kind, acted, ignored, in_a_row, open_at)"
    " VALUES (:org_id, :member_id, :kind, 0, 0, 0, :open_at)"
    " ON CONFLICT (org_id, member_id, kind) DO UPDATE SET"
    " ignored = heeded.ignored + CASE WHEN heeded.open_at IS NULL THEN 0 ELSE 1 END,"
    " in_a_row = heeded.in_a_row + CASE WHEN heeded.open_at IS NULL THEN 0 ELSE 1 END,"
    " open_at = excluded.open_at"
).bindparams(bindparam("open_at", type_=h.open_at.type))
OF_HEEDED = update(tables.heeded).where(
    h.org_id == bindparam("of_org"), h.member_id == bindparam("of_member"), h.kind == bindparam("of_kind")
)
HEED = OF_HEEDED.where(h.open_at > bindparam("since")).values(acted=h.acted + 1, in_a_row=0, open_at=None)
PROPOSED = OF_HEEDED.values(proposed_on=bindparam("on_date"), in_a_row=0)
HEEDED = (
    select(h.member_id, h.kind, h.acted, h.ignored, h.in_a_row, h.proposed_on)
    .where(h.org_id == bindparam("org_id"), h.member_id.in_(bindparam("ids", expanding=True)))
    .order_by(h.member_id, h.kind)
)


def _news(row: Sequence[Any]) -> News:
    values = dict(zip((each.name for each in fields(News)), row, strict=True))
    return News(**values | {"kind": Notice(values["kind"])})


class NewsRows(Session):
    """What waits, what was told, what comes again, what is muted."""

    def keep_news(self, news: Sequence[News]) -> None:
        if news:
            self.driver.many(KEEP, [self._row(each) for each in news])

    def tell_news(self, news: Sequence[News]) -> None:
        if news:
            self.driver.many(TELL, [self._row(each) for each in news])

    def _row(self, news: News) -> dict[str, Any]:
        return {"org_id": self.org_id} | {each.name: getattr(news, each.name) for each in fields(News)}

    def gather_news(self, members: Sequence[MemberId], now: datetime) -> dict[MemberId, tuple[News, ...]]:
        found: dict[MemberId, list[News]] = {}
        for row in self.rows(WAITING, ids=list(members), now=now):
            each = _news(row)
            found.setdefault(each.member_id, []).append(each)
        return {member: tuple(of) for member, of in found.items()}

    def told_news(self, member: MemberId, on: date) -> tuple[News, ...]:
        return tuple(_news(row) for row in self.rows(TOLD, member_id=member, on_date=on))

    def gather_placed(
        self, members: Sequence[MemberId], first: date, last: date
    ) -> dict[tuple[MemberId, date], int]:
        rows = self.rows(PLACED, ids=list(members), first=first, last=last)
        return {(MemberId(member), on): int(place) for member, on, place in rows}

    def wait_again(self, member: MemberId, on: date, due_at: datetime) -> None:
        self.change_rows(WAIT_AGAIN, of_member=member, of_date=on, to_due=due_at)

    def withdraw_news(self, change: int) -> tuple[tuple[MemberId, date], ...]:
        rows = self.driver.rows(DROP_NEWS, {"of_org": self.org_id, "of_change": change})
        return tuple((MemberId(member), on) for member, on in rows if on)

    def gather_mutes(self, members: Sequence[MemberId]) -> dict[MemberId, Mutes]:
        found: dict[MemberId, dict[Notice, date | None]] = {}
        for member, kind, until in self.rows(MUTES, ids=list(members)):
            found.setdefault(MemberId(member), {})[Notice(kind)] = until
        return dict(found)

    def mute(self, member: MemberId, kind: Notice, until: date | None) -> None:
        self.driver.run(MUTE, {"org_id": self.org_id, "member_id": member, "kind": kind, "until": until})

    def unmute(self, member: MemberId, kind: Notice) -> None:
        self.change_rows(UNMUTE, of_member=member, of_kind=kind)

    def snooze(self, snooze: Snooze) -> None:
        row = {each.name: getattr(snooze, each.name) for each in fields(Snooze)}
        self.driver.run(SNOOZE, {"org_id": self.org_id, **row})

    def drop_snooze(self, member: MemberId, kind: Notice) -> None:
        self.change_rows(DROP_SNOOZE, of_member=member, of_kind=kind)

    def count_said(self, member: MemberId, kinds: Sequence[Notice], since: datetime) -> int:
        self.later.flush()
        return int(self.rows(SAID, member_id=member, kinds=list(kinds), since=since)[0][0])

    def note_said(self, said: Sequence[tuple[MemberId, Notice]], now: datetime) -> None:
        if said:
            rows = [
                {"org_id": self.org_id, "member_id": member, "kind": kind, "open_at": now}
                for member, kind in said
            ]
            self.driver.many(NOTE_SAID, rows)

    def heed(self, member: MemberId, kind: Notice, now: datetime) -> None:
        self.change_rows(HEED, of_member=member, of_kind=kind, since=now - ACTED_WITHIN)

    def gather_heeded(self, members: Sequence[MemberId]) -> dict[MemberId, tuple[Heeded, ...]]:
        found: dict[MemberId, list[Heeded]] = {}
        for member, kind, acted, ignored, in_a_row, proposed_on in self.rows(HEEDED, ids=list(members)):
            each = Heeded(
                kind=Notice(kind), acted=acted, ignored=ignored, in_a_row=in_a_row, proposed_on=proposed_on
            )
            found.setdefault(MemberId(member), []).append(each)
        return {member: tuple(of) for member, of in found.items()}

    def note_proposed(self, member: MemberId, kind: Notice, on: date) -> None:
        self.change_rows(PROPOSED, of_member=member, of_kind=kind, on_date=on)
