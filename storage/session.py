"""One organisation's hand on an open transaction: runs prebuilt statements, records facts, saves rows for the end."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Protocol

from sqlalchemy import (
    Column,
    Executable,
    Insert,
    Integer,
    Table,
    bindparam,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.engine import CursorResult

from domain.people import MemberId, OrgId
from domain.ports import Change, ChangeId, Subject
from domain.workdays import monday
from storage import tables
from storage.driver import Driver

SUBJECTS: Mapping[Subject, Table] = {
    Subject.CUSTOMER: tables.customer,
    Subject.CONTACT: tables.contact,
    Subject.ACTIVITY: tables.activity,
    Subject.STEP: tables.step,
    Subject.REPORT: tables.report,
    Subject.TICK: tables.tick,
    Subject.LEAVE: tables.leave,
    Subject.CLAIM: tables.claim,
    Subject.CALENDAR_DAY: tables.calendar_day,
    Subject.COLLABORATOR: tables.collaborator,
    Subject.DEAL: tables.deal,
    Subject.PASSAGE: tables.passage,
    Subject.SELLER: tables.seller,
    Subject.BUYER: tables.buyer,
    Subject.CHECKED: tables.checked,
    Subject.TASK: tables.deal_task,
    Subject.EVIDENCE: tables.evidence,
    Subject.SHEET: tables.sheet,
    Subject.RIVAL: tables.rival,
    Subject.EXPENSE: tables.expense,
    Subject.APPROVAL: tables.approval,
    Subject.FILE: tables.file,
    Subject.RESULT: tables.result,
    Subject.INSTALMENT: tables.instalment,
    Subject.PAYMENT: tables.payment,
    Subject.RATING: tables.rating,
    Subject.KPI_SET: tables.kpi_set,
    Subject.TARGET: tables.target,
    Subject.TARGET_STEP: tables.target_step,
    Subject.DISPUTE: tables.dispute,
    Subject.SAMPLE: tables.sample,
    Subject.DOUBT: tables.doubt,
    Subject.CONTEST: tables.contest,
    Subject.AWARD: tables.award,
    Subject.WEEK_REPORT: tables.week_report,
    Subject.CORRECTION_PLAN: tables.correction_plan,
    Subject.RULING: tables.ruling,
}
# A deal's history begins with what it was made of: from its facts alone it can be told anew (method 9, traceability).
TOLD: frozenset[Subject] = frozenset(
    {
        Subject.DEAL,
        Subject.PASSAGE,
        Subject.SELLER,
        Subject.BUYER,
        Subject.CHECKED,
        Subject.TASK,
        Subject.EVIDENCE,
        Subject.SHEET,
        Subject.RIVAL,
        Subject.EXPENSE,
        Subject.APPROVAL,
    }
)
# Where a deal's clocks and an approval stand: worked out from facts and the time, so no fact itself.
DERIVED: frozenset[str] = frozenset(
    {
        "customer_on",
        "next_on",
        "warn_at",
        "critical_at",
        "level",
        "since",
        "check_at",
        "quiet_until",
        "quiets",
        # Whom the tick asked besides, and when it looks again.
        "rank",
        "escalate_at",
        "asked",
        "covers",
        "counted_owner",
        "counted_team",
    }
)
# What a person's week adds up from: whoever changes one of these changes the cells of that week (architecture 5a).
WEEKLY: Mapping[Subject, str] = {
    Subject.ACTIVITY: "on_date",
    Subject.CLAIM: "on_date",
    Subject.RESULT: "on_date",
    Subject.SAMPLE: "week_on",
}
# What a scorecard looks back at besides: money that came in or is due, and what customers say.
SCORED: Mapping[Subject, str] = {
    Subject.RATING: "on_date",
    Subject.PAYMENT: "on_date",
    Subject.INSTALMENT: "due_on",
}
# What makes a deal count for its sellers, or no more: how far it is, whether it is won, with whom it is.
MOVES: frozenset[str] = frozenset({"state", "milestone", "customer_id"})
EMPTY: tuple[Any, ...] = (None, "", 0, False, ())
# The kind of advisory lock that numbering takes on PostgreSQL, beside the organisation.
NUMBERING = 1
# A new row went from absent to present; taking it back withdraws it, nothing is deleted.
PRESENT = "present"


def numbered(table: Table) -> Insert:
    """An insert that takes the organisation's next number as id and returns it: ids stay short (product 3)."""
    following = select(func.coalesce(func.max(table.c.id), 0) + 1).where(
        table.c.org_id == bindparam("org_id")
    )
    columns: dict[str, Any] = {
        column.name: bindparam(column.name) for column in table.columns if column.name != "id"
    }
    return insert(table).values(id=following.scalar_subquery(), **columns).returning(table.c.id)


