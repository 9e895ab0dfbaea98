"""`python -m tests.flows.year [--write]`: lives a year of pushes and says, or writes into docs/reliability.md, what came of it."""

import argparse
import asyncio
import sys
import time as machine
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from holidays import country_holidays
from sqlalchemy import select

from bot.seed import Seat
from domain.people import Role
from domain.ports import Delivery, Urgency
from domain.schedule import Cadence
from handlers.registry import registry
from storage import tables
from tests.support.house import House, house, seat

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- year: python -m tests.flows.year --write -->", "<!-- end of year -->"
A_DAY = timedelta(days=1)
# Product section 6: the two beats and one third message for a rep, at most five for who leads a team.
REP_MOST, LEADER_MOST = 3, 5
SAID_AT = time(12, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The days that are lived through, both included."""

    first: date
    last: date

    def days(self) -> Iterator[date]:
        for n in range((self.last - self.first).days + 1):
            yield self.first + n * A_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody of the team, and what the oracle knows of their days."""

    seat: Seat
    zone: str
    region: str
    leaves: tuple[tuple[date, date], ...] = ()

    @property
    def leads(self) -> bool:
        return Role.MANAGER in self.seat.roles


SHANGHAI, LONDON, NEW_YORK = "Asia/Shanghai", "Europe/London", "America/New_York"
PEOPLE = (
    Person(seat=seat("ann", zone=SHANGHAI), zone=SHANGHAI, region="CN"),
    Person(
        seat=seat("bo", zone=LONDON),
        zone=LONDON,
        region="GB-ENG",
        leaves=((date(2026, 2, 9), date(2026, 2, 13)), (date(2026, 7, 27), date(2026, 8, 14))),
    ),
    Person(
        seat=seat("cy", zone=NEW_YORK),
        zone=NEW_YORK,
        region="US",
        leaves=((date(2026, 4, 1), date(2026, 4, 3)), (date(2026, 12, 28), date(2026, 12, 31))),
    ),
    Person(
        seat=replace(seat("boss", zone=LONDON), roles=frozenset({Role.MANAGER})), zone=LONDON, region="GB-ENG"
    ),
)
# Declared by the organisation for everybody: a day off, and a day that is worked although some region rests.
DECLARED = {date(2026, 3, 18): False, date(2026, 4, 6): True, date(2026, 9, 12): True}


def works(person: Person, day: date) -> bool:
    """The oracle: whether somebody works on a day."""
    if any(first <= day <= last for first, last in person.leaves):
        return False
    if day in DECLARED:
        return DECLARED[day]
    country, _, part = person.region.partition("-")
    public = _library(country, part)
    if day in getattr(public, "weekend_workdays", ()):
        return True
    return day.isoweekday() < 6 and day not in public


_known: dict[tuple[str, str], Mapping[date, str]] = {}


def _library(country: str, part: str) -> Mapping[date, str]:
    if (country, part) not in _known:
        _known[country, part] = country_holidays(country, subdiv=part or None, years=range(2025, 2028))
    return _known[country, part]


def periods(cadence: Cadence, person: Person, span: Span) -> list[str]:
    """The oracle: the days on which a push of a cadence comes, by looking at each day's neighbours."""

    def same(one: date, other: date) -> bool:
        if cadence in (Cadence.FIRST_OF_WEEK, Cadence.LAST_OF_WEEK):
            return one.isocalendar()[:2] == other.isocalendar()[:2]
        return (one.year, one.month) == (other.year, other.month)

    def fits(day: date) -> bool:
        if not works(person, day):
            return False
        around = [day + n * A_DAY for n in range(-31, 32)]
        before = [each for each in around if each < day and same(each, day) and works(person, each)]
        after = [each for each in around if each > day and same(each, day) and works(person, each)]
        match cadence:
            case Cadence.WORKDAYS:
                return True
            case Cadence.FIRST_OF_WEEK | Cadence.FIRST_OF_MONTH:
                return not before
            case Cadence.LAST_OF_WEEK | Cadence.LAST_OF_MONTH:
                return not after
            case Cadence.MID_MONTH:
                return day.day >= 15 and all(each.day < 15 for each in before)
        raise ValueError(cadence)

    return [day.isoformat() for day in span.days() if fits(day)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """An unsolicited message that was sent: to whom, under which key, when by their wall."""

    person: Person
    push: str
    key: str
    at: datetime


@dataclass(slots=True, kw_only=True)
class Year:
    """What was lived through."""

    span: Span
    posts: list[Post] = field(default_factory=list)
    served: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    steps: int = 0
    seconds: float = 0.0

    def quiet(self) -> list[str]:
        """What was sent between 21:00 and 08:00 of somebody's wall."""
        return [
            f"{each.key} at {each.at}"
            for each in self.posts
            if not time(8, 0) <= each.at.time() < time(21, 0)
        ]

    def twice(self) -> list[str]:
        """What was sent to somebody more than once on a date."""
        counted = Counter(
            (each.person.seat.handle, each.push, each.at.date()) for each in self.posts if each.push
        )
        return [str(each) for each, n in counted.items() if n > 1]

    def wrong_periods(self) -> list[str]:
        """Where the periods that were served are not those of the oracle: one missing, or one too many."""
        found = []
        for person in PEOPLE:
            for push in registry().pushes.values():
                expected = periods(push.cadence, person, self.span)
                served = self.served.get((person.seat.handle, push.name), [])
                if person.seat.roles.isdisjoint(push.roles):
                    expected = []
                differing = sorted(set(served) ^ set(expected))
                if differing or served != expected:
                    found.append(f"{person.seat.handle} {push.name}: {differing[:5] or 'order'}")
        return found

    def wrong_times(self) -> list[str]:
        """What came at another time of the wall than its own; the morning cards must all be there."""
        found = []
        for person in PEOPLE:
            mornings = [
                each.at.date().isoformat()
                for each in self.posts
                if each.push == "morning" and each.person is person
            ]
            expected = [] if person.leads else periods(Cadence.WORKDAYS, person, self.span)
            if mornings != expected:
                found.append(f"{person.seat.handle}: {sorted(set(mornings) ^ set(expected))[:5]}")
        for each in self.posts:
            wanted = {"morning": time(8, 30), "nudge": time(17, 30), "digest": time(9, 0)}.get(each.push)
            if wanted and each.at.time() != wanted:
                found.append(f"{each.key} at {each.at}")
        return found

    def over_budget(self) -> list[str]:
        """The days on which somebody got more than they are promised; edits are no messages."""
        counted = Counter((each.person.seat.handle, each.at.date()) for each in self.posts)
        leaders = {each.seat.handle for each in PEOPLE if each.leads}
        return [
            f"{handle} {n} on {day}"
            for (handle, day), n in counted.items()
            if n > (LEADER_MOST if handle in leaders else REP_MOST)
        ]


async def lived(span: Span) -> Year:
    """Lives through it with the real app: each due instant, each person saying something at noon of a day worked."""
    year, start = Year(span=span), machine.perf_counter()
    begin = datetime.combine(span.first, time(0, 0), UTC) - timedelta(hours=14)
    async with house([each.seat for each in PEOPLE], now=begin) as at:
        await _settle_in(at)
        end = datetime.combine(span.last, time(0, 0), UTC) + 2 * A_DAY
        said = sorted(_said(span))
        while at.clock.at < end:
            next_at = await at.app.next_at() or end
            if said and said[0][0] <= next_at:
                moment, handle = said.pop(0)
                at.clock.at = max(at.clock.at, moment)
                await at.says(handle, "/report")
            else:
                at.clock.at = max(at.clock.at, min(next_at, end))
                await at.app.settle()
            year.steps += 1
            await _note(at, year)
        await _collect(at, year)
    year.seconds = machine.perf_counter() - start
    return year


async def _settle_in(at: House) -> None:
    """Everybody says whose holidays are theirs and when they are away; the leader which days are otherwise."""
    for person in PEOPLE:
        await at.says(person.seat.handle, f"/settings holidays {person.region}")
        for first, last in person.leaves:
            await at.says(person.seat.handle, f"/away {first} to {last}")
    for day, is_worked in DECLARED.items():
        await at.says("boss", f"/calendar {'work' if is_worked else 'off'} {day}")


def _said(span: Span) -> Iterator[tuple[datetime, str]]:
    """Everybody says a word at noon of each day they work: nobody is silent."""
    for person in PEOPLE:
        for day in span.days():
            if works(person, day):
                at = datetime.combine(day, SAID_AT, ZoneInfo(person.zone))
                yield at.astimezone(UTC), person.seat.handle


async def _note(at: House, year: Year) -> None:
    d = tables.due.c
    for member, push, label in await at.rows(select(d.member_id, d.push, d.served).where(d.served != "")):
        handle = PEOPLE[member - 1].seat.handle
        labels = year.served.setdefault((handle, push), [])
        inside = year.span.first.isoformat() <= label <= year.span.last.isoformat()
        if inside and (not labels or labels[-1] != label):
            labels.append(label)


async def _collect(at: House, year: Year) -> None:
    p = tables.letter.c
    rows = await at.rows(
        select(p.key, p.member_id, p.sent_at)
        .where(p.delivery == Delivery.POST, p.urgency == int(Urgency.PUSH), p.state == "sent")
        .order_by(p.sent_at, p.id)
    )
    for key, member, sent_at in rows:
        if member is None:
            continue
        person = PEOPLE[member - 1]
        words = key.split(":")
        push = words[1] if words[1:2] and words[1] in registry().pushes else ""
        local = sent_at.astimezone(ZoneInfo(person.zone))
        if year.span.first <= local.date() <= year.span.last:
            year.posts.append(Post(person=person, push=push, key=key, at=local))


def written(page: str, year: Year) -> str:
    """The page with what was lived through in its place."""
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    kinds = Counter(each.push or "other" for each in year.posts)
    lines = [
        "| from | to | people | messages | in quiet hours | twice | periods missing or too many | over budget |",
        "|---|---|---|---|---|---|---|---|",
        f"| {year.span.first} | {year.span.last} | {len(PEOPLE)} | {len(year.posts):,} | {len(year.quiet())} "
        f"| {len(year.twice())} | {len(year.wrong_periods()) + len(year.wrong_times())} | {len(year.over_budget())} |",
        "",
        f"{year.steps:,} instants; " + ", ".join(f"{name} {n:,}" for name, n in sorted(kinds.items())) + ".",
    ]
    return f"{before}{BEGIN}\n" + "\n".join(lines) + f"\n{END}{after}"


def main(words: Sequence[str] | None = None) -> int:
    """Exits 1 when the year was not as promised."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    parser.add_argument("--days", type=int, default=365)
    given = parser.parse_args(words)
    first = date(2026, 1, 1)
    year = asyncio.run(lived(Span(first=first, last=first + (given.days - 1) * A_DAY)))
    faults = [*year.quiet(), *year.twice(), *year.wrong_periods(), *year.wrong_times(), *year.over_budget()]
    print("\n".join(faults[:40]))
    print(f"{len(year.posts)} messages, {year.steps} instants, {year.seconds:.0f} s, {len(faults)} faults")
    if given.write:
        PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), year), encoding="utf-8")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
