"""Rows of whole funnels: deals with their checklists, stays that ended, snapshots, correction plans and verdicts."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import BindParameter, Integer, Select, and_, bindparam, case, func, select

from domain.corrections import CorrectionPlan, PlanId, PlanState
from domain.deal_ports import Which
from domain.deals import Checked, Deal, DealId, State
from domain.deals import Passed as How
from domain.funnel_ports import Ended, Passed
from domain.matters import Ruling, Verdict
from domain.milestones import TemplateId
from domain.people import MemberId, TeamId
from domain.ports import Subject
from domain.snapshots import Snapshot, Standpoint
from storage import tables
from storage.deal_lists import conditions_of, values_of
from storage.deals import DEALS, LAST_PASSAGES, as_deal
from storage.evidence import CHECKED_COLUMNS, as_checked
from storage.session import Session

d, g, k, s, p, u = (
    tables.deal.c,
    tables.passage.c,
    tables.checked.c,
    tables.funnel_snapshot.c,
    tables.correction_plan.c,
    tables.ruling.c,
)
IDS: BindParameter[Any] = bindparam("ids", expanding=True)
NUMBERED_DEALS = DEALS.where(d.id.in_(IDS)).order_by(d.id)
CHECKED_OF = (
    select(*CHECKED_COLUMNS)
    .where(k.org_id == bindparam("org_id"), k.deal_id.in_(IDS), k.withdrawn.is_(False))
    .order_by(k.deal_id, k.id)
)
ALL_OUTCOMES = (
    select(d.standing, func.count(), func.count().filter(d.state == State.WON))
    .where(d.org_id == bindparam("org_id"), d.withdrawn.is_(False), d.standing != "")
    .where(d.state.in_((State.WON, State.LOST)))
    .group_by(d.standing)
)
_WON_STAYS = (
    select(
        d.template_id.label("template_id"),
        g.milestone.label("milestone"),
        g.days.label("days"),
        func.row_number()
        .over(partition_by=(d.template_id, g.milestone), order_by=(g.left_on.desc(), g.id.desc()))
        .label("place"),
    )
    .join_from(tables.passage, tables.deal, and_(d.org_id == g.org_id, d.id == g.deal_id))
    .where(g.org_id == bindparam("org_id"), g.days.is_not(None), g.withdrawn.is_(False))
    .where(d.org_id == bindparam("org_id"), d.withdrawn.is_(False), d.state == State.WON)
    .where(d.template_id.in_(IDS))
    .subquery("stays")
)
WON_STAYS = (
    select(_WON_STAYS.c.template_id, _WON_STAYS.c.milestone, _WON_STAYS.c.days)
    .where(_WON_STAYS.c.place <= LAST_PASSAGES)
    .order_by(_WON_STAYS.c.template_id, _WON_STAYS.c.milestone, _WON_STAYS.c.place)
)
_FORWARD = case((g.passed.in_((How.PROVEN, How.UNPROVEN, How.OVERRIDE)), 1), else_=0)
PASSED_SINCE = (
    select(d.owner_id, d.team_id, g.milestone, func.count(), func.sum(_FORWARD, type_=Integer))
    .join_from(tables.passage, tables.deal, and_(d.org_id == g.org_id, d.id == g.deal_id))
    .where(g.org_id == bindparam("org_id"), g.withdrawn.is_(False), g.left_on >= bindparam("since"))
    .where(d.withdrawn.is_(False))
    .group_by(d.owner_id, d.team_id, g.milestone)
    .order_by(d.owner_id, g.milestone)
)
ENDED_SINCE = (
    select(d.owner_id, d.team_id, d.state, d.opened_on, d.closed_on)
    .where(d.org_id == bindparam("org_id"), d.withdrawn.is_(False), d.closed_on >= bindparam("since"))
    .where(d.state.in_((State.WON, State.LOST)))
    .order_by(d.closed_on, d.id)
)
OPENED_SINCE = (
    select(d.owner_id, func.count())
    .where(d.org_id == bindparam("org_id"), d.withdrawn.is_(False), d.opened_on >= bindparam("since"))
    .where(d.imported.is_(False))
    .group_by(d.owner_id)
)
SNAPSHOT_OF = select(s.id).where(
    s.org_id == bindparam("org_id"), s.team_id == bindparam("team_id"), s.label == bindparam("label")
)
_LATEST = (
    select(
        s.id.label("number"),
        func.row_number().over(partition_by=s.team_id, order_by=s.label.desc()).label("place"),
    )
    .where(s.org_id == bindparam("org_id"), s.team_id.in_(IDS), s.label < bindparam("before"))
    .subquery("latest")
)
SNAPSHOTS = (
    select(s.team_id, s.label, s.made_at, s.body)
    .join_from(tables.funnel_snapshot, _LATEST, s.id == _LATEST.c.number)
    .where(s.org_id == bindparam("org_id"), _LATEST.c.place == 1)
)
PLANS = select(p.id, p.team_id, p.text, p.owner_id, p.due_on, p.made_by, p.made_at, p.state).where(
    p.org_id == bindparam("org_id"), p.withdrawn.is_(False)
)
PLAN_BY_ID = PLANS.where(p.id == bindparam("plan_id"))
_OPEN_PLANS = PLANS.where(p.state == PlanState.OPEN).order_by(p.due_on, p.id)
PLANS_OF_TEAMS = _OPEN_PLANS.where(p.team_id.in_(IDS))
PLANS_OF_OWNERS = _OPEN_PLANS.where(p.owner_id.in_(IDS))
RULINGS = (
    select(u.id, u.deal_id, u.label, u.verdict, u.made_by, u.made_at, u.close_on)
    .where(u.org_id == bindparam("org_id"), u.withdrawn.is_(False), u.deal_id.in_(IDS))
    .order_by(u.deal_id, u.id)
)


def written(deals: Sequence[Standpoint]) -> str:
    """The deals of a snapshot as JSON, a list each."""
    rows = [
        [
            each.deal_id,
            each.owner_id,
            each.state,
            each.milestone,
            str(each.amount),
            each.closes_on.isoformat(),
            each.percent,
            each.close_on.isoformat() if each.close_on else None,
            each.items,
            each.backs,
            list(each.overridden),
        ]
        for each in deals
    ]
    return json.dumps(rows, separators=(",", ":"))


def read(body: str) -> tuple[Standpoint, ...]:
    """The inverse of `written`."""
    return tuple(
        Standpoint(
            deal_id=DealId(deal),
            owner_id=MemberId(owner),
            state=State(state),
            milestone=milestone,
            amount=Decimal(amount),
            closes_on=date.fromisoformat(closes_on),
            percent=percent,
            close_on=date.fromisoformat(close_on) if close_on else None,
            items=items,
            backs=backs,
            overridden=tuple(overridden),
        )
        for deal, owner, state, milestone, amount, closes_on, percent, close_on, items, backs, overridden in (
            json.loads(body)
        )
    )


def as_plan(row: Sequence[Any]) -> CorrectionPlan:
    """A correction plan from the columns of PLANS."""
    number, team, text, owner, due_on, by, at, state = row
    return CorrectionPlan(
        id=PlanId(number),
        team_id=TeamId(team),
        text=text,
        owner_id=MemberId(owner),
        due_on=due_on,
        made_by=MemberId(by),
        made_at=at,
        state=PlanState(state),
    )


class Funnels(Session):
    """The organisation's funnels, whole ones at once."""

    def every_deal(self, which: Which) -> tuple[Deal, ...]:
        found = DEALS.where(*conditions_of(which)).order_by(d.id)
        return tuple(as_deal(row) for row in self.run(found, **values_of(which)).fetchall())

    def deals_numbered(self, deals: Sequence[DealId]) -> tuple[Deal, ...]:
        return tuple(as_deal(row) for row in self._among(NUMBERED_DEALS, deals))

    def gather_checked(self, deals: Sequence[DealId]) -> dict[DealId, tuple[Checked, ...]]:
        found: dict[DealId, list[Checked]] = {}
        for row in self._among(CHECKED_OF, deals):
            each = as_checked(row)
            found.setdefault(each.deal_id, []).append(each)
        return {deal: tuple(each) for deal, each in found.items()}

    def all_outcomes(self) -> Mapping[str, tuple[int, int]]:
        return {standing: (int(won), int(closed)) for standing, closed, won in self.rows(ALL_OUTCOMES)}

    def gather_won_passages(
        self, templates: Sequence[TemplateId]
    ) -> dict[tuple[TemplateId, int], tuple[int, ...]]:
        found: dict[tuple[TemplateId, int], list[int]] = {}
        for template, milestone, days in self._among(WON_STAYS, templates):
            found.setdefault((TemplateId(template), milestone), []).append(days)
        return {key: tuple(days) for key, days in found.items()}

    def passed_since(self, since: date) -> tuple[Passed, ...]:
        return tuple(
            Passed(
                owner_id=MemberId(owner),
                team_id=TeamId(team) if team else None,
                milestone=milestone,
                entered=int(entered),
                advanced=int(advanced or 0),
            )
            for owner, team, milestone, entered, advanced in self.rows(PASSED_SINCE, since=since)
        )

    def ended_since(self, since: date) -> tuple[Ended, ...]:
        return tuple(
            Ended(
                owner_id=MemberId(owner),
                team_id=TeamId(team) if team else None,
                won=state == State.WON,
                opened_on=opened,
                closed_on=closed,
            )
            for owner, team, state, opened, closed in self.rows(ENDED_SINCE, since=since)
        )

    def opened_since(self, since: date) -> Mapping[MemberId, int]:
        return {MemberId(owner): int(n) for owner, n in self.rows(OPENED_SINCE, since=since)}

    def _among(self, statement: Select[Any], ids: Sequence[int], **values: Any) -> Sequence[Any]:
        return self.rows(statement, ids=list(ids), **values) if ids else ()

    def keep_snapshot(self, snapshot: Snapshot) -> bool:
        of = {"team_id": snapshot.team_id, "label": snapshot.label}
        if self.row(SNAPSHOT_OF, **of):
            return False
        self.insert(tables.funnel_snapshot, **of, made_at=snapshot.made_at, body=written(snapshot.deals))
        return True

    def snapshots(self, teams: Sequence[TeamId], before: str) -> dict[TeamId, Snapshot]:
        return {
            TeamId(team): Snapshot(team_id=TeamId(team), label=label, made_at=at, deals=read(body))
            for team, label, at, body in self._among(SNAPSHOTS, teams, before=before)
        }

    def add_correction(self, plan: CorrectionPlan) -> PlanId:
        number = self.add(
            Subject.CORRECTION_PLAN,
            team_id=plan.team_id,
            text=plan.text,
            owner_id=plan.owner_id,
            due_on=plan.due_on,
            state=plan.state,
            made_by=plan.made_by,
            made_at=plan.made_at,
        )
        return PlanId(number)

    def correction(self, plan: PlanId) -> CorrectionPlan | None:
        row = self.row(PLAN_BY_ID, plan_id=plan)
        return as_plan(row) if row else None

    def revise_correction(self, plan: PlanId, **values: Any) -> None:
        self.revise(Subject.CORRECTION_PLAN, plan, values)

    def open_corrections(self, teams: Sequence[TeamId]) -> tuple[CorrectionPlan, ...]:
        return tuple(as_plan(row) for row in self._among(PLANS_OF_TEAMS, teams))

    def gather_corrections(self, owners: Sequence[MemberId]) -> dict[MemberId, tuple[CorrectionPlan, ...]]:
        found: dict[MemberId, tuple[CorrectionPlan, ...]] = {}
        for each in map(as_plan, self._among(PLANS_OF_OWNERS, owners)):
            found[each.owner_id] = (*found.get(each.owner_id, ()), each)
        return found

    def add_ruling(self, ruling: Ruling) -> int:
        return self.add(
            Subject.RULING,
            deal_id=ruling.deal_id,
            label=ruling.label,
            verdict=ruling.verdict,
            close_on=ruling.close_on,
            made_by=ruling.made_by,
            made_at=ruling.made_at,
        )

    def rulings(self, deals: Sequence[DealId]) -> dict[DealId, tuple[Ruling, ...]]:
        found: dict[DealId, tuple[Ruling, ...]] = {}
        for number, deal, label, verdict, by, at, close_on in self._among(RULINGS, deals):
            each = Ruling(
                id=number,
                deal_id=DealId(deal),
                label=label,
                verdict=Verdict(verdict),
                made_by=MemberId(by),
                made_at=at,
                close_on=close_on,
            )
            found[each.deal_id] = (*found.get(each.deal_id, ()), each)
        return found
