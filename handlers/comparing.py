"""Funnels beside their snapshot of an earlier week: what changed, for many at once; and the snapshots themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from domain.deals import Deal, DealId, State
from domain.ports import Store
from domain.snapshots import Changed, Snapshot, Standpoint, changes, swing, weighted
from domain.workdays import week_label
from handlers.funnels import FunnelFacts

A_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What changed in a funnel since `since`, None where nothing was kept yet; the weighted forecast then and now."""

    since: datetime | None
    changes: tuple[Changed, ...]
    before: Fraction
    now: Fraction
    deals: Mapping[DealId, Deal]

    @property
    def swing(self) -> Fraction | None:
        """How far the forecast of the period moved."""
        return swing(self.before, self.now) if self.since else None


def compared(store: Store, funnels: Sequence[FunnelFacts]) -> tuple[Compared, ...]:
    """Each funnel beside the last snapshots of its teams: two queries for all, or three.

    Those of an earlier week where there are any; in a team's first week that of the week itself.
    """
    everywhere = store.teams()
    of = [
        [each.whose.person.team_id] if each.whose.person else [t.id for t in each.whose.teams or everywhere]
        for each in funnels
    ]
    labels = [week_label(each.today) for each in funnels]
    teams = sorted({team for known in of for team in known if team})
    kept = store.snapshots(teams, max(labels, default=""))
    if first := [each for each in teams if each not in kept]:
        later = max(each.today for each in funnels) + A_WEEK
        kept |= store.snapshots(first, week_label(later))
    before = [
        _standing(each, [kept[team] for team in known if team in kept])
        for each, known in zip(funnels, of, strict=True)
    ]
    here = {deal.id for each in funnels for deal in each.deals}
    gone = store.deals_numbered(sorted({number for was, _ in before for number in was} - here))
    return tuple(
        _compared(each, was, since, gone) for each, (was, since) in zip(funnels, before, strict=True)
    )


def _standing(
    facts: FunnelFacts, snapshots: Sequence[Snapshot]
) -> tuple[dict[DealId, Standpoint], datetime | None]:
    """What the snapshots hold of a funnel, and since when."""
    person = facts.whose.person
    found = {
        each.deal_id: each
        for snapshot in snapshots
        for each in snapshot.deals
        if person is None or each.owner_id == person.id
    }
    return found, min((each.made_at for each in snapshots), default=None)


def _compared(
    facts: FunnelFacts, was: Mapping[DealId, Standpoint], since: datetime | None, gone: Sequence[Deal]
) -> Compared:
    # A deal that is under way elsewhere by now was handed over: it is no change of its own.
    left = [each for each in gone if each.id in was and each.state is not State.ACTIVE]
    now = (*facts.standpoints(), *(facts.standpoint(each) for each in left))
    return Compared(
        since=since,
        changes=changes(was, now) if since else (),
        before=weighted(tuple(was.values()), *facts.period),
        now=weighted(now, *facts.period),
        deals={each.id: each for each in (*facts.deals, *left)},
    )


def keep_snapshots(store: Store, funnels: Sequence[FunnelFacts], now: datetime) -> None:
    """Keeps how each team's funnel stands at the beginning of the week; what is kept already stays."""
    for each in funnels:
        for team in each.whose.teams:
            deals = tuple(each.standpoint(deal) for deal in each.deals if deal.team_id == team.id)
            label = week_label(each.today)
            store.keep_snapshot(Snapshot(team_id=team.id, label=label, made_at=now, deals=deals))
