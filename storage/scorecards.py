"""Rows of scorecards: frozen versions as JSON, disputes about them, the line and comment of a week's report."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import BindParameter, bindparam, select

from domain.disputes import Answer, Dispute, WeekReport
from domain.kpis import Kpi, Measure
from domain.people import MemberId, TeamId
from domain.ports import Subject
from domain.scorecard import Score, Scorecard, ScoreLine, Why
from domain.weekly import Weekly
from storage import tables
from storage.session import QUEUE, Session

c, q, w, d = tables.scorecard.c, tables.dispute.c, tables.week_report.c, tables.deal.c
MEMBERS: BindParameter[Any] = bindparam("ids", expanding=True)
LABELS: BindParameter[Any] = bindparam("labels", expanding=True)
SCORECARDS = (
    select(c.id, c.member_id, c.team_id, c.label, c.version, c.frozen_at, c.body, c.reason)
    .where(c.org_id == bindparam("org_id"), c.member_id.in_(MEMBERS), c.label.in_(LABELS))
    .order_by(c.member_id, c.label, c.version)
)
DISPUTE = select(
    q.id,
    q.member_id,
    q.label,
    q.kpi,
    q.claimed,
    q.reason,
    q.asked_at,
    q.answer_by,
    q.decision,
    q.decided_by,
    q.decided_at,
    q.granted,
    q.answer,
    q.withdrawn,
).where(q.org_id == bindparam("org_id"))
DISPUTE_BY_ID = DISPUTE.where(q.id == bindparam("dispute_id"))
# On PostgreSQL turns run side by side: of two taps the second waits, and reads what the first decided.
DISPUTE_HELD = DISPUTE_BY_ID.with_for_update()
DISPUTES = DISPUTE.where(q.withdrawn.is_(False), q.member_id.in_(MEMBERS), q.label.in_(LABELS)).order_by(q.id)
OPEN_DISPUTES = DISPUTE.where(
    q.withdrawn.is_(False), q.decision == Answer.OPEN, q.member_id.in_(MEMBERS)
).order_by(q.asked_at, q.id)
OWNERS = select(d.id, d.owner_id).where(d.org_id == bindparam("org_id"), d.id.in_(MEMBERS))
WEEK_REPORTS = (
    select(w.id, w.member_id, w.label, w.line, w.sent_at, w.comment, w.commented_by, w.commented_at)
    .where(w.org_id == bindparam("org_id"), w.withdrawn.is_(False))
    .where(w.member_id.in_(MEMBERS), w.label.in_(LABELS))
    .order_by(w.member_id, w.label, w.id)
)


def encoded(card: Scorecard) -> str:
    """A card as JSON, as it counts and as it was measured; a ratio is written as "3/5"."""
    measured = card.measured and _plain(card.measured)
    return json.dumps({**_plain(card.score), "measured": measured}, default=str)


def _plain(score: Score) -> dict[str, Any]:
    lines = [{each.name: getattr(line, each.name) for each in fields(ScoreLine)} for line in score.lines]
    weekly = score.weekly and {each.name: getattr(score.weekly, each.name) for each in fields(Weekly)}
    return {"lines": lines, "total": score.total, "weekly": weekly}


def _score(read: Mapping[str, Any]) -> Score:
    """The inverse of `_plain`."""
    return Score(
        lines=tuple(_line(each) for each in read["lines"]),
        total=_decimal(read["total"]),
        weekly=_weekly(read["weekly"]) if read["weekly"] else None,
    )


def _decimal(read: str | None) -> Decimal | None:
    return None if read is None else Decimal(read)


def _fractions(read: Mapping[str, Any], *names: str) -> dict[str, Fraction | None]:
    return {name: None if read[name] is None else Fraction(read[name]) for name in names}


def _line(read: Mapping[str, Any]) -> ScoreLine:
    return ScoreLine(
        **{
            **read,
            **_fractions(read, "counts", "actual", "target"),
            "kpi": Kpi(read["kpi"]),
            "state": Measure(read["state"]),
            "score": _decimal(read["score"]),
        }
    )


def _weekly(read: Mapping[str, Any]) -> Weekly:
    return Weekly(
        **{
            **read,
            **_fractions(read, "completion", "done", "coefficient"),
            "monday": date.fromisoformat(read["monday"]),
            "until": date.fromisoformat(read["until"]),
            "sales": Decimal(read["sales"]),
            "target": _decimal(read["target"]),
        }
    )


def as_scorecard(row: Sequence[Any]) -> Scorecard:
    """A version from the columns of SCORECARDS."""
    number, member, team, label, version, at, body, why = row
    read = json.loads(body)
    return Scorecard(
        id=number,
        member_id=MemberId(member),
        team_id=TeamId(team) if team else None,
        label=label,
        version=version,
        frozen_at=at,
        score=_score(read),
        why=Why(why),
        measured=_score(read["measured"]) if read["measured"] else None,
    )


def as_dispute(row: Sequence[Any]) -> Dispute:
    """A dispute from the columns of DISPUTE."""
    (
        number, member, label, kpi, claimed, reason, asked_at, answer_by, decision, by, at, granted, answer,
        withdrawn,
    ) = row  # fmt: skip
    return Dispute(
        id=number,
        member_id=MemberId(member),
        label=label,
        kpi=Kpi(kpi),
        reason=reason,
        asked_at=asked_at,
        answer_by=answer_by,
        claimed=claimed,
        decision=Answer.WITHDRAWN if withdrawn else Answer(decision),
        decided_by=MemberId(by) if by else None,
        decided_at=at,
        granted=granted,
        answer=answer,
    )


def as_week_report(row: Sequence[Any]) -> WeekReport:
    """A week's line from the columns of WEEK_REPORTS."""
    names = [each.name for each in fields(WeekReport)]
    return WeekReport(**dict(zip(names, row, strict=True)))


