"""Rows of the sets of KPIs that an organisation made its own."""

import json
from datetime import datetime
from decimal import Decimal

from sqlalchemy import bindparam, select

from domain.kpis import Kpi, KpiSet
from domain.people import MemberId, Role
from domain.ports import Subject
from storage import tables
from storage.session import Session

k = tables.kpi_set.c
SETS = (
    select(k.role, k.version, k.body, k.since)
    .where(k.org_id == bindparam("org_id"), k.withdrawn.is_(False))
    .order_by(k.role, k.version)
)


def encoded(kept: KpiSet) -> str:
    """The lines and targets of a set as JSON."""
    lines = [[kpi.value, weight] for kpi, weight in kept.lines]
    targets = {kpi.value: str(target) for kpi, target in kept.targets.items()}
    return json.dumps({"lines": lines, "targets": targets})


class KpiSets(Session):
    """The organisation's own sets, every version of them."""

    def kpi_sets(self) -> tuple[KpiSet, ...]:
        found = []
        for role, version, body, since in self.rows(SETS):
            kept = json.loads(body)
            found.append(
                KpiSet(
                    role=Role(role),
                    version=version,
                    since=since,
                    lines=tuple((Kpi(kpi), weight) for kpi, weight in kept["lines"]),
                    targets={Kpi(kpi): Decimal(target) for kpi, target in kept["targets"].items()},
                )
            )
        return tuple(found)

    def keep_kpi_set(self, kept: KpiSet, by: MemberId, at: datetime) -> int:
        return self.add(
            Subject.KPI_SET,
            role=kept.role,
            version=kept.version,
            body=encoded(kept),
            since=kept.since,
            made_by=by,
            made_at=at,
        )
