"""/room [TEAM | off]"""

import re
from collections.abc import Sequence

from domain.people import ADMINS, Role, Team
from domain.ports import Address
from domain.ports import Room as TeamRoom
from domain.refusals import NotAllowed, NotFound, NotNow
from handlers.args import Args, Words
from handlers.colleagues import led_by, team_named
from handlers.letters import teller
from handlers.registry import Room, Scope, command
from handlers.turn import Turn
from handlers.view import Button, Card, Line, Mark, Note, Rows, card, in_rows, t
from handlers.words import catalogue

ROOMS_SHOWN, BUTTONS_SHOWN, TEAMS_OFFERED = 6, 3, 4
# A room that is bound already, by its number: what a button in the speaker's own chat can name. The room itself can
# never be named in words, or anybody could bind a group they are not in.
BOUND = re.compile(r"#?R(?P<id>\d{1,18})(?:\s+(?P<team>.+))?", re.IGNORECASE)


class RoomArgs(Args):
    """The team whose room it is to be; `off` for nobody's."""

    lead = ("team",)
    team: Words | None = None


@command(roles=ADMINS | {Role.MANAGER}, scope=Scope.TEAM, room=Room.PUBLIC)
def room(turn: Turn, args: RoomArgs) -> Card:
    """Makes the group it is said in a team's room, and says so there; in private it lists the rooms there are."""
    teams = turn.store.teams()
    mine = tuple(teams) if turn.me.holds(ADMINS) else led_by(turn.me, teams)
    if not mine:
        raise NotAllowed("room.no_team", name=turn.me.name)
    rooms = turn.store.rooms()
    if found := BOUND.fullmatch(args.team or ""):
        bound = next((each for each in rooms if each.id == int(found["id"])), None)
        if bound is None or bound.team_id not in {each.id for each in mine}:
            raise NotFound("room.unknown", said=f"R{found['id']}")
        return _again(turn, mine, teams, bound, found["team"])
    if turn.room is None:
        return _list(mine, rooms)
    bound = next((each for each in rooms if each.at == turn.room), None)
    if _is_off(args.team):
        if bound is None:
            raise NotFound("room.not_bound")
        return _unbind(turn, mine, bound)
    if not bound and turn.room_owner() not in (None, turn.org.id):
        raise NotAllowed("room.taken")
    return _bind(turn, mine, _team(turn, mine, teams, args.team), turn.room, bound)


def _is_off(said: str | None) -> bool:
    return said is not None and said.casefold() in catalogue().listed("room.off_words")


def _team(turn: Turn, mine: Sequence[Team], teams: Sequence[Team], said: str | None) -> Team:
    """The team named, else the own, else the only one; raises `NotAllowed` for another's."""
    if said is None:
        own = next((each for each in mine if each.id == turn.me.team_id), None)
        if own is None and len(mine) > 1:
            raise NotNow("room.which", team=mine[0].name)
        return own or mine[0]
    team = team_named(said, teams)
    if team not in mine:
        raise NotAllowed("room.not_yours", team=team.name)
    return team


def _again(
    turn: Turn, mine: Sequence[Team], teams: Sequence[Team], bound: TeamRoom, said: str | None
) -> Card:
    if said is None:
        return _list(mine, [bound])
    if _is_off(said):
        return _unbind(turn, mine, bound)
    return _bind(turn, mine, _team(turn, mine, teams, said), bound.at, bound)


def _bind(turn: Turn, mine: Sequence[Team], team: Team, at: Address, bound: TeamRoom | None) -> Card:
    """Another team of the same organisation takes the place of the one before; of another's, `room` has refused."""
    if bound and bound.team_id not in {each.id for each in mine}:
        raise NotAllowed("room.not_yours", team=_name(turn, bound))
    if bound and bound.team_id == team.id:
        return card(t("room.same", team=team.name), rows=_rows(mine, team, bound))
    turn.store.bind_room(team.id, at, turn.me.id)
    announced = card(t("room.announced", team=team.name), Note(t("room.privacy")))
    teller(turn).announce(at, "room", turn.org.language, announced)
    made = next((each for each in turn.store.rooms() if each.at == at), None)
    done = Line(t("room.bound", team=team.name), Mark.DONE)
    return card(done, Note(t("room.bound_what")), rows=_rows(mine, team, made) if made else ())


def _name(turn: Turn, bound: TeamRoom) -> str:
    return next((each.name for each in turn.store.teams() if each.id == bound.team_id), "-")


def _rows(mine: Sequence[Team], team: Team, bound: TeamRoom) -> Rows:
    """Another team, where there are several; and the way back."""
    others = [each for each in mine if each.id != team.id][:TEAMS_OFFERED]
    buttons = [Button(t("room.instead", team=each.name), f"/room R{bound.id} T{each.id}") for each in others]
    rows = in_rows(buttons)
    return (*rows, (Button(t("room.unbind"), f"/room R{bound.id} off"),))


def _unbind(turn: Turn, mine: Sequence[Team], bound: TeamRoom) -> Card:
    if bound.team_id not in {each.id for each in mine}:
        raise NotAllowed("room.not_yours", team=_name(turn, bound))
    turn.store.unbind_room(bound.at)
    teller(turn).announce(bound.at, "room", turn.org.language, card(t("room.farewell")))
    return card(Line(t("room.unbound", team=_name(turn, bound)), Mark.DONE))


def _list(mine: Sequence[Team], rooms: Sequence[TeamRoom]) -> Card:
    names = {each.id: each.name for each in mine}
    shown = [each for each in rooms if each.team_id in names][:ROOMS_SHOWN]
    lines = [
        t("room.line", id=each.id, team=names[each.team_id], platform=t(f"platform.{each.at.platform}"))
        for each in shown
    ]
    rows = tuple(
        (Button(t("room.unbind_one", id=each.id), f"/room R{each.id} off"),) for each in shown[:BUTTONS_SHOWN]
    )
    return card(t("room.title"), *(lines or (t("room.none"),)), Note(t("room.in_room")), rows=rows)
