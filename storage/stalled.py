"""Rows of stalled deals: where the clocks of each stand, and the totals of owners and teams."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import bindparam, func, literal, select, update

from domain.activity import Credit
from domain.deals import FROM_CUSTOMER, STILL, Clocks, Deal, DealId, State
from domain.milestones import TemplateId
from domain.people import MemberId, TeamId
from domain.stalled import Level
from domain.steps import StepState
from storage import tables
from storage.deals import CLOCKS, OF_DEAL
from storage.session import Session
from storage.upsert import upsert

a, d, e, t, v = tables.activity.c, tables.deal.c, tables.evidence.c, tables.step.c, tables.stalled_count.c
# Whose total a deal stands in.
COUNTED = ("counted_owner", "counted_team")
# A call with an outcome, a visit, an answer: what the customer took part in.
CUSTOMER_DAY = select(func.max(a.on_date)).where(
    a.org_id == bindparam("org_id"),
    a.deal_id == OF_DEAL,
    a.withdrawn.is_(False),
    a.credit == Credit.COUNTED,
)
PROOF_DAY = select(func.max(e.given_on)).where(
    e.org_id == bindparam("org_id"),
    e.deal_id == OF_DEAL,
    e.withdrawn.is_(False),
    e.kind.in_(tuple(FROM_CUSTOMER)),
)
NEXT_DAY = select(func.min(t.due_on)).where(
    t.org_id == bindparam("org_id"),
    t.deal_id == OF_DEAL,
    t.withdrawn.is_(False),
    t.state == StepState.OPEN,
)
# In an update a column's own name is taken by SET.
SET_CLOCKS = (
    update(tables.deal)
    .where(d.org_id == bindparam("of_org"), d.id == bindparam("of_id"))
    .values({name: bindparam(f"now_{name}", type_=d[name].type) for name in (*CLOCKS, *COUNTED)})
)
CHECK = (
    update(tables.deal)
    .where(d.org_id == bindparam("of_org"), d.state == State.ACTIVE, d.withdrawn.is_(False))
    .values(check_at=bindparam("at"))
)
CHECK_TEMPLATE = CHECK.where(d.template_id == bindparam("of_template"))
CHECK_OWNER = CHECK.where(d.owner_id == bindparam("of_owner"))
LEVEL_OF = select(d.level, d.counted_owner, d.counted_team).where(
    d.org_id == bindparam("org_id"), d.id == OF_DEAL
)
LOCK = select(d.id).where(d.org_id == bindparam("org_id"), d.id == OF_DEAL).with_for_update()
COUNT = upsert(tables.stalled_count, ("org_id", "owner_id", "team_id", "level"))
ADD_COUNT = (
    update(tables.stalled_count)
    .where(
        v.org_id == bindparam("of_org"),
        v.owner_id == bindparam("of_owner"),
        v.team_id == bindparam("of_team"),
        v.level == bindparam("of_level"),
    )
    .values(n=v.n + bindparam("more"))
)
_SUMS = select(v.level, func.sum(v.n)).where(v.org_id == bindparam("org_id"), v.n > 0).group_by(v.level)
TOTALS_OF_OWNER = _SUMS.where(v.owner_id == bindparam("owner_id"))
# Under owner 0 stands what a whole team has.
ANYBODY = 0
TOTALS = _SUMS.where(v.owner_id == literal(ANYBODY, literal_execute=True))
TOTALS_OF_TEAMS = TOTALS.where(v.team_id.in_(bindparam("ids", expanding=True)))
LEVELS: Mapping[int, Level] = dict(enumerate(Level))


class Stalled(Session):
    """The clocks of the organisation's deals."""

    def touched_deals(self) -> frozenset[DealId]:
        return frozenset(DealId(each) for each in self._deals)

    def moved_deals(self) -> frozenset[DealId]:
        return frozenset(DealId(each) for each in self._moved)

    def customer_day(self, deal: DealId) -> date | None:
        days = [self.rows(each, deal_id=deal)[0][0] for each in (CUSTOMER_DAY, PROOF_DAY)]
        return max(filter(None, days), default=None)

    def next_day(self, deal: DealId) -> date | None:
        found: date | None = self.rows(NEXT_DAY, deal_id=deal)[0][0]
        return found

    def lock_deal(self, deal: DealId) -> None:
        if self.shares:
            self.run(LOCK, deal_id=deal)

    def set_clocks(self, deal: Deal, clocks: Clocks) -> None:
        self._set_clocks(deal.id, clocks, deal.owner_id, deal.team_id)

    def stop_clocks(self, deal: DealId) -> None:
        self._set_clocks(deal, STILL, None, None)

    def _set_clocks(self, deal: DealId, clocks: Clocks, owner: int | None, team: int | None) -> None:
        values = {f"now_{name}": getattr(clocks, name) for name in CLOCKS}
        level, counted_owner, counted_team = self.row(LEVEL_OF, deal_id=deal)
        self.change_rows(SET_CLOCKS, of_id=deal, now_counted_owner=owner, now_counted_team=team, **values)
        if (level, counted_owner, counted_team) == (clocks.level, owner, team):
            return
        # What leaves a total is what went into it, whoever has the deal by now.
        self._count(counted_owner, counted_team, level, -1)
        self._count(owner, team, clocks.level, 1)

    def _count(self, owner: int | None, team: int | None, level: int, more: int) -> None:
        if not level or owner is None:
            return
        for whose in (owner, ANYBODY):
            of = {"owner_id": whose, "team_id": team or 0, "level": level}
            self.driver.run(COUNT, {"org_id": self.org_id, **of, "n": 0})
            self.change_rows(ADD_COUNT, of_owner=whose, of_team=team or 0, of_level=level, more=more)

    def check_deals(self, template: TemplateId | None, owner: MemberId | None, now: datetime) -> None:
        if template is not None:
            self.change_rows(CHECK_TEMPLATE, of_template=template, at=now)
        if owner is not None:
            self.change_rows(CHECK_OWNER, of_owner=owner, at=now)

    def stalled_totals(
        self, *, owner: MemberId | None = None, teams: Sequence[TeamId] | None = None
    ) -> Mapping[Level, int]:
        if owner is not None:
            rows = self.rows(TOTALS_OF_OWNER, owner_id=owner)
        elif teams is not None:
            rows = self.rows(TOTALS_OF_TEAMS, ids=list(teams))
        else:
            rows = self.rows(TOTALS)
        return {LEVELS[level]: int(n) for level, n in rows}
