"""Rows of what was told of stalled deals, and what their owners answered."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, func, select, update

from domain.deal_ports import Alerted
from domain.deals import DealId
from domain.people import TeamId
from storage import tables
from storage.deals import OF_DEAL
from storage.session import Session
from storage.upsert import upsert

d, w = tables.deal.c, tables.alert.c
ALERTS = (
    select(w.deal_id, w.level, w.since, w.slot, w.told_at, w.led_at, w.answer, w.answered_at)
    .where(w.org_id == bindparam("org_id"), w.deal_id.in_(bindparam("ids", expanding=True)))
    .order_by(func.coalesce(w.told_at, w.led_at), w.level)
)
# What was told stays told: a second tick adds nothing and takes no answer away.
KEEP_ALERT = upsert(tables.alert, ("org_id", "deal_id", "level", "since", "slot"))
OF_ALERT = (
    update(tables.alert)
    .where(w.org_id == bindparam("of_org"), w.deal_id == bindparam("of_deal"))
    .where(w.level == bindparam("of_level"), w.since == bindparam("of_since"), w.slot == bindparam("of_slot"))
)
TOLD = OF_ALERT.where(w.told_at.is_(None)).values(told_at=bindparam("now_told"))
LED = OF_ALERT.where(w.led_at.is_(None)).values(led_at=bindparam("now_led"))
ANSWER = OF_ALERT.values(answer=bindparam("now_answer"), answered_at=bindparam("now_answered"))
# The last that was told to its owner, by key.
LAST_TOLD = (
    select(w.level, w.since, w.slot, w.answer, w.answered_at)
    .where(w.org_id == bindparam("org_id"), w.deal_id == OF_DEAL, w.told_at.is_not(None))
    .order_by(w.told_at.desc(), w.level.desc())
    .limit(1)
)
# What an answer settled: in order again since then, also by its end or a rest.
CLEARED = (
    select(d.team_id, func.count(w.deal_id.distinct()))
    .join_from(tables.alert, tables.deal, and_(d.org_id == w.org_id, d.id == w.deal_id))
    .where(w.org_id == bindparam("org_id"), w.answered_at >= bindparam("first"))
    .where(w.answered_at < bindparam("last"), d.level == 0, d.withdrawn.is_(False))
    .where(d.team_id.in_(bindparam("ids", expanding=True)))
    .group_by(d.team_id)
)


def _alerted(row: Sequence[Any]) -> Alerted:
    names = [each.name for each in fields(Alerted)]
    return Alerted(**dict(zip(names, row, strict=True)))


class Alerts(Session):
    """Who heard of what."""

    def alerted(self, deals: Sequence[DealId]) -> dict[DealId, Alerted]:
        if not deals:
            return {}
        return {DealId(row[0]): _alerted(row) for row in self.rows(ALERTS, ids=list(deals))}

    def note_alerts(self, alerts: Sequence[Alerted]) -> None:
        rows = [{each.name: getattr(alert, each.name) for each in fields(Alerted)} for alert in alerts]
        if rows:
            self.driver.many(KEEP_ALERT, [{"org_id": self.org_id, **row} for row in rows])
        for statement, name, column in ((TOLD, "now_told", "told_at"), (LED, "now_led", "led_at")):
            said = [{**self._key(row), name: row[column]} for row in rows if row[column]]
            if said:
                self.driver.many(statement, said)

    def _key(self, row: Mapping[str, Any]) -> dict[str, Any]:
        names = {"of_deal": "deal_id", "of_level": "level", "of_since": "since", "of_slot": "slot"}
        return {"of_org": self.org_id, **{name: row[column] for name, column in names.items()}}

    def answer_alert(self, deal: DealId, answer: str | None, at: datetime) -> None:
        told = self.row(LAST_TOLD, deal_id=deal)
        if told is None:
            return
        level, since, slot, *_ = told
        key = self._key({"deal_id": deal, "level": level, "since": since, "slot": slot})
        self.driver.run(ANSWER, {**key, "now_answer": answer, "now_answered": at if answer else None})

    def count_cleared(self, teams: Sequence[TeamId], first: datetime, last: datetime) -> dict[TeamId, int]:
        rows = self.rows(CLEARED, ids=list(teams), first=first, last=last)
        return {TeamId(team): int(n) for team, n in rows}
