"""Rows of the quality samples of a week."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, and_, bindparam, func, select

from domain.activity import ActivityId
from domain.people import MemberId
from domain.ports import Subject
from domain.samples import Doubt, Sample, Upheld, Verdict
from storage import tables
from storage.session import Session

s, a, d = tables.sample.c, tables.activity.c, tables.doubt.c
SAMPLE = (
    select(
        s.id, s.member_id, s.week_on, s.activity_id, a.on_date, s.drawn_at, s.judge_id, s.verdict, s.judged_by,
        s.judged_at, s.reason, s.appeal, s.appealed_at, s.upheld,
    )
    .join_from(tables.sample, tables.activity, and_(a.org_id == s.org_id, a.id == s.activity_id))
    .where(s.org_id == bindparam("org_id"), s.withdrawn.is_(False))
    .order_by(s.member_id, s.week_on, s.id)
)  # fmt: skip
IDS: BindParameter[Any] = bindparam("ids", expanding=True)
SAMPLES = SAMPLE.where(s.member_id.in_(IDS), s.week_on.between(bindparam("first"), bindparam("last")))
SAMPLE_BY_ID = SAMPLE.where(s.id == bindparam("sample_id"))
OF_JUDGES = SAMPLE.where(s.judge_id.in_(IDS), s.week_on >= bindparam("since"))
APPEALED = SAMPLE.where(s.upheld == bindparam("waits"))
LAST_SAMPLED = (
    select(s.member_id, func.max(s.week_on))
    .where(s.org_id == bindparam("org_id"), s.member_id.in_(IDS), s.withdrawn.is_(False))
    .group_by(s.member_id)
)
DOUBTS = (
    select(d.id, d.member_id, d.week_on, d.activity_id, d.answer, d.answered_at)
    .where(d.org_id == bindparam("org_id"), d.member_id.in_(IDS), d.withdrawn.is_(False))
    .where(d.week_on.between(bindparam("first"), bindparam("last")))
    .order_by(d.member_id, d.week_on, d.id)
)


def as_sample(row: Sequence[Any]) -> Sample:
    """A sample from the columns of SAMPLE."""
    (
        number, member, monday, activity, on, drawn_at, judge, verdict, judged_by, judged_at, reason, appeal,
        appealed_at, upheld,
    ) = row  # fmt: skip
    return Sample(
        id=number,
        member_id=MemberId(member),
        monday=monday,
        activity_id=ActivityId(activity),
        on=on,
        drawn_at=drawn_at,
        judge_id=MemberId(judge) if judge else None,
        verdict=Verdict(verdict),
        judged_by=MemberId(judged_by) if judged_by else None,
        judged_at=judged_at,
        reason=reason,
        appeal=appeal,
        appealed_at=appealed_at,
        upheld=Upheld(upheld),
    )


class Samples(Session):
    """What was drawn of each week, and what was found."""

    def add_sample(self, sample: Sample) -> int:
        self.touch_week(sample.member_id, sample.monday)
        return self.insert(
            tables.sample,
            member_id=sample.member_id,
            week_on=sample.monday,
            activity_id=sample.activity_id,
            drawn_at=sample.drawn_at,
            judge_id=sample.judge_id,
            verdict=sample.verdict,
            judged_by=sample.judged_by,
            judged_at=sample.judged_at,
            reason=sample.reason,
            appeal=sample.appeal,
            appealed_at=sample.appealed_at,
            upheld=sample.upheld,
            upheld_by=None,
            withdrawn=False,
        )

    def sample(self, sample: int) -> Sample | None:
        row = self.row(SAMPLE_BY_ID, sample_id=sample)
        return as_sample(row) if row else None

    def revise_sample(self, sample: int, **values: Any) -> None:
        self.revise(Subject.SAMPLE, sample, values)

    def samples(
        self, members: Sequence[MemberId], first: date, last: date
    ) -> dict[MemberId, tuple[Sample, ...]]:
        found: dict[MemberId, list[Sample]] = {}
        for row in self.rows(SAMPLES, ids=list(members), first=first, last=last):
            each = as_sample(row)
            found.setdefault(each.member_id, []).append(each)
        return {member: tuple(each) for member, each in found.items()}

    def samples_of(self, judges: Sequence[MemberId], since: date) -> tuple[Sample, ...]:
        return tuple(as_sample(row) for row in self.rows(OF_JUDGES, ids=list(judges), since=since))

    def appeals(self) -> tuple[Sample, ...]:
        return tuple(as_sample(row) for row in self.rows(APPEALED, waits=Upheld.WAITING.value))

    def last_sampled(self, members: Sequence[MemberId]) -> dict[MemberId, date]:
        return {MemberId(member): monday for member, monday in self.rows(LAST_SAMPLED, ids=list(members))}

    def add_doubt(self, doubt: Doubt) -> int:
        return self.add(
            Subject.DOUBT,
            member_id=doubt.member_id,
            week_on=doubt.monday,
            kind="away",
            activity_id=doubt.activity_id,
            other_id=None,
            asked_at=None,
            answer=doubt.answer,
            answered_at=doubt.answered_at,
        )

    def doubts(
        self, members: Sequence[MemberId], first: date, last: date
    ) -> dict[MemberId, tuple[Doubt, ...]]:
        found: dict[MemberId, tuple[Doubt, ...]] = {}
        for number, member, monday, activity, answer, at in self.rows(
            DOUBTS, ids=list(members), first=first, last=last
        ):
            each = Doubt(
                id=number,
                member_id=MemberId(member),
                monday=monday,
                activity_id=ActivityId(activity),
                answer=answer,
                answered_at=at,
            )
            found[each.member_id] = (*found.get(each.member_id, ()), each)
        return found
