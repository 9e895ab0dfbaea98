"""Rows of changes and facts: what was done in one turn, and taking it back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Text, and_, bindparam, exists, select, update

from domain.customers import CustomerId
from domain.people import Language, MemberId
from domain.ports import Address, Change, ChangeId, Fact, Posted, Subject
from storage import tables
from storage.session import PRESENT, SUBJECTS, Session, restored

h, f, w, p = tables.change.c, tables.fact.c, tables.fact_words.c, tables.letter.c
CHANGE = (h.id, h.actor_id, h.said_at, h.command, h.undoes, h.undone_at, h.source)
OF_ORG = select(*CHANGE).where(h.org_id == bindparam("org_id"))
CHANGE_BY_ID = OF_ORG.where(h.id == bindparam("change_id"))
LATEST = (
    OF_ORG.where(h.actor_id == bindparam("actor_id"), h.undoes.is_(None), h.undone_at.is_(None))
    .order_by(h.id.desc())
    .limit(1)
)
# What a message did first stands; its edits are changes of the same message.
FROM_SOURCE = (
    OF_ORG.where(h.source == bindparam("source"), h.undone_at.is_(None), h.undoes.is_(None))
    .order_by(h.id)
    .limit(1)
)
FACTS = (
    select(f.n, f.subject, f.subject_id, f.field, f.before, f.after, w.before, w.after)
    .select_from(
        tables.fact.outerjoin(
            tables.fact_words, and_(w.org_id == f.org_id, w.change_id == f.change_id, w.n == f.n)
        )
    )
    .where(f.org_id == bindparam("org_id"), f.change_id == bindparam("change_id"))
    .order_by(f.n)
)
_other = tables.fact.alias("other")
DEPENDANT = (
    OF_ORG.where(h.id > bindparam("change_id"), h.undone_at.is_(None), h.undoes.is_(None))
    .where(
        exists(
            select(_other.c.n).where(
                _other.c.org_id == h.org_id,
                _other.c.change_id == h.id,
                exists(
                    select(f.n).where(
                        f.org_id == h.org_id,
                        f.change_id == bindparam("change_id"),
                        f.subject == _other.c.subject,
                        f.subject_id == _other.c.subject_id,
                    )
                ),
            )
        )
    )
    .order_by(h.id)
    .limit(1)
)
_gone, _new = tables.customer.alias("gone"), tables.customer.alias("new")
# A customer withdrawn by the change cannot come back while a later one has its name.
NAME_TAKEN = (
    OF_ORG.where(h.id > bindparam("change_id"), h.undone_at.is_(None), h.undoes.is_(None))
    .where(
        exists(
            select(_other.c.n)
            .join_from(_other, _new, and_(_new.c.org_id == _other.c.org_id, _new.c.id == _other.c.subject_id))
            .join(_gone, and_(_gone.c.org_id == _new.c.org_id, _gone.c.key == _new.c.key))
            .join(tables.fact, and_(f.org_id == _gone.c.org_id, f.subject_id == _gone.c.id))
            .where(_other.c.org_id == h.org_id, _other.c.change_id == h.id)
            .where(_other.c.subject == Subject.CUSTOMER, _other.c.field == PRESENT, ~_new.c.withdrawn)
            .where(f.change_id == bindparam("change_id"), f.subject == Subject.CUSTOMER, _gone.c.withdrawn)
        )
    )
    .order_by(h.id)
    .limit(1)
)
MARK_UNDONE = (
    update(tables.change)
    .where(h.org_id == bindparam("of_org"), h.id == bindparam("of_id"))
    .values(undone_at=bindparam("undone"))
)
CANCEL_UNSENT = (
    update(tables.letter)
    .where(p.org_id == bindparam("of_org"), p.change_id == bindparam("of_id"), p.state == "due")
    .values(state="cancelled")
)
SENT_OF_CHANGE = (
    select(p.platform, p.chat, p.message, p.language, p.member_id)
    .where(p.org_id == bindparam("org_id"), p.change_id == bindparam("change_id"), p.message.is_not(None))
    .where(p.state == "sent", p.card_key.is_(None))
    .order_by(p.id)
)
_a, _s, _d, _b = tables.activity.c, tables.step.c, tables.deal.c, tables.buyer.c
MADE_BY_SOURCE = select(
    exists(
        select(f.n)
        .join_from(tables.fact, tables.change, and_(h.org_id == f.org_id, h.id == f.change_id))
        .where(f.org_id == bindparam("org_id"), f.subject == bindparam("subject"))
        .where(f.subject_id == bindparam("subject_id"), f.field == PRESENT, h.source == bindparam("source"))
    )
)
# A customer or contact made on the way stays when something later is about it.
CUSTOMER_IN_USE = select(
    exists(
        select(_a.id).where(
            _a.org_id == bindparam("org_id"),
            _a.customer_id == bindparam("subject_id"),
            _a.withdrawn.is_(False),
        )
    ),
    exists(
        select(_s.id).where(
            _s.org_id == bindparam("org_id"),
            _s.customer_id == bindparam("subject_id"),
            _s.withdrawn.is_(False),
        )
    ),
    exists(
        select(_d.id).where(
            _d.org_id == bindparam("org_id"),
            _d.customer_id == bindparam("subject_id"),
            _d.withdrawn.is_(False),
        )
    ),
)
CONTACT_IN_USE = select(
    exists(
        select(_a.id).where(
            _a.org_id == bindparam("org_id"),
            _a.contact_ids.cast(Text).like(bindparam("within")),
            _a.withdrawn.is_(False),
        )
    ),
    exists(
        select(_b.id).where(
            _b.org_id == bindparam("org_id"),
            _b.contact_id == bindparam("subject_id"),
            _b.withdrawn.is_(False),
        )
    ),
)


def as_change(row: Sequence[Any]) -> Change:
    """A change from the columns of CHANGE."""
    number, actor, said_at, command, undoes, undone_at, source = row
    return Change(
        id=ChangeId(number),
        actor_id=MemberId(actor),
        said_at=said_at,
        command=command,
        undoes=ChangeId(undoes) if undoes else None,
        undone_at=undone_at,
        source=source,
    )


class Changes(Session):
    """The organisation's history of changes."""

    def change(self, change: ChangeId) -> Change | None:
        self.later.flush()
        row = self.row(CHANGE_BY_ID, change_id=change)
        return as_change(row) if row else None

    def latest_change(self, actor: MemberId) -> Change | None:
        self.later.flush()
        row = self.row(LATEST, actor_id=actor)
        return as_change(row) if row else None

    def change_from(self, source: str) -> Change | None:
        self.later.flush()
        row = self.row(FROM_SOURCE, source=source)
        return as_change(row) if row else None

    def facts(self, change: ChangeId) -> tuple[Fact, ...]:
        """The facts of a change with their words, in the order they were recorded."""
        self.later.flush()
        found = []
        for _, subject, number, field, before, after, old, new in self.rows(FACTS, change_id=change):
            table = SUBJECTS[Subject(subject)]
            if old is None and field != PRESENT and table.c[field].info.get("personal", False):
                # The words were erased: what is left is a digest, and nothing to go back to.
                continue
            texts = (old, new) if old is not None else (before, after)
            values = texts if field != PRESENT else (before, after)
            column = field if field != PRESENT else "withdrawn"
            found.append(
                Fact(
                    subject=Subject(subject),
                    subject_id=number,
                    field=field,
                    before=restored(table, column, values[0]),
                    after=restored(table, column, values[1]),
                )
            )
        return tuple(found)

    def dependant(self, change: ChangeId) -> Change | None:
        self.later.flush()
        row = self.row(DEPENDANT, change_id=change) or self.row(NAME_TAKEN, change_id=change)
        return as_change(row) if row else None

    def take_back(self, change: ChangeId, facts: Sequence[Fact], at: datetime) -> None:
        """Records the opposite of each fact, last first; what others use by now stays.

        Of a row that the change made, what it was made of stays with it: it is withdrawn as it is.
        """
        made = {(fact.subject, fact.subject_id) for fact in facts if fact.field == PRESENT and fact.after}
        for fact in reversed(facts):
            if fact.field != PRESENT:
                if (fact.subject, fact.subject_id) not in made or fact.before is not None:
                    self.revise(fact.subject, fact.subject_id, {fact.field: fact.before})
            elif fact.before or not self._in_use(fact):
                self.turn_back(fact.subject, fact.subject_id, to=bool(fact.before))
        self.change_rows(MARK_UNDONE, of_id=change, undone=at)

    def withdraw_unused(self, customer: CustomerId, source: str) -> None:
        made = Fact(subject=Subject.CUSTOMER, subject_id=customer, field=PRESENT, before=False, after=True)
        if self.came_with(customer, source) and not self._in_use(made):
            self.turn_back(made.subject, made.subject_id, to=False)

    def came_with(self, customer: CustomerId, source: str) -> bool:
        self.later.flush()
        made = self.run(MADE_BY_SOURCE, subject=Subject.CUSTOMER, subject_id=customer, source=source)
        return bool(made.scalar_one())

    def _in_use(self, fact: Fact) -> bool:
        if fact.subject is Subject.CUSTOMER:
            return any(self.run(CUSTOMER_IN_USE, subject_id=fact.subject_id).one())
        if fact.subject is Subject.CONTACT:
            values = {"within": f"%,{fact.subject_id},%", "subject_id": fact.subject_id}
            return any(self.run(CONTACT_IN_USE, **values).one())
        return False

    def withdraw_letters(self, change: ChangeId) -> tuple[Posted, ...]:
        """Cancels the unsent letters of a change; returns the sent ones, to be edited."""
        self.later.flush()
        self.change_rows(CANCEL_UNSENT, of_id=change)
        return tuple(
            Posted(
                to=Address(platform=platform, chat=chat),
                message=message,
                language=Language(language),
                member_id=MemberId(member) if member else None,
            )
            for platform, chat, message, language, member in self.rows(SENT_OF_CHANGE, change_id=change)
        )
