"""/team [NAME] [this | last | month | 2026-W10] [PAGE]"""

from collections.abc import Sequence

from domain.kpis import Measure
from domain.people import EVERYBODY, Member, Role, Team
from domain.periods import Span
from domain.refusals import NotAllowed, NotFound, NotNow
from domain.scorecard import ScoreLine
from handlers.args import Args, Name
from handlers.colleagues import led_by, team_named
from handlers.mondays import TALK_BELOW
from handlers.pieces.clipped import clipped
from handlers.pieces.listed import listed
from handlers.pieces.pages import last_page, turning
from handlers.pieces.scorecard import Shown, gathered_cards, signed, when
from handlers.pieces.scoreline import kpi_name
from handlers.reading.cards import asked
from handlers.registry import Scope, command
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Line, Note, Text, card, in_rows, t

# Under the title; a row of buttons opens the cards, the last one turns pages.
PER_PAGE, NAME_COLUMNS = 4, 12
# Of one card so many lines are named.
TALKS = 2


class TeamArgs(Args):
    """Which team, for who has several; of when; which page."""

    lead = ("about",)
    about: Name | None = None


# A deputy is a rep like others: whether somebody leads a team decides.
@command(roles=EVERYBODY, scope=Scope.TEAM)
def team(turn: Turn, args: TeamArgs) -> Card:
    """The reps of a team by name, each with total, change and what needs a talk; for whoever leads it alone."""
    said = asked(args.about or "", turn.today)
    teams = _teams(turn, said.who)
    span = said.span or Span.week(turn.today).before
    if span.first > turn.today:
        raise NotNow("score.future", said=span.label)
    people = _reps(turn, teams)
    last = last_page(len(people), PER_PAGE, said.page)
    seen = people[(said.page - 1) * PER_PAGE : said.page * PER_PAGE]
    calendars = turn.store.gather_members(turn.org, [each.id for each in seen])
    cards = gathered_cards(turn.store, turn.org, calendars, span, turn.now)
    title = t("team.title", names=listed([each.name for each in teams]), what=when(span))
    if not people:
        return card(title, Note(t("team.nobody")))
    shown = [cards[each.id] for each in seen if each.id in cards]
    command = f"/team {teams[0].name if said.who else ''} {span.label}".replace("  ", " ")
    buttons = [Button(each.member.name, f"/score M{each.member.id} {span.label}") for each in shown]
    return card(
        title, *_lines(shown), rows=(*in_rows(buttons), *_last_row(turn, span, command, said.page, last))
    )


def _last_row(turn: Turn, span: Span, command: str, page: int, last: int) -> tuple[tuple[Button, ...], ...]:
    pages = turning(command, page, last)
    week = Span.week(turn.today)
    other = week if span.label != week.label else week.before
    key = "score.this_week_button" if other == week else "score.last_week_button"
    line = command.replace(span.label, other.label)
    return ((*pages, Button(t(key), line))[:2],)


def _teams(turn: Turn, said: str) -> Sequence[Team]:
    """The teams one leads, all of them for a director, or the one that is named.

    Raises `NotAllowed` for who leads none.
    """
    teams = turn.store.teams()
    led = teams if Role.DIRECTOR in turn.me.roles else led_by(turn.me, teams)
    if not led:
        raise NotAllowed("team.not_leading")
    if not said:
        return led
    named = team_named(said, teams)
    if named not in led:
        raise NotFound("teams.unknown", name=said[:40], known=" / ".join(each.name for each in led))
    return (named,)


def _reps(turn: Turn, teams: Sequence[Team]) -> list[Member]:
    """By name: no list of people is sorted by their numbers."""
    ids = {each.id for each in teams}
    reps = [
        each
        for each in turn.store.members()
        if Role.REP in each.roles and each.team_id in ids and each.id != turn.me.id
    ]
    return sorted(reps, key=lambda each: (each.name.casefold(), each.id))


def _lines(shown: Sequence[Shown]) -> list[Block]:
    lines: list[Block] = []
    for each in shown:
        name = clipped(each.member.name, NAME_COLUMNS)
        if each.total is None:
            lines.append(Line(t("team.excused", name=name)))
            continue
        if each.change is None:
            lines.append(Line(t("team.total", name=name, total=each.total)))
        else:
            lines.append(Line(t("team.change", name=name, total=each.total, change=signed(each.change))))
    talks = [(each, weak) for each in shown if (weak := _weak(each))]
    for each, weak in talks[:TALKS]:
        names: list[Text | str] = [kpi_name(line.kpi) for line in weak[:TALKS]]
        lines.append(Line(t("team.talk", name=clipped(each.member.name, NAME_COLUMNS), what=listed(names))))
    return lines


def _weak(shown: Shown) -> list[ScoreLine]:
    """The lines that cost most, of those worth a talk; nobody is talked to about learning weeks."""
    if shown.score.weekly and shown.score.weekly.learning:
        return []
    weak = [
        each
        for each in shown.score.lines
        if each.points is not None
        and each.state in (Measure.MEASURED, Measure.MISSING)
        and (each.score or 0) < TALK_BELOW
    ]
    return sorted(weak, key=lambda each: -(each.counts - (each.points or 0)))
