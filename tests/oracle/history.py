"""A random quarter of fifty reps in five teams: what they did, sold, were asked for and were away, as raw rows."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from bot.seed import Seat
from domain.activity import Activity, ActivityId, Kind, lacks, recredited
from domain.c139 import Item
from domain.collection import Instalment, Payment
from domain.customers import ContactId, CustomerId
from domain.deals import Checked, Deal, DealId, Part, Passage, Passed, State
from domain.kpis import Kpi
from domain.milestones import PROJECT
from domain.people import Language, Member, MemberId, Organisation, OrgId, Profile, Role, TeamId
from domain.ports import Address, Change, ChangeId, EventId, Store, Subject, Wording, Work
from domain.quota import Claim, Metric
from domain.results import Origin, Result
from domain.samples import Sample, Upheld, Verdict
from domain.satisfaction import Answer, Rating
from domain.schedule import instant
from domain.targets import Step, Target, TargetId
from domain.workdays import ONE_DAY, Calendar, CalendarDay, Leave, days, monday
from handlers.resulting import follow_deals
from handlers.rollups import roll_weeks
from handlers.turn import Turn

ZONE = "Asia/Shanghai"
FIRST, TODAY = date(2026, 1, 1), date(2026, 3, 26)
NOW = datetime(2026, 3, 26, 1, 0, tzinfo=UTC)
NAMES = ("North", "East", "South", "West", "Centre")
REPS = 10
KINDS = (Kind.VISIT, Kind.VISIT, Kind.VISIT, Kind.CALL, Kind.CALL, Kind.CALL, Kind.MESSAGE, Kind.MEETING)
MOVED_ON = (date(2026, 1, 7), date(2026, 1, 8), date(2026, 2, 13), date(2026, 3, 17), date(2026, 3, 19))
# The Spring Festival, its worked Saturday, and what two of the teams do otherwise.
HOLIDAYS = (
    *(CalendarDay(on=day, works=False) for day in days(date(2026, 2, 16), date(2026, 2, 20))),
    CalendarDay(on=date(2026, 2, 14), works=True),
    CalendarDay(on=date(2026, 3, 9), works=False, team_id=2),
    CalendarDay(on=date(2026, 2, 20), works=True, team_id=3),
    # Said and taken back: the last word holds.
    CalendarDay(on=date(2026, 3, 16), works=False),
    CalendarDay(on=date(2026, 3, 16), works=True),
)


def seats(team: str) -> list[Seat]:
    """A team's manager and its reps, `north0` to `north9`."""
    name = team.lower()
    return [_seat(f"{name}boss", Role.MANAGER), *(_seat(f"{name}{n}", Role.REP) for n in range(REPS))]


def _seat(handle: str, role: Role) -> Seat:
    return Seat(
        handle=handle,
        name=handle.capitalize(),
        roles=frozenset({role}),
        language=Language.EN,
        platform="web",
    )


