"""The filled demo team of the playground: three weeks of work and its scenes, played through the real commands."""

import random
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import cycle
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from bot.app import App, build
from bot.clock import SetClock
from bot.inbound import from_plain
from bot.seed import PAST_LEARNING, Founding, Seat, found
from bot.web.adapter import PLATFORM, ROOM, Chats, Speaker, WebDoor
from domain.people import Language, Member, OrgId, Profile, Role
from domain.ports import Address, Work
from domain.schedule import instant, local_date
from domain.workdays import Calendar
from handlers.words import catalogue

DATA = Path(__file__).parent
WEEK = frozenset({1, 2, 3, 4, 5})
HISTORY_DAYS = 15
OPENS, DAY_STARTS, PLANS_AT, CLOSES_AT = time(8, 25), time(8, 30), time(17, 5), time(17, 10)
PLANNED_AT = (time(10, 0), time(15, 0))
# Whose chats the page shows; the others work unseen.
PANES = ("ann", "boss")
# How many visits and calls end with a promise, reports with a reflection, and records are at a customer of the manager's.
VISITS_PROMISED, CALLS_PROMISED, REFLECTED, LENT = 0.4, 0.8, 0.3, 0.025
PROMISE_DAYS = (1, 2, 3)
# The minute past eight from which deals are opened, one a minute: before anybody is on the way.
DEALS_FROM = 40
# The quarter's targets are agreed before that; contracts come in the afternoon.
TARGETS_FROM, WON_AT = 32, time(16, 10)
DONE = "/done S"
# Far above what three weeks or one jump of the clock can hold; only a loop that never ends meets it.
MOST_STEPS = 5_000


class Person(BaseModel):
    """One of the team: how busy, and on which days of the history late, missing or away."""

    handle: str
    name: str
    roles: frozenset[Role]
    deputy: bool = False
    visits: tuple[int, int]
    calls: tuple[int, int]
    # What is agreed for the quarter the demo opens in.
    target: str | None = None
    late: frozenset[int] = frozenset()
    missed: frozenset[int] = frozenset()
    away: frozenset[int] = frozenset()


class Account(BaseModel):
    """A customer and whom one meets there."""

    name: str
    owner: str
    met: tuple[str, ...]


class Sale(BaseModel):
    """A deal of the team's: opened on a day of the history, and how far it has come since; some were won on one."""

    customer: str
    title: str
    amount: str
    milestone: int
    opened: int
    closes_in: int
    won: int | None = None


class Phrases(BaseModel):
    """How the team types its commands."""

    record: str
    following: str
    plan: str
    close: str
    reflect: str
    away: str
    visit: str
    call: str
    deal: str
    advance: str
    win: str
    target: str
    accept: str
    lock: str
    weekdays: tuple[str, ...]


class Phrasebook(BaseModel):
    """What the team has to tell."""

    visit_results: tuple[str, ...]
    call_results: tuple[str, ...]
    steps: tuple[str, ...]
    purposes: tuple[str, ...]
    reflections: tuple[str, ...]


class Act(BaseModel):
    """One step of a scene: the clock goes on to a time of the day, or somebody says or presses something."""

    at: time | None = None
    who: str = ""
    say: str = ""
    press: str = ""


class Scene(BaseModel):
    """A state of the demo that a link leads to: its acts, or the language whose scene of that name it is."""

    language: Language | None = None
    acts: tuple[Act, ...] = ()


