"""Rows of the boards that were posted."""

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import bindparam, or_, select, update

from domain.board_ports import Award, PostedBoard
from domain.contests import Between, Contest, ContestId, ContestState, Count
from domain.people import MemberId, TeamId
from domain.ports import Subject
from storage import tables
from storage.session import Session

b, ts, k, aw = tables.board.c, tables.team_stay.c, tables.contest.c, tables.award.c
BOARDS = (
    select(b.label, b.version, b.made_at, b.body, b.reason)
    .where(b.org_id == bindparam("org_id"), b.team_id == bindparam("team_id"))
    .order_by(b.label.desc(), b.version.desc())
    .limit(bindparam("most"))
)
BOARD_KEPT = select(b.id).where(
    b.org_id == bindparam("org_id"),
    b.team_id == bindparam("team_id"),
    b.label == bindparam("label"),
    b.version == bindparam("version"),
)
CONTEST = (
    k.id, k.team_id, k.name, k.metric, k.between, k.first_on, k.last_on, k.minimum, k.prize, k.state, k.body,
    k.made_by, k.made_at,
)  # fmt: skip
STANDING = select(*CONTEST).where(k.org_id == bindparam("org_id"), k.withdrawn.is_(False))
CONTEST_BY_ID = STANDING.where(k.id == bindparam("contest_id"))
CONTESTS = STANDING.where(or_(k.last_on >= bindparam("since"), k.state == bindparam("open_state"))).order_by(
    k.first_on, k.id
)
END_CONTEST = (
    update(tables.contest)
    .where(k.org_id == bindparam("of_org"), k.id == bindparam("of_id"), k.state == bindparam("open_state"))
    .values(state=bindparam("to_state"), body=bindparam("to_body"))
    .returning(k.id)
)
AWARDS = (
    select(aw.id, aw.team_id, aw.kind, aw.label, aw.reason, aw.on_date, aw.made_by)
    .where(aw.org_id == bindparam("org_id"), aw.member_id == bindparam("member_id"), aw.withdrawn.is_(False))
    .order_by(aw.on_date.desc(), aw.id.desc())
    .limit(bindparam("most"))
)
EVER_IN = (
    select(ts.member_id)
    .where(
        ts.org_id == bindparam("org_id"), ts.team_id == bindparam("team_id"), ts.since <= bindparam("last")
    )
    .distinct()
    .order_by(ts.member_id)
)


def as_contest(row: Sequence[Any]) -> Contest:
    """A contest from the columns of CONTEST."""
    number, team, name, metric, between, first, last, minimum, prize, state, body, by, at = row
    return Contest(
        id=ContestId(number),
        team_id=TeamId(team) if team else None,
        name=name,
        count=Count(metric),
        between=Between(between),
        first=first,
        last=last,
        minimum=minimum,
        prize=prize,
        state=ContestState(state),
        result=body,
        made_by=MemberId(by),
        made_at=at,
    )


class Boards(Session):
    """What the teams read of their weeks."""

    def keep_board(self, board: PostedBoard) -> bool:
        # Slices of one team may run side by side: whoever comes second finds what the first one kept.
        self.queue_up()
        if self.row(BOARD_KEPT, team_id=board.team_id, label=board.label, version=board.version):
            return False
        body = {
            "points": {str(member): str(points) for member, points in board.points.items()},
            "total": None if board.total is None else str(board.total),
        }
        self.insert(
            tables.board,
            team_id=board.team_id,
            label=board.label,
            version=board.version,
            made_at=board.made_at,
            body=json.dumps(body, sort_keys=True),
            reason=board.reason,
        )
        return True

    def boards(self, team: TeamId, most: int) -> tuple[PostedBoard, ...]:
        found = []
        for label, version, made_at, text, reason in self.rows(BOARDS, team_id=team, most=most):
            body = json.loads(text)
            found.append(
                PostedBoard(
                    team_id=team,
                    label=label,
                    version=version,
                    made_at=made_at,
                    points={MemberId(int(each)): Decimal(own) for each, own in body["points"].items()},
                    total=Fraction(body["total"]) if body["total"] else None,
                    reason=reason,
                )
            )
        return tuple(found)

    def add_contest(self, contest: Contest) -> ContestId:
        number = self.add(
            Subject.CONTEST,
            team_id=contest.team_id,
            name=contest.name,
            metric=contest.count,
            between=contest.between,
            first_on=contest.first,
            last_on=contest.last,
            minimum=contest.minimum,
            prize=contest.prize,
            state=contest.state,
            body=contest.result,
            made_by=contest.made_by,
            made_at=contest.made_at,
        )
        return ContestId(number)

    def contest(self, contest: ContestId) -> Contest | None:
        row = self.row(CONTEST_BY_ID, contest_id=contest)
        return as_contest(row) if row else None

    def contests(self, since: date) -> tuple[Contest, ...]:
        return tuple(
            as_contest(row) for row in self.rows(CONTESTS, since=since, open_state=ContestState.OPEN.value)
        )

    def revise_contest(self, contest: ContestId, **values: Any) -> None:
        self.revise(Subject.CONTEST, contest, values)

    def end_contest(self, contest: ContestId, result: str) -> bool:
        values = {
            "of_org": self.org_id,
            "of_id": contest,
            "open_state": ContestState.OPEN.value,
            "to_state": ContestState.ENDED.value,
            "to_body": result,
        }
        return bool(self.driver.rows(END_CONTEST, values))

    def add_award(self, award: Award) -> int:
        return self.add(
            Subject.AWARD,
            member_id=award.member_id,
            team_id=award.team_id,
            kind=award.kind,
            label=award.label,
            reason=award.reason,
            on_date=award.on,
            made_by=award.made_by,
        )

    def awards(self, member: MemberId, most: int) -> tuple[Award, ...]:
        return tuple(
            Award(
                id=number,
                member_id=member,
                team_id=TeamId(team) if team else None,
                kind=kind,
                label=label,
                reason=reason,
                on=on,
                made_by=MemberId(by),
            )
            for number, team, kind, label, reason, on, by in self.rows(AWARDS, member_id=member, most=most)
        )

    def ever_in_team(self, team: TeamId, last: date) -> tuple[MemberId, ...]:
        return tuple(MemberId(row[0]) for row in self.rows(EVER_IN, team_id=team, last=last))