NUMBERED: Mapping[str, Insert] = {
    table.name: numbered(table)
    for table in (
        *SUBJECTS.values(),
        tables.team,
        tables.member,
        tables.invite,
        tables.room,
        tables.template,
        tables.scorecard,
        tables.board,
        tables.funnel_snapshot,
        tables.team_stay,
    )
}
# Turns that number rows of one organisation side by side queue up here; else each would take the same number.
QUEUE = select(func.pg_advisory_xact_lock(NUMBERING, bindparam("org_id", type_=Integer)))
ADD_CHANGE = insert(tables.change)
ADD_FACT = insert(tables.fact)
ADD_FACT_WORDS = insert(tables.fact_words)


class Later(Protocol):
    """Rows every turn writes and no turn reads back: inserted together when the group commits."""

    def add(self, statement: Executable, row: Mapping[str, Any]) -> None: ...
    def flush(self) -> None: ...


def _says(table: Table, field: str, value: Any) -> bool:
    """Whether a value of a new row says more than nothing; a budget of 0 does, where none at all could stand."""
    return value is not None and (bool(table.c[field].nullable) or value not in EMPTY)


def _about(subject: Subject) -> tuple[Column[Any], ...]:
    """The columns that say what a row is about: its deal, and whose week or card it stands in."""
    table, on = SUBJECTS[subject], WEEKLY.get(subject) or SCORED.get(subject)
    names = ("deal_id", *(("member_id", on) if on else ()))
    return tuple(table.c[name] for name in names if name in table.c)


