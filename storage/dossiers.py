"""Rows of a deal's dossier: all that is known of it, rivals, expenses and promises with it."""

from decimal import Decimal

from sqlalchemy import bindparam, func, select

from domain.activity import Kind
from domain.deals import Deal, DealId, Dossier, Expense, Met, Rival
from domain.ports import Subject
from domain.steps import Step, StepState
from storage import tables
from storage.day import STEPS, as_step
from storage.deal_people import BUYERS, MET, SELLERS, as_buyer, as_seller
from storage.deals import OF_DEAL, Deals
from storage.evidence import CHECKED, EVIDENCE_OF, SHEETS, TASKS, as_checked, as_evidence, as_sheet, as_tick
from storage.templates import Templates

c, r, t, x = tables.customer.c, tables.rival.c, tables.step.c, tables.expense.c
RIVALS = (
    select(r.id, r.deal_id, r.name)
    .where(r.org_id == bindparam("org_id"), r.deal_id == OF_DEAL, r.withdrawn.is_(False))
    .order_by(r.id)
)
EXPENSES = (
    select(x.id, x.deal_id, x.amount, x.on_date, x.text)
    .where(x.org_id == bindparam("org_id"), x.deal_id == OF_DEAL, x.withdrawn.is_(False))
    .order_by(x.id)
)
SPENT = select(func.coalesce(func.sum(x.amount), 0)).where(
    x.org_id == bindparam("org_id"), x.deal_id == OF_DEAL, x.withdrawn.is_(False)
)
OF_CUSTOMER = select(c.segment, c.is_key).where(
    c.org_id == bindparam("org_id"), c.id == bindparam("customer_id")
)
OPEN_STEPS_OF = STEPS.where(t.deal_id == OF_DEAL, t.state == StepState.OPEN).order_by(
    t.due_on.nulls_first(), t.id
)


class Dossiers(Deals, Templates):
    """All that is known of one deal."""

    def dossier(self, deal: Deal) -> Dossier:
        of = {"deal_id": deal.id}
        segment, is_key = self.row(OF_CUSTOMER, customer_id=deal.customer_id)
        return Dossier(
            deal=deal,
            template=self.template(deal.template_id),
            segment=segment,
            key_customer=is_key,
            buyers=tuple(as_buyer(row) for row in self.rows(BUYERS, **of)),
            sellers=tuple(as_seller(row) for row in self.rows(SELLERS, **of)),
            checked=tuple(as_checked(row) for row in self.rows(CHECKED, **of)),
            ticks=tuple(as_tick(row) for row in self.rows(TASKS, **of)),
            evidence=tuple(as_evidence(row) for row in self.rows(EVIDENCE_OF, **of)),
            sheets=tuple(as_sheet(row) for row in self.rows(SHEETS, **of)),
            rivals=tuple(
                Rival(id=number, deal_id=DealId(of_deal), name=name)
                for number, of_deal, name in self.rows(RIVALS, **of)
            ),
            met=tuple(
                Met(activity_id=number, kind=Kind(kind), on=on, contact_ids=contacts)
                for number, kind, on, contacts in self.rows(MET, **of)
            ),
            spent=Decimal(self.rows(SPENT, **of)[0][0]),
            average=self.average_deal(),
        )

    def add_rival(self, deal: DealId, name: str) -> int:
        return self.add(Subject.RIVAL, deal_id=deal, name=name)

    def add_expense(self, expense: Expense) -> int:
        return self.add(
            Subject.EXPENSE,
            deal_id=expense.deal_id,
            amount=expense.amount,
            on_date=expense.on,
            text=expense.text,
        )

    def expenses(self, deal: DealId) -> tuple[Expense, ...]:
        return tuple(
            Expense(id=number, deal_id=DealId(of), amount=amount, on=on, text=text)
            for number, of, amount, on, text in self.rows(EXPENSES, deal_id=deal)
        )

    def steps_of_deal(self, deal: DealId) -> tuple[Step, ...]:
        return tuple(as_step(row) for row in self.rows(OPEN_STEPS_OF, deal_id=deal))
