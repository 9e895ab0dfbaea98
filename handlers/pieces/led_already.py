"""The line that a new manager does not lead the team they are in, since somebody else does."""

from domain.people import Team
from handlers.turn import Turn
from handlers.view import Note, t


def led_already(turn: Turn, team: Team) -> Note:
    """Who leads the team, and that /teams gives the seat."""
    by = turn.store.member(team.manager_id).name if team.manager_id else ""
    return Note(t("teams.led_already", team=team.name, name=by))
