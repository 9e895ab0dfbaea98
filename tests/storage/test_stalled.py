"""Stalled deals as rows: totals that equal a count, lists by index, alerts that nothing tells twice."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from sqlalchemy import event, func, insert, select, text

from domain.customers import CustomerId
from domain.deal_ports import Alerted, Which
from domain.deals import Deal, DealId, State
from domain.milestones import PROJECT
from domain.people import MemberId, OrgId, TeamId
from domain.ports import ChangeId, Store
from domain.schedule import local_date
from domain.stalled import Level, assess
from domain.workdays import Leave
from handlers.clockwork import LEVELS, Usual, as_of_now, clock_of, wind
from handlers.promising import drop_next, set_next
from handlers.tick import check_deals
from storage import tables
from tests.support.opened import MEMBER, MONDAY, NINE, Opened, opened

DAY = timedelta(days=1)
STEPS = 60
ACTIVE = frozenset({State.ACTIVE})


def a_deal(
    customer: CustomerId, owner: MemberId, team: TeamId | None, on: date = MONDAY, **other: object
) -> Deal:
    plain = Deal(
        id=DealId(0),
        customer_id=customer,
        customer_name="Acme",
        owner_id=owner,
        team_id=team,
        title="",
        state=State.ACTIVE,
        milestone=1,
        opened_on=on,
        entered_on=on,
    )
    return replace(plain, **other)  # type: ignore[arg-type]


@dataclass(slots=True)
class Fair:
    """An organisation in which random things happen to deals, one turn after the other."""

    books: Opened
    org: OrgId
    people: tuple[tuple[MemberId, TeamId], ...]
    customer: CustomerId
    chance: Random
    now: datetime = NINE
    deals: list[DealId] = field(default_factory=list)
    undoable: list[int] = field(default_factory=list)

    def turn(self, act: Callable[[Store], None], *, undoable: bool = True) -> None:
        """One turn as the gateway ends it."""
        with self.books.turn(self.org, self.people[0][0]) as store:
            act(store)
            for deal in sorted(store.touched_deals()):
                wind(store, store.organisation(), deal, self.now)
        self.tick()
        if undoable:
            self.undoable.append(self.books.changes)

    def today(self) -> date:
        return local_date(self.now, "Europe/Berlin")

    def any_deal(self, store: Store) -> Deal | None:
        return store.deal(self.chance.choice(self.deals)) if self.deals else None

    def open(self, store: Store) -> None:
        owner, team = self.chance.choice(self.people)
        made = a_deal(self.customer, owner, team, self.today())
        number = store.open_deal(made)
        self.deals.append(number)
        if self.chance.random() < 0.5:
            self.promise(store, replace(made, id=number))

    def promise(self, store: Store, deal: Deal) -> None:
        set_next(store, deal, "call", self.today() + self.chance.randint(-2, 9) * DAY)

    def change(self, store: Store) -> None:
        """Something happens to a deal: a step, a move, a rest, an end, another owner."""
        deal = self.any_deal(store)
        if deal is None:
            return
        owner, team = self.chance.choice(self.people)
        held = {"held_on": self.today(), "held_until": self.today() + 9 * DAY}
        back = {"state": State.ACTIVE, "held_on": None, "resumed_on": self.today()}
        match self.chance.randrange(9):
            case 0:
                self.promise(store, deal)
            case 1:
                drop_next(store, deal)
            case 2:
                store.revise_deal(deal.id, moves=deal.moves + 1)
            case 3:
                store.revise_deal(deal.id, state=State.ON_HOLD, **held)
            case 4:
                store.revise_deal(
                    deal.id, state=self.chance.choice((State.WON, State.LOST)), closed_on=self.today()
                )
            case 5:
                store.revise_deal(deal.id, **back)
            case 6:
                store.revise_deal(deal.id, owner_id=owner, team_id=team)
            case 7:
                store.revise_deal(deal.id, milestone=min(deal.milestone + 1, 6), entered_on=self.today())
            case _:
                store.add_leave(owner, Leave(first=self.today(), last=self.today() + 3 * DAY), "")
                store.check_deals(None, owner, self.now)

    def undo(self) -> None:
        if not self.undoable:
            return
        number = ChangeId(self.undoable.pop())

        def act(store: Store) -> None:
            store.take_back(number, store.facts(number), self.now)
            # As whatever changes a calendar does.
            for owner, _ in self.people:
                store.check_deals(None, owner, self.now)

        self.turn(act, undoable=False)

    def pass_days(self) -> None:
        self.now += self.chance.randint(1, 12) * DAY
        self.tick()

    def tick(self) -> None:
        with self.books.work() as work:
            while check_deals(work, self.now):
                pass

    def step(self) -> None:
        match self.chance.randrange(6):
            case 0 | 1:
                self.turn(self.open)
            case 2 | 3:
                self.turn(self.change)
            case 4:
                self.undo()
            case _:
                self.pass_days()


def fair(books: Opened, seed: int) -> Fair:
    org, team, member = books.found()
    with books.turn(org, member) as store:
        other = store.add_team("West")
        second = store.add_member(replace(MEMBER, name="Ben", team_id=other))
        customer = store.add_customer("Acme", "acme", member)
    return Fair(
        books=books,
        org=org,
        people=((member, team), (second, other)),
        customer=customer.id,
        chance=Random(seed),
    )


def counted(books: Opened, org: OrgId) -> dict[tuple[int, int, int], int]:
    """The totals as they would be counted."""
    d = tables.deal.c
    found = (
        select(d.owner_id, d.team_id, d.level, func.count())
        .where(d.org_id == org, d.withdrawn.is_(False), d.level > 0)
        .group_by(d.owner_id, d.team_id, d.level)
    )
    with books.work() as work:
        connection = work.store(org).connection  # type: ignore[attr-defined]
        return {(owner, team or 0, level): n for owner, team, level, n in connection.execute(found)}


def kept(books: Opened, org: OrgId) -> dict[tuple[int, int, int], int]:
    """The totals as they are kept."""
    v = tables.stalled_count.c
    with books.work() as work:
        connection = work.store(org).connection  # type: ignore[attr-defined]
        rows = connection.execute(
            select(v.owner_id, v.team_id, v.level, v.n).where(v.org_id == org, v.n != 0)
        )
        found = {(owner, team, level): n for owner, team, level, n in rows}
    of_teams: Counter[tuple[int, int, int]] = Counter()
    for (owner, team, level), n in found.items():
        of_teams[0, team, level] += n if owner else 0
    assert +of_teams == {key: n for key, n in found.items() if not key[0]}
    return {key: n for key, n in found.items() if key[0]}


@pytest.mark.parametrize("seed", range(6))
def test_totals_and_levels_are_those_of_a_count_whatever_happens(books: Opened, seed: int) -> None:
    at = fair(books, seed)
    reached = set()
    for _ in range(STEPS):
        at.step()
        assert kept(books, at.org) == counted(books, at.org)
        with books.store(at.org) as store:
            org = store.organisation()
            for number in at.deals:
                deal = store.deal(number)
                if deal is None:
                    continue
                owner = store.member(deal.owner_id)
                today = local_date(at.now, owner.zone)
                clock = clock_of(as_of_now(store, deal), Usual(store), store.calendar(org, owner), today)
                assert LEVELS[deal.clocks.level] is assess(clock, today).level
                assert (deal.clocks.since is None) is (deal.clocks.level == 0)
                assert deal.clocks.since is None or deal.clocks.since <= today
                reached.add(deal.clocks.level)
    assert reached == {0, 1, 2}


def test_a_list_is_the_worst_and_longest_first_on_every_page(books: Opened) -> None:
    at = fair(books, 7)
    for _ in range(STEPS):
        at.step()
    (first, team), _ = at.people
    for which in (
        Which(stalled=True, states=ACTIVE),
        Which(stalled=True, states=ACTIVE, owner_id=first),
        Which(stalled=True, states=ACTIVE, team_ids=(team,)),
    ):
        with books.store(at.org) as store:
            whole = store.deals(which, 1000)
            assert whole
            assert list(whole) == sorted(
                whole, key=lambda each: (-each.clocks.level, each.clocks.since, each.id)
            )
            pages = [store.deals(which, 3, offset) for offset in range(0, len(whole) + 3, 3)]
            assert tuple(each for page in pages for each in page) == whole
            assert store.count_deals(which) == len(whole)
            totals: Mapping[Level, int] = (
                store.stalled_totals(owner=first)
                if which.owner_id
                else store.stalled_totals(teams=which.team_ids)
            )
            assert sum(totals.values()) == len(whole)


def test_what_was_told_stays_told_and_its_answer_with_it(books: Opened) -> None:
    at = fair(books, 0)
    at.turn(at.open)
    (deal,) = at.deals
    alert = Alerted(deal_id=deal, level=1, since=MONDAY, slot=0)
    later = NINE + timedelta(hours=2)
    with books.store(at.org) as store:
        store.note_alerts([replace(alert, led_at=NINE)])
        assert store.alerted([deal]) == {deal: replace(alert, led_at=NINE)}
        store.answer_alert(deal, "next", later)
        assert store.alerted([deal])[deal].answer is None
        store.note_alerts([replace(alert, told_at=later)])
        store.answer_alert(deal, "next", later)
        store.note_alerts([replace(alert, told_at=later + DAY, led_at=later + DAY)])
        told = replace(alert, told_at=later, led_at=NINE, answer="next", answered_at=later)
        assert store.alerted([deal]) == {deal: told}
        store.answer_alert(deal, None, later)
        assert store.alerted([deal])[deal] == replace(told, answer=None, answered_at=None)
        store.note_alerts([replace(alert, slot=1, told_at=later + 7 * DAY)])
        assert store.alerted([deal])[deal].slot == 1


def test_what_was_answered_for_and_is_in_order_counts_as_cleared(books: Opened) -> None:
    at = fair(books, 0)
    (owner, team), _ = at.people
    for _ in range(3):
        at.turn(lambda store: at.deals.append(store.open_deal(a_deal(at.customer, owner, team))))
    with books.store(at.org) as store:
        store.note_alerts(
            [Alerted(deal_id=each, level=1, since=MONDAY, slot=0, told_at=NINE) for each in at.deals]
        )
        for each in at.deals[:2]:
            store.answer_alert(each, "next", NINE)
    at.turn(lambda store: at.promise(store, store.deal(at.deals[0])), undoable=False)  # type: ignore[arg-type]
    with books.store(at.org) as store:
        in_order = [each for each in at.deals if store.deal(each).clocks.level == 0]  # type: ignore[union-attr]
        wanted = {team: 1} if at.deals[0] in in_order else {}
        assert store.count_cleared([team], NINE, NINE + DAY) == wanted
        assert store.count_cleared([team], NINE - DAY, NINE) == {}


def test_a_won_median_moves_the_levels(books: Opened) -> None:
    """From ten won deals on their own days are the benchmark; the tick winds what a changed one touches."""
    at = fair(books, 0)
    (owner, team), _ = at.people
    at.turn(lambda store: at.deals.append(store.open_deal(a_deal(at.customer, owner, team))))
    at.turn(lambda store: _promise_far(store, at))
    at.now += 11 * DAY
    with books.work() as work:
        check_deals(work, at.now)
        assert work.store(at.org).deal(at.deals[0]).clocks.level == 0  # type: ignore[union-attr]

    def won(store: Store, days: int) -> None:
        number = store.open_deal(a_deal(at.customer, owner, team, state=State.WON))
        store.leave(number, left_on=MONDAY + days * DAY, days=days, passed="proven")

    for days in (1, 2, 3, 4, 5, 5, 6, 7, 8):
        at.turn(lambda store, days=days: won(store, days))  # type: ignore[misc]
    with books.work() as work:
        store = work.store(at.org)
        store.check_deals(PROJECT.id, None, at.now)
        assert check_deals(work, at.now) == 1
        assert store.deal(at.deals[0]).clocks.level == 0  # type: ignore[union-attr]
    at.turn(lambda store: won(store, 9))
    with books.work() as work:
        store = work.store(at.org)
        store.check_deals(PROJECT.id, None, at.now)
        assert check_deals(work, at.now) == 1
        # 11 days against a median of 5: more than twice.
        found = store.deal(at.deals[0])
        assert found is not None
        assert (found.clocks.level, found.clocks.since) == (2, at.today())


def _promise_far(store: Store, at: Fair) -> None:
    deal = store.deal(at.deals[0])
    assert deal is not None
    set_next(store, deal, "call", MONDAY + 300 * DAY)


LARGE = 20_000


def many_deals(
    org: OrgId, owner: MemberId, team: TeamId, customer: CustomerId
) -> Iterator[dict[str, object]]:
    """Every twentieth is stalled, every hundredth badly."""
    for number in range(1, LARGE + 1):
        level = 2 if number % 100 == 0 else 1 if number % 20 == 0 else 0
        blank: dict[str, object] = {column.name: None for column in tables.deal.columns}
        yield blank | {
            "org_id": org,
            "id": number,
            "customer_id": customer,
            "owner_id": owner,
            "team_id": team,
            "title": "",
            "state": "active",
            "milestone": 1,
            "opened_on": MONDAY,
            "entered_on": MONDAY,
            "amount": Decimal(100),
            "moves": 0,
            "backs": 0,
            "phase": "need",
            "template_id": 0,
            "imported": False,
            "unproven": (),
            "overridden": (),
            "approved": 0,
            "held_days": 0,
            "reason": "",
            "note": "",
            "lesson": "",
            "kept": "",
            "contract": "",
            "standing": "",
            "shift": 0,
            "shift_reason": "",
            "snooze_reason": "",
            "level": level,
            "since": MONDAY + (number % 90) * DAY if level else None,
            "quiets": 0,
            "withdrawn": False,
        }


@pytest.mark.parametrize(
    ("which", "index"),
    [
        (lambda _owner, _team: Which(stalled=True, states=ACTIVE), "ix_deal_stalled"),
        (lambda _owner, team: Which(stalled=True, states=ACTIVE, team_ids=(team,)), "ix_deal_stalled_team"),
        (lambda owner, _team: Which(stalled=True, states=ACTIVE, owner_id=owner), "ix_deal_stalled_owner"),
    ],
    ids=["all", "team", "owner"],
)
def test_the_first_stalled_deals_are_read_along_an_index(
    books: Opened, which: Callable[[MemberId, TeamId], Which], index: str
) -> None:
    org, team, owner = books.found()
    with books.turn(org, owner) as store:
        customer = [store.add_customer(f"Acme {n}", f"acme{n}", owner).id for n in range(200)][-1]
    with books.work() as work:
        connection = work.store(org).connection  # type: ignore[attr-defined]
        connection.execute(insert(tables.deal), list(many_deals(org, owner, team, customer)))
        connection.execute(text("ANALYZE"))
    said: list[tuple[str, Any]] = []
    with books.work() as work:
        store = work.store(org)
        connection = store.connection  # type: ignore[attr-defined]

        def hear(_c: object, _cursor: object, sql: str, values: Any, *_more: object) -> None:
            said.append((sql, values))

        event.listen(books.database.engine, "before_cursor_execute", hear)
        found = store.deals(which(owner, team), 50)
        event.remove(books.database.engine, "before_cursor_execute", hear)
        assert len(found) == 50
        (sql, values), *_ = said
        word = "EXPLAIN" if connection.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
        plan = "\n".join(str(row) for row in connection.exec_driver_sql(f"{word} {sql}", values))
    assert index in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan
    assert "SCAN deal" not in plan
    assert "Seq Scan on deal" not in plan


def test_two_turns_about_one_deal_count_it_once(postgres_url: str) -> None:
    """Where turns run side by side, one waits for the other and sees what it left."""
    with opened(postgres_url) as first, opened(postgres_url) as second:
        at = fair(first, 0)
        at.turn(lambda store: at.deals.append(store.open_deal(a_deal(at.customer, *at.people[0]))))
        (deal,) = at.deals
        done = threading.Event()

        def promise() -> None:
            second.changes = 500
            with second.turn(at.org, at.people[0][0]) as store:
                wind(store, store.organisation(), deal, at.now)
                done.set()

        other = threading.Thread(target=promise)
        with first.turn(at.org, at.people[0][0]) as store:
            store.lock_deal(deal)
            store.revise_deal(deal, moves=3)
            other.start()
            # It waits: a lock that is not asked for would let it through.
            assert not done.wait(1)
            wind(store, store.organisation(), deal, at.now)
        other.join()
        assert done.is_set()
        assert kept(first, at.org) == counted(first, at.org)
        assert [level for _, _, level in kept(first, at.org)] == [2]