class Story(BaseModel):
    """One language's demo team."""

    org: str
    team: str
    zone: str
    currency: str
    people: tuple[Person, ...]
    say: Phrases
    words: Phrasebook
    customers: tuple[Account, ...]
    deals: tuple[Sale, ...]
    scenes: dict[str, Scene]

    def lent(self) -> str:
        """A customer of the manager's, whom a rep may visit and the manager then hears of it."""
        return next(each.name for each in self.customers if each.owner == "boss")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Something a person does at a time: words, or one tap on everything that is due."""

    at: datetime
    handle: str
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """The running demo team and its movable clock."""

    app: App
    clock: SetClock
    chats: Chats
    door: WebDoor
    story: Story
    calendar: Calendar
    org: OrgId
    members: Mapping[str, Member]

    def wall(self) -> datetime:
        """The time on the team's wall."""
        return self.clock.now().astimezone(ZoneInfo(self.story.zone))

    async def run_until(self, target: datetime) -> None:
        """Moves the clock to `target`; what falls due on the way happens at its own time, in order."""
        for _ in range(MOST_STEPS):
            due = await self.app.next_at()
            if due is None or due > target:
                break
            self.clock.set(due)
            await self.app.settle()
        self.clock.set(target)
        await self.app.settle()

    def next_morning(self) -> datetime:
        """The start of the next working day."""
        day = self.calendar.after(local_date(self.clock.now(), self.story.zone))
        return instant(day, DAY_STARTS, self.story.zone)

    async def play(self, acts: Iterable[Act], language: Language) -> None:
        """Plays a scene on the day the demo opens on."""
        names = {each.handle: each.name for each in self.story.people}
        for act in acts:
            if act.at is not None:
                day = local_date(self.clock.now(), self.story.zone)
                await self.run_until(instant(day, act.at, self.story.zone))
                continue
            who = Speaker(handle=act.who, name=names[act.who], language=language)
            if act.press:
                await self._press(who, act.press)
            else:
                await self.door.say(who, act.say)
            await self.app.settle()

    async def _press(self, who: Speaker, label: str) -> None:
        """Presses the newest button of that label in a chat."""
        for message in reversed(self.chats.of(who.handle)):
            rows = message.card.rows if message.card else ()
            labels = [catalogue().say(button.label, message.language) for row in rows for button in row]
            if label in labels:
                await self.door.press(who, message.id, f"{message.token}.{labels.index(label)}")
                return
        raise LookupError(f"nobody offers {who.handle} a button {label}")

    def close(self) -> None:
        self.app.close()


@cache
def story_of(language: Language) -> Story:
    """The demo team's data in a language."""
    return Story.model_validate(tomllib.loads((DATA / f"demo.{language}.toml").read_text(encoding="utf-8")))


async def open_demo(language: Language, today: date, history_days: int = HISTORY_DAYS) -> Demo:
    """The demo team at 08:25 of the last working day on or before `today`, so many working days behind it."""
    story, calendar = story_of(language), Calendar(week=WEEK)
    last = today if calendar.is_workday(today) else calendar.before(today)
    days = [last]
    for _ in range(history_days):
        days.insert(0, calendar.before(days[0]))
    clock = SetClock(instant(days[0], time(7, 0), story.zone))
    source = random.Random(f"{language} {last}")
    # In memory: gone with the process, and nothing to clean up after it.
    app = build("sqlite:///:memory:", clock, {PLATFORM: from_plain}, source)
    app.prepare()
    chats = Chats(clock)
    app.courier.join(PLATFORM, chats)
    org, members = await app.writer.run(
        lambda work: _found(work, _founding(story, language, days[0]), clock.now())
    )
    demo = Demo(
        app=app,
        clock=clock,
        chats=chats,
        door=WebDoor(app, chats),
        story=story,
        calendar=calendar,
        org=org,
        members=members,
    )
    await _play(demo, language, sorted(_deeds(story, calendar, days, source), key=lambda deed: deed.at))
    await demo.run_until(instant(last, OPENS, story.zone))
    return demo


def _found(work: Work, founding: Founding, now: datetime) -> tuple[OrgId, Mapping[str, Member]]:
    seated = found(work, founding, now)
    (org,) = {org for org, _ in seated.values()}
    store = work.store(org)
    # What is posted to the team's room stands in the page's third pane.
    for team in store.teams():
        if team.manager_id:
            store.bind_room(team.id, Address(platform=PLATFORM, chat=ROOM), team.manager_id)
    return org, {handle: store.member(member) for handle, (_, member) in seated.items()}