class Session:
    """What the repositories of one organisation share."""

    def __init__(
        self,
        driver: Driver,
        later: Later,
        org_id: OrgId,
        change: Change | None,
        salt: Callable[[], str],
    ) -> None:
        self.driver = driver
        self.connection = driver.connection
        self.later = later
        self.org_id = org_id
        self._change = change
        self._facts = 0
        self._deals: set[int] = set()
        self._approvals: set[int] = set()
        self._disputes: set[int] = set()
        self._scored: set[tuple[MemberId | None, int | None, date]] = set()
        self._weeks: set[tuple[MemberId, date]] = set()
        self._moved: set[int] = set()
        self._salt = salt
        # Turns run side by side.
        self.shares = driver.connection.dialect.name == "postgresql"
        self._queues = self.shares

    @property
    def changed(self) -> bool:
        """Whether this turn recorded a fact."""
        return self._facts > 0

    def run(self, statement: Executable, **values: Any) -> CursorResult[Any]:
        """Runs a prebuilt statement for this organisation."""
        return self.connection.execute(statement, {"org_id": self.org_id, **values})

    def change_rows(self, statement: Executable, **values: Any) -> None:
        """Runs a prebuilt update of this organisation's rows; in an update a column's own name is taken by SET."""
        self.driver.run(statement, {"of_org": self.org_id, **values})

    def rows(self, statement: Executable, **values: Any) -> Sequence[Any]:
        return self.driver.rows(statement, {"org_id": self.org_id, **values})

    def row(self, statement: Executable, **values: Any) -> Any:
        found = self.rows(statement, **values)
        return found[0] if found else None

    def insert(self, table: Table, **values: Any) -> int:
        """A new numbered row; its id."""
        self.queue_up()
        ((number,),) = self.rows(NUMBERED[table.name], **values)
        return int(number)

    def queue_up(self) -> None:
        """From here on no other turn of this organisation numbers rows; what is read next is what they left."""
        if self._queues:
            self.rows(QUEUE)
            self._queues = False

    def add(self, subject: Subject, **values: Any) -> int:
        """A new row of a subject, and the fact that it is there."""
        number = self.insert(SUBJECTS[subject], withdrawn=False, **values)
        self.record(subject, number, PRESENT, False, True)
        if subject in TOLD:
            told = values.keys() - DERIVED
            for name in sorted(told):
                if _says(SUBJECTS[subject], name, values[name]):
                    self.record(subject, number, name, None, values[name])
        self.touch(subject, number, values)
        return number

    def touch(self, subject: Subject, number: int, values: Mapping[str, Any]) -> None:
        """Remembers which deal a row is about, and which approvals changed: more follows at the end of the turn."""
        if subject is Subject.APPROVAL:
            self._approvals.add(number)
        if subject is Subject.DISPUTE:
            self._disputes.add(number)
        deal = number if subject is Subject.DEAL else values.get("deal_id")
        if deal is not None:
            self._deals.add(deal)
        if subject in WEEKLY and "member_id" in values:
            self.touch_week(values["member_id"], values[WEEKLY[subject]])
        if subject in SCORED and (on := values.get(SCORED[subject])):
            self._scored.add((values.get("member_id"), deal, on))

    def touch_week(self, member: MemberId, on: date) -> None:
        """Remembers whose week something changed in: its cells are worked out again at the end of the turn."""
        self._weeks.add((member, monday(on)))

    def revise(self, subject: Subject, number: int, values: Mapping[str, Any]) -> None:
        """Sets fields of a row and records what each was before."""
        table = SUBJECTS[subject]
        columns = [table.c[name] for name in values]
        where = (table.c.org_id == self.org_id) & (table.c.id == number)
        before = self.connection.execute(select(*columns, *_about(subject)).where(where)).one()
        self.connection.execute(update(table).where(where).values(dict(values)))
        if subject is Subject.DEAL and not MOVES.isdisjoint(values):
            self._moved.add(number)
        was = dict(zip((each.name for each in _about(subject)), before[len(columns) :], strict=True))
        self.touch(subject, number, was)
        self.touch(subject, number, was | {name: each for name, each in values.items() if name in was})
        self.touch(subject, number, values if "deal_id" not in was else {})
        for column, old in zip(columns, before[: len(columns)], strict=True):
            if old != values[column.name]:
                self.record(subject, number, column.name, old, values[column.name])

    def record(self, subject: Subject, number: int, field: str, before: Any, after: Any) -> None:
        """Appends one fact to the change of this turn; personal words go beside it, their digest into it."""
        change = self._change
        if change is None:
            raise RuntimeError("a fact needs the change of a turn")
        if not self._facts:
            self.later.add(
                ADD_CHANGE,
                {
                    "org_id": self.org_id,
                    "id": change.id,
                    "actor_id": change.actor_id,
                    "said_at": change.said_at,
                    "command": change.command,
                    "undoes": change.undoes,
                    "undone_at": None,
                    "source": change.source,
                },
            )
        self._facts += 1
        key = {"org_id": self.org_id, "change_id": change.id, "n": self._facts}
        personal = field != PRESENT and SUBJECTS[subject].c[field].info.get("personal", False)
        old, new = plain(before), plain(after)
        words = {**key, "before": old, "after": new}
        if personal:
            salt = self._salt()
            old, new = (
                salt + ":" + hashlib.sha256((salt + each).encode()).hexdigest() for each in (old, new)
            )
        self.later.add(
            ADD_FACT,
            {**key, "subject": subject, "subject_id": number, "field": field, "before": old, "after": new},
        )
        if personal:
            # After the facts: the rows are inserted kind by kind, in the order the kinds were first added.
            self.later.add(ADD_FACT_WORDS, words)

    def withdraw(self, subject: Subject, number: int) -> None:
        """A row that is there no more."""
        self.turn_back(subject, number, to=False)

    def turn_back(self, subject: Subject, number: int, *, to: bool) -> None:
        """A row is withdrawn, or is there again."""
        table = SUBJECTS[subject]
        where = (table.c.org_id == self.org_id) & (table.c.id == number)
        self.connection.execute(update(table).where(where).values(withdrawn=not to))
        if subject is Subject.DEAL:
            self._moved.add(number)
        if about := _about(subject):
            found = self.connection.execute(select(*about).where(where)).one()
            self.touch(subject, number, dict(zip((each.name for each in about), found, strict=True)))
        else:
            self.touch(subject, number, {})
        self.record(subject, number, PRESENT, not to, to)

    def name_change(self, command: str) -> None:
        """Names the command of this turn's change, before its first fact."""
        if self._change:
            self._change = replace(self._change, command=command)

    @property
    def command(self) -> str:
        """The command of this turn; none before it is known, and outside of turns."""
        return self._change.command if self._change else ""

    def undoing(self, change: ChangeId) -> None:
        """Says that this turn's change takes back another, before its first fact."""
        if self._change:
            self._change = replace(self._change, undoes=change)


_JSON = json.JSONEncoder(ensure_ascii=False)


def plain(value: Any) -> str:
    """A column's value as the JSON text of a fact."""
    match value:
        case bool():
            return "true" if value else "false"
        case tuple():
            return json.dumps(list(value))
        case datetime() | date() | time():
            return json.dumps(value.isoformat())
        case Decimal():
            return json.dumps(str(value))
        case _:
            return _JSON.encode(value)


READ: Mapping[type, Callable[[Any], Any]] = {
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
    time: time.fromisoformat,
    tuple: tuple,
    Decimal: Decimal,
}


def restored(table: Table, field: str, text: str) -> Any:
    """A fact's JSON text as the value its column had."""
    value = json.loads(text)
    return None if value is None else READ.get(table.c[field].type.python_type, lambda same: same)(value)
