"""A person's numbers: records and bulk claims, loaded together so that every card counts the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from domain.activity import Activity
from domain.people import Member, MemberId, Organisation
from domain.ports import Store
from domain.quota import Claim, Metric, Standing, month_standings, plan, standings, week_completion
from domain.workdays import ONE_DAY, Calendar, monday


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """What a person did, and what they said they did in bulk, over whole weeks."""

    org: Organisation
    member: Member
    calendar: Calendar
    records: Sequence[Activity]
    claims: Sequence[Claim]

    def plan(self, on: date) -> Mapping[Metric, int]:
        """The scored targets that hold on a day."""
        return plan(self.member, self.org, on)

    def standings(self, on: date) -> tuple[Standing, ...]:
        """The scored metrics of a day and its week."""
        return standings(self.plan(on), self.records, self.calendar, on, self.claims)

    def completion(self, first: date, until: date) -> Fraction | None:
        """How far the plan of the week from `first` is on the day `until`; None for a week away."""
        return week_completion(self.plan(until), self.records, self.calendar, first, until, self.claims)

    def claiming(self, claim: Claim, number: int) -> "Numbers":
        """With a bulk claim more, kept under its number."""
        return replace(self, claims=(*self.claims, replace(claim, id=number)))

    def over(self, first: date, last: date, new_customers: int) -> tuple[Standing, ...]:
        """The scored metrics of a month, or of the part of it the person was here."""
        since, others = max(first, self.member.joined_on), {Metric.NEW_CUSTOMERS: new_customers}
        return month_standings(self.plan, self.records, self.calendar, since, last, self.claims, others)

    def elapsed(self, first: date, today: date, last: date) -> tuple[int, int]:
        """Which working day of how many `today` is, of the days the person is here."""
        since = max(first, self.member.joined_on)
        return len(self.calendar.present_days(since, today)), len(self.calendar.present_days(since, last))

    def plus(self, *decided: Activity) -> "Numbers":
        """With records more, or in another state."""
        changed = {each.id for each in decided}
        return replace(self, records=(*(each for each in self.records if each.id not in changed), *decided))


def numbers(
    store: Store, org: Organisation, member: Member, calendar: Calendar, first: date, last: date
) -> Numbers:
    """One person's numbers of all weeks that the days from `first` to `last` are in."""
    first, last = monday(first), monday(last) + 6 * ONE_DAY
    return Numbers(
        org=org,
        member=member,
        calendar=calendar,
        records=store.activities(member.id, first, last),
        claims=store.claims(member.id, first, last),
    )


def gathered_numbers(
    store: Store,
    org: Organisation,
    people: Mapping[MemberId, tuple[Member, Calendar]],
    first: date,
    last: date,
) -> dict[MemberId, Numbers]:
    """The numbers of many people, one query each for records and claims."""
    first, last = monday(first), monday(last) + 6 * ONE_DAY
    ids = tuple(people)
    records, claims = store.gather_activities(ids, first, last), store.gather_claims(ids, first, last)
    return {
        number: Numbers(
            org=org,
            member=member,
            calendar=calendar,
            records=records.get(number, ()),
            claims=claims.get(number, ()),
        )
        for number, (member, calendar) in people.items()
    }
