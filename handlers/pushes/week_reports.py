"""The lines that reps wrote about their week, on its last day worked at 18:00, to whoever leads them (product 6)."""

from collections.abc import Mapping
from datetime import date, time, timedelta

from domain.kinds import Notice
from domain.people import Member, MemberId, Role
from domain.periods import Span
from domain.schedule import Cadence
from domain.thirds import REPORTS_AT
from handlers.colleagues import led_by
from handlers.pieces.listed import listed
from handlers.registry import Slice, push
from handlers.reporting import unread
from handlers.thirds import third
from handlers.view import Button, Card, Words, card, t

NAMED = 4


def _at(_member: Member) -> time:
    return REPORTS_AT


@push(
    kind=Notice.REPORTS,
    at=_at,
    cadence=Cadence.LAST_OF_WEEK,
    patience=timedelta(hours=3),
    roles=frozenset({Role.MANAGER}),
    deputies=True,
)
def week_reports(slice_: Slice) -> Mapping[MemberId, Card | None]:
    """Who wrote a line that waits for a comment, with the news of the day; nothing where there is neither."""
    teams = slice_.store.teams()
    reps = [each for each in slice_.store.members() if Role.REP in each.roles]
    labels = {each.member.id: Span.week(date.fromisoformat(each.label)) for each in slice_.recipients}
    waiting = {
        span.label: frozenset(unread(slice_.store, [each.id for each in reps], span))
        for span in set(labels.values())
    }
    cards: dict[MemberId, Card | None] = {}
    for each in slice_.recipients:
        led = {team.id for team in led_by(each.member, teams)}
        span = labels[each.member.id]
        names: list[Words] = [
            rep.name
            for rep in reps
            if rep.team_id in led and rep.id in waiting[span.label] and rep.id != each.member.id
        ]
        cards[each.member.id] = _card(names, span) if names else None
    return third(slice_, Notice.REPORTS, cards)


def _card(names: list[Words], span: Span) -> Card:
    shown = listed(names[:NAMED])
    more = len(names) - NAMED
    return card(
        t("week.reports_in", n=len(names)),
        t("digest.more", names=shown, n=more) if more > 0 else shown,
        rows=((Button(t("digest.reports_button"), f"/week reports {span.label}"),),),
    )
