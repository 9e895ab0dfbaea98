"""/calendar [off | work DAYS | holidays COUNTRY]; team: NAME; note: TEXT"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from domain.activity import week_closed
from domain.kinds import Notice
from domain.people import ADMINS, Role, Team, TeamId
from domain.ports import ChangeId, Letter, Room, Urgency
from domain.refusals import NotAllowed, NotFound, NotNow, NotUnderstood
from domain.workdays import ONE_DAY, Calendar, CalendarDay, days
from handlers.args import Args, Told, Words
from handlers.colleagues import led_by
from handlers.letters import UNDO_WITHIN
from handlers.observing import observe_all
from handlers.offdays import Declared, Followed, declared, follow, of_regions, works
from handlers.pieces.clipped import clipped
from handlers.pieces.listed import listed
from handlers.pieces.undo_button import undo_button
from handlers.reading.moments import span
from handlers.reading.names import fold, near
from handlers.registry import Scope, command
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Line, Mark, Note, Text, card, encode, t
from handlers.view import Words as Shown
from handlers.words import catalogue

LONGEST_DAYS, BACK_DAYS = 31, 31
SHOWN, NOTE_COLUMNS, TEAMS_ASKED = 6, 40, 2
# A room hears of it when it can no longer be undone, and a day later no more.
ROOM_WAITS = timedelta(days=1)
_YEAR = re.compile(r"(?:19|20)\d\d")


class CalendarArgs(Args):
    """What to declare for which days; for everybody, or for one team."""

    lead = ("what",)
    what: Words | None = None
    team: Words | None = None
    note: Told | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """Days that are worked or not, and why; `works` is None when neither was said."""

    works: bool | None
    first: date
    last: date
    rest: str


@command(roles=ADMINS | {Role.MANAGER}, scope=Scope.TEAM)
def calendar(turn: Turn, args: CalendarArgs) -> Card:
    """Days off and extra working days: pushes, targets and cards follow within a minute."""
    teams = turn.store.teams()
    if args.what is None:
        return _declared_days(turn, teams, _scope(turn, teams, args.team))
    if (country := _public(args.what)) is not None:
        return _observe(turn, country)
    said = _read(turn, args.what)
    named = next((each.name for each in teams if said.rest and fold(each.name) == fold(said.rest)), None)
    scope = _scope(turn, teams, args.team or named)
    if said.rest and not named and not args.team and (close := _near(turn, teams, said.rest)):
        return _which_team(said, close)
    if said.works is None:
        return _which(said, args.team or named)
    note = args.note or ("" if named else said.rest)
    return _declare(turn, teams, scope, replace(said, rest=note), said.works)


def _public(words: str) -> str | None:
    """What stands after "holidays"; None when it was not said."""
    said = words.strip().casefold()
    for word in sorted(catalogue().listed("holidays.said_words"), key=len, reverse=True):
        if said == word or said.startswith(f"{word} ") or (not word.isascii() and said.startswith(word)):
            return words.strip()[len(word) :].strip()
    return None


def _observe(turn: Turn, country: str) -> Card:
    if not turn.me.holds(ADMINS):
        raise NotAllowed("calendar.admins_observe")
    return observe_all(turn, country)


def _read(turn: Turn, words: str) -> Declaration:
    """`off today Typhoon`, `today off`: the word, the longest span of days, and the rest."""
    verb, rest = _verb(words.strip())
    cuts = [len(rest), *sorted((found.start() for found in re.finditer(r"\s+", rest)), reverse=True)]
    if not rest.isascii():
        cuts = list(range(len(rest), 0, -1))
    for cut in cuts:
        if found := span(rest[:cut].strip(), turn.today):
            first, last = _coming(turn, rest[:cut], *found)
            behind, after = _verb(rest[cut:].strip())
            is_worked, rest = (behind, after) if verb is None else (verb, rest[cut:].strip())
            return Declaration(works=is_worked, first=first, last=last, rest=rest)
    raise NotUnderstood("args.no_date", said=rest or words)


def _verb(words: str) -> tuple[bool | None, str]:
    """Whether the days are worked, and what stands after the word; Chinese needs no blank between."""
    for key, meant in (("calendar.off_words", False), ("calendar.work_words", True)):
        for word in sorted(catalogue().listed(key), key=len, reverse=True):
            begins = words.casefold() == word or words.casefold().startswith(f"{word} ")
            if begins or (not word.isascii() and words.startswith(word)):
                return meant, words[len(word) :].strip()
    return None, words


def _coming(turn: Turn, words: str, first: date, last: date) -> tuple[date, date]:
    """Days without a year that lie further back than may be declared are those of the coming year."""
    if _YEAR.search(words) or (turn.today - last).days <= BACK_DAYS:
        return first, last
    try:
        return first.replace(year=first.year + 1), last.replace(year=last.year + 1)
    except ValueError:
        return first, last


def _scope(turn: Turn, teams: Sequence[Team], said: str | None) -> tuple[Team, ...] | None:
    """The teams it is for; None is everybody, whom only an admin speaks for."""
    found = [each for each in teams if said and fold(each.name) == fold(said)]
    if said and not found:
        known = catalogue().say(listed([each.name for each in teams]), turn.language)
        raise NotFound("calendar.no_team", said=said[:40], known=known)
    if turn.me.holds(ADMINS):
        return tuple(found) or None
    led = led_by(turn.me, teams)
    if not led:
        raise NotAllowed("calendar.leads_nobody")
    if any(each not in led for each in found):
        raise NotAllowed("calendar.not_your_team", name=found[0].name)
    return tuple(found) or led


def _near(turn: Turn, teams: Sequence[Team], said: str) -> tuple[Team, ...]:
    """The teams that a word after the days may mean; one of somebody else's is refused, not taken for a note."""
    close = near(said, [(each.id, each.name, fold(each.name)) for each in teams])
    meant = tuple(each for each in teams if each.id in close)
    theirs = (
        meant if turn.me.holds(ADMINS) else tuple(each for each in meant if each in led_by(turn.me, teams))
    )
    if meant and not theirs:
        raise NotAllowed("calendar.not_your_team", name=meant[0].name)
    return theirs


