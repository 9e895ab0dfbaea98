"""Whose funnel is meant, and who may look at it: the own, a led team's, one colleague's of it, the organisation's."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.forecast import Horizon
from domain.people import Member, Role, Team
from domain.refusals import NotAllowed
from handlers.colleagues import called, colleague_named, led_by, team_named
from handlers.funnels import Whose
from handlers.pieces.listed import listed
from handlers.reading.names import fold, near
from handlers.turn import Turn
from handlers.view import Text, t
from handlers.words import catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was asked for, word by word: a page of a card, a period, and whose it is."""

    view: str | None
    horizon: Horizon
    who: str
    page: int


def wanted(said: str, views: Sequence[str]) -> Wanted:
    """Takes apart `velocity North month 2`: words of a view and a period, a page, and what is left is a name."""
    view, horizon, page, rest = None, Horizon.QUARTER, 1, []
    words = said.split()
    if len(words) > 1 and words[-1].isdecimal():
        page = int(words.pop()[:6])
    elif len(words) == 1 and words[0].isdecimal():
        page, words = int(words[0][:6]), []
    for word in words:
        known = next(
            (each for each in views if word.casefold() in catalogue().listed(f"funnel.{each}_words")), None
        )
        length = next(
            (each for each in Horizon if word.casefold() in catalogue().listed(f"funnel.{each}_words")), None
        )
        if known and view is None:
            view = known
        elif length:
            horizon = length
        else:
            rest.append(word)
    return Wanted(view=view, horizon=horizon, who=" ".join(rest), page=page)


def whose_meant(turn: Turn, said: str) -> Whose:
    """Whose funnel is meant by a name, or by none.

    Raises `NotFound` for a name nobody and no team has, and `NotAllowed` for what is not the speaker's to see.
    """
    teams = turn.store.teams()
    led, director = led_by(turn.me, teams), Role.DIRECTOR in turn.me.roles
    if not said:
        return _everything(turn) if director else of_teams(turn, led) if led else of_person(turn, turn.me)
    if said.casefold() in catalogue().listed("funnel.own_words"):
        return of_person(turn, turn.me)
    seen = teams if director else led
    people = [
        each
        for each in turn.store.members()
        if director or each.id == turn.me.id or each.team_id in {team.id for team in led}
    ]
    if any(fold(each.name) == fold(said) for each in seen):
        return of_teams(turn, (team_named(said, seen),))
    if found := called(said, people):
        return of_person(turn, found[0] if len(found) == 1 else colleague_named(said, people))
    known = any(fold(each.name) == fold(said) for each in teams) or called(said, turn.store.members())
    if known:
        raise NotAllowed("funnel.not_yours")
    close = near(said, [(each.id, each.name, fold(each.name)) for each in people])
    if seen and not close:
        return of_teams(turn, (team_named(said, seen),))
    return of_person(turn, colleague_named(said, people))


def of_person(turn: Turn, member: Member) -> Whose:
    return Whose(name=member.name, today=turn.today, person=member)


def of_teams(turn: Turn, teams: tuple[Team, ...]) -> Whose:
    return Whose(name=listed([team.name for team in teams]), today=turn.today, teams=teams)


def _everything(turn: Turn) -> Whose:
    return Whose(name=turn.org.name, today=turn.today)


def line_of(whose: Whose) -> str:
    """The name as it is typed after a command; nothing where it is the speaker's own view."""
    if whose.person:
        return f"M{whose.person.id}"
    return f"T{whose.teams[0].id}" if len(whose.teams) == 1 else ""


def period_words(whose: Whose, horizon: Horizon) -> Text:
    """`Q1 2026`, `Mar 2026`."""
    first, _ = horizon.around(whose.today)
    if horizon is Horizon.MONTH:
        return t("funnel.month", on=first)
    return t("funnel.quarter", quarter=(first.month + 2) // 3, year=str(first.year))
