"""Colleagues by name or number, and who leads whom."""

import re
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from domain.people import Member, MemberId, Role, Team, TeamId
from domain.ports import Store
from domain.refusals import NotFound, NotUnderstood
from domain.schedule import local_date
from handlers.reading.names import fold, near
from handlers.turn import touch_digest
from handlers.view import Button, Card, card, t
from handlers.words import catalogue

# One button a row, and a card has three of them.
MOST_ASKED = 3
REFERENCE = re.compile(r"#?M(?P<id>\d{1,18})", re.IGNORECASE)
TEAM_REFERENCE = re.compile(r"#?T(?P<id>\d{1,18})", re.IGNORECASE)


def colleague_named(said: str, people: Sequence[Member]) -> Member:
    """The one of `people` who is called so, or has the number (M7).

    Raises `NotFound` for a name nobody has, with the near ones, and for one that several have, with their numbers.
    """
    found = called(said, people)
    if len(found) == 1:
        return found[0]
    if found:
        raise NotFound(
            "colleague.several", name=said[:40], numbers=_joined([f"M{each.id}" for each in found])
        )
    close = near(said, [(each.id, each.name, fold(each.name)) for each in people])
    if not close:
        raise NotFound("colleague.nobody", name=said[:40])
    names = {each.id: each.name for each in people}
    raise NotFound(
        "colleague.near", name=said[:40], near=_joined([names[MemberId(number)] for number in close])
    )


def colleague_meant(
    said: str, people: Sequence[Member], teams: Sequence[Team], again: Callable[[str], str]
) -> Member | Card:
    """The one of `people` who is called so; a question with a button each where several may be meant.

    `again` writes the command for the number of one. Raises `NotFound` for a name that is near nobody's.
    """
    found = called(said, people)
    if len(found) == 1:
        return found[0]
    by_id = {int(each.id): each for each in people}
    close = near(said, [(each.id, each.name, fold(each.name)) for each in people])
    found = found or tuple(by_id[number] for number in close)
    if not found:
        raise NotFound("colleague.nobody", name=said[:40])
    names = {each.id: each.name for each in teams}
    rows = []
    for each in found[:MOST_ASKED]:
        team = names[each.team_id] if each.team_id else f"M{each.id}"
        label = t("colleague.of_team", name=each.name, team=team)
        rows.append((Button(label, again(f"M{each.id}")),))
    return card(t("colleague.which", name=said[:40]), rows=tuple(rows))


def team_named(said: str, teams: Sequence[Team]) -> Team:
    """The team called so, in any case, width or script, or with this number (T2); raises `NotFound` for no team."""
    reference = TEAM_REFERENCE.fullmatch(said.strip())
    called_so = next((each for each in teams if fold(each.name) == fold(said)), None)
    numbered = (each for each in teams if reference and each.id == int(reference["id"]))
    if found := called_so or next(numbered, None):
        return found
    raise NotFound("teams.unknown", name=said[:40], known=_joined([each.name for each in teams]))


def role_named(said: str) -> Role:
    """A role by its code or its name in any language; raises `NotUnderstood` for any other word."""
    found = catalogue().meant(said, {role: f"role.{role}" for role in Role})
    if found is None and said.strip().casefold() not in list(Role):
        raise NotUnderstood("args.no_choice", said=said[:20], choices=", ".join(Role))
    return Role(found or said.strip().casefold())


def called(said: str, people: Sequence[Member]) -> tuple[Member, ...]:
    """Everybody of `people` with this name, in any case, width or script, or with this number."""
    if reference := REFERENCE.fullmatch(said.strip()):
        return tuple(each for each in people if each.id == int(reference["id"]))
    wanted = fold(said)
    return tuple(each for each in people if wanted and fold(each.name) == wanted)


def _joined(names: Sequence[str]) -> str:
    return " / ".join(names)


def led_by(member: Member, teams: Sequence[Team]) -> tuple[Team, ...]:
    """The teams a person leads, as their manager or deputy."""
    return tuple(each for each in teams if member.id in (each.manager_id, each.deputy_id))


def leads(leader: Member, member: Member, teams: Sequence[Team]) -> bool:
    """Whether one leads the team of the other."""
    return member.team_id in {team.id for team in led_by(leader, teams)}


def touch_digests(store: Store, now: datetime, teams: Sequence[Team], of: Collection[TeamId | None]) -> None:
    """The digests of today of whoever leads one of these teams no longer show what is so."""
    leaders = {
        leader for team in teams if team.id in of for leader in (team.manager_id, team.deputy_id) if leader
    }
    for leader in leaders:
        touch_digest(store, leader, local_date(now, store.member(leader).zone))
