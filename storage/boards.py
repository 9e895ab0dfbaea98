"""Rows of the boards that were posted."""

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import bindparam, select

from domain.board_ports import PostedBoard
from domain.people import MemberId, TeamId
from storage import tables
from storage.session import Session

b, ts = tables.board.c, tables.team_stay.c
BOARDS = (
    select(b.label, b.version, b.made_at, b.body, b.reason)
    .where(b.org_id == bindparam("org_id"), b.team_id == bindparam("team_id"))
    .order_by(b.label.desc(), b.version.desc())
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


class Boards(Session):
    """What the teams read of their weeks."""

    def keep_board(self, board: PostedBoard) -> None:
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

    def ever_in_team(self, team: TeamId, last: date) -> tuple[MemberId, ...]:
        return tuple(MemberId(row[0]) for row in self.rows(EVER_IN, team_id=team, last=last))
