"""Frozen cards: version 1 when a period closes, a further version for each correction, and who hears of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from domain.disputes import Dispute
from domain.kpis import Kpi
from domain.people import Member, MemberId, Organisation
from domain.periods import Span
from domain.ports import Store
from domain.rollups import Cell
from domain.samples import credit
from domain.schedule import local_date
from domain.scorecard import Score, Scorecard, Why
from domain.workdays import monday
from handlers.boarding import repost
from handlers.kpis import People
from handlers.letters import Teller, teller
from handlers.pieces.scorecard import signed
from handlers.scoring import gathered_of, latest, with_grants
from handlers.turn import Turn, touch_day
from handlers.view import Button, Text, card, t
from handlers.words import catalogue

# A fact counts in the cards of a quarter at most, besides the running week and month.
# Which lines are measured anew after a spot check, and when facts of a closed period come later or go again.
LOOK_BACK, LOOK_BACK_MONTHS = 14, 5
PLAN = frozenset({Kpi.PLAN_COMPLETION})
FACTS = frozenset(Kpi) - PLAN


def freeze(
    store: Store, org: Organisation, people: People, span: Span, now: datetime
) -> tuple[Scorecard, ...]:
    """Version 1 of everybody's card of a period that has closed; who has one keeps it. Those that were new."""
    scores = gathered_of(store, org, people, span, span.last)
    disputes = store.disputes(list(scores), [span.label])
    return store.freeze(
        [
            _granted(
                Scorecard(
                    member_id=number,
                    team_id=score.weekly.team_id if score.weekly else people[number][0].team_id,
                    label=span.label,
                    version=1,
                    frozen_at=now,
                    score=score,
                ),
                disputes.get(number, ()),
            )
            for number, score in scores.items()
        ]
    )


def _granted(card: Scorecard, disputes: Sequence[Dispute]) -> Scorecard:
    """The card with the numbers that were granted, and as it was measured where there are any."""
    score = with_grants(card.score, disputes)
    return replace(card, score=score, measured=None if score == card.score else card.score)


def corrected(
    store: Store,
    org: Organisation,
    member: Member,
    span: Span,
    why: Why,
    now: datetime,
    anew: frozenset[Kpi] = frozenset(),
) -> Scorecard | None:
    """The next version of a frozen card: the lines `anew` measured again, the numbers granted by now put in.

    All other lines stay as they were closed. None where nothing is frozen yet, or the numbers are the same.
    """
    versions = store.scorecards([member.id], [span.label]).get(member.id, ())
    if not versions:
        return None
    last = versions[-1]
    measured = _anew(store, org, member, span, last.measured or last.score, anew)
    disputes = store.disputes([member.id], [span.label]).get(member.id, ())
    new = _granted(
        replace(last, id=0, version=last.version + 1, frozen_at=now, score=measured, why=why), disputes
    )
    if new.score == last.score:
        return None
    store.freeze([new])
    return new


def _anew(
    store: Store, org: Organisation, member: Member, span: Span, score: Score, kpis: frozenset[Kpi]
) -> Score:
    if not kpis:
        return score
    people = {member.id: (member, store.calendar(org, member))}
    fresh = gathered_of(store, org, people, span, span.last).get(member.id)
    if fresh is None:
        return score
    lines = [each.measured for each in fresh.lines if each.kpi in kpis]
    return replace(score.corrected(*lines), weekly=fresh.weekly)


def correct(
    by: Teller,
    org: Organisation,
    member: Member,
    span: Span,
    why: Why,
    anew: frozenset[Kpi] = frozenset(),
    *,
    tells: bool = True,
) -> Scorecard | None:
    """A correction, and the line that tells its owner: why, before and after."""
    versions = by.store.scorecards([member.id], [span.label]).get(member.id, ())
    new = corrected(by.store, org, member, span, why, by.now, anew)
    if new is None:
        return None
    touch_day(by.store, member.id, local_date(by.now, member.zone))
    team = next((each for each in by.store.teams() if each.id == new.team_id), None)
    if team and not span.is_month:
        reason = catalogue().say(t(f"score.board_{why}"), org.language)
        repost(by, org, team, span.first, reason)
    # What only the board counts changes no line of the card: there is nothing to tell.
    if tells and new.score.lines != versions[-1].score.lines:
        shown = card(
            t(f"score.told_{why}", first=span.first),
            changed_words(versions[-1].score, new.score),
            rows=((Button(t("score.back_button"), f"/score {span.label}"),),),
        )
        by.tell_all([member], f"corrected:{span.label}:{new.version}", shown)
    return new


def changed_words(before: Score, after: Score) -> Text:
    """The total before and after; a correction that moves a line but not the total says so."""
    if before.total is None or after.total is None or before.total == after.total:
        return t("score.unchanged")
    change = signed(after.total - before.total)
    return t("score.changed", before=before.total, after=after.total, change=change)


def follow_disputes(turn: Turn) -> None:
    """What a turn did to disputes shows in the card: an answer that was taken back makes a version without it."""
    for number in sorted(turn.store.touched_disputes()):
        found = turn.store.dispute(number)
        span = Span.labelled(found.label) if found else None
        if found and span:
            correct(teller(turn), turn.org, turn.store.member(found.member_id), span, Why.UNDONE)


def follow_facts(turn: Turn) -> None:
    """What came of closed periods in this turn, or was taken back, makes versions of their cards.

    Money looks back over a quarter and customers over 90 days: whatever is closed since the fact may be another. The
    owner is told of the last of them only.
    """
    since: dict[MemberId, date] = {}
    for whose, on in sorted((*turn.store.touched_weeks(), *turn.store.touched_scores())):
        since.setdefault(whose, on)
    for number, first in since.items():
        # Almost always it is the speaker's running week: nothing of theirs has to be read again to see that.
        known = turn.me if number == turn.me.id else turn.store.member(number)
        today = local_date(turn.now, known.zone)
        if first < monday(today):
            _since(turn, turn.store.member(number), first, today)


def _since(turn: Turn, member: Member, first: date, today: date) -> None:
    weeks = [each for each in Span.week(today).back(LOOK_BACK) if each.last >= first]
    months = [each for each in Span.month(today).back(LOOK_BACK_MONTHS) if each.last >= first]
    spans = {each.label: each for each in (*weeks, *months)}
    frozen = latest(turn.store.scorecards([member.id], sorted(spans)).get(member.id, ()))
    closed = [each for each in (*months, *weeks) if each.label in frozen]
    for each in closed:
        anew = FACTS | (PLAN if _judged(turn, member, each, frozen[each.label]) else frozenset())
        why = Why.UNDONE if turn.store.command == "undo" else Why.QUALITY if anew & PLAN else Why.FACTS
        correct(teller(turn), turn.org, member, each, why, anew, tells=each is closed[-1])


def _judged(turn: Turn, member: Member, span: Span, card: Scorecard) -> bool:
    """Whether the quality coefficient of a week is another than when its card closed."""
    was = (card.measured or card.score).weekly
    if was is None:
        return False
    cells = turn.store.week_cells([member.id], span.first, span.first).get(member.id, {}).get(span.first, {})
    return credit(cells.get(Cell.SAMPLED, 0), cells.get(Cell.INVALID, 0)) != was.coefficient
