"""A team's board: made of its people's weeks, posted on the week's last day, final after the grace, corrected since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from domain.board_ports import PostedBoard
from domain.people import Member, MemberId, Organisation, Role, Team, TeamId
from domain.ports import Store
from domain.ranking import Board, Entry, board
from domain.schedule import after_quiet
from domain.weekly import Weekly
from domain.workdays import ONE_DAY, monday, week_label
from handlers.letters import Teller
from handlers.pieces.board import post_card
from handlers.scoring import as_closed
from handlers.weekly import gathered_weeklies

WEEK = timedelta(days=7)
# How many boards back somebody's best is looked for.
WEEKS_BACK = 8
PROVISIONAL, FINAL = 0, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamWeek:
    """A team's board of a week, with the team's own total and the one of the week before."""

    team: Team
    monday: date
    until: date
    board: Board
    total: Fraction | None
    before: Fraction | None

    @property
    def label(self) -> str:
        return week_label(self.monday)


def team_week(store: Store, org: Organisation, team: Team, first: date, until: date) -> TeamWeek:
    """The board of the week from `first` as it stands on `until`; facts stay with the team they were made in."""
    last_week = first - WEEK
    ids = store.ever_in_team(team.id, until)
    people = {
        number: (member, calendar)
        for number, (member, calendar) in store.gather_members(org, ids).items()
        if Role.REP in member.roles
    }
    weeks = _of_team(as_closed(store, gathered_weeklies(store, org, people, first, until)), team.id)
    earlier_weeks = gathered_weeklies(store, org, people, last_week, first - ONE_DAY)
    before = _of_team(as_closed(store, earlier_weeks), team.id)
    earlier = board([_entry(people[each.member_id][0], each) for each in before])
    return TeamWeek(
        team=team,
        monday=first,
        until=until,
        board=board([_entry(people[each.member_id][0], each, _points(earlier, each)) for each in weeks]),
        total=_total(weeks),
        before=_total(before),
    )


def _of_team(weeks: dict[MemberId, Weekly], team: TeamId) -> list[Weekly]:
    return [each for each in weeks.values() if each.team_id == team]


def _entry(member: Member, week: Weekly, before: Decimal | None = None) -> Entry:
    return Entry(
        member_id=member.id,
        name=member.name,
        attainment=week.attainment,
        completion=week.completion,
        verified=week.verified_share,
        scored_days=week.scored_days,
        learning=week.learning,
        ramping=week.ramping,
        named=member.named,
        before=before,
    )


def _points(earlier: Board, week: Weekly) -> Decimal | None:
    placed = earlier.of(week.member_id)
    return placed.points if placed else None


def _total(weeks: Sequence[Weekly]) -> Fraction | None:
    """The sales of a team against its people's targets; None where nobody has one."""
    aimed = [each for each in weeks if each.target]
    target = sum((Fraction(each.target or 0) for each in aimed), Fraction(0))
    return sum((Fraction(each.sales) for each in aimed), Fraction(0)) / target if target else None


def best_of(store: Store, team: TeamId, member: MemberId, label: str, points: Decimal) -> int:
    """Over how many weeks these points are the best, this one with it; 1 where the week before was as good."""
    weeks = 1
    seen = {label}
    for each in store.boards(team, WEEKS_BACK * 3):
        if each.label in seen:
            continue
        seen.add(each.label)
        if each.label > label or member not in each.points:
            continue
        if each.points[member] >= points:
            break
        weeks += 1
    return weeks


def post_board(by: Teller, org: Organisation, week: TeamWeek, version: int, reason: str = "") -> None:
    """Keeps the board and posts it to the team's rooms, once for each version; a team nobody sells in has none."""
    store = by.store
    kept = [each for each in store.boards(week.team.id, WEEKS_BACK) if each.label == week.label]
    if any(each.version >= version for each in kept) or not (week.board.placed or week.total is not None):
        return
    made = PostedBoard(
        team_id=week.team.id,
        label=week.label,
        version=version,
        made_at=by.now,
        points={each.entry.member_id: each.points for each in (*week.board.placed, *week.board.rookies)},
        total=week.total,
        reason=reason,
    )
    if not store.keep_board(made):
        return
    # A correction comes at any hour, the other two at their own.
    at = after_quiet(by.now, org.zone) if version > FINAL else None
    shown = post_card(week.board, week.until, week.total, week.before, version, reason)
    for room in store.rooms():
        if room.team_id == week.team.id:
            by.announce(room.at, f"board:{week.label}:{version}", org.language, shown, at=at)


def repost(by: Teller, org: Organisation, team: Team, first: date, reason: str) -> None:
    """A closed week's numbers were corrected: the board is posted again with a note, where it is another one now."""
    label = week_label(first)
    kept = [each for each in by.store.boards(team.id, WEEKS_BACK * 3) if each.label == label]
    if not kept or kept[0].version < FINAL:
        # Not final yet: the final one will have it.
        return
    week = team_week(by.store, org, team, first, first + WEEK - ONE_DAY)
    points = {each.entry.member_id: each.points for each in (*week.board.placed, *week.board.rookies)}
    if points != kept[0].points or week.total != kept[0].total:
        post_board(by, org, week, kept[0].version + 1, reason)


def team_of_member(store: Store, member: Member) -> Team | None:
    return next((each for each in store.teams() if each.id == member.team_id), None)


def this_week(today: date) -> tuple[date, date]:
    return monday(today), today


def last_week(today: date) -> tuple[date, date]:
    first = monday(today) - WEEK
    return first, first + WEEK - ONE_DAY
