"""Frozen cards: version 1 when a period closes, a further version for each correction, and who hears of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from domain.kpis import Kpi
from domain.people import Member, Organisation
from domain.periods import Span
from domain.ports import Store
from domain.scorecard import Score, Scorecard, Why
from handlers.letters import Teller, teller
from handlers.pieces.scorecard import signed
from handlers.scoring import People, gathered_of, with_grants
from handlers.turn import Turn
from handlers.view import Button, Text, card, t

# Which lines a reason measures anew; a dispute puts the number in that was granted, the others stay as they were.
MEASURED_ANEW: Mapping[Why, frozenset[Kpi]] = {
    Why.QUALITY: frozenset({Kpi.PLAN_COMPLETION}),
    Why.FACTS: frozenset(Kpi) - {Kpi.PLAN_COMPLETION},
}
# Versions made of granted numbers: what they put in is no measure.
GRANTED = frozenset({Why.DISPUTE, Why.UNDONE})


def freeze(
    store: Store, org: Organisation, people: People, span: Span, now: datetime
) -> tuple[Scorecard, ...]:
    """Version 1 of everybody's card of a period that has closed; who has one keeps it. Those that were new."""
    scores = gathered_of(store, org, people, span, span.last)
    disputes = store.disputes(list(scores), [span.label])
    return store.freeze(
        [
            Scorecard(
                member_id=number,
                team_id=score.weekly.team_id if score.weekly else people[number][0].team_id,
                label=span.label,
                version=1,
                frozen_at=now,
                score=with_grants(score, disputes.get(number, ())),
            )
            for number, score in scores.items()
        ]
    )


def corrected(
    store: Store, org: Organisation, member: Member, span: Span, why: Why, now: datetime
) -> Scorecard | None:
    """The next version of a frozen card; None where nothing is frozen yet, or the numbers are the same."""
    versions = store.scorecards([member.id], [span.label]).get(member.id, ())
    if not versions:
        return None
    last = versions[-1]
    score = _measured_anew(store, org, member, span, why, versions)
    score = with_grants(score, store.disputes([member.id], [span.label]).get(member.id, ()))
    if score == last.score:
        return None
    new = replace(last, id=0, version=last.version + 1, frozen_at=now, score=score, why=why)
    store.freeze([new])
    return new


def _measured_anew(
    store: Store, org: Organisation, member: Member, span: Span, why: Why, versions: Sequence[Scorecard]
) -> Score:
    """The card without what was granted, and with the lines that the reason is about measured anew."""
    measured = [each for each in versions if each.why not in GRANTED][-1].score
    score = versions[-1].score.corrected(*(each.measured for each in measured.lines))
    kpis = MEASURED_ANEW.get(why)
    if not kpis:
        return score
    people = {member.id: (member, store.calendar(org, member))}
    fresh = gathered_of(store, org, people, span, span.last).get(member.id)
    if fresh is None:
        return score
    return replace(
        score.corrected(*(each.measured for each in fresh.lines if each.kpi in kpis)), weekly=fresh.weekly
    )


def correct(by: Teller, org: Organisation, member: Member, span: Span, why: Why) -> Scorecard | None:
    """A correction and the line that tells its owner: before and after, and why."""
    versions = by.store.scorecards([member.id], [span.label]).get(member.id, ())
    new = corrected(by.store, org, member, span, why, by.now)
    if new is None:
        return None
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
