"""The data every contender works on: organisations, reps, customers and a week of history, and the commands to come."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, Table, create_engine, insert

from bot.seed import PAST_LEARNING, Founding, Seat, found
from domain.people import Language, OrgId, Profile, Role
from domain.workdays import monday
from handlers.reading.names import fold
from handlers.rollups import roll_weeks
from storage import tables
from storage.database import SqlDatabase

# A Wednesday morning: the week has a past, and what is said now is neither late nor planned.
NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
PLATFORM = "telegram"
TEAMS_EACH = 10
CUSTOMERS_EACH, RECORDS_THIS_WEEK, RECORDS_BEFORE = 10, 4, 20
WORDS = "met: {met}\nresult: budget confirmed, wants a second offer\nnext: send quote by Fri"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much of everything."""

    organisations: int
    reps_each: int

    @property
    def reps(self) -> int:
        return self.organisations * self.reps_each


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One visit as Telegram delivers it."""

    update: int
    chat: str
    customer: str
    met: str
    body: str


def account(org: int, rep: int) -> str:
    return str(10_000_000 + org * 100_000 + rep)


def customer_name(rep: int, number: int) -> str:
    return f"Harbour {rep:04d} Works {number}"


def contact_name(rep: int, number: int) -> str:
    return f"Dana Reed {rep:04d}{number}"


def commands(size: Size, first: int, count: int) -> Sequence[Command]:
    """Visits spread over all reps and their customers, so that nobody's week grows without bound."""
    return [_command(size, number) for number in range(first, first + count)]


def _command(size: Size, number: int) -> Command:
    at, turn = number % size.reps, number // size.reps
    org, rep = at % size.organisations, at // size.organisations
    customer, met = customer_name(rep, turn % CUSTOMERS_EACH), contact_name(rep, turn % CUSTOMERS_EACH)
    chat = account(org, rep)
    text = f"/visit {customer}\n{WORDS.format(met=met)}"
    body = {
        "update_id": 500_000_000 + number,
        "message": {
            "message_id": 1000 + number,
            "from": {
                "id": int(chat),
                "is_bot": False,
                "first_name": f"Rep {rep}",
                "username": f"rep{chat}",
                "language_code": "en",
            },
            "chat": {
                "id": int(chat),
                "first_name": f"Rep {rep}",
                "username": f"rep{chat}",
                "type": "private",
            },
            "date": int(NOW.timestamp()),
            "text": text,
            "entities": [{"offset": 0, "length": 6, "type": "bot_command"}],
        },
    }
    return Command(update=500_000_000 + number, chat=chat, customer=customer, met=met, body=json.dumps(body))


def make(path: Path, size: Size) -> None:
    """Writes the world into a fresh database of the product."""
    database = SqlDatabase(f"sqlite:///{path}")
    tables.metadata.create_all(database.engine)
    transactions = database.connect()
    work = transactions.begin()
    for org in range(size.organisations):
        found(work, founding(org, size), NOW)
    transactions.commit()
    _history(database.engine, size)
    # The numbers of this week so far, as its records would have left them.
    for org in range(size.organisations):
        store = transactions.begin().store(OrgId(org + 1))
        people = [each.id for each in store.members()]
        roll_weeks(store, store.organisation(), people, monday(NOW.date()), monday(NOW.date()))
        transactions.commit()
    transactions.close()
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def founding(org: int, size: Size) -> Founding:
    """One organisation of the world, on its first day."""
    return Founding(
        name=f"Organisation {org}",
        language=Language.EN,
        zone="UTC",
        currency="EUR",
        week=frozenset({1, 2, 3, 4, 5}),
        profile=Profile.FIELD,
        started_on=NOW.date(),
        joined_on=NOW.date() - PAST_LEARNING,
        teams=[
            (f"Team {team}", list(_seats(org, range(team, size.reps_each, TEAMS_EACH))))
            for team in range(TEAMS_EACH)
        ],
    )


def _seats(org: int, reps: range) -> Iterator[Seat]:
    for rep in reps:
        yield Seat(
            handle=account(org, rep),
            name=f"Rep {rep}",
            roles=frozenset({Role.REP}),
            language=Language.EN,
            platform=PLATFORM,
        )


def members(engine: Engine, size: Size) -> dict[tuple[int, int], tuple[int, int, int]]:
    """(organisation, rep) to (org id, member id, team id)."""
    numbers = {
        account(org, rep): (org, rep) for org in range(size.organisations) for rep in range(size.reps_each)
    }
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT i.account, m.org_id, m.id, m.team_id FROM identity i "
            "JOIN member m ON m.org_id = i.org_id AND m.id = i.member_id"
        )
        return {numbers[chat]: (org, member, team) for chat, org, member, team in rows}


def _history(engine: Engine, size: Size) -> None:
    """Each rep's customers with one contact each, records of past weeks and a few of this one."""
    customers, contacts, activities = [], [], []
    next_activity = dict.fromkeys(range(size.organisations), 1)
    for (org, rep), (org_id, member, team) in sorted(members(engine, size).items()):
        for number in range(CUSTOMERS_EACH):
            name, who = customer_name(rep, number), contact_name(rep, number)
            key = {"org_id": org_id, "id": rep * CUSTOMERS_EACH + number + 1, "withdrawn": False}
            customers.append(
                {
                    **key,
                    "name": name,
                    "key": fold(name),
                    "owner_id": member,
                    "is_key": number == 0,
                    "segment": "",
                    "buyer_type": "",
                }
            )
            contacts.append({**key, "customer_id": key["id"], "name": who, "key": fold(who), "title": "CFO"})
        for age, on in enumerate(_days()):
            customer = rep * CUSTOMERS_EACH + age % CUSTOMERS_EACH + 1
            number = next_activity[org]
            next_activity[org] = number + 1
            activities.append(_activity(org_id, number, member, team, customer, on))
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        rows: tuple[tuple[Table, list[dict[str, object]]], ...] = (
            (tables.customer, customers),
            (tables.contact, contacts),
            (tables.activity, activities),
        )
        for table, each in rows:
            connection.execute(insert(table), each)
        connection.exec_driver_sql("COMMIT")


def _days() -> list[date]:
    monday = NOW.date() - timedelta(days=NOW.weekday())
    before = [monday - timedelta(days=3 + 7 * (n // 4)) for n in range(RECORDS_BEFORE)]
    return before + [monday + timedelta(days=n % 2) for n in range(RECORDS_THIS_WEEK)]


def _activity(org: int, number: int, member: int, team: int, customer: int, on: date) -> dict[str, object]:
    at = datetime(on.year, on.month, on.day, 9, tzinfo=UTC)
    return {
        "org_id": org,
        "id": number,
        "kind": "visit",
        "member_id": member,
        "team_id": team,
        "customer_id": customer,
        "at": at,
        "on_date": on,
        "recorded_at": at,
        "contact_ids": (customer,),
        "has_result": True,
        "has_next": True,
        "replied": False,
        "key_customer": False,
        "late": False,
        "complete_at": at,
        "credit": "counted",
        "result": "went through the offer",
        "next": "call again",
        "purpose": "",
        "withdrawn": False,
    }


def counts(path: Path) -> dict[str, int]:
    """How many rows each table holds: contenders that did the same work agree."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        found = {
            table.name: int(connection.exec_driver_sql(f'SELECT count(*) FROM "{table.name}"').scalar_one())
            for table in tables.metadata.sorted_tables
        }
    engine.dispose()
    return found
