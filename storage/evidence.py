"""Rows of what is shown of a deal: proof, checked items, done tasks, cards of the tool kit."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select

from domain.c139 import Item
from domain.customers import ContactId
from domain.deals import Checked, DealId, Evidence, EvidenceId, EvidenceKind, Sheet, SheetId, Tick
from domain.files import FileId
from domain.milestones import Tool
from domain.people import MemberId
from domain.ports import Subject
from storage import tables
from storage.deals import OF_DEAL
from storage.session import Session

k, j, e, h = tables.checked.c, tables.deal_task.c, tables.evidence.c, tables.sheet.c
CHECKED_COLUMNS = (
    k.id,
    k.deal_id,
    k.item,
    k.note,
    k.source,
    k.checked_on,
    k.activity_id,
    k.confirmed_by,
    k.coach_id,
    k.confirmed_on,
    k.contact_id,
)
CHECKED = (
    select(*CHECKED_COLUMNS)
    .where(k.org_id == bindparam("org_id"), k.deal_id == OF_DEAL, k.withdrawn.is_(False))
    .order_by(k.id)
)
TASKS = (
    select(j.id, j.deal_id, j.milestone, j.code, j.done_on, j.text, j.due_on, j.step_id)
    .where(j.org_id == bindparam("org_id"), j.deal_id == OF_DEAL, j.withdrawn.is_(False))
    .order_by(j.id)
)
EVIDENCE = select(
    e.id,
    e.deal_id,
    e.milestone,
    e.code,
    e.kind,
    e.given_on,
    e.given_by,
    e.text,
    e.contact_id,
    e.source,
    e.file_id,
    e.superseded,
).where(e.org_id == bindparam("org_id"), e.withdrawn.is_(False))
EVIDENCE_OF = EVIDENCE.where(e.deal_id == OF_DEAL).order_by(e.id)
EVIDENCE_BY_ID = EVIDENCE.where(e.id == bindparam("evidence_id"))
SHEETS = (
    select(h.id, h.deal_id, h.tool, h.body, h.contact_id, h.about, h.filled_on)
    .where(h.org_id == bindparam("org_id"), h.deal_id == OF_DEAL, h.withdrawn.is_(False))
    .order_by(h.id)
)


def as_checked(row: Sequence[Any]) -> Checked:
    """An item of the checklist from the columns of CHECKED."""
    number, deal, item, note, source, on, activity, by, coach, confirmed_on, contact = row
    return Checked(
        id=number,
        deal_id=DealId(deal),
        item=Item(item),
        note=note,
        source=source,
        checked_on=on,
        activity_id=activity,
        confirmed_by=by,
        coach_id=coach,
        confirmed_on=confirmed_on,
        contact_id=contact,
    )


def as_tick(row: Sequence[Any]) -> Tick:
    """A task from the columns of TASKS."""
    number, deal, milestone, code, done_on, text, due_on, step = row
    return Tick(
        id=number,
        deal_id=DealId(deal),
        milestone=milestone,
        code=code,
        done_on=done_on,
        text=text,
        due_on=due_on,
        step_id=step,
    )


def as_evidence(row: Sequence[Any]) -> Evidence:
    """A piece of proof from the columns of EVIDENCE."""
    number, deal, milestone, code, kind, on, by, text, contact, source, file, superseded = row
    return Evidence(
        id=EvidenceId(number),
        deal_id=DealId(deal),
        milestone=milestone,
        code=code,
        kind=EvidenceKind(kind),
        given_on=on,
        given_by=MemberId(by),
        text=text,
        contact_id=ContactId(contact) if contact else None,
        source=source,
        file_id=FileId(file) if file else None,
        superseded=superseded,
    )


def as_sheet(row: Sequence[Any]) -> Sheet:
    """A filled card from the columns of SHEETS."""
    number, deal, tool, body, contact, about, on = row
    return Sheet(
        id=SheetId(number),
        deal_id=DealId(deal),
        tool=Tool(tool),
        values=json.loads(body or "{}"),
        contact_id=ContactId(contact) if contact else None,
        about=about,
        filled_on=on,
    )


class Proven(Session):
    """What a deal's gates and its standing are read from."""

    def keep_checked(self, checked: Checked) -> None:
        values = {
            "note": checked.note,
            "source": checked.source,
            "checked_on": checked.checked_on,
            "activity_id": checked.activity_id,
            "confirmed_by": checked.confirmed_by,
            "coach_id": checked.coach_id,
            "confirmed_on": checked.confirmed_on,
            "contact_id": checked.contact_id,
        }
        self._keep(Subject.CHECKED, checked.id, values, deal_id=checked.deal_id, item=checked.item)

    def keep_task(self, task: Tick) -> int:
        values = {
            "done_on": task.done_on,
            "text": task.text,
            "due_on": task.due_on,
            "step_id": task.step_id,
        }
        of = {"deal_id": task.deal_id, "milestone": task.milestone, "code": task.code}
        return self._keep(Subject.TASK, task.id, values, **of)

    def tasks(self, deal: DealId) -> tuple[Tick, ...]:
        return tuple(as_tick(row) for row in self.rows(TASKS, deal_id=deal))

    def add_evidence(self, evidence: Evidence) -> EvidenceId:
        for row in self.rows(EVIDENCE_OF, deal_id=evidence.deal_id):
            old = as_evidence(row)
            if (old.code, old.milestone, old.superseded) == (evidence.code, evidence.milestone, False):
                self.revise(Subject.EVIDENCE, old.id, {"superseded": True})
        number = self.add(
            Subject.EVIDENCE,
            deal_id=evidence.deal_id,
            milestone=evidence.milestone,
            code=evidence.code,
            kind=evidence.kind,
            given_on=evidence.given_on,
            given_by=evidence.given_by,
            text=evidence.text,
            contact_id=evidence.contact_id,
            source=evidence.source,
            file_id=evidence.file_id,
            superseded=False,
        )
        return EvidenceId(number)

    def evidence(self, evidence: EvidenceId) -> Evidence | None:
        row = self.row(EVIDENCE_BY_ID, evidence_id=evidence)
        return as_evidence(row) if row else None

    def keep_sheet(self, sheet: Sheet) -> SheetId:
        values = {
            "body": json.dumps(dict(sheet.values), ensure_ascii=False),
            "contact_id": sheet.contact_id,
            "about": sheet.about,
            "filled_on": sheet.filled_on,
        }
        return SheetId(self._keep(Subject.SHEET, sheet.id, values, deal_id=sheet.deal_id, tool=sheet.tool))

    def _keep(self, subject: Subject, number: int, values: Mapping[str, Any], **of: Any) -> int:
        """Revises the row that has a number; else adds one, of what never changes about it."""
        if not number:
            return self.add(subject, **of, **values)
        self.revise(subject, number, values)
        return number
