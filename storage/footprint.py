"""How much is stored about one person: a count per table, never the words."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, Table, bindparam, func, select

from domain.activity import Kind
from domain.people import MemberId
from domain.ports import Footprint
from domain.steps import StepState
from storage import tables
from storage.session import Session

a, s = tables.activity.c, tables.step.c
ME: BindParameter[Any] = bindparam("member_id")


def _count(table: Table, *where: ColumnElement[bool], by: str = "member_id") -> Select[Any]:
    """Rows of a table that are this person's; what was withdrawn does not count."""
    standing = (table.c.withdrawn.is_(False),) if "withdrawn" in table.c else ()
    return (
        select(func.count())
        .select_from(table)
        .where(table.c.org_id == bindparam("org_id"), table.c[by] == ME, *standing, *where)
    )


RECORDS = (
    select(a.kind, func.count())
    .where(a.org_id == bindparam("org_id"), a.member_id == ME, a.withdrawn.is_(False))
    .group_by(a.kind)
)
COUNTS: Mapping[str, Select[Any]] = {
    "claims": _count(tables.claim),
    "customers": _count(tables.customer, by="owner_id"),
    "open_steps": _count(tables.step, s.state == StepState.OPEN),
    "reports": _count(tables.report),
    "ticks": _count(tables.tick),
    "leaves": _count(tables.leave),
    "drafts": _count(tables.draft),
    "letters": _count(tables.letter),
    "changes": _count(tables.change, by="actor_id"),
    "deals": _count(tables.deal, by="owner_id"),
    "evidence": _count(tables.evidence, by="given_by"),
    "files": _count(tables.file),
}


class Footprints(Session):
    """What the organisation holds of each of its people."""

    def footprint(self, member: MemberId) -> Footprint:
        self.later.flush()
        counts = {name: self.rows(each, member_id=member)[0][0] for name, each in COUNTS.items()}
        records = {Kind(kind): count for kind, count in self.rows(RECORDS, member_id=member)}
        return Footprint(records=records, **counts)
