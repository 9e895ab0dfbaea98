"""The week's last day at 16:00: everybody their own week, the team's room the board; final after the week's grace (method 10)."""

from collections.abc import Mapping
from datetime import date, time, timedelta
from fractions import Fraction

from domain.activity import GRACE_UNTIL
from domain.kinds import Notice
from domain.people import Member, MemberId, Role, Team, TeamId
from domain.quota import half_up
from domain.schedule import Cadence, instant
from domain.thirds import WEEK_AT
from domain.workdays import ONE_DAY, monday
from handlers.boarding import FINAL, PROVISIONAL, TeamWeek, best_of, last_week, post_board, team_week
from handlers.colleagues import led_by
from handlers.contesting import end_contests
from handlers.letters import Teller
from handlers.pieces.board import own_lines
from handlers.registry import Slice, push
from handlers.sampling import draw_week
from handlers.thirds import third
from handlers.turn import Codes
from handlers.view import Button, Card, Line, card, t

FINAL_AT = GRACE_UNTIL.replace(minute=5)
HOURS = timedelta(hours=4)


def _at(_member: Member) -> time:
    return WEEK_AT


def _after_grace(_member: Member) -> time:
    return FINAL_AT


def _no_codes(_bits: int) -> str:
    """A post to a room has no buttons."""
    return ""


@push(kind=Notice.WEEK, at=_at, patience=HOURS, cadence=Cadence.LAST_OF_WEEK)
def week_end(slice_: Slice) -> Mapping[MemberId, Card | None]:
    """One's own points and place to each, with the news of the day; the board to the rooms whose last day it is."""
    weeks = _weeks(slice_)
    zones = _zones_of_leaders(slice_)
    for week in filter(None, weeks.values()):
        # Whose leader is elsewhere, and not yet so far in their day, is posted by `board_post` then.
        is_time = slice_.now >= instant(week.until, WEEK_AT, zones[week.team.id])
        if is_time and _is_last_day(slice_, week.team.id, week.until):
            post_board(_teller(slice_), slice_.org, week, PROVISIONAL)
    own = {
        each.member.id: _card(slice_, each.member, weeks.get(each.member.team_id))
        for each in slice_.recipients
    }
    return third(slice_, Notice.WEEK, own)


@push(
    kind=Notice.ROOM,
    at=_at,
    patience=HOURS,
    cadence=Cadence.LAST_OF_WEEK,
    roles=frozenset({Role.MANAGER}),
    deputies=True,
)
def board_post(slice_: Slice) -> Mapping[MemberId, Card | None]:
    """The board to the rooms of a leader's teams at 16:00 of the leader's own day; nothing to anybody alone."""
    teams = slice_.store.teams()
    for each in slice_.recipients:
        today = date.fromisoformat(each.label)
        if each.calendar.workdays(today + ONE_DAY, monday(today) + 6 * ONE_DAY):
            continue
        for team in led_by(each.member, teams):
            week = team_week(slice_.store, slice_.org, team, monday(today), today)
            post_board(_teller(slice_), slice_.org, week, PROVISIONAL)
    return {}


@push(kind=Notice.ROOM, at=_after_grace, patience=HOURS, cadence=Cadence.FIRST_OF_WEEK)
def board_final(slice_: Slice) -> Mapping[MemberId, Card | None]:
    """The board of the week before, once nothing in it changes any more; nothing to anybody alone."""
    teams = {each.id: each for each in slice_.store.teams()}
    days = {each.member.team_id: date.fromisoformat(each.label) for each in slice_.recipients}
    for number, today in days.items():
        if number and (team := teams.get(number)):
            week = team_week(slice_.store, slice_.org, team, *last_week(today))
            draw_week(slice_.store, slice_.org, team, week.monday, slice_.now)
            post_board(_teller(slice_), slice_.org, week, FINAL)
    return {}


@push(kind=Notice.ROOM, at=_after_grace, patience=HOURS, cadence=Cadence.WORKDAYS)
def contest_end(slice_: Slice) -> Mapping[MemberId, Card | None]:
    """The result of each contest whose last day is over, once its last records had their grace."""
    today = min(date.fromisoformat(each.label) for each in slice_.recipients)
    end_contests(_teller(slice_), slice_.org, today)
    return {}


def _teller(slice_: Slice) -> Teller:
    codes: Codes = _no_codes
    return Teller(store=slice_.store, org=slice_.org.id, event=None, now=slice_.now, codes=codes)


def _weeks(slice_: Slice) -> dict[TeamId | None, TeamWeek | None]:
    """The board of each team somebody of the slice is in: as many queries as teams, however many people."""
    teams: dict[TeamId, Team] = {each.id: each for each in slice_.store.teams()}
    days = {each.member.team_id: date.fromisoformat(each.label) for each in slice_.recipients}
    return {
        number: team_week(slice_.store, slice_.org, teams[number], monday(today), today)
        for number, today in days.items()
        if number in teams
    }


def _zones_of_leaders(slice_: Slice) -> dict[TeamId, str]:
    """The wall on which a team's week ends: its leader's, the organisation's where nobody leads it."""
    zones = {each.id: each.zone for each in slice_.store.members()}
    return {
        team.id: zones.get(team.manager_id or team.deputy_id or MemberId(0), slice_.org.zone)
        for team in slice_.store.teams()
    }


def _is_last_day(slice_: Slice, team: TeamId | None, today: date) -> bool:
    """Whether the team, leave aside, works no more this week: whoever leaves earlier posts no board."""
    calendars = [each.calendar for each in slice_.recipients if each.member.team_id == team]
    return any(
        not each.workdays(today + timedelta(days=1), monday(today) + timedelta(days=6)) for each in calendars
    )


def _card(slice_: Slice, member: Member, week: TeamWeek | None) -> Card | None:
    if week is None:
        return None
    mine = week.board.of(member.id)
    if mine is None:
        return None
    best = best_of(slice_.store, week.team.id, member.id, week.label, mine.points)
    return card(
        Line(t("board.your_week", on=week.until)),
        *own_lines(week.board, member.id, best),
        rows=(
            (
                Button(t("board.why_points_button", n=half_up(Fraction(mine.points))), "/board why"),
                Button(t("board.dispute_button"), "/score dispute"),
            ),
            (Button(t("board.line_button"), "/week report"), Button(t("board.board_button"), "/board")),
        ),
    )
