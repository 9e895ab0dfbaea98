"""A database opened for a test: turns on one held connection, and an organisation with people to work on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time

from domain.people import Language, Member, MemberId, Organisation, OrgId, Profile, Role, TeamId
from domain.ports import Address, Change, ChangeId, Letter, Store, Work
from storage.database import SqlDatabase, SqlTransactions

MONDAY = date(2026, 3, 2)
NINE = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)
ORGANISATION = Organisation(
    id=OrgId(0),
    name="Nordwind",
    language=Language.ZH_HANT,
    zone="Asia/Shanghai",
    currency="CNY",
    week=frozenset({1, 2, 3, 4, 6}),
    profile=Profile.DESK,
    started_on=date(2026, 1, 5),
)
MEMBER = Member(
    id=MemberId(0),
    name="Maja",
    roles=frozenset({Role.REP, Role.TRAINER}),
    team_id=None,
    language=Language.ZH,
    zone="Europe/Berlin",
    profile=Profile.KEY_ACCOUNT,
    joined_on=date(2026, 2, 1),
    day_starts=time(7, 45),
    nudged=False,
)
CHAT = Address(platform="telegram", chat="41")


@dataclass(slots=True)
class Opened:
    """One connection to a ready database, and the numbers of the changes made on it."""

    database: SqlDatabase
    transactions: SqlTransactions
    changes: int = 0
    founded: list[OrgId] = field(default_factory=list)

    @contextmanager
    def work(self) -> Iterator[Work]:
        """One unit of work: committed at the end, or rolled back when it raises."""
        work = self.transactions.begin()
        try:
            yield work
            self.transactions.commit()
        except BaseException:
            self.transactions.rollback()
            raise

    @contextmanager
    def store(self, org: OrgId) -> Iterator[Store]:
        """An organisation's rows, to read or to change what is no fact."""
        with self.work() as work:
            yield work.store(org)

    @contextmanager
    def turn(self, org: OrgId, actor: MemberId, command: str = "visit") -> Iterator[Store]:
        """A turn of somebody: what it does to subjects is one change, numbered `self.changes`."""
        self.changes += 1
        change = Change(id=ChangeId(self.changes), actor_id=actor, said_at=NINE, command=command)
        with self.work() as work:
            yield work.store(org, change)

    def found(self, name: str = "Nordwind") -> tuple[OrgId, TeamId, MemberId]:
        """A new organisation with a team of one, who is bound to a chat of their own."""
        with self.work() as work:
            org = work.people.found(replace(ORGANISATION, name=name))
            store = work.store(org)
            team = store.add_team("South")
            member = store.add_member(replace(MEMBER, team_id=team))
            work.people.bind(replace(CHAT, chat=f"chat-{org}"), f"account-{org}", org, member)
        self.founded.append(org)
        return org, team, member


@contextmanager
def opened(url: str) -> Iterator[Opened]:
    """Opens a database that is ready, and closes it."""
    database = SqlDatabase(url)
    transactions = database.connect()
    try:
        yield Opened(database=database, transactions=transactions)
    finally:
        transactions.close()
        database.close()


def letter(key: str, **values: object) -> Letter:
    """An answer in CHAT that is due at NINE, but for what `values` say."""
    plain = Letter(key=key, to=CHAT, card="{}", language=Language.EN, due_at=NINE)
    return replace(plain, **values)  # type: ignore[arg-type]
