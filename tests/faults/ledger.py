"""Compares what people told with what is in the books and at the platform: lost, twice, out of order, repeated."""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any

from bot.courier import IN_FLIGHT
from tests.faults.traffic import CUSTOMER, Story, Traffic

SENDS = ("sendMessage", "chat.postMessage")
VISITS = """SELECT customer.name, activity.withdrawn, activity.id, identity.account
    FROM activity JOIN customer ON customer.org_id = activity.org_id AND customer.id = activity.customer_id
    JOIN identity ON identity.org_id = activity.org_id AND identity.member_id = activity.member_id
    WHERE identity.platform = ? ORDER BY activity.id"""

# An answer that had not left when its change was taken back is cancelled: the undo has an answer of its own.
UNANSWERED = """SELECT count(*) FROM inbox
    LEFT JOIN letter ON letter.key = 'event:' || inbox.id
    LEFT JOIN change ON change.id = inbox.id
    WHERE inbox.platform = ? AND inbox.state = 'done' AND letter.state IS DISTINCT FROM 'sent'
    AND NOT (letter.state IS NOT DISTINCT FROM 'cancelled' AND change.undone_at IS NOT NULL)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a run measured; `bound` is how many answers may be repeated: kills times letters in flight."""

    what: str
    seed: int
    seconds: int
    kills: int
    updates: int
    lost: int
    twice: int
    out_of_order: int
    wrongly_undone: int
    unanswered: int
    repeated: int
    bound: int
    quarantined: int
    integrity: str

    def verdict(self) -> list[str]:
        """What is not as promised, in words; nothing when all is well."""
        said = asdict(self)
        zero = ("lost", "twice", "out_of_order", "wrongly_undone", "unanswered", "quarantined")
        wrong = [f"{said[name]} {name}" for name in zero if said[name]]
        if self.repeated > self.bound:
            wrong.append(f"{self.repeated} answers repeated, {self.bound} allowed")
        if self.integrity != "ok":
            wrong.append(f"integrity: {self.integrity}")
        return wrong


class Books:
    """The database of a run, read behind the product's back after its last stop."""

    def __init__(self, database_url: str) -> None:
        self.path = database_url.removeprefix("sqlite:///")

    def rows(self, sql: str, *values: Any) -> list[Any]:
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(sql, values).fetchall()

    def one(self, sql: str, *values: Any) -> Any:
        return self.rows(sql, *values)[0][0]

    def integrity(self) -> str:
        return str(self.one("PRAGMA integrity_check"))

    def waiting(self) -> int:
        """Deliveries not answered and letters not sent."""
        deliveries: int = self.one("SELECT count(*) FROM inbox WHERE state = 'new'")
        letters: int = self.one("SELECT count(*) FROM letter WHERE state IN ('due', 'sending')")
        return deliveries + letters


def count(
    what: str, traffics: Sequence[Traffic], books: Books, *, kills: int, seed: int, seconds: float
) -> Figures:
    """The figures of a run that has come to rest."""
    lost = twice = out_of_order = wrongly = unanswered = repeated = 0
    for traffic in traffics:
        platform = traffic.stories[0].rep.platform
        visits = books.rows(VISITS, platform)
        seen = Counter(name for name, _, _, _ in visits)
        told = [name for story in traffic.stories for name in story.customers]
        lost += sum(seen[name] == 0 for name in told)
        twice += sum(number - 1 for number in seen.values()) + len(seen.keys() - set(told))
        undone = {name for name, withdrawn, _, _ in visits if withdrawn}
        wrongly += len(undone ^ {name for story in traffic.stories for name in story.undone})
        for story in traffic.stories:
            kept = [name for name, _, _, account in visits if account == story.rep.account]
            out_of_order += kept != story.customers
            unanswered += _unanswered(traffic, story)
        repeated += _accepted(traffic) - books.one(
            "SELECT count(*) FROM letter WHERE platform = ? AND state = 'sent' AND delivery != 'edit'",
            platform,
        )
        unanswered += books.one(UNANSWERED, platform)
    return Figures(
        what=what,
        seed=seed,
        seconds=round(seconds),
        kills=kills,
        updates=sum(traffic.updates for traffic in traffics),
        lost=lost + books.one("SELECT count(*) FROM inbox WHERE state = 'new'"),
        twice=twice,
        out_of_order=out_of_order,
        wrongly_undone=wrongly,
        unanswered=unanswered,
        repeated=repeated,
        bound=kills * IN_FLIGHT * len(traffics),
        quarantined=books.one("SELECT count(*) FROM inbox WHERE state = 'poison'"),
        integrity=books.integrity(),
    )


def _accepted(traffic: Traffic) -> int:
    """Messages the platform accepted; one the bot never heard about counts too."""
    calls = traffic.fake.get("/_calls")
    return sum(call["method"] in SENDS and call["outcome"].startswith("ok") for call in calls)


def _unanswered(traffic: Traffic, story: Story) -> int:
    """Customers of a person that no message in their chat names."""
    place = "_chat" if story.rep.platform == "telegram" else "_channel"
    shown = traffic.fake.get(f"/{place}/{story.rep.chat}")
    named = {name for message in shown for name in CUSTOMER.findall(str(message["body"]))}
    return len(set(story.customers) - named)