def _founding(story: Story, language: Language, first: date) -> Founding:
    seats = [
        Seat(
            handle=each.handle,
            name=each.name,
            roles=each.roles,
            language=language,
            platform=PLATFORM,
            deputy=each.deputy,
        )
        for each in story.people
    ]
    return Founding(
        name=story.org,
        language=language,
        zone=story.zone,
        currency=story.currency,
        week=WEEK,
        profile=Profile.FIELD,
        started_on=first - PAST_LEARNING,
        joined_on=first - PAST_LEARNING,
        teams=[(story.team, seats)],
    )


async def _play(demo: Demo, language: Language, deeds: list[Deed]) -> None:
    """Does the deeds in order; the pushes come between them as they fall due."""
    names = {each.handle: each.name for each in demo.story.people}
    due = await demo.app.next_at()
    for deed in deeds:
        while due is not None and due <= deed.at:
            demo.clock.set(due)
            await demo.app.settle()
            due = await demo.app.next_at()
        demo.clock.set(deed.at)
        who = Speaker(handle=deed.handle, name=names[deed.handle], language=language)
        if deed.text is None:
            await _tap(demo, who)
        else:
            await demo.door.say(who, deed.text)
        # The unseen work side by side, in groups; what the page will show is answered one by one.
        if deed.handle in PANES:
            await demo.app.dispatch.idle()
            await demo.app.courier.settle()


async def _tap(demo: Demo, who: Speaker) -> None:
    """Taps every step that the newest card of the day offers as done."""
    for message in reversed(demo.chats.of(who.handle)):
        commands = message.card.commands if message.card else ()
        if message.token and any(command.startswith(DONE) for command in commands):
            for index, command in enumerate(commands):
                if command.startswith(DONE):
                    await demo.door.press(who, message.id, f"{message.token}.{index}")
            return