class Scorecards(Session):
    """What was frozen, what is disputed, and what was said about a week."""

    def freeze(self, cards: Sequence[Scorecard]) -> tuple[Scorecard, ...]:
        if not cards:
            return ()
        if self._queues:
            # Of two replicas that freeze the same week the second waits here, and finds what the first kept.
            self.rows(QUEUE)
            self._queues = False
        members, labels = {each.member_id for each in cards}, {each.label for each in cards}
        there = {
            (each.member_id, each.label, each.version)
            for versions in self.scorecards(sorted(members), sorted(labels)).values()
            for each in versions
        }
        new = tuple(each for each in cards if (each.member_id, each.label, each.version) not in there)
        for each in new:
            self.insert(
                tables.scorecard,
                member_id=each.member_id,
                team_id=each.team_id,
                label=each.label,
                version=each.version,
                frozen_at=each.frozen_at,
                total=each.score.total,
                body=encoded(each),
                reason=each.why,
            )
        return new

    def scorecards(
        self, members: Sequence[MemberId], labels: Sequence[str]
    ) -> dict[MemberId, tuple[Scorecard, ...]]:
        found: dict[MemberId, tuple[Scorecard, ...]] = {}
        for row in self.rows(SCORECARDS, ids=list(members), labels=list(labels)):
            card = as_scorecard(row)
            found[card.member_id] = (*found.get(card.member_id, ()), card)
        return found

    def add_dispute(self, dispute: Dispute) -> int:
        values = {each.name: getattr(dispute, each.name) for each in fields(Dispute) if each.name != "id"}
        return self.add(Subject.DISPUTE, **values)

    def dispute(self, dispute: int, *, held: bool = False) -> Dispute | None:
        row = self.row(DISPUTE_HELD if held else DISPUTE_BY_ID, dispute_id=dispute)
        return as_dispute(row) if row else None

    def revise_dispute(self, dispute: int, **values: Any) -> None:
        self.revise(Subject.DISPUTE, dispute, values)

    def disputes(
        self, members: Sequence[MemberId], labels: Sequence[str]
    ) -> dict[MemberId, tuple[Dispute, ...]]:
        found: dict[MemberId, tuple[Dispute, ...]] = {}
        for row in self.rows(DISPUTES, ids=list(members), labels=list(labels)):
            dispute = as_dispute(row)
            found[dispute.member_id] = (*found.get(dispute.member_id, ()), dispute)
        return found

    def open_disputes(self, members: Sequence[MemberId]) -> tuple[Dispute, ...]:
        return tuple(as_dispute(row) for row in self.rows(OPEN_DISPUTES, ids=list(members)))

    def touched_disputes(self) -> frozenset[int]:
        return frozenset(self._disputes)

    def touched_scores(self) -> frozenset[tuple[MemberId, date]]:
        deals = sorted({deal for member, deal, _ in self._scored if member is None and deal is not None})
        owners = {deal: MemberId(owner) for deal, owner in self.rows(OWNERS, ids=deals)} if deals else {}
        found = ((member or owners.get(deal or 0), on) for member, deal, on in self._scored)
        return frozenset((member, on) for member, on in found if member is not None)

    def keep_week_report(self, report: WeekReport) -> int:
        values = {each.name: getattr(report, each.name) for each in fields(WeekReport) if each.name != "id"}
        if report.id:
            self.revise(Subject.WEEK_REPORT, report.id, values)
            return report.id
        return self.add(Subject.WEEK_REPORT, **values)

    def week_reports(
        self, members: Sequence[MemberId], labels: Sequence[str]
    ) -> dict[MemberId, tuple[WeekReport, ...]]:
        found: dict[MemberId, tuple[WeekReport, ...]] = {}
        for row in self.rows(WEEK_REPORTS, ids=list(members), labels=list(labels)):
            report = as_week_report(row)
            found[report.member_id] = (*found.get(report.member_id, ()), report)
        return found
