"""Rows of public holidays: the same for every organisation, loaded by the edge."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from domain.workdays import Holiday
from storage import tables

g, h = tables.region.c, tables.holiday.c
WANTED = select(g.code, g.through).where(g.through < bindparam("year")).order_by(g.code)
CHOSEN = select(g.code).order_by(g.code)
KEPT = (
    select(h.on_date, h.works, h.name)
    .where(h.region == bindparam("of_region"), h.on_date >= bindparam("since"))
    .order_by(h.on_date)
)
DROP = delete(tables.holiday).where(h.region == bindparam("of_region"), h.on_date >= bindparam("since"))
ADD = insert(tables.holiday)
LOADED = update(tables.region).where(g.code == bindparam("of_region")).values(through=bindparam("to_year"))


class SqlHolidays:
    """Implements `domain.ports.Holidays`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def wanted(self, year: int) -> tuple[str, ...]:
        return tuple(code for code, _ in self.connection.execute(WANTED, {"year": year}))

    def chosen(self) -> tuple[str, ...]:
        return tuple(code for (code,) in self.connection.execute(CHOSEN))

    def keep(self, region: str, days: Sequence[Holiday], since: date, year: int) -> bool:
        rows = self.connection.execute(KEPT, {"of_region": region, "since": since})
        kept = [Holiday(on=on, works=bool(works), name=name) for on, works, name in rows]
        self.connection.execute(LOADED, {"of_region": region, "to_year": year})
        if kept == list(days):
            return False
        self.connection.execute(DROP, {"of_region": region, "since": since})
        if days:
            values = [
                {"region": region, "on_date": each.on, "works": each.works, "name": each.name}
                for each in days
            ]
            self.connection.execute(ADD, values)
        return True