def _deeds(story: Story, calendar: Calendar, days: list[date], source: random.Random) -> Iterator[Deed]:
    """What everybody does on every day but the last, and what is planned for that one."""
    for person in story.people:
        own = [each for each in story.customers if each.owner == person.handle]
        elsewhere = [each for each in story.customers if each.owner == "boss"]
        round_of = cycle(source.sample(own, len(own)))
        if Role.REP not in person.roles:
            # What the manager knows first stays the manager's, whoever is there later.
            for minute, account in enumerate(own):
                text = _record(story, calendar, story.say.call, account, days[0], source)
                yield _deed(story, days[0], time(8, 30 + minute), person, text)
        for index, day in enumerate(days[:-1]):
            if index in person.away:
                yield _deed(story, days[index - 1], time(17, 0), person, story.say.away.format(on=day))
                continue
            visits, calls = source.randint(*person.visits), source.randint(*person.calls)
            hours = sorted(source.sample(range(9 * 12 + 2, 16 * 12 + 8), visits + calls))
            kinds = source.sample([story.say.visit] * visits + [story.say.call] * calls, visits + calls)
            for five, command in zip(hours, kinds, strict=True):
                # A rep is now and then at a customer of the manager's, who is told of it.
                lent = person.handle != "boss" and source.random() < LENT
                account = source.choice(elsewhere) if lent else next(round_of)
                text = _record(story, calendar, command, account, day, source)
                yield _deed(story, day, time(five // 12, five % 12 * 5), person, text)
            if Role.REP in person.roles:
                yield _deed(story, day, time(17, source.randint(0, 2)), person, None)
                yield from _closed(story, days, index, person, source)
        if person is story.people[-1]:
            yield from _agreed(story, days)
            yield from _sold(story, calendar, days, source)
        if Role.REP in person.roles:
            yield from _plans(story, days, person, own, source)


def _agreed(story: Story, days: list[date]) -> Iterator[Deed]:
    """The quarter's targets: proposed by who leads, accepted by each, locked."""
    boss = next(each for each in story.people if Role.MANAGER in each.roles)
    quarter = (days[-1].month + 2) // 3
    for number, person in enumerate((each for each in story.people if each.target), 1):
        at = time(8, TARGETS_FROM + number)
        said = story.say.target.format(name=person.name, amount=person.target, quarter=quarter)
        yield _deed(story, days[0], at, boss, said)
        yield _deed(story, days[0], at.replace(second=20), person, story.say.accept.format(n=number))
        yield _deed(story, days[0], at.replace(second=40), boss, story.say.lock.format(n=number))


def _sold(story: Story, calendar: Calendar, days: list[date], source: random.Random) -> Iterator[Deed]:
    """The deals, opened in the order of the file, one milestone further every two working days."""
    people = {each.handle: each for each in story.people}
    owners = {each.name: people[each.owner] for each in story.customers}
    for number, sale in enumerate(sorted(story.deals, key=lambda each: each.opened), 1):
        owner, minute = owners[sale.customer], DEALS_FROM + number
        # A short history opens them all on its last day.
        opened = min(sale.opened, len(days) - 2)
        text = story.say.deal.format(
            customer=sale.customer,
            title=sale.title,
            amount=sale.amount,
            close=(days[-1] + timedelta(days=sale.closes_in)).isoformat(),
        )
        following = story.say.following.format(
            step=source.choice(story.words.steps),
            day=story.say.weekdays[calendar.after(days[opened]).isoweekday() - 1],
        )
        yield _deed(story, days[opened], time(8, minute), owner, f"{text}\n{following}")
        for step in range(1, sale.milestone):
            day = days[min(opened + 2 * step, len(days) - 2)]
            yield _deed(story, day, time(8, minute, step), owner, story.say.advance.format(n=number))
        if sale.won is not None:
            boss = next(each for each in story.people if Role.MANAGER in each.roles)
            text = story.say.win.format(n=number, amount=sale.amount)
            yield _deed(story, days[min(sale.won, len(days) - 2)], WON_AT, boss, text)


def _deed(story: Story, day: date, at: time, person: Person, text: str | None) -> Deed:
    return Deed(at=instant(day, at, story.zone), handle=person.handle, text=text)


def _record(
    story: Story, calendar: Calendar, command: str, account: Account, day: date, source: random.Random
) -> str:
    is_visit = command == story.say.visit
    results = story.words.visit_results if is_visit else story.words.call_results
    text = story.say.record.format(
        command=command, customer=account.name, met=source.choice(account.met), result=source.choice(results)
    )
    if source.random() >= (VISITS_PROMISED if is_visit else CALLS_PROMISED):
        return text
    until = day
    for _ in range(source.choice(PROMISE_DAYS)):
        until = calendar.after(until)
    following = story.say.following.format(
        step=source.choice(story.words.steps), day=story.say.weekdays[until.isoweekday() - 1]
    )
    return f"{text}\n{following}"


def _closed(
    story: Story, days: list[date], index: int, person: Person, source: random.Random
) -> Iterator[Deed]:
    """The evening's report: on time, the next morning, or never."""
    if index in person.missed:
        return
    day = days[index]
    if index in person.late:
        yield _deed(story, days[index + 1], DAY_STARTS, person, story.say.close.format(on=day))
        return
    at = (datetime.combine(day, CLOSES_AT) + timedelta(minutes=source.randint(0, 150))).time()
    if source.random() < REFLECTED:
        text = story.say.reflect.format(on=day, words=source.choice(story.words.reflections))
    else:
        text = story.say.close.format(on=day)
    yield _deed(story, day, at, person, text)


def _plans(
    story: Story, days: list[date], person: Person, own: list[Account], source: random.Random
) -> Iterator[Deed]:
    """The visits planned for the day the demo opens on."""
    said_on, on = days[-2], days[-1]
    for account, at in zip(source.sample(own, len(PLANNED_AT)), PLANNED_AT, strict=True):
        text = story.say.plan.format(
            customer=account.name,
            on=on.isoformat(),
            at=f"{at:%H:%M}",
            met=source.choice(account.met),
            purpose=source.choice(story.words.purposes),
        )
        yield _deed(story, said_on, PLANS_AT, person, text)
