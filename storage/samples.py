"""Rows of the quality samples of a week."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import and_, bindparam, select

from domain.activity import ActivityId
from domain.people import MemberId
from domain.ports import Subject
from domain.samples import Sample, Upheld, Verdict
from storage import tables
from storage.session import Session

s, a = tables.sample.c, tables.activity.c
SAMPLES = (
    select(
        s.id, s.member_id, s.week_on, s.activity_id, a.on_date, s.drawn_at, s.judge_id, s.verdict, s.judged_by,
        s.judged_at, s.reason, s.appeal, s.appealed_at, s.upheld,
    )
    .join_from(tables.sample, tables.activity, and_(a.org_id == s.org_id, a.id == s.activity_id))
    .where(s.org_id == bindparam("org_id"), s.member_id.in_(bindparam("ids", expanding=True)))
    .where(s.week_on.between(bindparam("first"), bindparam("last")), s.withdrawn.is_(False))
    .order_by(s.member_id, s.week_on, s.id)
)  # fmt: skip


class Samples(Session):
    """What was drawn of each week, and what was found."""

    def add_sample(self, sample: Sample) -> int:
        return self.add(
            Subject.SAMPLE,
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
        )

    def samples(
        self, members: Sequence[MemberId], first: date, last: date
    ) -> dict[MemberId, tuple[Sample, ...]]:
        found: dict[MemberId, list[Sample]] = {}
        for row in self.rows(SAMPLES, ids=list(members), first=first, last=last):
            (
                number, member, monday, activity, on, drawn_at, judge, verdict, judged_by, judged_at, reason,
                appeal, appealed_at, upheld,
            ) = row  # fmt: skip
            found.setdefault(MemberId(member), []).append(
                Sample(
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
            )
        return {member: tuple(each) for member, each in found.items()}
