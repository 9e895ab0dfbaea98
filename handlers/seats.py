"""The seat of a team's manager: a new manager takes it when it is free, else whoever decides may hand it over."""

from domain.kinds import Notice
from domain.people import Member, Team
from domain.schedule import local_date
from handlers.digesting import digest_facts
from handlers.letters import teller
from handlers.pieces.clipped import clipped
from handlers.pieces.digest import digest_card
from handlers.turn import Turn
from handlers.view import Block, Button, Note, Rows, t

NAME_COLUMNS = 12


def take_seat(turn: Turn, member: Member) -> tuple[tuple[Block, ...], Rows]:
    """A new manager leads their own team if nobody does; else the answer says who goes on leading, with one button."""
    own = next((each for each in turn.store.teams() if each.id == member.team_id), None)
    if own is None or own.manager_id == member.id:
        return (), ()
    if own.manager_id:
        return _taken(turn, member, own, turn.store.member(own.manager_id))
    turn.store.unlead_team(own.id, member.id)
    turn.store.lead_team(own.id, member.id)
    return (), ()


def _taken(turn: Turn, member: Member, team: Team, leader: Member) -> tuple[tuple[Block, ...], Rows]:
    label = t("teams.leads", name=clipped(member.name, NAME_COLUMNS), team=clipped(team.name, NAME_COLUMNS))
    hand_over = Button(label, f"/teams T{team.id}\nmanager: M{member.id}")
    return (Note(t("teams.goes_on", name=leader.name, team=team.name)),), ((hand_over,),)


def send_digest(turn: Turn, member: Member) -> None:
    """Whoever leads a team from now on gets its digest at once (product 2.4)."""
    if digest := digest_facts(turn.store, turn.org, member, local_date(turn.now, member.zone), turn.now):
        teller(turn).tell(member.id, Notice.DIGEST, "digest", digest_card(digest))