class History:
    """The quarter until this morning, written by the store as the product writes it; its cells are the product's."""

    def __init__(self, work: Work, seed: int) -> None:
        self.dice = random.Random(seed)
        self.work, self.changes = work, 0
        self.store: Store = self._turn_page()
        self.org: Organisation = self.store.organisation()
        self.seen: list[tuple[MemberId, ActivityId, date]] = []

    def _turn_page(self) -> Store:
        """Another change, as of another turn; all of them before any that is typed."""
        self.changes += 1
        number = ChangeId(-self.changes)
        change = Change(id=number, actor_id=MemberId(1), said_at=NOW, command="import")
        return self.work.store(OrgId(1), change)

    def write(self) -> None:
        for day in HOLIDAYS:
            self.store.add_calendar_day(day)
        reps = [each for each in self.store.members() if Role.REP in each.roles]
        for rep in reps:
            self._person(rep)
        # What counts in a quarter hangs on the calendar of the team somebody is in now.
        self._movers(reps)
        for rep in reps:
            self._quarter(self.store.member(rep.id), [each for each in reps if each.id != rep.id])
        roll_weeks(self.store, self.org, [each.id for each in reps], monday(FIRST), monday(TODAY))

    def _follow(self, on: date) -> None:
        """What the moves of a deal make of results, on the day they were made."""
        me, said_at = self.store.member(MemberId(1)), instant(on, time(12), ZONE)
        turn = Turn(
            me=me,
            org=self.org,
            team=None,
            at=Address(platform="web", chat=me.name),
            private=True,
            now=said_at,
            said_at=said_at,
            event=EventId(0),
            store=self.store,
            codes=str,
        )
        follow_deals(turn)
        self.store = self._turn_page()

    def _person(self, rep: Member) -> None:
        dice = self.dice
        # Most are long past their ramp; some are in it, a few still in their learning weeks.
        joined = dice.choices(
            [date(2025, 6, 2), date(2025, 12, 15), date(2026, 1, 12), date(2026, 3, 16)], [40, 4, 4, 2]
        )[0]
        profile = dice.choice([Profile.FIELD, Profile.FULL, Profile.FULL, Profile.KEY_ACCOUNT, Profile.DESK])
        self.store.revise_member(rep.id, joined_on=joined, profile=profile)
        if dice.random() < 0.2:
            self.store.set_quantities({Metric.CALLS: dice.randint(1, 12)}, rep.id)
        if dice.random() < 0.4:
            first = FIRST + timedelta(days=dice.randrange(80))
            leave = Leave(first=first, last=first + timedelta(days=dice.randrange(6)))
            self.store.add_leave(rep.id, leave, "")

    def _quarter(self, rep: Member, others: list[Member]) -> None:
        calendar = self.store.calendar(self.org, rep)
        customers = [self._customer(rep, n) for n in range(6)]
        self._targets(rep)
        self._records(rep, calendar, customers)
        for customer, _, _ in customers[: self.dice.randint(3, 6)]:
            self._deal(rep, customer, others)
            self._ratings(rep, customer)
        if self.dice.random() < 0.3:
            self._typed(rep)

    def _customer(self, rep: Member, n: int) -> tuple[CustomerId, tuple[ContactId, ...], bool]:
        name = f"{rep.name} customer {n}"
        customer = self.store.add_customer(name, name.casefold(), rep.id)
        people = tuple(
            self.store.add_contact(customer.id, f"{name} {who}", f"{name} {who}".casefold(), "").id
            for who in ("one", "two")
        )
        return customer.id, people, n == 0

    def _typed(self, rep: Member) -> None:
        self.store.add_result(
            Result(
                member_id=rep.id,
                team_id=rep.team_id,
                kpi=Kpi.SALES,
                on=FIRST + timedelta(days=self.dice.randrange(84)),
                value=self._money(1_000, 90_000),
                origin=Origin.TYPED,
                made_by=MemberId(1),
            )
        )

    def _money(self, least: int, most: int) -> Decimal:
        return Decimal(self.dice.randint(least * 100, most * 100)).scaleb(-2)

    def _targets(self, rep: Member) -> None:
        """A quarter's, three months' or none; one that is still talked about counts for nothing."""
        way = self.dice.choices(["quarter", "months", "none", "open"], [5, 4, 1, 1])[0]
        spans = {
            "quarter": [(FIRST, date(2026, 3, 31))],
            "months": [
                (FIRST, date(2026, 1, 31)),
                (date(2026, 2, 1), date(2026, 2, 28)),
                (date(2026, 3, 1), date(2026, 3, 31)),
            ],
            "none": [],
            "open": [(FIRST, date(2026, 3, 31))],
        }[way]
        for first, last in spans:
            self.store.add_target(
                Target(
                    id=TargetId(0),
                    member_id=rep.id,
                    team_id=None,
                    first=first,
                    last=last,
                    amount=self._money(100_000, 900_000),
                    step=Step.DOWN1 if way == "open" else Step.LOCKED,
                    rounds=3,
                    made_by=MemberId(1),
                    made_at=NOW,
                )
            )

    def _records(
        self,
        rep: Member,
        calendar: Calendar,
        customers: list[tuple[CustomerId, tuple[ContactId, ...], bool]],
    ) -> None:
        dice = self.dice
        made: dict[tuple[CustomerId, Kind, date], list[Activity]] = {}
        for day in days(max(FIRST, rep.joined_on), TODAY - ONE_DAY):
            if not calendar.is_present(day) and dice.random() < 0.95:
                continue
            at = instant(day, time(8, 30), ZONE)
            # Every fifth rep sees hardly anybody but their first customer.
            known = customers[:1] if rep.id % 5 == 0 else customers
            chosen, kind = dice.choice(known), dice.choice(KINDS)
            for _ in range(dice.choice([0, 1, 2, 2, 3, 5])):
                at += timedelta(minutes=dice.randint(5, 130))
                if dice.random() < 0.7:
                    chosen, kind = dice.choice(known), dice.choice(KINDS)
                record = self._record(rep, at, day, kind, chosen)
                made.setdefault((chosen[0], kind, monday(day)), []).append(record)
            if dice.random() < 0.1:
                quantity = dice.randint(1, 9)
                metric = dice.choice([Metric.CALLS, Metric.VISITS])
                claim = Claim(metric=metric, on=day, quantity=quantity, effective=dice.randint(0, quantity))
                self.store.add_claim(rep.id, claim)
            if dice.random() < 0.85:
                self.store.add_report(rep.id, day, at, "")
        for together in made.values():
            was = {each.id: each.credit for each in together}
            decided = recredited(together, calendar, ZONE)
            self.store.recredit(each for each in decided if each.credit is not was[each.id])
        self._samples(rep, made)

    def _record(
        self,
        rep: Member,
        at: datetime,
        day: date,
        kind: Kind,
        chosen: tuple[CustomerId, tuple[ContactId, ...], bool],
    ) -> Activity:
        dice, (customer, people, key) = self.dice, chosen
        # Mostly at once, at times on the next day or after the week was closed.
        after = dice.choices([0, 30, 20 * 60, 9 * 24 * 60], [80, 12, 5, 3])[0]
        recorded = at + timedelta(minutes=after)
        record = Activity(
            id=ActivityId(0),
            kind=kind,
            member_id=rep.id,
            customer_id=customer,
            at=at,
            on=day,
            recorded_at=recorded,
            team_id=rep.team_id,
            contact_ids=tuple(dice.sample(people, dice.choice([0, 1, 1, 1, 2]))),
            has_result=dice.random() < 0.85,
            has_next=dice.random() < 0.75,
            replied=dice.random() < 0.6,
            key_customer=key,
        )
        if not lacks(record):
            # Some were completed only later: within the grace of the next day, or after it.
            later = dice.choices([0, 8 * 60, 40 * 60], [90, 6, 4])[0]
            record = replace(record, complete_at=recorded + timedelta(minutes=later))
        number = self.store.add_activity(record, Wording())
        record = replace(record, id=number)
        if dice.random() < 0.04:
            self.store.withdraw(Subject.ACTIVITY, number)
            record = replace(record, withdrawn=True)
        return record

    def _samples(self, rep: Member, made: dict[tuple[CustomerId, Kind, date], list[Activity]]) -> None:
        """Of some weeks a few records were judged; some verdicts were taken back on appeal."""
        dice = self.dice
        weeks: dict[date, list[Activity]] = {}
        for (_, _, first), records in made.items():
            weeks.setdefault(first, []).extend(each for each in records if not each.withdrawn)
        for first, records in sorted(weeks.items()):
            if first >= monday(TODAY) or dice.random() < 0.5:
                continue
            for record in dice.sample(records, min(len(records), 3)):
                verdict = dice.choices([Verdict.VALID, Verdict.INVALID, Verdict.OPEN], [6, 3, 1])[0]
                reversed_ = verdict is Verdict.INVALID and dice.random() < 0.2
                self.store.add_sample(
                    Sample(
                        id=0,
                        member_id=rep.id,
                        monday=first,
                        activity_id=record.id,
                        on=record.on,
                        drawn_at=NOW,
                        judge_id=MemberId(1),
                        verdict=verdict,
                        upheld=Upheld.REVERSED if reversed_ else Upheld.NONE,
                    )
                )

    def _deal(self, rep: Member, customer: CustomerId, others: list[Member]) -> None:
        """A deal that climbs the ladder at random, and is won, lost, held or still under way."""
        dice = self.dice
        entered = date(2025, 9, 1) + timedelta(days=dice.randrange(190))
        deal = self.store.open_deal(
            _deal(rep, customer, entered, None if dice.random() < 0.05 else self._amount())
        )
        if dice.random() < 0.4:
            for other in dice.sample(others, dice.choice([1, 2])):
                self.store.add_seller(deal, other.id, Part.REP, dice.choice([0, 7, 13, 33]))
        milestone = 1
        while (left := entered + timedelta(days=dice.randint(3, 25))) < TODAY and dice.random() < 0.93:
            passed = dice.choices(
                [Passed.PROVEN, Passed.UNPROVEN, Passed.OVERRIDE, Passed.BACK], [7, 2, 1, 1]
            )[0]
            back = passed is Passed.BACK and milestone > 1
            self.store.leave(
                deal,
                left_on=left,
                days=(left - entered).days,
                passed=passed if back or passed is not Passed.BACK else Passed.PROVEN,
            )
            entered = left
            if milestone == 6 and not back:
                if left < FIRST:
                    left = FIRST + timedelta(days=dice.randrange(80))
                self.store.revise_deal(deal, state=State.WON, closed_on=left, milestone=7, entered_on=left)
                self._paid(deal, left)
                self._follow(left)
                return
            milestone += -1 if back else 1
            self.store.enter(Passage(deal_id=deal, milestone=milestone, entered_on=entered))
            self.store.revise_deal(deal, milestone=milestone, entered_on=entered)
            self._follow(entered)
        self._end(deal, entered)

    def _paid(self, deal: DealId, won_on: date) -> None:
        """Some deals are paid by instalments that cover it wholly or in part, some late, some too much or never."""
        dice = self.dice
        amount = getattr(self.store.deal(deal), "amount", None) or Decimal(0)
        parts = dice.choice([0, 0, 2, 3])
        for n in range(parts):
            part = (amount / (parts + dice.choice([0, 1]))).quantize(Decimal("0.01"))
            if part > 0:
                due = won_on + timedelta(days=dice.randrange(-10, 40) + 15 * n)
                self.store.add_instalment(Instalment(deal_id=deal, amount=part, due_on=due))
        for _ in range(dice.choice([0, 1, 2, 3])):
            paid = (amount * dice.randint(5, 60) / 100).quantize(Decimal("0.01"))
            if paid > 0:
                on = won_on + timedelta(days=dice.randrange(0, 70))
                self.store.add_payment(Payment(deal_id=deal, amount=paid, on=on), "", MemberId(1))

    def _ratings(self, rep: Member, customer: CustomerId) -> None:
        for _ in range(self.dice.choice([0, 1, 3])):
            answer = Answer(self.dice.choices([1, 2, 3, 4, 5], [1, 1, 2, 6, 8])[0])
            on = FIRST - timedelta(days=40) + timedelta(days=self.dice.randrange(125))
            self.store.add_rating(
                Rating(customer_id=customer, member_id=rep.id, answer=answer, on=on, made_by=MemberId(1))
            )

    def _end(self, deal: DealId, entered: date) -> None:
        dice, store = self.dice, self.store
        end = dice.choices(["active", "lost", "held"], [7, 2, 1])[0]
        if end == "lost":
            left = entered + timedelta(days=dice.randrange((TODAY - entered).days or 1))
            store.leave(deal, left_on=left, days=(left - entered).days)
            store.revise_deal(deal, state=State.LOST, closed_on=left, reason="price")
        elif end == "held":
            store.revise_deal(deal, state=State.ON_HOLD, held_on=entered, held_until=date(2026, 5, 1))
        else:
            if dice.random() < 0.3:
                store.revise_deal(deal, close_on=TODAY + timedelta(days=dice.randrange(-20, 120)))
            if dice.random() < 0.3:
                store.revise_deal(deal, held_days=dice.randrange((TODAY - entered).days or 1))
            if dice.random() < 0.4:
                self._checklist(deal)

    def _checklist(self, deal: DealId) -> None:
        """Some items are known well, some thinly, some without a source; a coach stands behind some."""
        dice = self.dice
        coached = dice.random() < 0.4
        for item in dice.sample(list(Item), dice.choice([2, 5, 9, 12, 13])):
            self.store.keep_checked(
                Checked(
                    id=0,
                    deal_id=deal,
                    item=item,
                    note=dice.choices(["known from the buyer", "  a hunch ", ""], [18, 1, 1])[0],
                    source=dice.choices(["Li Wei", ""], [19, 1])[0],
                    checked_on=TODAY,
                    confirmed_by=MemberId(1) if dice.random() < 0.4 else None,
                    coach_id=ContactId(1) if coached and dice.random() < 0.5 else None,
                )
            )

    def _amount(self) -> Decimal:
        return self._money(20_000, 600_000)

    def _movers(self, reps: list[Member]) -> None:
        # In the middle of weeks that are looked at: more days before, or more days after.
        for rep, since in zip(self.dice.sample(reps, len(MOVED_ON)), MOVED_ON, strict=True):
            away = [TeamId(n + 1) for n in range(len(NAMES)) if n + 1 != rep.team_id]
            self.store.join_team(rep.id, self.dice.choice(away), since)


def _deal(rep: Member, customer: CustomerId, opened: date, amount: Decimal | None) -> Deal:
    return Deal(
        id=DealId(0),
        customer_id=customer,
        customer_name="",
        owner_id=rep.id,
        team_id=rep.team_id,
        title="",
        state=State.ACTIVE,
        milestone=1,
        opened_on=opened,
        entered_on=opened,
        amount=amount,
        template_id=PROJECT.id,
    )