def _which_team(said: Declaration, close: Sequence[Team]) -> Card:
    """A word near to a team's name: the team, or a note to the days."""
    buttons = [Button(each.name, f"{_line(said)}\nteam: {each.name}") for each in close[:TEAMS_ASKED]]
    note = Button(t("calendar.as_note"), f"{_line(said)}\nnote: {said.rest}")
    return card(
        t("calendar.which_team", said=clipped(said.rest, NOTE_COLUMNS)), rows=(tuple(buttons), (note,))
    )


def _which(said: Declaration, team: str | None) -> Card:
    """Days without a word: off, or worked."""
    named = f"\nteam: {team}" if team else ""
    note = f"\nnote: {said.rest}" if said.rest and said.rest != team else ""
    return card(
        t("calendar.which", days=_span(said.first, said.last)),
        rows=(
            (
                Button(t("calendar.off"), f"{_line(replace(said, works=False))}{named}{note}"),
                Button(t("calendar.work"), f"{_line(replace(said, works=True))}{named}{note}"),
            ),
        ),
    )


def _line(said: Declaration) -> str:
    """The command for these days."""
    word = "" if said.works is None else "work " if said.works else "off "
    return f"/calendar {word}{said.first.isoformat()} to {said.last.isoformat()}"


def _declare(
    turn: Turn, teams: Sequence[Team], scope: tuple[Team, ...] | None, said: Declaration, is_worked: bool
) -> Card:
    before = declared(turn)
    _check(turn, before if scope is None else {each.id: before[each.id] for each in scope}, said)
    note = clipped(said.rest, NOTE_COLUMNS)
    own = of_regions(turn)
    for day in days(said.first, said.last):
        for team in _scopes(turn, before, scope, day):
            # Some may rest with a region of their own on a day that is like any other for the rest.
            differs = day not in before[team] and own.get(day, is_worked) is not is_worked
            if differs or works(turn, before[team], day) is not is_worked:
                turn.store.add_calendar_day(CalendarDay(on=day, works=is_worked, team_id=team, note=note))
    if not turn.store.changed:
        whose = listed([each.name for each in scope]) if scope else turn.org.name
        key = "calendar.works_already" if is_worked else "calendar.off_already"
        return card(t(key, days=_span(said.first, said.last), name=whose))
    followed = follow(turn, before)
    rooms = _tell_rooms(turn, teams, followed, said, is_worked) if said.last >= turn.today else 0
    return card(
        *_declared(turn, scope, followed, said, is_worked),
        *((Note(t("calendar.rooms", n=UNDO_WITHIN // timedelta(minutes=1))),) if rooms else ()),
        rows=((undo_button(turn),),),
    )


def _check(turn: Turn, whose: Declared, said: Declaration) -> None:
    """At most a month at a time and a month back, and never a week that is closed for somebody."""
    if (said.last - said.first).days >= LONGEST_DAYS:
        raise NotUnderstood("calendar.too_long", n=LONGEST_DAYS)
    if (turn.today - said.first).days > BACK_DAYS:
        raise NotUnderstood("calendar.too_old", on=said.first, n=BACK_DAYS)
    if said.first < turn.today:
        calendars = (_shared(turn, of_team) for of_team in whose.values())
        if any(week_closed(said.first, turn.now, each, turn.org.zone) for each in calendars):
            raise NotNow("calendar.closed", on=said.first)


def _shared(turn: Turn, of_team: Mapping[date, bool]) -> Calendar:
    """The working days of a team, leave aside."""
    return Calendar(
        week=turn.org.week,
        off=frozenset(day for day, worked in of_team.items() if not worked),
        extra=frozenset(day for day, worked in of_team.items() if worked),
    )


def _scopes(
    turn: Turn, before: Declared, scope: tuple[Team, ...] | None, day: date
) -> Iterator[TeamId | None]:
    """For whom a day is declared: the teams named; or everybody, and each team that has a word of its own on it."""
    if scope is not None:
        yield from (each.id for each in scope)
        return
    yield None
    general = before[None].get(day)
    yield from (team for team, found in before.items() if team and found.get(day) is not general)


def _declared(
    turn: Turn, scope: tuple[Team, ...] | None, followed: Followed, said: Declaration, is_worked: bool
) -> tuple[Block, ...]:
    """What is now so, for whom, and what it means."""
    whose: Shown = listed([each.name for each in scope]) if scope else turn.org.name
    key = "calendar.declared_work" if is_worked else "calendar.declared_off"
    lines: list[Block] = [
        Line(t(key, days=_days(turn, said), name=whose, n=followed.count), Mark.DONE),
        *((Line(said.rest),) if said.rest else ()),
    ]
    if is_worked:
        return (*lines, Line(t("calendar.work_means")))
    stops = "calendar.stopped" if said.first <= turn.today <= said.last else "calendar.shrunk"
    return (*lines, Line(t(stops)), Line(t("calendar.not_missed")))


def _tell_rooms(
    turn: Turn, teams: Sequence[Team], followed: Followed, said: Declaration, is_worked: bool
) -> int:
    """The rooms of the teams it concerns hear of it when it can no longer be undone; how many do."""
    names = {each.id: each for each in teams}
    rooms = [room for room in turn.store.rooms() if room.team_id in followed.people]
    for room in rooms:
        team = names[room.team_id]
        count = replace(followed, people={team.id: followed.people[team.id]})
        # Without the note: it was written to whoever reads the answer, not to a room.
        shown = _declared(turn, (team,), count, replace(said, rest=""), is_worked)
        _post(turn, room, card(*shown))
    return len(rooms)


def _post(turn: Turn, room: Room, shown: Card) -> None:
    due_at = turn.now + UNDO_WITHIN
    turn.store.write(
        Letter(
            key=f"calendar:{turn.event}:{room.id}",
            to=room.at,
            card=encode(shown),
            language=turn.org.language,
            due_at=due_at,
            not_after=due_at + ROOM_WAITS,
            urgency=Urgency.PUSH,
            org_id=turn.org.id,
            change_id=ChangeId(turn.event),
            kind=Notice.ROOM,
        )
    )


def _days(turn: Turn, said: Declaration) -> Shown:
    return t("calendar.today") if said.first == said.last == turn.today else _span(said.first, said.last)


def _span(first: date, last: date) -> Text:
    return t("calendar.day", first=first) if first == last else t("calendar.span", first=first, last=last)


def _declared_days(turn: Turn, teams: Sequence[Team], scope: tuple[Team, ...] | None) -> Card:
    """The next days that are otherwise than the week says, for everybody or for the teams one leads."""
    found = declared(turn)
    shown: Declared = found if scope is None else {each.id: found[each.id] for each in scope}
    lines = _spans(turn, teams, shown)
    blocks: list[Block] = [Line(t("calendar.title"))]
    blocks += [Line(each) for each in lines[:SHOWN]] or [Note(t("calendar.none"))]
    tomorrow = replace(turn.calendar(), leaves=()).after(turn.today)
    return card(
        *blocks,
        rows=(
            (
                Button(t("calendar.off_today"), "/calendar off today"),
                Button(t("calendar.off_on", on=tomorrow), f"/calendar off {tomorrow.isoformat()}"),
            ),
            *(((Button(t("holidays.button"), "/calendar holidays"),),) if turn.me.holds(ADMINS) else ()),
        ),
    )


def _spans(turn: Turn, teams: Sequence[Team], found: Declared) -> list[Text]:
    """One line for each run of days; what holds for everybody is said once, a team's word with its name."""
    names = {each.id: each.name for each in teams}
    general = found.get(None, {})
    lines: list[tuple[date, Text]] = []
    for team, of_team in found.items():
        other = {
            day: worked
            for day, worked in sorted(of_team.items())
            if day >= turn.today and worked is not works(turn, general if team else {}, day)
        }
        for first, last in _runs(turn, list(other), other):
            key = "calendar.line_work" if other[first] else "calendar.line_off"
            line = t(key, days=_span(first, last))
            lines.append((first, t("calendar.of_team", line=line, name=names[team]) if team else line))
    return [line for _, line in sorted(lines, key=lambda each: each[0])]


def _runs(turn: Turn, on: Sequence[date], worked: Mapping[date, bool]) -> list[tuple[date, date]]:
    """Days of one kind with nothing but days that are not worked between them, as first and last."""
    if not on:
        return []
    breaks = [
        (one, other)
        for one, other in pairwise(on)
        if worked[one] is not worked[other]
        or any(day.isoweekday() in turn.org.week for day in days(one + ONE_DAY, other - ONE_DAY))
    ]
    firsts, lasts = [on[0], *(other for _, other in breaks)], [*(one for one, _ in breaks), on[-1]]
    return list(zip(firsts, lasts, strict=True))
